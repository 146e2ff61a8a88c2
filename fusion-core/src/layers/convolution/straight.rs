//! Convolutions: a window's numbers become those of one place of the output.

use super::super::activate;
use super::super::spatial::{self, Extent};
use super::super::window::{self, Padding, at_least_one};
use super::{Convolved, as_volume, unless_channels, windows};
use crate::activations::Activation;
use crate::kernels::{self, Convolution};
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

windows!(ConvolutionOptions);

impl<const RANK: usize> ConvolutionOptions<RANK> {
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
}

/// Filters are the last axis of a kernel.
pub(in super::super) const fn run(_: usize) -> usize {
    1
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
        .or(options.unless_windows(L::WINDOW))
        .or(options.unless_filters(L::FILTERS))
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
    (kernel, bias): (&[f32], Option<&[f32]>),
    sizes: &Convolution,
    cx: &mut Forward<'_>,
    x: &[f32],
    y: &mut [f32],
) {
    kernels::convolve(sizes, x, kernel, bias, y, cx.scratch, A::RECTIFIES);
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
