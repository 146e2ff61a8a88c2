//! Separable convolutions: a depthwise one, then a product over the channels at each place.

use super::super::activate;
use super::super::spatial::{self, Extent};
use super::super::window::{self, Padding};
use super::depthwise::unless_multiplied;
use super::{as_volume, unless_channels, windows};
use crate::activations::Activation;
use crate::kernels::{self, Convolution, Sizes};
#[cfg(feature = "training")]
use crate::layer::Backward;
use crate::layer::{Floats, Forward, Needs, Output, larger};
use crate::shape::Tensor;
use crate::weights::{ArrayOptions, Regularizer};

/// The options of the separable convolutions, such as `SeparableConv2d<_, 8, 3>(strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct SeparableConvolutionOptions<const RANK: usize> {
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
    /// `GlorotUniform` if not given.
    #[option(array)]
    pub(in super::super) pointwise: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    pub(in super::super) bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

windows!(SeparableConvolutionOptions);

/// A layer of two kernels whose windows go along `RANK` sides.
pub(in super::super) trait Separated<const RANK: usize> {
    /// The channels of its input.
    const CHANNELS: usize;
    /// The channels between the two.
    const BETWEEN: usize;
    /// The channels of its output.
    const FILTERS: usize;
    /// The places of a window.
    const WINDOW: [usize; RANK];

    fn kernels(&self) -> [&[f32]; 2];
    fn bias(&self) -> Option<&[f32]>;
    /// The same to write to: sums of gradients.
    #[cfg(feature = "training")]
    fn gradients(&mut self) -> ([&mut [f32]; 2], Option<&mut [f32]>);
}

/// Makes a struct of two kernels and a bias a separable convolution.
macro_rules! separable {
    (
        $rank:literal, $layer:ident<$($argument:ident),+>,
        channels $channels:ident, between $between:expr, filters $filters:ident, window [$($side:ident),+],
        sizes [$($size:ident),+]
    ) => {
        impl<A, B: $crate::layers::Optional, $(const $size: usize),+> $crate::layers::convolution::Separated<$rank>
            for $layer<$($argument),+>
        {
            const CHANNELS: usize = $channels;
            const BETWEEN: usize = $between;
            const FILTERS: usize = $filters;
            const WINDOW: [usize; $rank] = [$($side),+];

            fn kernels(&self) -> [&[f32]; 2] {
                use $crate::layers::convolution::numbers;
                [numbers(&self.depthwise_kernel), numbers(&self.pointwise_kernel)]
            }
            fn bias(&self) -> Option<&[f32]> {
                B::values::<$filters>(&self.bias).map(|bias| &bias[..])
            }
            #[cfg(feature = "training")]
            fn gradients(&mut self) -> ([&mut [f32]; 2], Option<&mut [f32]>) {
                use $crate::layers::convolution::numbers_mut;
                let bias = B::values_mut::<$filters>(&mut self.bias).map(|bias| &mut bias[..]);
                ([numbers_mut(&mut self.depthwise_kernel), numbers_mut(&mut self.pointwise_kernel)], bias)
            }
        }

        impl<In, O, A, B, $(const $size: usize),+> $crate::layer::Layer<In, O> for $layer<$($argument),+>
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::Activation,
            B: $crate::layers::Optional,
        {
            const OUTPUT: $crate::layer::Output =
                $crate::layers::convolution::separable::output::<Self, In, $rank>(&O::VALUE);
            const NEEDS: $crate::layer::Needs =
                $crate::layers::convolution::separable::needs::<Self, In, A, $rank>(&O::VALUE);
            const DETAILS: &'static str =
                const { &$crate::layers::convolution::details::<A, B>(&[$($side),+]) }.as_str();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                use $crate::layers::convolution::Separated;
                let sizes = const { $crate::layers::convolution::separable::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, y) = (In::numbers(x), Out::numbers_mut(y));
                let weights = (self.kernels(), self.bias());
                $crate::layers::convolution::separable::forward::<Self, A, $rank>(weights, &sizes, cx, x, y);
            }

            const FOLDING: $crate::layer::Folding = $crate::layers::folding::linear::<A>();
            fn fold(&mut self, scale: &[f32], offset: &mut [f32]) {
                let bias = B::values::<$filters>(&self.bias).map(|bias| &bias[..]);
                let kernel = $crate::layers::convolution::numbers_mut(&mut self.pointwise_kernel);
                $crate::layers::folding::fold(kernel, 1, bias, scale, offset);
            }
            fn forward_prepared<Kind: $crate::layer::WeightKind, Out: $crate::shape::Tensor>(
                weights: $crate::layer::PreparedWeights<'_>,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                use $crate::layers::convolution::Separated;
                let sizes = const { $crate::layers::convolution::separable::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, y) = (In::numbers(x), Out::numbers_mut(y));
                let layer = $crate::shape::value_in::<Self>(weights.memory);
                let weights = (layer.kernels(), weights.offset.or(layer.bias()));
                $crate::layers::convolution::separable::forward::<Self, A, $rank>(weights, &sizes, cx, x, y);
            }
        }

        #[cfg(feature = "training")]
        impl<In, O, A, B, $(const $size: usize),+> $crate::layer::TrainLayer<In, O> for $layer<$($argument),+>
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::TrainActivation,
            B: $crate::layers::Optional,
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let sizes = const { $crate::layers::convolution::separable::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, dx) = (In::numbers(x), dx.map(In::numbers_mut));
                let dy = Out::numbers_mut(dy);
                $crate::layers::activation_gradient::<A, _>(cx, Out::numbers(y), dy, $filters);
                let kept = if A::NEEDS_INPUT { dy.len() } else { 0 };
                $crate::layers::convolution::separable::backward::<Self, $rank>(self, &sizes, cx, kept, x, dy, dx);
            }
        }
    };
}
pub(in super::super) use separable;

/// Those of the depthwise convolution.
pub(in super::super) const fn sizes<L: Separated<RANK>, In: Tensor, const RANK: usize>(
    options: &SeparableConvolutionOptions<RANK>,
) -> Convolution {
    let [depth, height, width] = as_volume(options.axes::<In>(L::WINDOW));
    let groups = window::at_least_one(L::CHANNELS);
    Convolution { depth, height, width, channels: 1, filters: L::BETWEEN, groups }
}

/// Those of the product at each place.
const fn product<L: Separated<RANK>, const RANK: usize>(rows: usize) -> Sizes {
    Sizes { rows, inputs: L::BETWEEN, outputs: L::FILTERS }
}

pub(in super::super) const fn output<L: Separated<RANK>, In: Tensor, const RANK: usize>(
    options: &SeparableConvolutionOptions<RANK>,
) -> Output {
    let axes = options.axes::<In>(L::WINDOW);
    spatial::output::<In, RANK>(window::outputs(axes), L::FILTERS)
        .or(options.unless_windows(L::WINDOW))
        .or(unless_channels::<In>(L::CHANNELS, 1))
        .or(unless_multiplied(L::BETWEEN, L::CHANNELS))
        .or(window::unless_causal(options.padding))
        .or(window::unless_inside(&axes, options.padding))
}

/// Kept: what the activation is applied to, if its slope needs it, and what is between the two. Scratch: an input with
/// its padding; on the way back the gradient of what is between, and what its products need.
pub(in super::super) const fn needs<L: Separated<RANK>, In: Tensor, A: Activation, const RANK: usize>(
    options: &SeparableConvolutionOptions<RANK>,
) -> Needs {
    if output::<L, In, RANK>(options).mistake.is_some() {
        return Needs::NONE;
    }
    let sizes = sizes::<L, In, RANK>(options);
    let between = Floats::per_sample(sizes.output());
    let places = sizes.output() / window::at_least_one(L::BETWEEN);
    let before = Floats::per_sample(if A::NEEDS_INPUT { places.saturating_mul(L::FILTERS) } else { 0 });
    let products = places.saturating_mul(L::BETWEEN.saturating_mul(L::FILTERS));
    let scratch = larger(product::<L, RANK>(0).gradient_scratch(), sizes.depthwise_gradient_scratch());
    Needs::NONE
        .saved(before.and(between))
        .saved_in_inference(between)
        .scratch(Floats::once(sizes.scratch()))
        .backward_scratch(between.and(Floats::once(scratch)))
        .multiplications(sizes.multiply_accumulates().saturating_add(products))
        .logits(A::LOGITS)
        .activity(options.activity_regularizer)
}

pub(in super::super) fn forward<L: Separated<RANK>, A: Activation, const RANK: usize>(
    ([depthwise, pointwise], bias): ([&[f32]; 2], Option<&[f32]>),
    sizes: &Convolution,
    cx: &mut Forward<'_>,
    x: &[f32],
    y: &mut [f32],
) {
    let rows = y.len() / window::at_least_one(L::FILTERS);
    let kept = if A::NEEDS_INPUT && cx.keep { y.len() } else { 0 };
    let between = &mut cx.saved[kept..][..rows * L::BETWEEN];
    kernels::depthwise_convolve(sizes, x, depthwise, None, between, cx.scratch);
    kernels::dense(between, pointwise, bias, y, product::<L, RANK>(rows), A::RECTIFIES);
    activate::<A>(cx, y, L::FILTERS);
}

/// `kept` numbers stand before what is between the two.
#[cfg(feature = "training")]
pub(in super::super) fn backward<L: Separated<RANK>, const RANK: usize>(
    layer: &L,
    sizes: &Convolution,
    cx: &mut Backward<'_, L>,
    kept: usize,
    x: &[f32],
    dy: &[f32],
    dx: Option<&mut [f32]>,
) {
    let [depthwise, pointwise] = layer.kernels();
    let product = product::<L, RANK>(dy.len() / window::at_least_one(L::FILTERS));
    let between = &cx.saved[kept..][..product.rows * L::BETWEEN];
    let (gradient, scratch) = cx.scratch.split_at_mut(between.len());
    let depthwise_sums = cx.gradient.as_deref_mut().map(|sums| {
        let ([depthwise, pointwise], bias) = sums.gradients();
        kernels::add_kernel_gradient(between, dy, pointwise, scratch, product);
        if let Some(bias) = bias {
            kernels::add_rows(dy, bias);
        }
        depthwise
    });
    if depthwise_sums.is_none() && dx.is_none() {
        return;
    }
    let transposed = &mut scratch[..pointwise.len()];
    kernels::transpose(L::BETWEEN, L::FILTERS, pointwise, transposed);
    kernels::input_gradient(dy, transposed, gradient, product);
    kernels::depthwise_convolution_gradient(sizes, x, depthwise, gradient, depthwise_sums, dx, scratch);
}
