use super::EPSILON;
use super::batch::{Batch, loss_of_numbers};
use crate::kernels::math::ln_1p;

/// The mean of the squared differences of logarithms, mean((ln(1 + y) − ln(1 + ŷ))²): Keras's
/// `MeanSquaredLogarithmicError`.
///
/// It weighs what is off by so many per cent alike, however large it is. Targets are not negative; predictions are kept
/// at 10⁻⁷ at least (below, the gradient is 0).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Loss, MeanSquaredLogarithmicError};
///
/// let mut losses = [0.0];
/// MeanSquaredLogarithmicError.losses(&[[1.0_f32]], &[[3.0]], &mut losses);
/// assert!((losses[0] - std::f32::consts::LN_2.powi(2)).abs() < 1e-6);
/// ```
#[doc(alias = "msle")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct MeanSquaredLogarithmicError;

impl MeanSquaredLogarithmicError {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| {
            let error = logarithm(prediction) - logarithm(target);
            error * error
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| {
            let error = logarithm(prediction) - logarithm(target);
            if prediction < EPSILON { 0.0 } else { 2.0 * error / (1.0 + prediction) }
        });
    }
}
loss_of_numbers!(MeanSquaredLogarithmicError, "mean_squared_logarithmic_error", not_negative);

#[inline(always)]
fn logarithm(x: f32) -> f32 {
    // `max` would make a number of NaN.
    ln_1p(if x < EPSILON { EPSILON } else { x })
}
