//! Normal factors.

use super::dropout::RateOptions;
use super::noise::noise;
use crate::kernels::math::sqrt;
use crate::kernels::vectorize;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::Random;

/// While training, y = x · (1 + σ · ε) with normal ε, a number for each, and σ = √(`rate` / (1 − `rate`)), the deviation
/// that [`Dropout`](super::Dropout) has; otherwise y = x: Keras's `layers.GaussianDropout` (Srivastava and others,
/// 2014). Any shape.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{GaussianDropout, RateOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Half; // `GaussianDropout(0.5)` in `model!`
/// impl OptionsOf<GaussianDropout> for Half {
///     const VALUE: RateOptions = RateOptions::DEFAULT.positional(0.5);
/// }
/// assert_eq!(<GaussianDropout as Layer<[f32; 8], Half>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RateOptions)]
pub struct GaussianDropout;

const fn output<In: Tensor>(options: &RateOptions) -> Output {
    Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(options.mistake("GaussianDropout(0.5)"))
}

noise!(GaussianDropout, output, multiply, multiply);

fn multiply(options: &RateOptions, _shape: &Shape, stream: Random, from: &[f32], to: &mut [f32]) {
    let deviation = sqrt(options.probability() / (1.0 - options.probability()));
    vectorize(
        #[inline(always)]
        || from.iter().zip(to).zip(0..).for_each(|((x, y), index)| *y = x * (1.0 + deviation * stream.normal(index))),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::noise::moments;
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Rate<const PERCENT: usize>;
    impl<const PERCENT: usize> OptionsOf<GaussianDropout> for Rate<PERCENT> {
        const VALUE: RateOptions = RateOptions::DEFAULT.rate(PERCENT as f32 / 100.0);
    }

    #[test]
    fn training_keeps_the_mean_and_has_the_deviation_of_a_dropout() {
        let Run { y, dy, dx, .. } = run_in::<_, Rate<20>, _, [f32; 4000]>(&GaussianDropout, &[[1.0; 4000]; 2], true);
        let (mean, variance) = moments(y.as_flattened());
        assert!((mean - 1.0).abs() < 0.02 && (variance - 0.25).abs() < 0.02, "mean {mean}, variance {variance}");
        assert_ne!(y[0], y[1], "samples have factors of their own");
        let numbers = dx.as_flattened().iter().zip(dy.as_flattened()).zip(y.as_flattened());
        assert!(numbers.clone().count() == 8000 && numbers.into_iter().all(|((dx, dy), y)| *dx == dy * y));
    }

    #[test]
    fn nothing_changes_in_inference() {
        let Run { y, dy, dx, .. } = run::<_, Rate<50>, _, [f32; 2]>(&GaussianDropout, &[[1.0, f32::INFINITY]]);
        assert_eq!((y, dx), (vec![[1.0, f32::INFINITY]], dy));
    }

    #[test]
    fn the_rate_is_needed_and_checked() {
        assert_eq!(says::<GaussianDropout, Rate<0>, f32>(), None);
        assert_eq!(says::<GaussianDropout, Defaults, f32>().unwrap(), "needs a rate");
        assert_eq!(says::<GaussianDropout, Rate<100>, f32>().unwrap(), "the rate must be at least 0 and below 1");
    }
}
