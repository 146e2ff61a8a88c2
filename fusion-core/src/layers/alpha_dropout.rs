//! A dropout that keeps mean and variance.

use super::dropout::DropoutOptions;
use super::noise::noise;
use crate::kernels::math::sqrt;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::Random;

/// While training, each number becomes α′ with probability `rate`, and all of them a · x + b, which keeps a mean of 0 and a
/// variance of 1; otherwise y = x: Keras's `layers.AlphaDropout` (Klambauer and others, 2017), for layers with
/// [`Selu`](crate::activations::Selu). Any shape; `noise_shape` as of [`Dropout`](super::Dropout).
///
/// α′ = −1.7581 is what `Selu` gives of large negative numbers; a = 1 / √((1 − rate) · (1 + rate · α′²)),
/// b = −a · α′ · rate.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{AlphaDropout, DropoutOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Tenth; // `AlphaDropout(0.1)` in `model!`
/// impl OptionsOf<AlphaDropout> for Tenth {
///     const VALUE: DropoutOptions = DropoutOptions::DEFAULT.positional(0.1);
/// }
/// assert_eq!(<AlphaDropout as Layer<[f32; 8], Tenth>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = DropoutOptions)]
pub struct AlphaDropout;

const fn output<In: Tensor>(options: &DropoutOptions) -> Output {
    Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(options.mistake(&In::SHAPE, "AlphaDropout(0.1)"))
}

noise!(AlphaDropout, output, saturate, pass_kept);

/// What a dropped number becomes: −1.6733 · 1.0507.
const SATURATED: f32 = -1.758_099_3;

/// The factor a.
fn scale(rate: f32) -> f32 {
    1.0 / sqrt((1.0 - rate) * (1.0 + rate * SATURATED * SATURATED))
}

fn saturate(options: &DropoutOptions, shape: &Shape, stream: Random, x: &[f32], y: &mut [f32]) {
    let (rate, scale) = (options.probability(), scale(options.probability()));
    let offset = -scale * SATURATED * rate;
    let value = |kept, x| scale * if kept { x } else { SATURATED } + offset;
    options.noise().each(rate, shape, stream, (x, y), value);
}

#[cfg(feature = "training")]
fn pass_kept(options: &DropoutOptions, shape: &Shape, stream: Random, dy: &[f32], dx: &mut [f32]) {
    let (rate, scale) = (options.probability(), scale(options.probability()));
    options.noise().each(rate, shape, stream, (dy, dx), |kept, dy| if kept { scale * dy } else { 0.0 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::noise::moments;
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Rate<const PERCENT: usize>;
    impl<const PERCENT: usize> OptionsOf<AlphaDropout> for Rate<PERCENT> {
        const VALUE: DropoutOptions = DropoutOptions::DEFAULT.rate(PERCENT as f32 / 100.0);
    }

    #[test]
    fn training_keeps_mean_and_variance() {
        let mut x = [[0.0; 4000]; 2];
        let normal = Random::new(11);
        x.as_flattened_mut().iter_mut().zip(0..).for_each(|(x, index)| *x = normal.normal(index));
        let Run { y, dy, dx, .. } = run_in::<_, Rate<20>, _, [f32; 4000]>(&AlphaDropout, &x, true);
        let (mean, variance) = moments(y.as_flattened());
        assert!(mean.abs() < 0.04 && (variance - 1.0).abs() < 0.06, "mean {mean}, variance {variance}");
        let dropped = dx.as_flattened().iter().filter(|dx| **dx == 0.0).count();
        assert!((1400..1800).contains(&dropped), "{dropped} of 8000");
        let (factor, lowest) = (scale(0.2), scale(0.2) * SATURATED * 0.8);
        for (((x, y), dy), dx) in
            x.as_flattened().iter().zip(y.as_flattened()).zip(dy.as_flattened()).zip(dx.as_flattened())
        {
            let kept = *dx == factor * dy && (y - factor * (x - SATURATED * 0.2)).abs() < 1e-5;
            assert!(kept || *dx == 0.0 && (y - lowest).abs() < 1e-5, "{x} became {y}");
        }
    }

    #[test]
    fn nothing_changes_in_inference_or_at_a_rate_of_0() {
        let Run { y, dy, dx, .. } = run::<_, Rate<50>, _, [f32; 2]>(&AlphaDropout, &[[1.0, f32::INFINITY]]);
        assert_eq!((y, dx), (vec![[1.0, f32::INFINITY]], dy));
        let Run { y, dy, dx, .. } = run_in::<_, Rate<0>, _, [f32; 2]>(&AlphaDropout, &[[1.0, -2.0]], true);
        assert_eq!((y, dx), (vec![[1.0, -2.0]], dy));
    }

    #[test]
    fn the_rate_is_needed_and_checked() {
        assert_eq!(says::<AlphaDropout, Defaults, f32>().unwrap(), "needs a rate");
        assert_eq!(says::<AlphaDropout, Rate<100>, f32>().unwrap(), "the rate must be at least 0 and below 1");
    }
}
