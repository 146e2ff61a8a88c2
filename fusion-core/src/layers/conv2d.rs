//! The convolution of images.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::activation_gradient;
use super::window::{self, Extent, Padding, at_least_one, extents};
use super::{Optional, UseBias, activate};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Linear};
use crate::kernels::{self, Axis, Convolution};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Mistake, Needs, Output, larger};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};

/// y\[i\]\[j\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[j·s + l·d − q\]\[c\] · kernel\[k\]\[l\]\[c\]\[f\])
/// over the window (k, l) and the channels c, with strides s, dilation d and padding (p, q):
/// `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's `layers.Conv2D`.
///
/// The kernel begins Glorot-uniform and the bias at 0. `Conv2d<1, 8, 3, Relu>` has a window of
/// 3 × 3, `Conv2d<1, 8, 3, Relu, NoBias>` no bias, and `Conv2d<1, 8, 3, Relu, UseBias, 5>` a window
/// of 3 × 5. See [`Conv2dOptions`] for `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::Conv2d;
/// use fusion::{Layer, Parameters, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Conv2d<1, 8, 3, Relu> as Layer<Image>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<Conv2d<1, 8, 3, Relu> as Parameters>::COUNT, 80);
///
/// let edges: Conv2d<1, 1, 1> = Conv2d::new([[[[2.0]]]], [0.5]);
/// assert_eq!(edges.kernel[0][0][0][0], 2.0);
/// ```
#[doc(alias("Conv2D", "Convolution2D"))]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "Conv2D", options = Conv2dOptions, example = "Conv2d<_, 32, 3>", arguments(activation = 3, use_bias = 4))]
pub struct Conv2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Optional = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
> {
    /// `kernel[k][l][c][f]` is how much channel c at place (k, l) of the window counts in filter f.
    /// With groups, c counts the channels of the filter's own group.
    #[parameter(given = options.kernel)]
    pub kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each filter begins with.
    #[parameter(shape = [FILTERS], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

/// The options of [`Conv2d`]: `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct Conv2dOptions {
    #[option(by_hand, default = Extent::square(1, "strides"))]
    strides: Extent,
    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    padding: Padding,
    #[option(by_hand, default = Extent::square(1, "dilation_rate"))]
    dilation_rate: Extent,
    /// Into how many groups channels and filters are divided, each filter seeing its own group's
    /// channels; 1 if not given. The layer's `CHANNELS` are those of one group.
    #[option(default = 1)]
    groups: usize,
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

extents! {
    Conv2dOptions:
    /// How far a window is from the next, in both directions; 1 if not given.
    strides,
    /// The strides along height and width: Keras's `strides=(2, 1)`.
    strides_hw;
    /// How far the places of a window are from each other, in both directions; 1 if not given.
    dilation_rate,
    /// The dilation along height and width: Keras's `dilation_rate=(2, 1)`.
    dilation_rate_hw;
}

impl Conv2dOptions {
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

impl<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A: Activation,
    B: Optional,
    const KERNEL_WIDTH: usize,
> Conv2d<CHANNELS, FILTERS, KERNEL_HEIGHT, A, B, KERNEL_WIDTH>
{
    const DETAILS: &'static Text = &window::kernel_details::<A, B>(KERNEL_HEIGHT, KERNEL_WIDTH);

    /// A layer of these weights.
    #[must_use]
    pub const fn new(
        kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
        bias: B::Values<FILTERS>,
    ) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }

    const fn sizes<In: Tensor>(options: &Conv2dOptions) -> Convolution {
        let Conv2dOptions { strides, padding, dilation_rate, groups, .. } = *options;
        let (height, width, _) = window::image::<In>();
        Convolution {
            depth: Axis::ONE,
            height: window::axis(height, KERNEL_HEIGHT, strides.height, dilation_rate.height, padding),
            width: window::axis(width, KERNEL_WIDTH, strides.width, dilation_rate.width, padding),
            channels: CHANNELS,
            filters: FILTERS,
            groups: at_least_one(groups),
        }
    }

    const fn output<In: Tensor>(options: &Conv2dOptions) -> Output {
        let Convolution { height, width, groups, .. } = Self::sizes::<In>(options);
        window::image_output::<In>(height.output, width.output, FILTERS)
            .or(options.strides.unless_positive())
            .or(options.dilation_rate.unless_positive())
            .or(options.unless_filters(FILTERS))
            .or(window::unless_window(KERNEL_HEIGHT, KERNEL_WIDTH))
            .or(window::unless_channels::<In>(CHANNELS, groups))
            .or(window::unless_inside(&height, &width, options.padding))
    }
}

impl<In, O, const C: usize, const F: usize, const H: usize, A: Activation, B: Optional, const W: usize> Layer<In, O>
    for Conv2d<C, F, H, A, B, W>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const OUTPUT: Output = Self::output::<In>(&O::VALUE);
    /// Kept: what the activation is applied to, if its slope needs it. Scratch: an image with its
    /// padding; on the way back also an output's gradient with its padding, and the transposed kernel
    /// or sums of the kernel's gradient.
    const NEEDS: Needs = {
        let sizes = Self::sizes::<In>(&O::VALUE);
        if Self::output::<In>(&O::VALUE).mistake.is_some() {
            Needs::NONE
        } else {
            Needs::NONE
                .saved(Floats::per_sample(if A::NEEDS_INPUT { sizes.output() } else { 0 }))
                .saved_in_inference(Floats::NONE)
                .scratch(Floats::once(sizes.scratch()))
                .backward_scratch(Floats::once(larger(sizes.kernel_gradient_scratch(), sizes.gradient_scratch())))
                .multiplications(sizes.multiply_accumulates())
                .logits(A::LOGITS)
                .activity(O::VALUE.activity_regularizer)
        }
    };
    const DETAILS: &'static str = Self::DETAILS.as_str();

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let sizes = const { Self::sizes::<In>(&O::VALUE) };
        let (y, kernel) = (Out::numbers_mut(y), self.kernel.as_flattened().as_flattened().as_flattened());
        let bias = B::values(&self.bias).map(|bias| &bias[..]);
        kernels::convolve(&sizes, In::numbers(x), kernel, bias, y, cx.scratch, A::RECTIFIES);
        activate::<A>(cx, y, F);
    }
}

#[cfg(feature = "training")]
impl<In, O, const C: usize, const F: usize, const H: usize, A: TrainActivation, B: Optional, const W: usize>
    TrainLayer<In, O> for Conv2d<C, F, H, A, B, W>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let sizes = const { Self::sizes::<In>(&O::VALUE) };
        let dy = Out::numbers_mut(dy);
        activation_gradient::<A, _>(cx, Out::numbers(y), dy, F);
        if let Some(gradient) = &mut cx.gradient {
            let kernel = gradient.kernel.as_flattened_mut().as_flattened_mut().as_flattened_mut();
            kernels::add_convolution_kernel_gradient(&sizes, In::numbers(x), dy, kernel, cx.scratch);
            if let Some(bias) = B::values_mut::<F>(&mut gradient.bias) {
                kernels::add_rows(dy, bias);
            }
        }
        if let Some(dx) = dx {
            let kernel = self.kernel.as_flattened().as_flattened().as_flattened();
            kernels::convolution_input_gradient(&sizes, dy, kernel, None, In::numbers_mut(dx), cx.scratch, false);
        }
    }
}

#[cfg(test)]
mod tests;
