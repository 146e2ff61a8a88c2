use alloc::string::String;
use alloc::vec::Vec;

use super::adam::AdamStep;
use super::base::optimizer;
use super::clip::squared_norm;
use super::{OptimizerError, Rule, Slot, Step, Update, faded};
use crate::kernels::math::sqrt;
use crate::kernels::{MatrixMut, MatrixRef, Start, product, transpose, vectorize};
use crate::weights::Parameter;

optimizer! {
    /// Momentum whose matrices are made orthogonal (Jordan and others, 2024; Liu and others, 2025), and
    /// [`AdamW`](super::AdamW) for all that is no matrix: Keras's `Muon`.
    ///
    /// ```text
    /// m = momentum · m + g
    /// x = g + momentum · m with nesterov, else m
    /// x = x / (|x| + 10⁻⁷), the shorter side first
    /// a = x · xᵀ;  x = muon_a · x + (muon_b · a + muon_c · a · a) · x            ns_steps times
    /// w −= learning_rate · rms_rate · √(the longer side) · x
    /// ```
    ///
    /// `AdamW`'s formula moves arrays of other than two dimensions, the vectors of embeddings, and what
    /// [`exclude_layers`](Self::exclude_layers) names: the last layer of a model should be among them.
    ///
    /// `Muon::default()` has the learning rate 0.001, the weight decay 0.004 of both formulas, the momentum 0.95, and
    /// `AdamW`'s options as Keras has them.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Muon, Optimizer};
    ///
    /// let optimizer = Muon::new(0.02).exclude_layers(["output"]);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct Muon(learning_rate = 0.001, weight_decay = 0.004) {
        /// The decay of the first moment of `AdamW`, at least 0 and below 1.
        adam_beta_1: f64 = 0.9,
        /// The decay of the second moment of `AdamW`, at least 0 and below 1.
        adam_beta_2: f64 = 0.999,
        /// The weight decay of what `AdamW` moves.
        adam_weight_decay: f64 = 0.004,
        /// Keeps the division of `AdamW` from zero.
        epsilon: f64 = 1e-7,
        /// Whether `AdamW` moves the arrays whose path has "embedding" in it, as that of every `Embedding` has.
        exclude_embeddings: bool = true,
        /// The first factor of an iteration.
        muon_a: f64 = 3.4445,
        /// The second factor of an iteration.
        muon_b: f64 = -4.7750,
        /// The third factor of an iteration.
        muon_c: f64 = 2.0315,
        /// How large the learning rate of `AdamW` is, as a share of that of the matrices.
        adam_lr_ratio: f64 = 1.0,
        /// How much of the last momentum goes into the next one, 0 to 1.
        momentum: f64 = 0.95,
        /// How many iterations of Newton and Schulz make a matrix orthogonal.
        ns_steps: u32 = 5,
        /// Whether the momentum is Nesterov's, which looks one step ahead.
        nesterov: bool = true,
        /// How large the steps of a matrix are, so that the learning rate and weight decay of `AdamW` fit it too; with
        /// none they are as large as the iterations make them.
        rms_rate: Option<f64> = Some(0.2),
    }
    and {
        exclude_layers: Vec<String> = Vec::new(),
    }
}

impl Muon {
    /// `AdamW` moves the weights of these names: all of a layer (`"output"`), or an array of a layer
    /// (`"dense/kernel"`). What the model does not have is an error before training.
    #[must_use]
    pub fn exclude_layers<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.exclude_layers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether it is `AdamW` that moves an array.
    fn takes_adam(&self, array: &Parameter<'_>) -> bool {
        let is_embedding = |name: &str| name.as_bytes().windows(9).any(|part| part.eq_ignore_ascii_case(b"embedding"));
        array.array.shape.rank() != 2
            || self.exclude_embeddings && array.path.names().any(is_embedding)
            || self.exclude_layers.iter().any(|name| array.path.contains(name))
    }
}

impl Rule for Muon {
    const SLOTS: &'static [Slot<Self>] =
        &[Slot::new("momentum"), Slot::new("velocity").of(|rule: &Self, array| rule.takes_adam(array))];
    type Constants = MuonStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        use core::ops::Bound::{Excluded, Unbounded};
        AdamStep::check(["adam_beta_1", "adam_beta_2"], [self.adam_beta_1, self.adam_beta_2], self.epsilon)?;
        OptimizerError::unless_within("adam_weight_decay", self.adam_weight_decay, 0.0..)?;
        OptimizerError::unless_within("adam_lr_ratio", self.adam_lr_ratio, 0.0..)?;
        OptimizerError::unless_within("momentum", self.momentum, 0.0..=1.0)?;
        OptimizerError::unless_within("muon_a", self.muon_a, ..)?;
        OptimizerError::unless_within("muon_b", self.muon_b, ..)?;
        OptimizerError::unless_within("muon_c", self.muon_c, ..)?;
        OptimizerError::unless_within("rms_rate", self.rms_rate.unwrap_or(1.0), (Excluded(0.0), Unbounded))
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.exclude_layers.iter().map(|name| ("exclude_layers", &**name))
    }

    fn weight_decay(&self, array: &Parameter<'_>) -> Option<f64> {
        if self.takes_adam(array) { Some(self.adam_weight_decay) } else { self.base.weight_decay }
    }

    fn scratch(&self, array: &Parameter<'_>) -> usize {
        if self.takes_adam(array) {
            return 0;
        }
        let shape = &array.array.shape;
        let shorter = shape.dim(0).min(shape.dim(1));
        shape.length() + 2 * shorter * shorter
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> MuonStep {
        let learning_rate = step.learning_rate * self.adam_lr_ratio as f32;
        let betas = [self.adam_beta_1, self.adam_beta_2];
        let adam = AdamStep::new(betas, self.epsilon, Step::new(step.iterations, learning_rate));
        MuonStep { learning_rate: step.learning_rate, adam }
    }

    fn update(&self, step: MuonStep, array: &mut Update<'_, Self>) {
        if self.takes_adam(array.parameter) {
            return array.each(
                #[inline(always)]
                |w, g, square, [m, v]| step.adam.update_weight(w, g, square, m, v),
            );
        }
        let sides = (array.shape.dim(0), array.shape.dim(1));
        let scratch = core::mem::take(&mut array.scratch);
        let (weights, gradient, [m, _]) = array.parts();
        let (kept, nesterov) = (self.momentum as f32, self.nesterov);
        let lost = (self.momentum - 1.0) as f32;
        vectorize(
            #[inline(always)]
            || {
                for (g, m) in gradient.iter_mut().zip(m) {
                    *m = faded(*m + (*g + *m * lost));
                    *g = if nesterov { *g + kept * *m } else { *m };
                }
            },
        );
        self.orthogonalize(gradient, sides, scratch);
        let size = self.rms_rate.map_or(1.0, |rate| sqrt(sides.0.max(sides.1) as f32) * rate as f32);
        let factor = step.learning_rate * size;
        vectorize(
            #[inline(always)]
            || weights.iter_mut().zip(gradient).for_each(|(w, x)| *w -= factor * *x),
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct MuonStep {
    learning_rate: f32,
    adam: AdamStep,
}

impl Muon {
    /// Brings the singular values of a matrix near 1, by the iteration of Newton and Schulz.
    fn orthogonalize(&self, x: &mut [f32], (rows, columns): (usize, usize), scratch: &mut [f32]) {
        let shorter = rows.min(columns);
        let (y, scratch) = scratch.split_at_mut(rows * columns);
        let (a, b) = scratch.split_at_mut(shorter * shorter);
        let [of_x, of_a, of_square] = [self.muon_a, self.muon_b, self.muon_c].map(|factor| factor as f32);
        let norm = libm::sqrt(squared_norm(x, None)) as f32;
        combine(x, 1.0 / (norm + 1e-7), None);
        for _ in 0..self.ns_steps {
            // The sums over the longer side: x · xᵀ of a wide matrix, xᵀ · x of a high one.
            if rows <= columns {
                transpose(rows, columns, x, y);
                let (x, y) = (MatrixRef::new(x, rows, columns), MatrixRef::new(y, columns, rows));
                product(x, y, &mut MatrixMut::new(a, rows, rows), Start::Zero, false);
            } else {
                let x = MatrixRef::new(x, rows, columns);
                product(x.transposed(), x, &mut MatrixMut::new(a, columns, columns), Start::Zero, false);
            }
            let square = MatrixRef::new(a, shorter, shorter);
            product(square, square, &mut MatrixMut::new(b, shorter, shorter), Start::Zero, false);
            combine(b, of_square, Some((of_a, a)));
            let (now, b) = (MatrixRef::new(x, rows, columns), MatrixRef::new(b, shorter, shorter));
            let (left, right) = if rows <= columns { (b, now) } else { (now, b) };
            product(left, right, &mut MatrixMut::new(y, rows, columns), Start::Zero, false);
            combine(x, of_x, Some((1.0, y)));
        }
    }
}

/// x = factor · x, and others times theirs.
fn combine(x: &mut [f32], factor: f32, others: Option<(f32, &[f32])>) {
    vectorize(
        #[inline(always)]
        || match others {
            None => x.iter_mut().for_each(|x| *x *= factor),
            Some((of_other, others)) => {
                x.iter_mut().zip(others).for_each(|(x, other)| *x = factor * *x + of_other * other);
            }
        },
    );
}
