//! The convolution of images.

use core::marker::PhantomData;

use super::dense::{Bias, UseBias};
use super::window::{self, Extent, Padding, at_least_one};
use super::{activate, activation_gradient};
use crate::activations::{Activation, Linear};
use crate::initializers::Initializer;
use crate::kernels::{self, Convolution};
use crate::memory::largest;
use crate::parameters::{ParameterArray, Visit};
use crate::{
    Backward, Configured, Fit, Forward, Layer, Memory, Mistake, OptionsOf, Parameter, Parameters, Path, Shape, Tensor,
    Text,
};

/// y\[i\]\[j\]\[f\] = A(bias\[f\] + Σ x\[i·s + k·d − p\]\[j·s + l·d − q\]\[c\] · kernel\[k\]\[l\]\[c\]\[f\])
/// over the window (k, l) and the channels c, with strides s, dilation d and padding (p, q):
/// `[height, width, CHANNELS]` → `[…, …, FILTERS]`, Keras's `layers.Conv2D`.
///
/// The kernel begins Glorot-uniform and the bias at 0. `Conv2d<1, 8, 3, Relu>` has a window of
/// 3 × 3, `Conv2d<1, 8, 3, Relu, NoBias>` no bias, and `Conv2d<1, 8, 3, Relu, UseBias, 5>` a window
/// of 3 × 5. See [`Conv2dOptions`] for `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
///
/// ```
/// use fusion_core::activations::Relu;
/// use fusion_core::layers::Conv2d;
/// use fusion_core::{Layer, Parameters, Shape};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Conv2d<1, 8, 3, Relu> as Layer<Image>>::FIT.output, Shape::new(&[26, 26, 8]));
/// assert_eq!(Conv2d::<1, 8, 3, Relu>::COUNT, 80);
///
/// let edges: Conv2d<1, 1, 1> = Conv2d::new([[[[2.0]]]], [0.5]);
/// assert_eq!(edges.kernel[0][0][0][0], 2.0);
/// ```
#[doc(alias = "Convolution2D")]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Conv2d<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A = Linear,
    B: Bias = UseBias,
    const KERNEL_WIDTH: usize = KERNEL_HEIGHT,
> {
    /// `kernel[k][l][c][f]` is how much channel c at place (k, l) of the window counts in filter f.
    /// With groups, c counts the channels of the filter's own group.
    pub kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
    /// What each filter begins with.
    pub bias: B::Values<FILTERS>,
    activation: PhantomData<A>,
}

/// The options of [`Conv2d`]: `Conv2d<1, 8, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    strides: Extent,
    padding: Padding,
    dilation_rate: Extent,
    groups: usize,
}

impl Conv2dOptions {
    const DEFAULT: Self = Self {
        strides: Extent::square(1, "strides"),
        padding: Padding::Valid,
        dilation_rate: Extent::square(1, "dilation_rate"),
        groups: 1,
    };

    /// How far a window is from the next, in both directions; 1 if not given.
    #[must_use]
    pub const fn strides(mut self, strides: usize) -> Self {
        self.strides = Extent::square(strides, "strides");
        self
    }

    /// The strides along height and width: Keras's `strides=(2, 1)`.
    #[must_use]
    pub const fn strides_hw(mut self, strides: (usize, usize)) -> Self {
        self.strides = Extent::pair(strides, "strides_hw");
        self
    }

    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[must_use]
    pub const fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// How far the places of a window are from each other, in both directions; 1 if not given.
    #[must_use]
    pub const fn dilation_rate(mut self, dilation_rate: usize) -> Self {
        self.dilation_rate = Extent::square(dilation_rate, "dilation_rate");
        self
    }

    /// The dilation along height and width: Keras's `dilation_rate=(2, 1)`.
    #[must_use]
    pub const fn dilation_rate_hw(mut self, dilation_rate: (usize, usize)) -> Self {
        self.dilation_rate = Extent::pair(dilation_rate, "dilation_rate_hw");
        self
    }

    /// Into how many groups channels and filters are divided, each filter seeing its own group's
    /// channels; 1 if not given. The layer's `CHANNELS` are those of one group.
    #[must_use]
    pub const fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
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
}

impl<
    const CHANNELS: usize,
    const FILTERS: usize,
    const KERNEL_HEIGHT: usize,
    A: Activation,
    B: Bias,
    const KERNEL_WIDTH: usize,
> Conv2d<CHANNELS, FILTERS, KERNEL_HEIGHT, A, B, KERNEL_WIDTH>
{
    const DETAILS: &'static Text = &window::by(Text::new("kernel "), KERNEL_HEIGHT, KERNEL_WIDTH)
        .and(", ")
        .and(A::NAME)
        .and(if B::USED { "" } else { ", no bias" });

    /// A layer of these weights.
    #[must_use]
    pub const fn new(
        kernel: [[[[f32; FILTERS]; CHANNELS]; KERNEL_WIDTH]; KERNEL_HEIGHT],
        bias: B::Values<FILTERS>,
    ) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }

    const fn sizes<In: Tensor>(options: &Conv2dOptions) -> Convolution {
        let Conv2dOptions { strides, padding, dilation_rate, groups } = *options;
        let (height, width, _) = window::image::<In>();
        Convolution {
            height: window::axis(height, KERNEL_HEIGHT, strides.height, dilation_rate.height, padding),
            width: window::axis(width, KERNEL_WIDTH, strides.width, dilation_rate.width, padding),
            channels: CHANNELS,
            filters: FILTERS,
            groups: at_least_one(groups),
        }
    }

    const fn fit<In: Tensor>(options: &Conv2dOptions) -> Fit {
        let Convolution { height, width, groups, .. } = Self::sizes::<In>(options);
        window::image_fit::<In>(height.output, width.output, FILTERS)
            .or(options.strides.unless_positive())
            .or(options.dilation_rate.unless_positive())
            .or(options.unless_filters(FILTERS))
            .or(window::unless_window(KERNEL_HEIGHT, KERNEL_WIDTH))
            .or(window::unless_channels::<In>(CHANNELS, groups))
            .or(window::unless_inside(&height, &width, options.padding))
    }
}

impl<const CHANNELS: usize, const FILTERS: usize, const KERNEL_HEIGHT: usize, A, B: Bias, const KERNEL_WIDTH: usize>
    Conv2d<CHANNELS, FILTERS, KERNEL_HEIGHT, A, B, KERNEL_WIDTH>
{
    const fn kernel_parameter<'a>(path: &'a Path<'a>) -> Parameter<'a> {
        let shape = Shape::new(&[KERNEL_HEIGHT, KERNEL_WIDTH, CHANNELS, FILTERS]);
        Parameter::new(path, "kernel", shape, Initializer::GlorotUniform)
    }

    const fn bias_parameter<'a>(path: &'a Path<'a>) -> Parameter<'a> {
        Parameter::new(path, "bias", Shape::new(&[FILTERS]), Initializer::Zeros)
    }
}

impl<const C: usize, const F: usize, const H: usize, A: Send + Sync + 'static, B: Bias, const W: usize> Parameters
    for Conv2d<C, F, H, A, B, W>
{
    const COUNT: usize = H * W * C * F + if B::USED { F } else { 0 };

    fn walk<const K: usize>(mut these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        ParameterArray::visit(these.each_mut().map(|layer| &mut layer.kernel), &Self::kernel_parameter(path), visit);
        if B::USED {
            ParameterArray::visit(these.map(|layer| &mut layer.bias), &Self::bias_parameter(path), visit);
        }
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.kernel.visit_ref(&Self::kernel_parameter(path), visit);
        if B::USED {
            self.bias.visit_ref(&Self::bias_parameter(path), visit);
        }
    }
}

impl<const C: usize, const F: usize, const H: usize, A: Send + Sync + 'static, B: Bias, const W: usize> Configured
    for Conv2d<C, F, H, A, B, W>
{
    type Options = Conv2dOptions;
    const DEFAULT: Conv2dOptions = Conv2dOptions::DEFAULT;
    const CLASS: &'static str = "Conv2D";
}

impl<In, O, const C: usize, const F: usize, const H: usize, A: Activation, B: Bias, const W: usize> Layer<In, O>
    for Conv2d<C, F, H, A, B, W>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const FIT: Fit = Self::fit::<In>(&O::VALUE);
    /// Kept: what the activation is applied to, if its slope needs it. Scratch: an image with its
    /// padding; on the way back also an output's gradient with its padding, and the transposed kernel
    /// or sums of the kernel's gradient.
    const MEMORY: Memory = {
        let sizes = Self::sizes::<In>(&O::VALUE);
        if Self::fit::<In>(&O::VALUE).mistake.is_some() {
            Memory::NONE
        } else {
            Memory {
                saved_per_sample: if A::NEEDS_INPUT { sizes.output() } else { 0 },
                saved_in_inference: Some((0, 0)),
                scratch: sizes.scratch(),
                backward_scratch: largest(&[sizes.kernel_gradient_scratch(), sizes.gradient_scratch()]),
                ..Memory::NONE
            }
        }
    };
    const MULTIPLICATIONS: usize = Self::sizes::<In>(&O::VALUE).multiply_accumulates();
    const DETAILS: &'static str = Self::DETAILS.as_str();
    const PROBABILITIES: bool = A::PROBABILITIES;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let sizes = const { Self::sizes::<In>(&O::VALUE) };
        let (y, kernel) = (Out::numbers_mut(y), self.kernel.as_flattened().as_flattened().as_flattened());
        let bias = B::values(&self.bias).map(|bias| &bias[..]);
        kernels::convolve(&sizes, In::numbers(x), kernel, bias, y, cx.scratch, A::RECTIFIES);
        activate::<A>(cx, y, F);
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        let sizes = const { Self::sizes::<In>(&O::VALUE) };
        let dy = Out::numbers_mut(dy);
        activation_gradient::<A>(cx, Out::numbers(y), dy, F);
        if cx.trainable {
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
