//! Transposed convolutions: each place of the input adds its window to the output.

use super::super::activate;
use super::super::spatial::{self, Extent, along_each_side};
use super::super::window::{self, Padding};
use super::{Convolved, as_volume, unless_channels, unless_window};
use crate::activations::Activation;
use crate::kernels::{self, Axis, Convolution};
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Floats, Forward, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};

/// The options of the transposed convolutions, such as `Conv2dTranspose<4, 8, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct TransposedConvolutionOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(1, "strides"))]
    strides: Extent<RANK>,
    /// Whether the borders are cut off so that the input grows by the strides alone;
    /// [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    padding: Padding,
    #[option(by_hand, default = None)]
    output_padding: Option<Extent<RANK>>,
    /// `GlorotUniform` if not given.
    #[option(array)]
    pub(in super::super) kernel: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    pub(in super::super) bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

impl<const RANK: usize> TransposedConvolutionOptions<RANK> {
    /// How far a window is from the next, along each side; 1 if not given.
    #[must_use]
    pub const fn strides(self, strides: usize) -> Self {
        self.with_strides(Extent::square(strides, "strides"))
    }

    /// How many places the output has beyond (n − 1) · s + window, along each side, or with [`Padding::Same`] beyond
    /// (n − 1) · s + window mod 2: Keras's `output_padding`. If it is not given, so many that no place of a stride is
    /// lost.
    #[must_use]
    pub const fn output_padding(self, output_padding: usize) -> Self {
        self.with_output_padding(Extent::square(output_padding, "output_padding"))
    }

    const fn with_strides(mut self, strides: Extent<RANK>) -> Self {
        self.strides = strides;
        self
    }

    const fn with_output_padding(mut self, output_padding: Extent<RANK>) -> Self {
        self.output_padding = Some(output_padding);
        self
    }

    /// The axes of the convolution whose gradient this is, from the layer's output to its input.
    const fn axes<In: Tensor>(&self, window: [usize; RANK]) -> [Axis; RANK] {
        let ((sides, _), mut axes, mut i) = (spatial::sides::<In, RANK>(), [Axis::ONE; RANK], 0);
        while i < RANK {
            let beyond = match &self.output_padding {
                Some(beyond) => Some(beyond.sides[i]),
                None => None,
            };
            axes[i] = window::transposed_axis(sides[i], window[i], self.strides.sides[i], beyond, self.padding);
            i += 1;
        }
        axes
    }

    /// The mistake of an output with places that no window reaches, or that lacks some, if that is so.
    const fn unless_reached(&self, window: [usize; RANK]) -> Option<Mistake> {
        let Some(beyond) = &self.output_padding else { return None };
        let mut i = 0;
        while i < RANK {
            let (stride, beyond) = (self.strides.sides[i], beyond.sides[i]);
            let places = match self.padding {
                Padding::Same => window[i] % 2 + beyond,
                _ => beyond + 1,
            };
            if places == 0 || places > stride {
                break;
            }
            i += 1;
        }
        if i == RANK {
            return None;
        }
        let text = Text::new(match self.padding {
            Padding::Same => "the kernel mod 2 and `output_padding` together must be from 1 to the strides",
            _ => "`output_padding` must be below the strides",
        });
        Some(Mistake::option(beyond.option, text))
    }
}

along_each_side! {
    TransposedConvolutionOptions:
    strides, strides_hw, strides_dhw => with_strides;
    output_padding, output_padding_hw, output_padding_dhw => with_output_padding;
}

/// The convolution whose gradient this is: from this layer's output to its input.
/// Filters are the last axis but one of a kernel, before the channels.
pub(in super::super) const fn run(channels: usize) -> usize {
    channels
}

pub(in super::super) const fn sizes<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &TransposedConvolutionOptions<RANK>,
) -> Convolution {
    let [depth, height, width] = as_volume(options.axes::<In>(L::WINDOW));
    Convolution { depth, height, width, channels: L::FILTERS, filters: L::CHANNELS, groups: 1 }
}

pub(in super::super) const fn output<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &TransposedConvolutionOptions<RANK>,
) -> Output {
    spatial::output::<In, RANK>(window::inputs(options.axes::<In>(L::WINDOW)), L::FILTERS)
        .or(options.strides.unless_positive())
        .or(options.unless_reached(L::WINDOW))
        .or(window::unless_causal(options.padding))
        .or(unless_window(&L::WINDOW))
        .or(unless_channels::<In>(L::CHANNELS, 1))
}

/// Kept: what the activation is applied to, if its slope needs it. Scratch: the transposed
/// kernel and an input with its padding; on the way back an output's gradient with its padding,
/// and sums of the kernel's gradient.
pub(in super::super) const fn needs<L: Convolved<RANK>, In: Tensor, A: Activation, const RANK: usize>(
    options: &TransposedConvolutionOptions<RANK>,
) -> Needs {
    if output::<L, In, RANK>(options).mistake.is_some() {
        return Needs::NONE;
    }
    let sizes = sizes::<L, In, RANK>(options);
    Needs::NONE
        .saved(Floats::per_sample(if A::NEEDS_INPUT { sizes.input() } else { 0 }))
        .saved_in_inference(Floats::NONE)
        .scratch(Floats::once(sizes.gradient_scratch()))
        .backward_scratch(Floats::once(sizes.kernel_gradient_scratch()))
        .multiplications(sizes.multiply_accumulates())
        .logits(A::LOGITS)
        .activity(options.activity_regularizer)
}

pub(in super::super) fn forward<L: Convolved<RANK>, A: Activation, const RANK: usize>(
    (kernel, bias): (&[f32], Option<&[f32]>),
    sizes: &Convolution,
    cx: &mut Forward<'_>,
    x: &[f32],
    y: &mut [f32],
) {
    kernels::convolution_input_gradient(sizes, x, kernel, bias, y, cx.scratch, A::RECTIFIES);
    activate::<A>(cx, y, L::FILTERS);
}

#[cfg(feature = "training")]
pub(in super::super) fn backward<L: Convolved<RANK>, const RANK: usize>(
    layer: &L,
    sizes: &Convolution,
    cx: &mut Backward<'_, L>,
    x: &[f32],
    dy: &[f32],
    dx: Option<&mut [f32]>,
) {
    if let Some(gradient) = &mut cx.gradient {
        let (kernel, bias) = gradient.gradients();
        kernels::add_convolution_kernel_gradient(sizes, dy, x, kernel, cx.scratch);
        if let Some(bias) = bias {
            kernels::add_rows(dy, bias);
        }
    }
    if let Some(dx) = dx {
        kernels::convolve(sizes, dy, layer.kernel(), None, dx, cx.scratch, false);
    }
}
