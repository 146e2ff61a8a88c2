//! What the spatial dropouts share.

use super::dropout::RateOptions;
use super::spatial;
use crate::kernels::vectorize;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::Random;

pub(super) const fn output<In: Tensor, const RANK: usize>(options: &RateOptions) -> Output {
    let example = match RANK {
        1 => "SpatialDropout1d(0.5)",
        2 => "SpatialDropout2d(0.5)",
        _ => "SpatialDropout3d(0.5)",
    };
    let output = Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>());
    spatial::of_sides::<In, RANK>(output).or(options.mistake(example))
}

/// All places of a channel have one random number.
pub(super) fn drop_channels(options: &RateOptions, shape: &Shape, stream: Random, from: &[f32], to: &mut [f32]) {
    let (rate, scale, channels) = (options.probability(), 1.0 / (1.0 - options.probability()), shape.last().max(1));
    vectorize(
        #[inline(always)]
        || {
            for (from, to) in from.chunks_exact(channels).zip(to.chunks_exact_mut(channels)) {
                for ((from, to), channel) in from.iter().zip(to).zip(0..) {
                    *to = if stream.uniform(channel) >= rate { from * scale } else { 0.0 };
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::SpatialDropout2d;
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::layers::window::testing::Image;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Quarter;
    impl OptionsOf<SpatialDropout2d> for Quarter {
        const VALUE: RateOptions = RateOptions::DEFAULT.rate(0.25);
    }

    #[test]
    fn whole_channels_are_dropped_and_the_mean_stays() {
        let x = [[[[1.0; 1000]; 2]; 3]; 4];
        let Run { y, dy, dx, .. } = run_in::<_, Quarter, _, Image<3, 2, 1000>>(&SpatialDropout2d, &x, true);
        for ((y, dy), dx) in y.iter().zip(&dy).zip(&dx) {
            let first = y[0][0];
            assert!(y.as_flattened().iter().all(|place| *place == first), "all places have one mask");
            let dropped = first.iter().filter(|y| **y == 0.0).count();
            assert!((200..300).contains(&dropped), "{dropped} of 1000");
            assert!(first.iter().all(|y| *y == 0.0 || *y == 1.0 / 0.75));
            let places = dx.as_flattened().iter().zip(dy.as_flattened());
            for (dx, dy) in places {
                assert!(dx.iter().zip(dy).zip(&first).all(|((dx, dy), y)| *dx == dy * y));
            }
        }
        assert_ne!(y[0][0][0], y[1][0][0], "samples have masks of their own");
    }

    #[test]
    fn nothing_is_dropped_in_inference() {
        let Run { y, dy, dx, .. } =
            run::<_, Quarter, _, Image<1, 1, 2>>(&SpatialDropout2d, &[[[[1.0, f32::INFINITY]]]]);
        assert_eq!((y, dx), (vec![[[[1.0, f32::INFINITY]]]], dy));
    }

    #[test]
    fn it_needs_a_rate_and_an_image() {
        assert_eq!(
            says::<SpatialDropout2d, Quarter, [[f32; 3]; 2]>().unwrap(),
            "takes an image [height, width, channels]"
        );
        assert_eq!(says::<SpatialDropout2d, Defaults, Image<2, 2, 3>>().unwrap(), "needs a rate");
        assert_eq!(<SpatialDropout2d as Layer<Image<2, 2, 3>, Quarter>>::OUTPUT.shape, Shape::new(&[2, 2, 3]));
    }
}
