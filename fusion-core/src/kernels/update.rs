//! Optimizer steps over slices.

use super::math::sqrt;
use super::simd::{Op, Simd, dispatch};

/// The numbers of one step of [`adam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// The step size, with both moments' bias corrected:
    /// learning rate · √(1 − beta_2^t) / (1 − beta_1^t) at step t = 1, 2, ….
    pub alpha: f32,
    /// Decay of the first moment.
    pub beta_1: f32,
    /// Decay of the second moment.
    pub beta_2: f32,
    /// Keeps the division from zero. It is added after the root, as Keras does.
    pub epsilon: f32,
}

/// One step of Adam (Kingma and Ba, 2015), in the order in which Keras computes it:
///
/// ```text
/// m += (g − m) · (1 − beta_1)
/// v += (g² − v) · (1 − beta_2)
/// p −= m · alpha / (√v + epsilon)
/// ```
///
/// # Panics
/// If the slices differ in length.
pub fn adam(
    parameter: &mut [f32],
    gradient: &[f32],
    first_moment: &mut [f32],
    second_moment: &mut [f32],
    step: &AdamStep,
) {
    let length = parameter.len();
    assert!(
        gradient.len() == length && first_moment.len() == length && second_moment.len() == length,
        "{length} parameters, {} gradients, {} and {} moments",
        gradient.len(),
        first_moment.len(),
        second_moment.len()
    );
    let step = *step;
    dispatch(Adam { parameter, gradient, first_moment, second_moment, step });
}

struct Adam<'a> {
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    first_moment: &'a mut [f32],
    second_moment: &'a mut [f32],
    step: AdamStep,
}

impl Op for Adam<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let AdamStep { alpha, beta_1, beta_2, epsilon } = self.step;
        let moments = self.first_moment.iter_mut().zip(self.second_moment);
        let values = self.parameter.iter_mut().zip(self.gradient);
        for ((p, &g), (m, v)) in values.zip(moments) {
            *m += (g - *m) * (1.0 - beta_1);
            *v += (g * g - *v) * (1.0 - beta_2);
            *p -= *m * alpha / (sqrt(*v) + epsilon);
        }
    }
}
