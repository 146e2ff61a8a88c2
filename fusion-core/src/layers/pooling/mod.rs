//! Pooling: one number for each window and channel, along one, two or three sides.
//!
//! What is the same for all is here: the options, the windows, and the layer around the kernels. One file of the room
//! above holds one layer.

mod adaptive;
mod global;

pub use adaptive::AdaptivePoolingOptions;
pub use global::GlobalPoolingOptions;
pub(super) use global::{Average, Largest, global_pooling};

use super::spatial::{self, Extent, along_each_side};
use super::window::{self, Padding};
use crate::kernels::{self, Axis, Pooling, Windows};
use crate::layer::Output;
use crate::layer::messages::same;
use crate::shape::Tensor;

/// The options of the poolings with windows, such as `MaxPooling2d(3)` or
/// `AveragePooling1d(pool_size = 3, strides = 2, padding = Padding::Same)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct PoolingOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(2, "pool_size"))]
    pool_size: Extent<RANK>,
    // Where they are not given, that of the windows, under its name.
    #[option(by_hand, default = Extent::square(2, "pool_size"))]
    strides: Extent<RANK>,
    /// What happens at the borders; [`Padding::Valid`] if not given.
    #[option(default = Padding::Valid)]
    padding: Padding,
}

impl<const RANK: usize> PoolingOptions<RANK> {
    /// The size of the windows, written without its name.
    #[must_use]
    pub const fn positional(self, pool_size: usize) -> Self {
        self.pool_size(pool_size)
    }

    /// The size of the windows along each side; 2 if not given.
    #[must_use]
    pub const fn pool_size(self, pool_size: usize) -> Self {
        self.with_windows(Extent::square(pool_size, "pool_size"))
    }

    /// How far a window is from the next, along each side; the size of the windows if not given.
    #[must_use]
    pub const fn strides(self, strides: usize) -> Self {
        self.with_strides(Extent::square(strides, "strides"))
    }

    const fn with_windows(mut self, pool_size: Extent<RANK>) -> Self {
        if same(self.strides.option, self.pool_size.option) {
            self.strides = pool_size;
        }
        self.pool_size = pool_size;
        self
    }

    const fn with_strides(mut self, strides: Extent<RANK>) -> Self {
        self.strides = strides;
        self
    }

    const fn axes<In: Tensor>(&self) -> ([Axis; RANK], usize) {
        let (sides, channels) = spatial::sides::<In, RANK>();
        let mut axes = [window::axis(1, 1, 1, 1, Padding::Valid); RANK];
        let mut i = 0;
        while i < RANK {
            axes[i] = window::axis(sides[i], self.pool_size.sides[i], self.strides.sides[i], 1, self.padding);
            i += 1;
        }
        (axes, channels)
    }

    pub(super) const fn sizes<In: Tensor>(&self) -> Pooling {
        let (axes, channels) = self.axes::<In>();
        let (mut windows, mut i) = ([Windows::ONE; RANK], 0);
        while i < RANK {
            windows[i] = Windows::Even(axes[i]);
            i += 1;
        }
        Pooling { sides: as_volume(windows), channels }
    }

    pub(super) const fn output<In: Tensor>(&self) -> Output {
        let (axes, channels) = self.axes::<In>();
        let (mut sides, mut i) = ([0; RANK], 0);
        while i < RANK {
            sides[i] = axes[i].output;
            i += 1;
        }
        spatial::output::<In, RANK>(sides, channels)
            .or(self.pool_size.unless_positive())
            .or(self.strides.unless_positive())
            .or(window::unless_causal(self.padding))
            .or(window::unless_inside(&axes, self.padding))
    }
}

along_each_side! {
    PoolingOptions:
    pool_size, pool_size_hw, pool_size_dhw => with_windows;
    strides, strides_hw, strides_dhw => with_strides;
}

/// The windows of an image or a sequence as those of a volume, whose other sides are one place.
const fn as_volume<const RANK: usize>(windows: [Windows; RANK]) -> [Windows; 3] {
    let (mut sides, mut i) = ([Windows::ONE; 3], 0);
    while i < RANK {
        sides[3 - RANK + i] = windows[i];
        i += 1;
    }
    sides
}

/// What is made of the numbers of a window.
pub(super) trait Pool {
    fn forward(sizes: &Pooling, x: &[f32], y: &mut [f32]);
    #[cfg(feature = "training")]
    fn backward(sizes: &Pooling, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]);
}

/// Their largest.
pub(super) struct Max;

/// Their mean.
pub(super) struct Mean;

impl Pool for Max {
    fn forward(sizes: &Pooling, x: &[f32], y: &mut [f32]) {
        kernels::max_pooling(sizes, x, y);
    }
    #[cfg(feature = "training")]
    fn backward(sizes: &Pooling, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
        kernels::max_pooling_gradient(sizes, x, y, dy, dx);
    }
}

impl Pool for Mean {
    fn forward(sizes: &Pooling, x: &[f32], y: &mut [f32]) {
        kernels::average_pooling(sizes, x, y);
    }
    #[cfg(feature = "training")]
    fn backward(sizes: &Pooling, _x: &[f32], _y: &[f32], dy: &[f32], dx: &mut [f32]) {
        kernels::average_pooling_gradient(sizes, dy, dx);
    }
}

/// Makes a struct the layer that takes this [`Pool`] of the windows that its options say.
macro_rules! pooling {
    ($layer:ident, $pool:ident) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = O::VALUE.output::<In>();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let sizes = const { O::VALUE.sizes::<In>() };
                <$crate::layers::pooling::$pool as $crate::layers::pooling::Pool>::forward(
                    &sizes,
                    In::numbers(x),
                    Out::numbers_mut(y),
                );
            }
        }

        #[cfg(feature = "training")]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let Some(dx) = dx else { return };
                let (sizes, x, y) = (const { O::VALUE.sizes::<In>() }, In::numbers(x), Out::numbers(y));
                let (dy, dx) = (Out::numbers(dy), In::numbers_mut(dx));
                <$crate::layers::pooling::$pool as $crate::layers::pooling::Pool>::backward(&sizes, x, y, dy, dx);
            }
        }
    };
}
pub(super) use pooling;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layer::messages::{check, written};
    use crate::layers::testing::says;
    use crate::layers::window::testing::changes;
    use crate::layers::{AdaptiveMaxPooling1d, AveragePooling1d, AveragePooling3d, GlobalMaxPooling1d, MaxPooling1d};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, OptionsOf};

    #[test]
    fn options_that_mean_the_same_are_written_alike() {
        const DEFAULT: PoolingOptions<2> = PoolingOptions::DEFAULT;
        assert_eq!(changes(DEFAULT.pool_size_hw((2, 2)).strides(2)), "");
        assert_eq!(changes(DEFAULT.strides(2)), "");
        assert_eq!(changes(DEFAULT.strides(3)), "strides=3x3 ");
        // The windows' size are the strides too, unless these are given, before or after.
        let windows = [DEFAULT.positional(3), DEFAULT.strides(3).pool_size(3), DEFAULT.pool_size_hw((3, 3)).strides(3)];
        assert_eq!(windows.map(changes), ["pool_size=3x3 strides=3x3 "; 3]);
        let strides = [DEFAULT.strides_hw((2, 2)).pool_size(3).pool_size_hw((3, 3)), DEFAULT.pool_size(3).strides(2)];
        assert_eq!(strides.map(changes), ["pool_size=3x3 "; 2]);
        assert_eq!(changes(PoolingOptions::<1>::DEFAULT.pool_size(3)), "pool_size=3 strides=3 ");
        let apart = PoolingOptions::<3>::DEFAULT.pool_size_dhw((1, 2, 2)).strides_dhw((2, 2, 2));
        assert_eq!(changes(apart), "pool_size=1x2x2 ");
    }

    fn said<L: Layer<In, O>, O: OptionsOf<L>, In: Tensor>(layer: &str) -> String {
        let written = written(layer, "`x`");
        let panic = std::panic::catch_unwind(|| check::<In>(&L::OUTPUT, &written, true)).unwrap_err();
        panic.downcast::<String>().map_or_else(|other| (*other.downcast::<&str>().unwrap()).to_owned(), |text| *text)
    }

    #[test]
    fn the_input_must_have_the_layers_sides() {
        assert_eq!(
            said::<MaxPooling1d, Defaults, [f32; 8]>("MaxPooling1d"),
            "`MaxPooling1d` takes a sequence [steps, features], but `x` gives it [8]; declare the input as \
             `[f32; steps, features]`, or put `Reshape([steps, features])` before it"
        );
        assert_eq!(
            said::<GlobalMaxPooling1d, Defaults, [[[f32; 3]; 28]; 28]>("GlobalMaxPooling1d"),
            "`GlobalMaxPooling1d` takes a sequence [steps, features], but `x` gives it [28, 28, 3]; the layer for images \
             has `2d` in its name, or put `Reshape([steps, features])` before it"
        );
        assert_eq!(
            said::<AveragePooling3d, Defaults, [[[f32; 28]; 28]; 16]>("AveragePooling3d"),
            "`AveragePooling3d` takes a volume [depth, height, width, channels], but `x` gives it [16, 28, 28]; a volume \
             without colours has one channel, `[f32; 16, 28, 28, 1]`"
        );
        assert_eq!(<AveragePooling3d as Layer<[[[f32; 28]; 28]; 16]>>::OUTPUT.shape, Shape::new(&[8, 14, 14, 1]));
        assert_eq!(
            said::<AveragePooling1d, Defaults, [[f32; 3]; 1]>("AveragePooling1d"),
            "`AveragePooling1d` takes a sequence of at least 2 steps, but `x` gives it [1, 3]; write \
             `padding = Padding::Same`, or use a smaller window"
        );
    }

    struct To<const PLACES: usize>;
    impl<const PLACES: usize> OptionsOf<AdaptiveMaxPooling1d> for To<PLACES> {
        const VALUE: AdaptivePoolingOptions<1> = AdaptivePoolingOptions::DEFAULT.positional(PLACES);
    }

    #[test]
    fn adaptive_windows_need_an_output_and_an_input() {
        type Steps<const COUNT: usize> = [[f32; 3]; COUNT];
        assert_eq!(says::<AdaptiveMaxPooling1d, To<9>, Steps<4>>(), None);
        assert_eq!(
            said::<AdaptiveMaxPooling1d, Defaults, Steps<4>>("AdaptiveMaxPooling1d"),
            "`AdaptiveMaxPooling1d` needs an output size; write how many places the output has, as in `(7)`"
        );
        let none = <AdaptiveMaxPooling1d as Layer<Steps<4>, To<0>>>::OUTPUT.mistake.unwrap();
        assert_eq!((none.option, none.takes.as_str()), (Some("output_size"), "`output_size` must be at least 1"));
        let empty = says::<AdaptiveMaxPooling1d, To<2>, Steps<0>>().unwrap();
        assert_eq!(empty, "takes a sequence of at least 1 step");
    }
}
