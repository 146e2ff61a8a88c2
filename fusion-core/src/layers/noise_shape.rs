//! Random numbers that the places along a dimension share.

use core::fmt;

use crate::kernels::vectorize;
use crate::layer::Mistake;
use crate::shape::{Shape, Text};
use crate::weights::Random;

/// Along which dimensions of a sample each place has a random number of its own: Keras's `noise_shape` without the batch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct NoiseShape {
    /// How many were written, also where that is more than there can be; 0 is every place of a sample.
    rank: usize,
    dims: [usize; Shape::MAXIMUM_RANK],
}

impl fmt::Debug for NoiseShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.dims.iter().take(self.rank)).finish()
    }
}

impl NoiseShape {
    pub(super) const NONE: Self = Self { rank: 0, dims: [1; Shape::MAXIMUM_RANK] };

    pub(super) const fn of<const RANK: usize>(written: [usize; RANK]) -> Self {
        let mut this = Self { rank: RANK, ..Self::NONE };
        let mut i = 0;
        while i < RANK && i < Shape::MAXIMUM_RANK {
            this.dims[i] = written[i];
            i += 1;
        }
        this
    }

    /// The mistake of one that is not stretched to a sample.
    pub(super) const fn mistake(&self, input: &Shape) -> Option<Mistake> {
        let (mut fits, mut axis) = (self.rank == input.rank() || self.rank == 0, 0);
        while axis < self.rank && axis < input.rank() && fits {
            fits = self.dims[axis] == 1 || self.dims[axis] == input.dim(axis);
            axis += 1;
        }
        if fits {
            return None;
        }
        let text = Text::new("`noise_shape` has the dimensions of a sample, ").shape(input);
        Some(Mistake::option("noise_shape", text.and(", or 1 where the places along one share their random number")))
    }

    /// Shows each number of a sample where it goes, and whether it is kept.
    #[inline(always)]
    pub(super) fn each(
        &self,
        rate: f32,
        shape: &Shape,
        stream: Random,
        (from, to): (&[f32], &mut [f32]),
        of: impl Fn(bool, f32) -> f32,
    ) {
        let (last, length) = (shape.last().max(1), shape.length());
        // A sample's places in their order have numbers in that order.
        let (every, shared) = (self.rank == 0, self.rank > 0 && self.dims[self.rank - 1] == 1);
        let (step, row) = (u64::from(!shared), if every { length.max(1) } else { last });
        vectorize(
            #[inline(always)]
            || {
                for (place, (from, to)) in from.chunks(row).zip(to.chunks_mut(row)).enumerate() {
                    let first = if every { 0 } else { self.first_of(shape, place) };
                    for ((from, to), index) in from.iter().zip(to).zip(0_u64..) {
                        *to = of(stream.uniform(first + step * index) >= rate, *from);
                    }
                }
            },
        );
    }

    /// The number of the first place of a row along the last dimension, of the rows in their order.
    fn first_of(&self, shape: &Shape, mut row: usize) -> u64 {
        let (mut first, mut stride) = (0, self.dims[self.rank - 1]);
        for axis in (0..self.rank - 1).rev() {
            if self.dims[axis] > 1 {
                first += row % shape.dim(axis) * stride;
            }
            row /= shape.dim(axis).max(1);
            stride *= self.dims[axis];
        }
        first as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::testing::{Run, run, run_in, says};
    use crate::layers::{AlphaDropout, Dropout, DropoutOptions};
    use crate::weights::{Options, OptionsOf};

    /// `noise_shape = [3, 1, 5]`: one number for all places along the second dimension.
    struct Rows;
    impl<L: crate::weights::Configured<Options = DropoutOptions>> OptionsOf<L> for Rows {
        const VALUE: DropoutOptions = DropoutOptions::DEFAULT.rate(0.5).noise_shape([3, 1, 5]);
    }

    /// `noise_shape = [1, 1, 1]`: a sample is kept as a whole, or not at all.
    struct Whole;
    impl<L: crate::weights::Configured<Options = DropoutOptions>> OptionsOf<L> for Whole {
        const VALUE: DropoutOptions = DropoutOptions::DEFAULT.rate(0.25).noise_shape([1, 1, 1]);
    }

    type Sample = [[[f32; 5]; 4]; 3];

    #[test]
    fn places_along_a_dimension_of_1_are_dropped_together() {
        let x = [[[[1.0; 5]; 4]; 3]; 40];
        let Run { y, dy, dx, .. } = run_in::<_, Rows, _, Sample>(&Dropout, &x, true);
        let mut dropped = 0;
        for plane in y.as_flattened() {
            assert!(plane.iter().all(|row| *row == plane[0]), "{plane:?}");
            dropped += plane[0].iter().filter(|y| **y == 0.0).count();
            assert!(plane[0].iter().all(|y| *y == 0.0 || *y == 2.0));
        }
        assert!((240..360).contains(&dropped), "{dropped} of 600");
        // Those along the others apart.
        assert!(y.iter().any(|sample| sample[0][0] != sample[1][0]), "planes");
        assert!(y.iter().any(|sample| sample[0][0][0] != sample[0][0][1]), "columns");
        let flat = |all: &[Sample]| all.as_flattened().as_flattened().as_flattened().to_vec();
        let ways = flat(&dx).into_iter().zip(flat(&dy)).zip(flat(&y));
        ways.for_each(|((dx, dy), y)| assert_eq!(dx, dy * y));
    }

    #[test]
    fn a_shape_of_ones_drops_whole_samples() {
        let x = [[[[1.0; 5]; 4]; 3]; 400];
        let Run { y, .. } = run_in::<_, Whole, _, Sample>(&Dropout, &x, true);
        let mut dropped = 0;
        for sample in &y {
            let first = sample[0][0][0];
            assert!(sample.as_flattened().as_flattened().iter().all(|y| *y == first));
            assert!(first == 0.0 || first == 1.0 / 0.75);
            dropped += usize::from(first == 0.0);
        }
        assert!((70..130).contains(&dropped), "{dropped} of 400");
    }

    #[test]
    fn alpha_dropout_shares_its_numbers_too() {
        let x = [[[[1.0; 5]; 4]; 3]; 40];
        let Run { y, dx, .. } = run_in::<_, Rows, _, Sample>(&AlphaDropout, &x, true);
        assert!(y.as_flattened().iter().all(|plane| plane.iter().all(|row| *row == plane[0])));
        let dropped = dx.as_flattened().iter().flat_map(|plane| plane[0]).filter(|dx| *dx == 0.0).count();
        assert!((240..360).contains(&dropped), "{dropped} of 600");
    }

    #[test]
    fn a_whole_noise_shape_is_none() {
        struct Plain;
        impl OptionsOf<Dropout> for Plain {
            const VALUE: DropoutOptions = DropoutOptions::DEFAULT.rate(0.5);
        }
        struct Each;
        impl OptionsOf<Dropout> for Each {
            const VALUE: DropoutOptions = DropoutOptions::DEFAULT.rate(0.5).noise_shape([3, 4, 5]);
        }
        let x = [[[[1.0; 5]; 4]; 3]; 2];
        let (plain, each) =
            (run_in::<_, Plain, _, Sample>(&Dropout, &x, true), run_in::<_, Each, _, Sample>(&Dropout, &x, true));
        assert_eq!(plain.y, each.y);
    }

    #[test]
    fn nothing_is_dropped_in_inference() {
        let Run { y, .. } = run::<_, Rows, _, Sample>(&Dropout, &[[[[1.0; 5]; 4]; 3]]);
        assert_eq!(y, [[[[1.0; 5]; 4]; 3]]);
    }

    #[test]
    fn it_has_the_dimensions_of_a_sample() {
        let text = "`noise_shape` has the dimensions of a sample, [3, 4, 6], or 1 where the places along one share their random number";
        assert_eq!(says::<Dropout, Rows, [[[f32; 6]; 4]; 3]>().unwrap(), text);
        assert!(says::<Dropout, Rows, [f32; 5]>().unwrap().starts_with("`noise_shape` has the dimensions"));
        assert_eq!(says::<Dropout, Rows, Sample>(), None);
    }
}
