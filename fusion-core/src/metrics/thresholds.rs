//! Counts of yes-or-no predictions at many thresholds.

use alloc::{vec, vec::Vec};

use super::{Confusion, MetricState};

/// Which thresholds there are, from the lowest to the highest.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Thresholds {
    /// So many from 0 to 1, each as far from the next.
    Even {
        count: usize,
        /// The first is a little less than 0, so that every probability exceeds it.
        all_exceed_first: bool,
    },
    /// One below 0, these, and one above 1.
    Listed(&'static [f32]),
}

impl Thresholds {
    pub fn count(self) -> usize {
        match self {
            Self::Even { count, .. } => count,
            Self::Listed(thresholds) => thresholds.len() + 2,
        }
    }

    /// How many of them a probability exceeds.
    fn exceeded(self, probability: f32) -> usize {
        match self {
            Self::Even { count: 1, .. } => usize::from(probability > 0.5),
            Self::Even { count, all_exceed_first } => {
                let exceeded = libm::ceilf(probability.clamp(0.0, 1.0) * (count - 1) as f32) as usize;
                exceeded.max(usize::from(all_exceed_first))
            }
            Self::Listed(thresholds) => 1 + thresholds.iter().filter(|threshold| probability > **threshold).count(),
        }
    }
}

/// The weights of yeses and noes, by how many thresholds their predictions exceed. Nothing was seen where they are empty.
#[derive(Clone, Default, Debug)]
pub(super) struct Buckets {
    yes: Vec<f64>,
    no: Vec<f64>,
}

impl MetricState for Buckets {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.yes.each(number);
        self.no.each(number);
    }
}

impl Buckets {
    pub fn add(&mut self, thresholds: Thresholds, target: bool, probability: f32, weight: f64) {
        if self.yes.is_empty() {
            (self.yes, self.no) = (vec![0.0; thresholds.count() + 1], vec![0.0; thresholds.count() + 1]);
        }
        let buckets = if target { &mut self.yes } else { &mut self.no };
        buckets[thresholds.exceeded(probability)] += weight;
    }

    /// The counts at each threshold, the highest first.
    pub fn at_thresholds(&self) -> impl Iterator<Item = Confusion> {
        let (all_yes, all_no): (f64, f64) = (self.yes.iter().sum(), self.no.iter().sum());
        let from_above = self.yes.iter().zip(&self.no).skip(1).rev();
        from_above.scan((0.0, 0.0), move |(yes, no), bucket| {
            (*yes, *no) = (*yes + bucket.0, *no + bucket.1);
            Some(Confusion {
                true_positives: *yes,
                false_positives: *no,
                // Sums in another order may differ in the last digit.
                false_negatives: (all_yes - *yes).max(0.0),
                true_negatives: (all_no - *no).max(0.0),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_exceeds_the_thresholds_below_it() {
        let even = Thresholds::Even { count: 5, all_exceed_first: false };
        assert_eq!([0.0, 0.1, 0.25, 0.26, 1.0, 7.0].map(|p| even.exceeded(p)), [0, 1, 1, 2, 4, 4]);
        let of_curve = Thresholds::Even { count: 5, all_exceed_first: true };
        assert_eq!([0.0, 0.1, 0.26, 1.0, f32::NAN].map(|p| of_curve.exceeded(p)), [1, 1, 2, 4, 1]);
        let one = Thresholds::Even { count: 1, all_exceed_first: false };
        assert_eq!([0.5, 0.6].map(|p| one.exceeded(p)), [0, 1]);
        let listed = Thresholds::Listed(&[0.75, 0.25]);
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|p| listed.exceeded(p)), [1, 1, 2, 3]);
    }

    #[test]
    fn counts_add_up_from_the_highest_threshold() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.at_thresholds().count(), 0);
        let thresholds = Thresholds::Even { count: 3, all_exceed_first: false };
        for (target, probability) in [(true, 0.9), (false, 0.6), (true, 0.1), (false, 0.0)] {
            buckets.add(thresholds, target, probability, 1.0);
        }
        let found: Vec<_> = buckets.at_thresholds().map(|c| [c.true_positives, c.false_positives]).collect();
        assert_eq!(found, [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]]);
        let lowest = buckets.at_thresholds().last().unwrap();
        assert_eq!([lowest.false_negatives, lowest.true_negatives], [0.0, 1.0]);
    }
}
