use super::base::optimizer;
use super::clip::squared_norm;
use super::{OptimizerError, Rule, Slot, Step, Update};
use crate::kernels::math::sqrt;
use crate::kernels::vectorize;
use crate::shape::Shape;
use crate::weights::Parameter;

optimizer! {
    /// Adam's second moment kept as one number for each row and each column (Shazeer and Stern, 2018), for models whose
    /// moments would take too much memory: Keras's `Adafactor`.
    ///
    /// ```text
    /// β = 1 − t^beta_2_decay                                         at step t = 1, 2, …
    /// r = β · r + (1 − β) · mean of g² + epsilon_1 over a row;  c likewise over a column
    /// v = r / mean(r) · c                                            of the last two dimensions
    /// v = β · v + (1 − β) · (g² + epsilon_1)                         of vectors and single numbers
    /// u = g / √v
    /// α = max(epsilon_2, rms(w)) · min(learning_rate, 1 / √t)
    /// w −= α · u / max(1, rms(u) / clip_threshold)                   rms over one array
    /// ```
    ///
    /// `Adafactor::default()` has the learning rate 0.001, beta_2_decay −0.8, epsilon_1 10⁻³⁰, epsilon_2 0.001 and
    /// clip_threshold 1. Keras's `relative_step` is no option here: its formula takes min(learning_rate, 1 / √t) with it
    /// and without it.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{Adafactor, Optimizer};
    ///
    /// let optimizer = Adafactor::new(0.01).clip_threshold(0.5);
    /// assert!(optimizer.slots().eq(["r", "c", "velocity"]));
    /// ```
    pub struct Adafactor(learning_rate = 0.001) {
        /// How fast the decay of the second moment comes near 1, at most 0.
        beta_2_decay: f64 = -0.8,
        /// Keeps the division from zero; it is added to the squares.
        epsilon_1: f64 = 1e-30,
        /// The least size of an array's weights that steps go by.
        epsilon_2: f64 = 1e-3,
        /// The most that the mean size of a step is before it meets the learning rate, above 0.
        clip_threshold: f64 = 1.0,
    }
}

impl Rule for Adafactor {
    const SLOTS: &'static [Slot<Self>] = &[
        Slot::new("r").of(|_, array| is_factored(array)).length(Shape::positions),
        Slot::new("c").of(|_, array| is_factored(array)).length(|shape| shape.length() / rows(shape)),
        Slot::new("velocity").of(|_, array| !is_factored(array)),
    ];
    type Constants = AdafactorStep;

    fn check_options(&self) -> Result<(), OptimizerError> {
        use core::ops::Bound::{Excluded, Unbounded};
        OptimizerError::unless_within("beta_2_decay", self.beta_2_decay, ..=0.0)?;
        OptimizerError::unless_within("epsilon_1", self.epsilon_1, 0.0..)?;
        OptimizerError::unless_within("epsilon_2", self.epsilon_2, 0.0..)?;
        OptimizerError::unless_within("clip_threshold", self.clip_threshold, (Excluded(0.0), Unbounded))
    }

    fn scratch(&self, array: &Parameter<'_>) -> usize {
        if is_factored(array) { 2 * array.array.shape.last() } else { 0 }
    }

    fn constants(&self, step: Step, _shared: &mut [f32]) -> AdafactorStep {
        let t = (step.iterations + 1) as f32;
        let beta_2 = 1.0 - libm::powf(t, self.beta_2_decay as f32);
        AdafactorStep { rate: step.learning_rate.min(1.0 / sqrt(t)), beta_2 }
    }

    fn update(&self, AdafactorStep { rate, beta_2 }: AdafactorStep, array: &mut Update<'_, Self>) {
        let [epsilon_1, epsilon_2, clip_threshold] =
            [self.epsilon_1, self.epsilon_2, self.clip_threshold].map(|x| x as f32);
        let (squares, shape, factored) = (array.squares, array.shape, is_factored(array.parameter));
        let scratch = core::mem::take(&mut array.scratch);
        let (weights, gradient, [r, c, v]) = array.parts();
        let alpha = epsilon_2.max(root_of_mean(squared_norm(weights, None), weights.len())) * rate;
        let moment = Moment { beta_2, epsilon_1 };
        let mut sum = 0.0;
        if factored {
            let (rows, columns) = (rows(&shape), shape.last());
            let matrices = r.chunks_exact_mut(rows).zip(c.chunks_exact_mut(columns));
            for (index, (gradient, (r, c))) in gradient.chunks_exact_mut(rows * columns).zip(matrices).enumerate() {
                let squares = squares.map(|squares| &squares[index * rows * columns..][..rows * columns]);
                sum += moment.factored(gradient, squares, (r, c), scratch);
            }
        } else {
            sum = moment.full(gradient, squares, v);
        }
        let factor = alpha / (root_of_mean(sum, weights.len()) / clip_threshold).max(1.0);
        vectorize(
            #[inline(always)]
            || weights.iter_mut().zip(gradient).for_each(|(w, u)| *w -= factor * *u),
        );
    }
}

/// What is the same for all weights of a step.
#[derive(Clone, Copy)]
pub struct AdafactorStep {
    rate: f32,
    beta_2: f32,
}

/// Whether an array has rows and columns.
fn is_factored(array: &Parameter<'_>) -> bool {
    let shape = &array.array.shape;
    shape.rank() >= 2 && shape.length() > 0
}

/// How many rows each of the array's matrices has.
fn rows(shape: &Shape) -> usize {
    shape.dim(shape.rank().saturating_sub(2))
}

/// The root of the mean of so many numbers that have this sum.
fn root_of_mean(sum: f64, numbers: usize) -> f32 {
    libm::sqrt(sum / numbers as f64) as f32
}

/// How second moments move along.
#[derive(Clone, Copy)]
struct Moment {
    beta_2: f32,
    epsilon_1: f32,
}

impl Moment {
    #[inline(always)]
    fn follow(self, moment: &mut f32, square: f32) {
        *moment = self.beta_2 * *moment + (1.0 - self.beta_2) * square;
    }

    /// Divides a gradient by the root of its second moment. The sum of the squares of what comes out.
    fn full(self, gradient: &mut [f32], squares: Option<&[f32]>, v: &mut [f32]) -> f64 {
        let mut sum = 0.0;
        for (index, (g, v)) in gradient.iter_mut().zip(v).enumerate() {
            let square = squares.map_or(*g * *g, |squares| squares[index]);
            self.follow(v, square + self.epsilon_1);
            sum += f64::from(share(square, *v));
            *g = divided(*g, *v);
        }
        sum
    }

    /// Divides a matrix by the root of its second moment, of which there are the means of its rows and columns. The sum
    /// of the squares of what comes out; where rows of ids were squared apart, they stay so, as in Keras.
    fn factored(
        self,
        gradient: &mut [f32],
        squares: Option<&[f32]>,
        (r, c): (&mut [f32], &mut [f32]),
        scratch: &mut [f32],
    ) -> f64 {
        let (rows, columns) = (r.len(), c.len());
        let (sums, part) = scratch[..2 * columns].split_at_mut(columns);
        sums.fill(0.0);
        part.fill(0.0);
        for (index, (row, r)) in gradient.chunks_exact(columns).zip(&mut *r).enumerate() {
            let squares = squares.map(|squares| &squares[index * columns..][..columns]);
            let sum = self.add_squares(row, squares, part);
            self.follow(r, (sum / columns as f64) as f32);
            // Sums of parts keep the digits that a sum of many rows would lose.
            if (index + 1).is_multiple_of(PART) || index + 1 == rows {
                sums.iter_mut().zip(&mut *part).for_each(|(sum, part)| *sum += core::mem::take(part));
            }
        }
        c.iter_mut().zip(&*sums).for_each(|(c, sum)| self.follow(c, sum / rows as f32));
        let mean = (r.iter().map(|r| f64::from(*r)).sum::<f64>() / rows as f64) as f32;
        let mut sum = 0.0;
        for (index, (row, r)) in gradient.chunks_exact_mut(columns).zip(&*r).enumerate() {
            let of_row = r / mean;
            if let Some(squares) = squares {
                let squares = &squares[index * columns..][..columns];
                sum += squares.iter().zip(&*c).map(|(square, c)| f64::from(share(*square, of_row * c))).sum::<f64>();
            }
            vectorize(
                #[inline(always)]
                || row.iter_mut().zip(&*c).for_each(|(g, c)| *g = divided(*g, of_row * *c)),
            );
        }
        if squares.is_some() { sum } else { squared_norm(gradient, None) }
    }

    /// Adds the squares of a row to the sums of the columns, and gives the sum of all.
    fn add_squares(self, row: &[f32], squares: Option<&[f32]>, sums: &mut [f32]) -> f64 {
        let add = |sum: &mut f32, square: f32| {
            *sum += square + self.epsilon_1;
            f64::from(square + self.epsilon_1)
        };
        match squares {
            None => sums.iter_mut().zip(row).map(|(sum, g)| add(sum, g * g)).sum(),
            Some(squares) => sums.iter_mut().zip(squares).map(|(sum, square)| add(sum, *square)).sum(),
        }
    }
}

/// So many rows are added up before their sum is added to that of the others.
const PART: usize = 64;

/// A gradient by the root of its second moment.
#[inline(always)]
fn divided(g: f32, v: f32) -> f32 {
    share(g, sqrt(v))
}

/// A part of something; zero is none of it, also where that is too small to be told from zero.
#[inline(always)]
fn share(part: f32, whole: f32) -> f32 {
    if part == 0.0 { 0.0 } else { part / whole }
}
