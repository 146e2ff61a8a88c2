//! Convolutions: a window's numbers become those of one place of the output.

use super::super::activate;
use super::super::spatial::{self, Extent, along_each_side, by};
use super::super::window::{self, Padding, at_least_one};
use super::{Convolved, as_volume, unless_channels, unless_window};
use crate::activations::Activation;
use crate::kernels::{self, Axis, Convolution};
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Floats, Forward, Mistake, Needs, Output, larger};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};

/// The options of the convolutions, such as `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ConvolutionOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(1, "strides"))]
    pub(in super::super) strides: Extent<RANK>,
    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    pub(in super::super) padding: Padding,
    #[option(by_hand, default = Extent::square(1, "dilation_rate"))]
    pub(in super::super) dilation_rate: Extent<RANK>,
    /// Into how many groups channels and filters are divided, each filter seeing its own group's
    /// channels; 1 if not given. The layer's `CHANNELS` are those of one group.
    #[option(default = 1)]
    pub(in super::super) groups: usize,
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

impl<const RANK: usize> ConvolutionOptions<RANK> {
    /// How far a window is from the next, along each side; 1 if not given.
    #[must_use]
    pub const fn strides(self, strides: usize) -> Self {
        self.with_strides(Extent::square(strides, "strides"))
    }

    /// How far the places of a window are from each other, along each side; 1 if not given. Not together with strides.
    #[must_use]
    pub const fn dilation_rate(self, dilation_rate: usize) -> Self {
        self.with_dilation(Extent::square(dilation_rate, "dilation_rate"))
    }

    const fn with_strides(mut self, strides: Extent<RANK>) -> Self {
        self.strides = strides;
        self
    }

    const fn with_dilation(mut self, dilation_rate: Extent<RANK>) -> Self {
        self.dilation_rate = dilation_rate;
        self
    }

    const fn axes<In: Tensor>(&self, window: [usize; RANK]) -> [Axis; RANK] {
        let ((sides, _), mut axes, mut i) = (spatial::sides::<In, RANK>(), [Axis::ONE; RANK], 0);
        while i < RANK {
            let (stride, dilation) = (self.strides.sides[i], self.dilation_rate.sides[i]);
            axes[i] = window::axis(sides[i], window[i], stride, dilation, self.padding);
            i += 1;
        }
        axes
    }

    const fn unless_filters(&self, filters: usize) -> Option<Mistake> {
        if self.groups == 0 {
            return Some(Mistake::option("groups", Text::new("`groups` must be at least 1")));
        }
        if filters.is_multiple_of(self.groups) {
            return None;
        }
        let text = Text::new("").number(filters).and(" filters cannot be divided among ").number(self.groups);
        Some(Mistake::option("groups", text.and(" groups")))
    }

    /// As in Keras, whose convolutions go by steps or take places that lie apart.
    const fn unless_strides_and_dilation(&self) -> Option<Mistake> {
        unless_strides_and_dilation(&self.strides, &self.dilation_rate)
    }
}

/// The mistake of strides together with a dilation, if both are given.
pub(super) const fn unless_strides_and_dilation<const RANK: usize>(
    strides: &Extent<RANK>,
    dilation: &Extent<RANK>,
) -> Option<Mistake> {
    let (mut strided, mut dilated, mut i) = (false, false, 0);
    while i < RANK {
        strided = strided || strides.sides[i] > 1;
        dilated = dilated || dilation.sides[i] > 1;
        i += 1;
    }
    if !strided || !dilated {
        return None;
    }
    let text = by(Text::new("strides of "), &strides.sides).and(" and a dilation of ");
    let text = by(text, &dilation.sides).and(" do not go together, as in Keras: leave out one of the two");
    Some(Mistake::option(dilation.option, text))
}

along_each_side! {
    ConvolutionOptions:
    strides, strides_hw, strides_dhw => with_strides;
    dilation_rate, dilation_rate_hw, dilation_rate_dhw => with_dilation;
}

pub(in super::super) const fn sizes<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvolutionOptions<RANK>,
) -> Convolution {
    let [depth, height, width] = as_volume(options.axes::<In>(L::WINDOW));
    let groups = at_least_one(options.groups);
    Convolution { depth, height, width, channels: L::CHANNELS, filters: L::FILTERS, groups }
}

pub(in super::super) const fn output<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &ConvolutionOptions<RANK>,
) -> Output {
    let axes = options.axes::<In>(L::WINDOW);
    spatial::output::<In, RANK>(window::outputs(axes), L::FILTERS)
        .or(options.strides.unless_positive())
        .or(options.dilation_rate.unless_positive())
        .or(options.unless_strides_and_dilation())
        .or(options.unless_filters(L::FILTERS))
        .or(unless_window(&L::WINDOW))
        .or(unless_channels::<In>(L::CHANNELS, at_least_one(options.groups)))
        .or(if RANK == 1 { None } else { window::unless_causal(options.padding) })
        .or(window::unless_inside(&axes, options.padding))
}

/// Kept: what the activation is applied to, if its slope needs it. Scratch: an input with its
/// padding; on the way back also an output's gradient with its padding, and the transposed kernel
/// or sums of the kernel's gradient.
pub(in super::super) const fn needs<L: Convolved<RANK>, In: Tensor, A: Activation, const RANK: usize>(
    options: &ConvolutionOptions<RANK>,
) -> Needs {
    if output::<L, In, RANK>(options).mistake.is_some() {
        return Needs::NONE;
    }
    let sizes = sizes::<L, In, RANK>(options);
    Needs::NONE
        .saved(Floats::per_sample(if A::NEEDS_INPUT { sizes.output() } else { 0 }))
        .saved_in_inference(Floats::NONE)
        .scratch(Floats::once(sizes.scratch()))
        .backward_scratch(Floats::once(larger(sizes.kernel_gradient_scratch(), sizes.gradient_scratch())))
        .multiplications(sizes.multiply_accumulates())
        .logits(A::LOGITS)
        .activity(options.activity_regularizer)
}

pub(in super::super) fn forward<L: Convolved<RANK>, A: Activation, const RANK: usize>(
    layer: &L,
    sizes: &Convolution,
    cx: &mut Forward<'_>,
    x: &[f32],
    y: &mut [f32],
) {
    kernels::convolve(sizes, x, layer.kernel(), layer.bias(), y, cx.scratch, A::RECTIFIES);
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
        kernels::add_convolution_kernel_gradient(sizes, x, dy, kernel, cx.scratch);
        if let Some(bias) = bias {
            kernels::add_rows(dy, bias);
        }
    }
    if let Some(dx) = dx {
        kernels::convolution_input_gradient(sizes, dy, layer.kernel(), None, dx, cx.scratch, false);
    }
}
