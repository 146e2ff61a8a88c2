//! Vectors of length 1.

use super::axes::Axes;
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::Tensor;
use crate::weights::OptionsOf;
use vectors::Vectors;

mod vectors;

/// y = x / max(√Σ x², 10⁻¹²), the sum along one or more axes of each sample, of any shape: Keras's
/// `layers.UnitNormalization`.
///
/// The vectors along the axes get the length 1: by default those of features on the last axis.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::UnitNormalization;
/// use fusion::{Forward, Layer};
/// let mut y = [[0.0; 2]];
/// Layer::<[f32; 2]>::forward(&UnitNormalization, &mut Forward::new(&mut [], &mut []), &[[3.0, -4.0]], &mut y);
/// assert_eq!(y, [[0.6, -0.8]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = UnitNormalizationOptions)]
pub struct UnitNormalization;

/// The options of [`UnitNormalization`]: `UnitNormalization(axis = 1)` or `UnitNormalization(axes = [1, 2])`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct UnitNormalizationOptions {
    #[option(default = Axes::LAST, by_hand)]
    axis: Axes,
}

impl UnitNormalizationOptions {
    /// The axis along which vectors get the length 1. As in Keras the batch is axis 0, so a sample's first dimension
    /// is 1, and negative axes count from the end; −1 is the default.
    #[must_use]
    pub const fn axis(self, axis: isize) -> Self {
        Self { axis: Axes::one(axis) }
    }

    /// Several axes, Keras's `axis=[1, 2]`: all that lies along them is one vector.
    #[must_use]
    pub const fn axes<const COUNT: usize>(self, axes: [isize; COUNT]) -> Self {
        Self { axis: Axes::several(axes) }
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for UnitNormalization {
    const OUTPUT: Output =
        Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(O::VALUE.axis.unless_axes(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE.multiplications(In::SHAPE.length().saturating_mul(2)).masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (vectors, length) = (Vectors::of(&O::VALUE.axis, &In::SHAPE), In::SHAPE.length().max(1));
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers_mut(y).chunks_exact_mut(length));
        vectorize(
            #[inline(always)]
            || {
                samples.for_each(|(x, y)| {
                    vectors.for_each(
                        #[inline(always)]
                        |block| block.normalize(x, y),
                    )
                })
            },
        );
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for UnitNormalization {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (vectors, length) = (Vectors::of(&O::VALUE.axis, &In::SHAPE), In::SHAPE.length().max(1));
        let samples = In::numbers(x).chunks_exact(length).zip(Out::numbers(dy).chunks_exact(length));
        let samples = samples.zip(In::numbers_mut(dx).chunks_exact_mut(length));
        vectorize(
            #[inline(always)]
            || {
                samples.for_each(|((x, dy), dx)| {
                    vectors.for_each(
                        #[inline(always)]
                        |block| block.gradient(x, dy, dx),
                    )
                })
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{differences, run, says};
    use crate::weights::{Defaults, Options};

    const DEFAULT: UnitNormalizationOptions = UnitNormalizationOptions::DEFAULT;

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl OptionsOf<UnitNormalization> for $name {
                const VALUE: UnitNormalizationOptions = $options;
            })+
        };
    }
    options! {
        First: DEFAULT.axis(1);
        FromTheEnd: DEFAULT.axis(-3);
        Outer: DEFAULT.axes([3, 1]);
        All: DEFAULT.axes([1, -1, 2]);
        Batch: DEFAULT.axis(0);
        BatchFromTheEnd: DEFAULT.axis(-3);
        Beyond: DEFAULT.axis(-4);
        Twice: DEFAULT.axes([2, -1]);
        Nothing: DEFAULT.axes([]);
        Many: DEFAULT.axes([1, 2, 3, 4, 5, 6, 7]);
    }

    fn numbers<const A: usize, const B: usize, const C: usize>() -> [[[f32; C]; B]; A] {
        let mut at = 0.0_f32;
        [[[(); C]; B]; A].map(|x| {
            x.map(|x| {
                x.map(|()| {
                    at += 0.7;
                    at.sin()
                })
            })
        })
    }

    /// In `f64`, the vector of each place being that of the places of the same `key`.
    fn formula<K: PartialEq>(x: &[f64], key: impl Fn(usize) -> K) -> Vec<f64> {
        let square = |at: usize| (0..x.len()).filter(|i| key(*i) == key(at)).map(|i| x[i] * x[i]).sum::<f64>();
        (0..x.len()).map(|at| x[at] / libm::sqrt(square(at))).collect()
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        type Cube = [[[f32; 3]; 2]; 4];
        let (layer, x) =
            (UnitNormalization, [numbers::<4, 2, 3>(), numbers::<4, 2, 3>().map(|x| x.map(|x| x.map(|x| x + 0.5)))]);
        differences::<_, Defaults, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i / 3));
        differences::<_, FromTheEnd, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i % 6));
        differences::<_, Outer, Cube, Cube>(&layer, &x, |_, x| formula(x, |i| i / 3 % 2));
        differences::<_, All, Cube, Cube>(&layer, &x, |_, x| formula(x, |_| ()));
        // Rows of more than the lanes, and no multiple of them.
        let x = [numbers::<1, 2, 37>()[0]];
        differences::<_, Defaults, [[f32; 37]; 2], [[f32; 37]; 2]>(&layer, &x, |_, x| formula(x, |i| i / 37));
        differences::<_, First, [[f32; 37]; 2], [[f32; 37]; 2]>(&layer, &x, |_, x| formula(x, |i| i % 37));
    }

    #[test]
    fn what_is_too_short_is_multiplied_by_a_constant() {
        let run = run::<_, Defaults, _, [f32; 2]>(&UnitNormalization, &[[0.0; 2], [3e-13, 4e-13], [3e-12, 4e-12]]);
        let near = |[a, b]: [f32; 2], c: f32, d: f32| (a - c).abs() < 1e-6 && (b - d).abs() < 1e-6;
        assert_eq!(run.y[0], [0.0; 2]);
        assert!(near(run.y[1], 0.3, 0.4) && near(run.y[2], 0.6, 0.8), "{:?}", run.y);
        assert_eq!(run.dx[..2], [run.dy[0].map(|dy| dy * 1e12), run.dy[1].map(|dy| dy * 1e12)]);
        let [x, y] = run.dx[2];
        assert!((3.0 * x + 4.0 * y).abs() < 1e-5 * x.abs(), "the length does not change");
    }

    #[test]
    fn what_is_no_number_stays_seen() {
        let run = run::<_, Defaults, _, [f32; 2]>(&UnitNormalization, &[[f32::NAN, 1.0], [1e30, 0.0]]);
        assert!(run.y[0].iter().all(|y| y.is_nan()));
        assert_eq!(run.y[1], [1.0, 0.0]);
    }

    #[test]
    fn an_axis_that_there_is_not_is_a_mistake() {
        fn of<O: OptionsOf<UnitNormalization>>() -> Option<String> {
            says::<UnitNormalization, O, [[f32; 3]; 2]>()
        }
        assert_eq!(of::<Defaults>(), None);
        assert_eq!(of::<First>(), None);
        let batch = "axis 0 is the batch; a sample's first dimension is axis 1";
        assert_eq!((of::<Batch>().unwrap(), of::<BatchFromTheEnd>().unwrap()), (batch.to_owned(), batch.to_owned()));
        let beyond = "a sample is [2, 3], so its axes are 1 to 2, or -2 to -1, with the batch as axis 0";
        assert_eq!((of::<Beyond>().unwrap(), of::<Outer>().unwrap()), (beyond.to_owned(), beyond.to_owned()));
        assert_eq!(of::<Twice>().unwrap(), "axis 2 is given twice");
        assert_eq!(of::<Nothing>().unwrap(), "there must be at least one axis");
        let many = says::<UnitNormalization, Many, [[[[[[f32; 1]; 1]; 1]; 1]; 1]; 1]>();
        assert_eq!(many.unwrap(), "a sample has at most six dimensions");
        assert!(says::<UnitNormalization, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
    }

    #[test]
    fn the_options_read_as_in_keras() {
        let text = |options: UnitNormalizationOptions| {
            let mut text = String::new();
            options.write_changes(&mut text).unwrap();
            text
        };
        assert_eq!((text(DEFAULT), text(DEFAULT.axes([-1]))), (String::new(), String::new()));
        assert_eq!((text(DEFAULT.axis(1)), text(DEFAULT.axes([1, 2]))), ("axis=1 ".into(), "axis=[1, 2] ".into()));
    }
}
