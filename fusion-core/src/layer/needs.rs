//! What a layer needs beside its parameters.

use crate::weights::Regularizer;

/// How many numbers: so many for each sample, so many once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Floats {
    /// For each sample.
    pub per_sample: usize,
    /// Once, whatever the number of samples.
    pub once: usize,
}

impl Floats {
    /// None at all.
    pub const NONE: Self = Self { per_sample: 0, once: 0 };

    /// So many for each sample.
    #[must_use]
    pub const fn per_sample(per_sample: usize) -> Self {
        Self { per_sample, once: 0 }
    }

    /// So many once.
    #[must_use]
    pub const fn once(once: usize) -> Self {
        Self { per_sample: 0, once }
    }

    /// How many there are for so many samples.
    #[must_use]
    #[inline]
    pub const fn of(&self, samples: usize) -> usize {
        self.per_sample * samples + self.once
    }

    /// Both together; as many as a `usize` can say where there are more, which no memory holds.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            per_sample: self.per_sample.saturating_add(other.per_sample),
            once: self.once.saturating_add(other.once),
        }
    }

    /// Enough for either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { per_sample: larger(self.per_sample, other.per_sample), once: larger(self.once, other.once) }
    }

    /// So many times as many for each sample, and so many times once.
    #[must_use]
    pub const fn times(self, per_sample: usize, once: usize) -> Self {
        Self { per_sample: self.per_sample.saturating_mul(per_sample), once: self.once.saturating_mul(once) }
    }
}

/// The larger of two numbers, in a constant.
pub(crate) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// What a layer does with a mask, which says of each step of a sequence whether it counts: Keras's `compute_mask`.
///
/// What reaches a layer's `forward` is [`Forward::mask`](super::Forward#structfield.mask), whatever is said here; this
/// is about what it gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Masking {
    /// It looks at every step, also at those that do not count, and what it gives has no mask. A mask that comes to it
    /// is lost, of which the compiler warns.
    Ignores,
    /// It leaves out the steps that do not count, and what it gives has no mask.
    Heeds,
    /// What it gives has the mask of its input; of several inputs that of the first.
    PassesOn,
    /// What it gives has the mask of the input of this index.
    PassesOnOf(usize),
    /// What it gives has a mask that it makes itself, one number for each element of so many leading dimensions: it
    /// writes [`Forward::output_mask`](super::Forward#structfield.output_mask).
    Makes(usize),
    /// The same where all of its inputs have masks, of the same leading dimensions; otherwise what it gives has none.
    MakesOfAll,
    /// The same where any of its inputs has a mask, of as many leading dimensions as that.
    MakesOfAny,
}

/// What a layer needs beside its parameters, for one input shape and one set of options.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Floats, Needs};
/// const NEEDS: Needs = Needs::NONE.saved(Floats::per_sample(8)).multiplications(32);
/// assert_eq!((NEEDS.saved.of(3), NEEDS.multiplications), (24, 32));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Needs {
    /// Numbers kept from `forward` to `backward`.
    pub saved: Floats,
    /// How many of these `forward` needs where no `backward` follows.
    pub saved_in_inference: Floats,
    /// Numbers that are free to use within one call of `forward`.
    pub scratch: Floats,
    /// Numbers that are free to use within one call of `backward`.
    pub backward_scratch: Floats,
    /// Multiplications with a weight for one sample.
    pub multiplications: usize,
    /// Whether a sample's output depends on the other samples of the batch while training, as in batch
    /// normalization; the batch is then not cut into tiles.
    pub couples_samples: bool,
    /// Whether the output is a sigmoid or softmax of logits, which a crossentropy is taken of: see
    /// [`Forward::keep_logits`](super::Forward::keep_logits).
    pub logits: bool,
    /// What it does with a mask.
    pub masking: Masking,
    /// How many of several outputs have the mask that what it gives has: the first, unless it says more.
    pub masked_outputs: usize,
    /// What its output adds to the loss: Keras's `activity_regularizer`.
    pub activity: Option<Regularizer>,
    /// Whether it is a model, or holds one, of which a layer's output adds to the loss.
    pub(crate) activity_within: bool,
}

impl Needs {
    /// Nothing.
    pub const NONE: Self = Self {
        saved: Floats::NONE,
        saved_in_inference: Floats::NONE,
        scratch: Floats::NONE,
        backward_scratch: Floats::NONE,
        multiplications: 0,
        couples_samples: false,
        logits: false,
        masking: Masking::Ignores,
        masked_outputs: 1,
        activity: None,
        activity_within: false,
    };

    /// Keeps numbers from `forward` to `backward`, all of them in inference too.
    #[must_use]
    pub const fn saved(mut self, saved: Floats) -> Self {
        self.saved = saved;
        self.saved_in_inference = saved;
        self
    }

    /// Needs only so many of them where no `backward` follows.
    #[must_use]
    pub const fn saved_in_inference(mut self, saved: Floats) -> Self {
        self.saved_in_inference = saved;
        self
    }

    /// Works with numbers within one call of `forward`.
    #[must_use]
    pub const fn scratch(mut self, scratch: Floats) -> Self {
        self.scratch = scratch;
        self
    }

    /// Works with numbers within one call of `backward`.
    #[must_use]
    pub const fn backward_scratch(mut self, scratch: Floats) -> Self {
        self.backward_scratch = scratch;
        self
    }

    /// Multiplies so many times with a weight for one sample.
    #[must_use]
    pub const fn multiplications(mut self, multiplications: usize) -> Self {
        self.multiplications = multiplications;
        self
    }

    /// Looks at the whole batch while training.
    #[must_use]
    pub const fn couples_samples(mut self, couples_samples: bool) -> Self {
        self.couples_samples = couples_samples;
        self
    }

    /// Gives a sigmoid or softmax of logits.
    #[must_use]
    pub const fn logits(mut self, logits: bool) -> Self {
        self.logits = logits;
        self
    }

    /// Does this with a mask.
    #[must_use]
    pub const fn masking(mut self, masking: Masking) -> Self {
        self.masking = masking;
        self
    }

    /// Gives so many outputs that have its mask, before those that have none.
    #[must_use]
    pub const fn masked_outputs(mut self, outputs: usize) -> Self {
        self.masked_outputs = outputs;
        self
    }

    /// Adds a penalty of its output to the loss.
    #[must_use]
    pub const fn activity(mut self, regularizer: Option<Regularizer>) -> Self {
        self.activity = regularizer;
        self
    }

    /// Holds layers whose outputs add to the loss.
    pub(crate) const fn activity_within(mut self, within: bool) -> Self {
        self.activity_within = within;
        self
    }

    /// What is kept, with or without a way back.
    #[must_use]
    #[inline]
    pub const fn kept(&self, keep: bool) -> Floats {
        if keep { self.saved } else { self.saved_in_inference }
    }
}
