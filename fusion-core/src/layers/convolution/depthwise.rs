//! Depthwise convolutions: each filter sees one channel.

use super::super::activate;
use super::super::spatial::{self, Extent};
use super::super::window::{self, Padding};
use super::{Convolved, as_volume, unless_channels, windows};
use crate::activations::Activation;
use crate::kernels::{self, Convolution};
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Floats, Forward, Mistake, Needs, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Regularizer};

/// The options of the depthwise convolutions, such as `DepthwiseConv2d<_, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct DepthwiseConvolutionOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(1, "strides"))]
    strides: Extent<RANK>,
    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    padding: Padding,
    #[option(by_hand, default = Extent::square(1, "dilation_rate"))]
    dilation_rate: Extent<RANK>,
    /// `GlorotUniform` if not given.
    #[option(array)]
    pub(in super::super) depthwise: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    pub(in super::super) bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

windows!(DepthwiseConvolutionOptions);

/// The mistake of channels, made of those of the input, that are none for each, if that is so.
pub(super) const fn unless_multiplied(made: usize, channels: usize) -> Option<Mistake> {
    if made > 0 || channels == 0 {
        return None;
    }
    Some(Mistake::sentence(Text::new("has a depth_multiplier of 0; it must be at least 1")))
}

/// Filters are the last two axes of a kernel.
pub(in super::super) const fn run(_: usize) -> usize {
    1
}

/// A group of one channel for each channel.
pub(in super::super) const fn sizes<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &DepthwiseConvolutionOptions<RANK>,
) -> Convolution {
    let [depth, height, width] = as_volume(options.axes::<In>(L::WINDOW));
    let groups = window::at_least_one(L::CHANNELS);
    Convolution { depth, height, width, channels: 1, filters: L::FILTERS, groups }
}

pub(in super::super) const fn output<L: Convolved<RANK>, In: Tensor, const RANK: usize>(
    options: &DepthwiseConvolutionOptions<RANK>,
) -> Output {
    let axes = options.axes::<In>(L::WINDOW);
    spatial::output::<In, RANK>(window::outputs(axes), L::FILTERS)
        .or(options.unless_windows(L::WINDOW))
        .or(unless_channels::<In>(L::CHANNELS, 1))
        .or(unless_multiplied(L::FILTERS, L::CHANNELS))
        .or(window::unless_causal(options.padding))
        .or(window::unless_inside(&axes, options.padding))
}

/// Kept: what the activation is applied to, if its slope needs it. Scratch: an input with its
/// padding; on the way back sums of the kernel's gradient too.
pub(in super::super) const fn needs<L: Convolved<RANK>, In: Tensor, A: Activation, const RANK: usize>(
    options: &DepthwiseConvolutionOptions<RANK>,
) -> Needs {
    if output::<L, In, RANK>(options).mistake.is_some() {
        return Needs::NONE;
    }
    let sizes = sizes::<L, In, RANK>(options);
    Needs::NONE
        .saved(Floats::per_sample(if A::NEEDS_INPUT { sizes.output() } else { 0 }))
        .saved_in_inference(Floats::NONE)
        .scratch(Floats::once(sizes.scratch()))
        .backward_scratch(Floats::once(sizes.depthwise_gradient_scratch()))
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
    kernels::depthwise_convolve(sizes, x, kernel, bias, y, cx.scratch);
    if A::RECTIFIES {
        A::forward(y, L::FILTERS);
    }
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
    let kernel = cx.gradient.as_deref_mut().map(|gradient| {
        let (kernel, bias) = gradient.gradients();
        if let Some(bias) = bias {
            kernels::add_rows(dy, bias);
        }
        kernel
    });
    kernels::depthwise_convolution_gradient(sizes, x, layer.kernel(), dy, kernel, dx, cx.scratch);
}
