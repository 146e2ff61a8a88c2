//! Losses made of sums over groups of numbers: those of a whole batch, or along some of its axes.

use alloc::{vec, vec::Vec};
use core::ops::Range;

use super::batch::total;
use crate::shape::Shape;

/// Axes of a batch, the first of which is that of the samples; a negative one counts from the last.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Axes {
    /// All of them: the batch is one group.
    All,
    /// A bit for each axis from the first, and one for each from the last.
    Some { first: u16, last: u16 },
}

impl Axes {
    /// # Panics
    /// If an axis is none of any tensor's.
    pub const fn of(axes: &[isize]) -> Self {
        let (mut first, mut last, mut i) = (0, 0, 0);
        while i < axes.len() {
            assert!(axes[i] >= -8 && axes[i] < 8, "a batch has at most seven axes");
            if axes[i] < 0 {
                last |= 1 << (-1 - axes[i]);
            } else {
                first |= 1 << axes[i];
            }
            i += 1;
        }
        Self::Some { first, last }
    }

    /// A bit for each axis of a batch of such samples that is added up along.
    fn bits(self, sample: &Shape) -> u16 {
        let rank = sample.rank() + 1;
        let all = (1 << rank) - 1;
        let Self::Some { first, last } = self else { return all };
        assert!((first | last) & !all == 0, "an output of {} dimensions has, with the batch, {rank} axes", rank - 1);
        let from_last = (0..rank).filter(|axis| last & (1 << (rank - 1 - axis)) != 0);
        from_last.fold(first, |bits, axis| bits | 1 << axis)
    }
}

/// What a loss or a metric is made of: `N` sums over each group.
pub(crate) trait OfSums<const N: usize>: Copy {
    /// What is added up, of a target and a prediction.
    fn terms(self, target: f64, prediction: f64) -> [f64; N];
    /// The value of a group of so many numbers.
    fn value(self, sums: [f64; N], count: f64) -> f64;
}

/// The same of a loss, with its slope.
pub(crate) trait WithSlope: OfSums<3> {
    /// The slope of a group's value is a · target + b · prediction + c.
    fn slope(self, sums: [f64; 3]) -> [f64; 3];
}

/// How the numbers of a batch form groups.
pub(crate) struct Groups {
    /// The dimensions of the batch, and how many groups it is from one index to the next: 0 where they are added up.
    /// Neighbours that are both added up, or both not, are one.
    axes: Vec<(usize, usize)>,
    count: usize,
    /// How many numbers a group has.
    size: usize,
    /// Whether each sample has groups of its own.
    pub by_sample: bool,
    /// Whether each vector of the last dimension is a group.
    pub by_vector: bool,
}

impl Groups {
    pub fn new(axes: Axes, sample: &Shape, samples: usize) -> Self {
        let bits = axes.bits(sample);
        let (mut merged, mut count, mut size) = (Vec::<(usize, usize)>::new(), 1, 1);
        for axis in (0..=sample.rank()).rev() {
            let dimension = if axis == 0 { samples } else { sample.dim(axis - 1) };
            let stride = if bits & (1 << axis) == 0 { count } else { 0 };
            match merged.last_mut() {
                _ if dimension == 1 => {}
                Some((inner, inner_stride)) if (*inner_stride == 0) == (stride == 0) => *inner *= dimension,
                _ => merged.push((dimension, stride)),
            }
            *(if stride == 0 { &mut size } else { &mut count }) *= dimension;
        }
        if merged.is_empty() {
            merged.push((1, 0));
        }
        merged.reverse();
        Self { axes: merged, count, size, by_sample: bits & 1 == 0, by_vector: bits == 1 << sample.rank() }
    }

    /// Calls back with the places of numbers that lie side by side, the first one's group, and the distance to the next's.
    fn each(&self, mut call: impl FnMut(Range<usize>, usize, usize)) {
        let Some(((length, step), outer)) = self.axes.split_last() else { return };
        let rows: usize = outer.iter().map(|(dimension, _)| dimension).product();
        for row in 0..rows {
            let (mut rest, mut group) = (row, 0);
            for (dimension, stride) in outer.iter().rev() {
                group += rest % dimension * stride;
                rest /= dimension;
            }
            call(row * length..(row + 1) * length, group, *step);
        }
    }

    fn sums<const N: usize>(&self, loss: impl OfSums<N>, targets: &[f32], predictions: &[f32]) -> Vec<[f64; N]> {
        let mut sums = vec![[0.0; N]; self.count];
        self.each(|places, first, step| {
            for (offset, (target, prediction)) in targets[places.clone()].iter().zip(&predictions[places]).enumerate() {
                let terms = loss.terms(f64::from(*target), f64::from(*prediction));
                sums[first + offset * step].iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
        });
        sums
    }

    /// Writes the mean of each part's groups, or where samples share groups, that of all.
    pub fn values<const N: usize>(
        &self,
        loss: impl OfSums<N>,
        (targets, predictions): (&[f32], &[f32]),
        losses: &mut [f32],
    ) {
        let sums = self.sums(loss, targets, predictions).into_iter();
        let values: Vec<f64> = sums.map(|sums| loss.value(sums, self.size as f64)).collect();
        let mean = |values: &[f64]| (values.iter().sum::<f64>() / values.len() as f64) as f32;
        if self.by_sample {
            let each = self.groups_of_part(losses.len());
            losses.iter_mut().zip(values.chunks(each)).for_each(|(loss, values)| *loss = mean(values));
        } else {
            losses.fill(mean(&values));
        }
    }

    /// Writes the gradient of the sum of [`Groups::values`], each times its weight.
    pub fn gradient(&self, loss: impl WithSlope, (t, p): (&[f32], &[f32]), weights: &[f32], gradient: &mut [f32]) {
        let each = if self.by_sample { self.groups_of_part(weights.len()) } else { self.count };
        let all = total(weights.iter().copied());
        let weight_of =
            |group: usize| f64::from(if self.by_sample { weights[group / each] } else { all }) / each as f64;
        let sums = self.sums(loss, t, p).into_iter().enumerate();
        let slopes: Vec<[f32; 3]> =
            sums.map(|(group, sums)| loss.slope(sums).map(|part| (part * weight_of(group)) as f32)).collect();
        self.each(|places, first, step| {
            let numbers = t[places.clone()].iter().zip(&p[places.clone()]);
            for (offset, (gradient, (target, prediction))) in gradient[places].iter_mut().zip(numbers).enumerate() {
                let [a, b, c] = slopes[first + offset * step];
                *gradient = a * target + b * prediction + c;
            }
        });
    }

    /// How many groups each of so many samples has, or of so many steps.
    fn groups_of_part(&self, parts: usize) -> usize {
        self.count.checked_div(parts).unwrap_or(0).max(1)
    }
}

/// Makes a loss of a type that is [`WithSlope`] along its `axes`.
macro_rules! loss_of_groups {
    ($Loss:ty, $name:literal, $targets:ident) => {
        impl $Loss {
            // Apart from the outputs' types, so that they are compiled in this crate.
            fn groups(&self, sample: &crate::shape::Shape, samples: usize) -> crate::losses::groups::Groups {
                crate::losses::groups::Groups::new(self.axes, sample, samples)
            }
            fn values(&self, groups: &crate::losses::groups::Groups, numbers: (&[f32], &[f32]), losses: &mut [f32]) {
                groups.values(*self, numbers, losses);
            }
            fn derivatives(
                &self,
                groups: &crate::losses::groups::Groups,
                numbers: (&[f32], &[f32]),
                weights: &[f32],
                gradient: &mut [f32],
            ) {
                groups.gradient(*self, numbers, weights, gradient);
            }
        }

        impl<Out: crate::shape::Tensor<Element = f32>> crate::losses::Loss<Out> for $Loss {
            type Target = Out;
            fn name(&self) -> &'static str {
                $name
            }
            fn by_step(&self) -> bool {
                let groups = self.groups(&Out::SHAPE, 1);
                !groups.by_sample || groups.by_vector
            }
            fn by_batch(&self) -> bool {
                !self.groups(&Out::SHAPE, 1).by_sample
            }
            fn is_shared(&self) -> bool {
                !self.groups(&Out::SHAPE, 1).by_sample
            }
            fn losses(&self, targets: &[Out], predictions: &[Out], losses: &mut [f32]) {
                let groups = self.groups(&Out::SHAPE, crate::losses::batch::samples(targets, predictions));
                self.values(&groups, (Out::numbers(targets), Out::numbers(predictions)), losses);
            }
            fn gradient(&self, targets: &[Out], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
                let groups = self.groups(&Out::SHAPE, crate::losses::batch::samples(targets, predictions));
                let numbers = (Out::numbers(targets), Out::numbers(predictions));
                self.derivatives(&groups, numbers, weights, Out::numbers_mut(gradient));
            }
            fn check(&self, targets: &[Out]) -> Result<(), crate::losses::TargetError> {
                crate::losses::targets::Targets::of(targets).$targets()
            }
        }
    };
}
pub(super) use loss_of_groups;

#[cfg(test)]
mod tests {
    use super::*;

    /// The groups of a batch of two samples of 3 × 4 numbers, in their order.
    fn groups(axes: &[isize]) -> (usize, Vec<usize>) {
        let groups = Groups::new(Axes::of(axes), &Shape::new(&[3, 4]), 2);
        let mut all = vec![usize::MAX; 24];
        groups.each(|places, first, step| {
            all[places].iter_mut().enumerate().for_each(|(offset, group)| *group = first + offset * step);
        });
        (groups.count, all)
    }

    #[test]
    fn numbers_along_an_axis_are_one_group() {
        let expected = |group: fn(usize, usize, usize) -> usize| (0..24).map(move |i| group(i / 12, i / 4 % 3, i % 4));
        let check = |axes: &[isize], count, group| {
            assert_eq!(groups(axes), (count, expected(group).collect()), "{axes:?}");
        };
        check(&[], 24, |i, j, k| 12 * i + 4 * j + k);
        check(&[0], 12, |_, j, k| 4 * j + k);
        check(&[1], 8, |i, _, k| 4 * i + k);
        check(&[-1], 6, |i, j, _| 3 * i + j);
        check(&[0, 1], 4, |_, _, k| k);
        check(&[0, 2], 3, |_, j, _| j);
        check(&[-2, 2], 2, |i, _, _| i);
        check(&[0, 1, 2], 1, |_, _, _| 0);
        check(&[-3, -2, -1], 1, |_, _, _| 0);
    }

    #[test]
    #[should_panic = "an output of 2 dimensions has, with the batch, 3 axes"]
    fn an_axis_that_is_none_is_told() {
        groups(&[3]);
    }
}
