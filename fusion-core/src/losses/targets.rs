//! Targets that a loss cannot take, and how they are found before any weight moves.

use core::fmt;

use crate::kernels::first_not_finite;
use crate::shape::Tensor;

/// A target that a loss or a metric cannot take.
#[derive(Clone, Copy, PartialEq)]
pub enum TargetError {
    /// A class id is not below the number of classes.
    ClassOutOfRange {
        /// The sample, from 0.
        sample: usize,
        /// The class id found.
        class: u32,
        /// How many classes the output has.
        classes: usize,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// The sample, from 0.
        sample: usize,
        /// The position within the sample's target, from 0.
        position: usize,
    },
    /// A value is none that the loss knows, as 7 or 255 where 0 and 1 stand for no and yes.
    Value {
        /// The sample, from 0.
        sample: usize,
        /// The position within the sample's target, from 0.
        position: usize,
        /// The value found.
        value: f32,
        /// What the loss takes.
        expected: &'static str,
    },
    /// A sequence of labels takes more steps than the output has.
    TooManyLabels {
        /// The sample, from 0.
        sample: usize,
        /// How many labels it has.
        labels: usize,
        /// How many steps they take at least: one each, and one between two equal ones.
        needed: usize,
        /// How many steps the output has.
        steps: usize,
    },
    /// A distribution over classes gives each of them 0.
    NoClass {
        /// The sample, from 0.
        sample: usize,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClassOutOfRange { sample, class, classes } => {
                write!(
                    f,
                    "the class id {class} of sample {sample} is out of range: the output has {classes} classes, so ids are below {classes}"
                )
            }
            Self::NotFinite { sample, position } => {
                write!(f, "the target of sample {sample} is NaN or infinite at position {position}")
            }
            Self::Value { sample, position, value, expected } => {
                write!(f, "the target of sample {sample} is {value} at position {position}; {expected}")
            }
            Self::TooManyLabels { sample, labels, needed, steps } => {
                let between = if needed > labels { ", a blank between equal ones among them" } else { "" };
                write!(
                    f,
                    "the {labels} labels of sample {sample} take {needed} steps at least{between}, but the output has {steps}"
                )
            }
            Self::NoClass { sample } => {
                write!(
                    f,
                    "the target of sample {sample} is 0 for every class; it has to name one, as a 1 among zeros does, or to be a distribution"
                )
            }
        }
    }
}
crate::debug_is_display!(TargetError);
impl core::error::Error for TargetError {}

/// The targets of a batch as flat numbers.
#[derive(Clone, Copy)]
pub(super) struct Targets<'a> {
    numbers: &'a [f32],
    /// How many a sample has.
    length: usize,
    /// How many of them form one vector, the last dimension.
    classes: usize,
}

impl<'a> Targets<'a> {
    pub fn of<Out: Tensor<Element = f32>>(targets: &'a [Out]) -> Self {
        let (length, classes) = (Out::SHAPE.length().max(1), Out::SHAPE.last().max(1));
        Self { numbers: Out::numbers(targets), length, classes }
    }

    /// Any numbers.
    pub fn finite(self) -> Result<(), TargetError> {
        match first_not_finite(self.numbers) {
            Some(index) => Err(TargetError::NotFinite { sample: index / self.length, position: index % self.length }),
            None => Ok(()),
        }
    }

    /// Yes, no, or a probability of yes.
    pub fn probabilities(self) -> Result<(), TargetError> {
        self.finite()?;
        self.each(
            |target| (0.0..=1.0).contains(&target),
            "it has to be from 0 to 1: ids of classes go with `SparseCategoricalCrossentropy`, and pixels up to 255 are \
             divided by 255",
        )
    }

    /// One-hot vectors, or distributions over the classes.
    ///
    /// An output of several vectors may have some of zeros: steps that a mask leaves out, pixels of nothing.
    pub fn distributions(self) -> Result<(), TargetError> {
        self.probabilities()?;
        if self.length > self.classes {
            return Ok(());
        }
        let mut vectors = self.numbers.chunks_exact(self.classes);
        match vectors.position(|vector| vector.iter().all(|target| *target == 0.0)) {
            Some(sample) => Err(TargetError::NoClass { sample }),
            None => Ok(()),
        }
    }

    /// What is counted, or has a logarithm.
    pub fn not_negative(self) -> Result<(), TargetError> {
        self.finite()?;
        self.each(|target| target >= 0.0, "it must not be negative")
    }

    /// −1 for no or 0 for no, and 1 for yes.
    pub fn signs(self) -> Result<(), TargetError> {
        self.finite()?;
        self.each(|target| target.abs() == 1.0 || target == 0.0, "it has to be -1 or 1, or 0 or 1")?;
        if self.numbers.contains(&-1.0) {
            let expected = "other targets are -1: no is the one or the other, the same for all";
            return self.each(|target| target != 0.0, expected);
        }
        Ok(())
    }

    /// Fails at the first number that is not as it should be.
    fn each(self, holds: impl Fn(f32) -> bool, expected: &'static str) -> Result<(), TargetError> {
        match self.numbers.iter().position(|target| !holds(*target)) {
            Some(index) => {
                let (sample, position) = (index / self.length, index % self.length);
                Err(TargetError::Value { sample, position, value: self.numbers[index], expected })
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample and the position of a value, and what is expected instead.
    fn value(result: Result<(), TargetError>) -> (usize, usize, f32, &'static str) {
        match result {
            Err(TargetError::Value { sample, position, value, expected }) => (sample, position, value, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_target_that_is_not_finite_is_named() {
        let targets = [[[0.0, 1.0], [2.0, 3.0]], [[0.0, 1.0], [f32::NAN, f32::INFINITY]]];
        let error = TargetError::NotFinite { sample: 1, position: 2 };
        assert_eq!(Targets::of(&targets).finite(), Err(error));
        assert_eq!(Targets::of(&targets).probabilities(), Err(error));
        assert_eq!(Targets::of(&targets[..1]).finite(), Ok(()));
    }

    #[test]
    fn a_probability_is_from_0_to_1() {
        let of = |targets: &[[f32; 2]]| Targets::of(targets).probabilities();
        assert_eq!(of(&[[0.0, 1.0], [0.5, 0.0]]), Ok(()));
        let (sample, position, found, expected) = value(of(&[[0.0, 1.0], [0.5, 255.0]]));
        assert_eq!((sample, position, found), (1, 1, 255.0));
        assert!(expected.starts_with("it has to be from 0 to 1"));
        assert_eq!(value(of(&[[-0.25, 7.0]])).2, -0.25);
    }

    #[test]
    fn a_distribution_names_a_class() {
        let of = |targets: &[[f32; 2]]| Targets::of(targets).distributions();
        assert_eq!(of(&[[0.0, 1.0], [0.25, 0.5]]), Ok(()));
        assert_eq!(of(&[[0.0, 1.0], [0.0, 0.0]]), Err(TargetError::NoClass { sample: 1 }));
        assert_eq!(value(of(&[[0.0, 3.0], [0.0, 0.0]])).2, 3.0);
        // The second step may be one that does not count.
        assert_eq!(Targets::of(&[[[0.0, 1.0], [0.0, 0.0]]]).distributions(), Ok(()));
    }

    #[test]
    fn a_no_is_written_in_one_way() {
        let of = |targets: &[f32]| Targets::of(targets).signs();
        assert_eq!(of(&[1.0, -1.0, 1.0]), Ok(()));
        assert_eq!(of(&[1.0, 0.0, 1.0]), Ok(()));
        assert_eq!(value(of(&[1.0, 2.0])), (1, 0, 2.0, "it has to be -1 or 1, or 0 or 1"));
        let (sample, _, found, expected) = value(of(&[1.0, 0.0, -1.0]));
        assert_eq!((sample, found), (1, 0.0));
        assert!(expected.starts_with("other targets are -1"));
    }

    #[test]
    fn what_is_negative_is_named() {
        assert_eq!(Targets::of(&[[0.0, 2.5]]).not_negative(), Ok(()));
        assert_eq!(value(Targets::of(&[[0.0, -2.5]]).not_negative()), (0, 1, -2.5, "it must not be negative"));
    }
}
