//! Normal noise.

use super::noise::noise;
use crate::kernels::vectorize;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::Random;

/// While training, y = x + `stddev` · ε with normal ε, a number for each; otherwise y = x: Keras's
/// `layers.GaussianNoise`. Any shape.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{GaussianNoise, GaussianNoiseOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Tenth; // `GaussianNoise(0.1)` in `model!`
/// impl OptionsOf<GaussianNoise> for Tenth {
///     const VALUE: GaussianNoiseOptions = GaussianNoiseOptions::DEFAULT.positional(0.1);
/// }
/// assert_eq!(<GaussianNoise as Layer<[f32; 8], Tenth>>::OUTPUT.shape, Shape::new(&[8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = GaussianNoiseOptions)]
pub struct GaussianNoise;

/// The options of [`GaussianNoise`]: `GaussianNoise(0.1)` or `GaussianNoise(stddev = 0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct GaussianNoiseOptions {
    /// The standard deviation of the noise, at least 0.
    #[option(positional)]
    stddev: Option<f32>,
}

const fn output<In: Tensor>(options: &GaussianNoiseOptions) -> Output {
    let mistake = match options.stddev {
        None => {
            let advice = Text::new("write `GaussianNoise(0.1)`");
            Some(Mistake::missing(Text::new("needs a standard deviation")).advice(advice))
        }
        Some(stddev) if stddev >= 0.0 && stddev.is_finite() => None,
        Some(_) => Some(Mistake::option("stddev", Text::new("the standard deviation must be finite and at least 0"))),
    };
    Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>()).or(mistake)
}

noise!(GaussianNoise, output, add_noise, pass_on);

fn add_noise(options: &GaussianNoiseOptions, _shape: &Shape, stream: Random, x: &[f32], y: &mut [f32]) {
    let stddev = options.stddev.unwrap_or(0.0);
    vectorize(
        #[inline(always)]
        || x.iter().zip(y).zip(0..).for_each(|((x, y), index)| *y = x + stddev * stream.normal(index)),
    );
}

#[cfg(feature = "training")]
fn pass_on(_options: &GaussianNoiseOptions, _shape: &Shape, _stream: Random, dy: &[f32], dx: &mut [f32]) {
    dx.copy_from_slice(dy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::noise::moments;
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Given<const TENTHS: isize>;
    impl<const TENTHS: isize> OptionsOf<GaussianNoise> for Given<TENTHS> {
        const VALUE: GaussianNoiseOptions = GaussianNoiseOptions::DEFAULT.stddev(TENTHS as f32 / 10.0);
    }

    #[test]
    fn training_adds_noise_of_the_standard_deviation() {
        let Run { y, dy, dx, .. } = run_in::<_, Given<5>, _, [f32; 4000]>(&GaussianNoise, &[[3.0; 4000]; 2], true);
        let (mean, variance) = moments(y.as_flattened());
        assert!((mean - 3.0).abs() < 0.02 && (variance - 0.25).abs() < 0.02, "mean {mean}, variance {variance}");
        assert_ne!(y[0], y[1], "samples have noise of their own");
        assert_eq!(dx, dy);
    }

    #[test]
    fn nothing_is_added_in_inference() {
        let Run { y, dy, dx, .. } = run::<_, Given<5>, _, [f32; 2]>(&GaussianNoise, &[[1.0, -2.0]]);
        assert_eq!((y, dx), (vec![[1.0, -2.0]], dy));
    }

    #[test]
    fn the_standard_deviation_is_needed_and_checked() {
        assert_eq!(says::<GaussianNoise, Given<0>, f32>(), None);
        assert_eq!(says::<GaussianNoise, Defaults, f32>().unwrap(), "needs a standard deviation");
        let below = says::<GaussianNoise, Given<-1>, f32>().unwrap();
        assert_eq!(below, "the standard deviation must be finite and at least 0");
    }
}
