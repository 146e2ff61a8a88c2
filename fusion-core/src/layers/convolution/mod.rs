//! Convolutions along one, two or three sides.
//!
//! What is the same for all is here: the options, the sizes, and the layer around the kernels. One file of the room above
//! holds one layer.

pub(super) mod depthwise;
pub(super) mod lstm;
pub(super) mod separable;
pub(super) mod straight;
pub(super) mod transposed;

pub use depthwise::DepthwiseConvolutionOptions;
pub use lstm::ConvLstmOptions;
pub use separable::SeparableConvolutionOptions;
pub use straight::ConvolutionOptions;
pub use transposed::TransposedConvolutionOptions;

pub(super) use separable::{Separated, separable};

use super::Optional;
use super::spatial::{self, Extent, by};
use super::window::{self, Padding};
use crate::activations::Activation;
use crate::kernels::Axis;
use crate::layer::Mistake;
use crate::shape::{Tensor, Text};

/// A layer whose windows go along `RANK` sides.
pub(super) trait Convolved<const RANK: usize> {
    /// The channels of its input; of one group where there are groups.
    const CHANNELS: usize;
    /// The channels of its output.
    const FILTERS: usize;
    /// The places of a window.
    const WINDOW: [usize; RANK];
    /// How many numbers of one filter lie one behind the other in the kernel.
    const RUN: usize;

    fn kernel(&self) -> &[f32];
    fn bias(&self) -> Option<&[f32]>;
    /// The same to write to: sums of gradients.
    #[cfg(feature = "training")]
    fn gradients(&mut self) -> (&mut [f32], Option<&mut [f32]>);
}

/// The numbers of an array of weights.
pub(super) fn numbers<T: Tensor<Element = f32>>(array: &T) -> &[f32] {
    T::numbers(core::slice::from_ref(array))
}

pub(super) fn numbers_mut<T: Tensor<Element = f32>>(array: &mut T) -> &mut [f32] {
    T::numbers_mut(core::slice::from_mut(array))
}

/// Makes a struct of a kernel and a bias the layer that goes this way, one of `straight`, `transposed` and `depthwise`:
/// `convolution!(straight, 2, Conv2d<C, F, H, A, B, W>, channels C, filters F, window [H, W])`, its sizes being so called.
macro_rules! convolution {
    (
        $way:ident, $rank:literal, $layer:ident<$($argument:ident),+>,
        channels $channels:ident, filters $filters:expr, window [$($side:ident),+], sizes [$($size:ident),+]
    ) => {
        impl<A, B: $crate::layers::Optional, $(const $size: usize),+> $crate::layers::convolution::Convolved<$rank>
            for $layer<$($argument),+>
        {
            const CHANNELS: usize = $channels;
            const FILTERS: usize = $filters;
            const WINDOW: [usize; $rank] = [$($side),+];
            const RUN: usize = $crate::layers::convolution::$way::run(Self::CHANNELS);

            fn kernel(&self) -> &[f32] {
                $crate::layers::convolution::numbers(&self.kernel)
            }
            fn bias(&self) -> Option<&[f32]> {
                B::USED.then(|| $crate::layers::convolution::numbers(&self.bias))
            }
            #[cfg(feature = "training")]
            fn gradients(&mut self) -> (&mut [f32], Option<&mut [f32]>) {
                use $crate::layers::convolution::numbers_mut;
                let bias = B::USED.then(|| numbers_mut(&mut self.bias));
                (numbers_mut(&mut self.kernel), bias)
            }
        }

        impl<In, O, A, B, $(const $size: usize),+> $crate::layer::Layer<In, O> for $layer<$($argument),+>
        where
            In: $crate::shape::Tensor,
            O: $crate::weights::OptionsOf<Self>,
            A: $crate::activations::Activation,
            B: $crate::layers::Optional,
        {
            const OUTPUT: $crate::layer::Output = {
                let output = $crate::layers::convolution::$way::output::<Self, In, $rank>(&O::VALUE);
                output.or($crate::layers::unless_of_one::<A>(&output.shape))
            };
            const NEEDS: $crate::layer::Needs =
                $crate::layers::convolution::$way::needs::<Self, In, A, $rank>(&O::VALUE);
            const DETAILS: &'static str =
                const { &$crate::layers::convolution::details::<A, B>(&[$($side),+]) }.as_str();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                use $crate::layers::convolution::Convolved;
                let sizes = const { $crate::layers::convolution::$way::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, y) = (In::numbers(x), Out::numbers_mut(y));
                let weights = (self.kernel(), self.bias());
                $crate::layers::convolution::$way::forward::<Self, A, $rank>(weights, &sizes, cx, x, y);
            }

            const FOLDING: $crate::layer::Folding = $crate::layers::folding::linear::<A>();
            fn fold(&mut self, scale: &[f32], offset: &mut [f32]) {
                use $crate::layers::convolution::{numbers, numbers_mut};
                let run = <Self as $crate::layers::convolution::Convolved<$rank>>::RUN;
                let bias = B::USED.then(|| numbers(&self.bias));
                $crate::layers::folding::fold(numbers_mut(&mut self.kernel), run, bias, scale, offset);
            }
            fn forward_prepared<Kind: $crate::layer::WeightKind, Out: $crate::shape::Tensor>(
                weights: $crate::layer::PreparedWeights<'_>,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                use $crate::layers::convolution::Convolved;
                let sizes = const { $crate::layers::convolution::$way::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, y) = (In::numbers(x), Out::numbers_mut(y));
                let layer = $crate::shape::value_in::<Self>(weights.memory);
                let weights = (layer.kernel(), weights.offset.or(layer.bias()));
                $crate::layers::convolution::$way::forward::<Self, A, $rank>(weights, &sizes, cx, x, y);
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
                let sizes = const { $crate::layers::convolution::$way::sizes::<Self, In, $rank>(&O::VALUE) };
                let (x, dx) = (In::numbers(x), dx.map(In::numbers_mut));
                let dy = Out::numbers_mut(dy);
                $crate::layers::activation_gradient::<A, _>(cx, Out::numbers(y), dy, <Self as $crate::layers::convolution::Convolved<$rank>>::FILTERS);
                $crate::layers::convolution::$way::backward::<Self, $rank>(self, &sizes, cx, x, dy, dx);
            }
        }
    };
}
pub(super) use convolution;

/// Writes the options `strides` and `dilation_rate` of windows that go along each side, and where the windows lie.
macro_rules! windows {
    ($options:ident) => {
        impl<const RANK: usize> $options<RANK> {
            /// How far a window is from the next, along each side; 1 if not given.
            #[must_use]
            pub const fn strides(self, strides: usize) -> Self {
                self.with_strides(Extent::square(strides, "strides"))
            }

            /// How far the places of a window are from each other, along each side; 1 if not given. Not together with
            /// strides.
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

            const fn axes<In: $crate::shape::Tensor>(&self, window: [usize; RANK]) -> [$crate::kernels::Axis; RANK] {
                let Self { strides, dilation_rate, padding, .. } = self;
                $crate::layers::convolution::axes::<In, RANK>(window, strides, dilation_rate, *padding)
            }

            /// The mistakes of what these options say.
            const fn unless_windows(&self, window: [usize; RANK]) -> Option<$crate::layer::Mistake> {
                $crate::layers::convolution::unless_windows(&window, &self.strides, &self.dilation_rate)
            }
        }

        $crate::layers::spatial::along_each_side! {
            $options:
            strides, strides_hw, strides_dhw => with_strides;
            dilation_rate, dilation_rate_hw, dilation_rate_dhw => with_dilation;
        }
    };
}
use windows;

/// Where windows lie along each side.
const fn axes<In: Tensor, const RANK: usize>(
    window: [usize; RANK],
    strides: &Extent<RANK>,
    dilation: &Extent<RANK>,
    padding: Padding,
) -> [Axis; RANK] {
    let ((sides, _), mut axes, mut i) = (spatial::sides::<In, RANK>(), [Axis::ONE; RANK], 0);
    while i < RANK {
        axes[i] = window::axis(sides[i], window[i], strides.sides[i], dilation.sides[i], padding);
        i += 1;
    }
    axes
}

/// The mistake of strides or a dilation of 0, of both together, which Keras refuses, or of a window without places.
const fn unless_windows<const RANK: usize>(
    window: &[usize; RANK],
    strides: &Extent<RANK>,
    dilation: &Extent<RANK>,
) -> Option<Mistake> {
    if let Some(mistake) = strides.unless_positive() {
        return Some(mistake);
    }
    if let Some(mistake) = dilation.unless_positive() {
        return Some(mistake);
    }
    let (mut strided, mut dilated, mut i) = (false, false, 0);
    while i < RANK {
        strided = strided || strides.sides[i] > 1;
        dilated = dilated || dilation.sides[i] > 1;
        i += 1;
    }
    if !strided || !dilated {
        return unless_window(window);
    }
    let text = by(Text::new("strides of "), &strides.sides).and(" and a dilation of ");
    let text = by(text, &dilation.sides).and(" do not go together, as in Keras: leave out one of the two");
    Some(Mistake::option(dilation.option, text))
}

/// What the type of a convolution says beside its sizes: "kernel 3 × 3, relu, no bias".
pub(super) const fn details<A: Activation, B: Optional>(window: &[usize]) -> Text {
    let text = by(Text::new("kernel "), window).and(", ").and(A::NAME);
    text.and(if B::USED { "" } else { ", no bias" })
}

/// The axes of a sequence or an image as those of a volume, whose other sides are one place.
const fn as_volume<const RANK: usize>(axes: [Axis; RANK]) -> [Axis; 3] {
    let (mut sides, mut i) = ([Axis::ONE; 3], 0);
    while i < RANK {
        sides[3 - RANK + i] = axes[i];
        i += 1;
    }
    sides
}

/// The mistake of a kernel without places, if it is one.
const fn unless_window(window: &[usize]) -> Option<Mistake> {
    let mut i = 0;
    while i < window.len() && window[i] > 0 {
        i += 1;
    }
    if i == window.len() {
        return None;
    }
    let ones = [1; 3];
    let least = by(Text::new("; it must be at least "), ones.split_at(window.len()).0);
    Some(Mistake::sentence(by(Text::new("has a kernel of "), window).and(least.as_str())))
}

/// The mistake of a layer that takes so many channels for each of its groups, as its first generic
/// argument says, and is given another number of them, if that is so.
const fn unless_channels<In: Tensor>(channels: usize, groups: usize) -> Option<Mistake> {
    let (found, takes) = (In::SHAPE.last(), channels.saturating_mul(groups));
    if found == takes {
        return None;
    }
    let words = Text::new("takes ").number(takes).and(if takes == 1 { " channel" } else { " channels" });
    if groups == 1 {
        return Some(Mistake { takes: words, ..Mistake::features(takes, 0, found) });
    }
    let words = words.and(" (").number(groups).and(" groups of ").number(channels).and(")");
    let mistake = Mistake { takes: words, ..Mistake::features(takes, 0, found) };
    let advice = Text::new("the first argument is the channels of one group");
    if !found.is_multiple_of(groups) {
        return Some(mistake.advice(advice.and(", and the groups must divide the channels")));
    }
    Some(mistake.advice(advice.and(": write ").number(found / groups)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::Linear;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::layers::{
        Conv1d, Conv1dTranspose, Conv2d, Conv3d, Conv3dTranspose, DepthwiseConv1d, DepthwiseConv2d, Padding,
        SeparableConv1d, SeparableConv2d, UseBias,
    };
    use crate::shape::Shape;
    use crate::weights::{Configured, Defaults, Options, OptionsOf, Parameters};

    type Sequence = [[f32; 2]; 9];
    type Image = [[[f32; 2]; 9]; 7];
    type Volume = [[[[f32; 2]; 9]; 7]; 5];

    /// Options by hand: an empty struct for each.
    macro_rules! carriers {
        ($($carrier:ident: $options:ty = $value:expr;)+) => {$(
            struct $carrier;
            impl<L: Configured<Options = $options>> OptionsOf<L> for $carrier {
                const VALUE: $options = $value;
            }
        )+};
    }
    carriers! {
        Causal: ConvolutionOptions<1> = ConvolutionOptions::DEFAULT.padding(Padding::Causal).strides(2);
        CausalImage: ConvolutionOptions<2> = ConvolutionOptions::DEFAULT.padding(Padding::Causal);
        CausalDepthwise: DepthwiseConvolutionOptions<2> =
            DepthwiseConvolutionOptions::DEFAULT.padding(Padding::Causal);
        CausalSeparable: SeparableConvolutionOptions<1> =
            SeparableConvolutionOptions::DEFAULT.padding(Padding::Causal);
        CausalTransposed: TransposedConvolutionOptions<1> =
            TransposedConvolutionOptions::DEFAULT.padding(Padding::Causal);
        Both: SeparableConvolutionOptions<2> = SeparableConvolutionOptions::DEFAULT.strides(2).dilation_rate(2);
        Beyond: TransposedConvolutionOptions<1> = TransposedConvolutionOptions::DEFAULT.strides(2).output_padding(1);
        Unreached: TransposedConvolutionOptions<1> = TransposedConvolutionOptions::DEFAULT.output_padding(1);
        Lost: TransposedConvolutionOptions<3> = TransposedConvolutionOptions::DEFAULT
            .strides(2).padding(Padding::Same).output_padding_dhw((1, 1, 0));
    }

    fn shape<L: Layer<In, O>, O: OptionsOf<L>, In: Tensor>() -> Shape {
        assert_eq!(says::<L, O, In>(), None);
        L::OUTPUT.shape
    }

    #[test]
    fn every_rank_has_its_shapes() {
        assert_eq!(shape::<Conv1d<2, 8, 3>, Defaults, Sequence>(), Shape::new(&[7, 8]));
        assert_eq!(shape::<Conv1d<2, 8, 3>, Causal, Sequence>(), Shape::new(&[5, 8]));
        assert_eq!(shape::<Conv3d<2, 8, 3, Linear, UseBias, 2, 1>, Defaults, Volume>(), Shape::new(&[3, 6, 9, 8]));
        assert_eq!(shape::<Conv1dTranspose<2, 8, 3>, Beyond, Sequence>(), Shape::new(&[20, 8]));
        assert_eq!(shape::<DepthwiseConv1d<2, 3, Linear, UseBias, 3>, Defaults, Sequence>(), Shape::new(&[7, 6]));
        assert_eq!(shape::<SeparableConv2d<2, 8, 3>, Defaults, Image>(), Shape::new(&[5, 7, 8]));
    }

    #[test]
    fn what_is_counted() {
        type Deep = SeparableConv1d<2, 8, 3, Linear, UseBias, 2>;
        assert_eq!(<Deep as Parameters>::COUNT, 3 * 4 + 4 * 8 + 8);
        assert_eq!(<Deep as Layer<Sequence>>::NEEDS.multiplications, 7 * (3 * 4 + 4 * 8));
        assert_eq!(<DepthwiseConv2d<2, 3> as Layer<Image>>::NEEDS.multiplications, 5 * 7 * 9 * 2);
        assert_eq!(<Conv3d<2, 8, 2> as Layer<Volume>>::NEEDS.multiplications, 4 * 6 * 8 * 8 * 2 * 8);
        assert_eq!(<Conv3d<2, 8, 2> as Layer<Volume>>::DETAILS, "kernel 2 × 2 × 2, linear");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let causal = Some("`padding = Causal` is for `Conv1d`; here it can be `Valid` or `Same`".to_owned());
        assert_eq!(says::<Conv2d<2, 8, 3>, CausalImage, Image>(), causal);
        assert_eq!(says::<DepthwiseConv2d<2, 3>, CausalDepthwise, Image>(), causal);
        assert_eq!(says::<SeparableConv1d<2, 8, 3>, CausalSeparable, Sequence>(), causal);
        assert_eq!(says::<Conv1dTranspose<2, 8, 3>, CausalTransposed, Sequence>(), causal);
        let said = says::<SeparableConv2d<2, 8, 3>, Both, Image>().unwrap();
        assert!(said.starts_with("strides of 2 × 2 and a dilation of 2 × 2 do not go together"), "{said}");
        let said = says::<Conv1dTranspose<2, 8, 3>, Unreached, Sequence>().unwrap();
        assert_eq!(said, "`output_padding` must be below the strides");
        let said = says::<Conv3dTranspose<2, 8, 4>, Lost, Volume>().unwrap();
        assert!(said.starts_with("the kernel mod 2 and `output_padding` together"), "{said}");
        let none = Some("has a depth_multiplier of 0; it must be at least 1".to_owned());
        assert_eq!(says::<DepthwiseConv1d<2, 3, Linear, UseBias, 0>, Defaults, Sequence>(), none);
        assert_eq!(says::<SeparableConv2d<2, 8, 3, Linear, UseBias, 3, 0>, Defaults, Image>(), none);
        assert_eq!(says::<Conv1d<3, 8, 3>, Defaults, Sequence>().unwrap(), "takes 3 channels");
        assert_eq!(says::<Conv1d<2, 8, 12>, Defaults, Sequence>().unwrap(), "takes a sequence of at least 12 steps");
        assert!(says::<Conv3d<2, 8, 3>, Defaults, Image>().unwrap().starts_with("takes a volume"));
        let said = says::<Conv3d<2, 8, 3, Linear, UseBias, 0>, Defaults, Volume>().unwrap();
        assert_eq!(said, "has a kernel of 3 × 0 × 3; it must be at least 1 × 1 × 1");
    }
}
