//! Losses and optimizers of whole trainings that are none of ours, written as a user would.

use fusion::losses::{Loss, TargetError};
use fusion::optimizers::{Base, Rule, Slot, Step, Update};

/// α (1 − p)ᵞ times the crossentropy, of logits (Lin and others, 2017), as Keras's
/// `CategoricalFocalCrossentropy(from_logits=True)`: α = 0.25, γ = 2.
#[derive(Clone, Copy, Debug)]
pub struct Focal;

const ALPHA: f32 = 0.25;

/// The softmax of some logits at one class.
fn probability<const CLASSES: usize>(logits: &[f32; CLASSES], class: usize) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    (logits[class] - most).exp() / sum
}

impl<const CLASSES: usize> Loss<[f32; CLASSES]> for Focal {
    type Target = [f32; CLASSES];

    fn name(&self) -> &'static str {
        "categorical_focal_crossentropy"
    }

    fn losses(&self, targets: &[[f32; CLASSES]], predictions: &[[f32; CLASSES]], losses: &mut [f32]) {
        for ((loss, target), logits) in losses.iter_mut().zip(targets).zip(predictions) {
            let of_class = |class| {
                let p = probability(logits, class);
                -target[class] * ALPHA * (1.0 - p) * (1.0 - p) * p.ln()
            };
            *loss = (0..CLASSES).map(of_class).sum();
        }
    }

    fn gradient(
        &self,
        targets: &[[f32; CLASSES]],
        predictions: &[[f32; CLASSES]],
        weights: &[f32],
        gradient: &mut [[f32; CLASSES]],
    ) {
        for (sample, slopes) in gradient.iter_mut().enumerate() {
            let p: [f32; CLASSES] = std::array::from_fn(|class| probability(&predictions[sample], class));
            // Of each probability times itself.
            let of_p = |class: usize| {
                let rest = 1.0 - p[class];
                targets[sample][class] * ALPHA * (2.0 * rest * p[class] * p[class].ln() - rest * rest)
            };
            let sum: f32 = (0..CLASSES).map(of_p).sum();
            for (class, slope) in slopes.iter_mut().enumerate() {
                *slope = weights[sample] * (of_p(class) - p[class] * sum);
            }
        }
    }

    fn check(&self, targets: &[[f32; CLASSES]]) -> Result<(), TargetError> {
        unless_finite(targets)
    }
}

/// The mean of log cosh e, as Keras's `LogCosh`.
#[derive(Clone, Copy, Debug)]
pub struct LogCosh;

impl<const OUTPUTS: usize> Loss<[f32; OUTPUTS]> for LogCosh {
    type Target = [f32; OUTPUTS];

    fn name(&self) -> &'static str {
        "log_cosh"
    }

    fn losses(&self, targets: &[[f32; OUTPUTS]], predictions: &[[f32; OUTPUTS]], losses: &mut [f32]) {
        for ((loss, y), prediction) in losses.iter_mut().zip(targets).zip(predictions) {
            // log cosh e = |e| + log(1 + exp(−2 |e|)) − log 2, which overflows nowhere.
            let of_error = |e: f32| e.abs() + (-2.0 * e.abs()).exp().ln_1p() - std::f32::consts::LN_2;
            *loss = y.iter().zip(prediction).map(|(y, p)| of_error(p - y)).sum::<f32>() / OUTPUTS as f32;
        }
    }

    fn gradient(
        &self,
        targets: &[[f32; OUTPUTS]],
        predictions: &[[f32; OUTPUTS]],
        weights: &[f32],
        gradient: &mut [[f32; OUTPUTS]],
    ) {
        let samples = targets.iter().zip(predictions).zip(weights);
        for (slopes, ((y, prediction), weight)) in gradient.iter_mut().zip(samples) {
            for (slope, (y, p)) in slopes.iter_mut().zip(y.iter().zip(prediction)) {
                *slope = weight * (p - y).tanh() / OUTPUTS as f32;
            }
        }
    }

    fn check(&self, targets: &[[f32; OUTPUTS]]) -> Result<(), TargetError> {
        unless_finite(targets)
    }
}

/// The first target that is no number.
fn unless_finite<const N: usize>(targets: &[[f32; N]]) -> Result<(), TargetError> {
    match targets.as_flattened().iter().position(|y| !y.is_finite()) {
        None => Ok(()),
        Some(at) => Err(TargetError::NotFinite { sample: at / N, position: at % N }),
    }
}

/// Adam with the momentum that the next step would have (Dozat, 2016), as Keras's `Nadam` without options.
#[derive(Debug)]
pub struct Nadam(Base);

impl Nadam {
    /// With a learning rate, and the most that a number of a gradient may be.
    pub fn clipped(learning_rate: f64, clipvalue: f64) -> Self {
        let mut base = Base::new(learning_rate);
        base.clipvalue = Some(clipvalue);
        Self(base)
    }
}

impl AsRef<Base> for Nadam {
    fn as_ref(&self) -> &Base {
        &self.0
    }
}
impl AsMut<Base> for Nadam {
    fn as_mut(&mut self) -> &mut Base {
        &mut self.0
    }
}

/// By what the momentum, the gradient and the velocity are multiplied in a step, and the learning rate.
#[derive(Clone, Copy)]
pub struct NadamStep {
    momentum: f32,
    gradient: f32,
    velocity: f32,
    learning_rate: f32,
}

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;

impl Rule for Nadam {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum"), Slot::new("velocity")];
    const SHARED: &'static [Slot<Self>] = &[Slot::new("u_product").initial(|_| 1.0)];
    type Constants = NadamStep;

    fn constants(&self, step: Step, shared: &mut [f32]) -> NadamStep {
        let at = |step: f32| BETA_1 * (1.0 - 0.5 * 0.96f32.powf(step));
        let number = (step.iterations + 1) as f32;
        let (now, next) = (at(number), at(number + 1.0));
        shared[0] *= now;
        NadamStep {
            momentum: next / (1.0 - shared[0] * next),
            gradient: (1.0 - now) / (1.0 - shared[0]),
            velocity: 1.0 / (1.0 - BETA_2.powf(number)),
            learning_rate: step.learning_rate,
        }
    }

    fn update(&self, step: NadamStep, array: &mut Update<'_, Self>) {
        array.each(
            #[inline(always)]
            |w, g, square, [m, v]| {
                *m += (g - *m) * (1.0 - BETA_1);
                *v += (square - *v) * (1.0 - BETA_2);
                let mean = step.momentum * *m + step.gradient * g;
                *w -= step.learning_rate * mean / ((step.velocity * *v).sqrt() + 1e-7);
            },
        );
    }
}
