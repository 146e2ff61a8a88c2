use core::f32::consts::LN_2;

use super::batch::{Batch, loss_of_numbers};
use crate::kernels::math::{exp, ln_1p, tanh};

/// The logarithm of the hyperbolic cosine of the difference, mean(ln cosh(ŷ − y)): Keras's `LogCosh`.
///
/// About ½ e² where the difference e is small, and |e| − ln 2 where it is large, so that a few wild targets count
/// little.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{LogCosh, Loss};
///
/// let mut losses = [0.0];
/// LogCosh.losses(&[[2.0_f32]], &[[102.0]], &mut losses);
/// assert_eq!(losses, [100.0 - std::f32::consts::LN_2]);
/// ```
#[doc(alias = "logcosh")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct LogCosh;

impl LogCosh {
    fn values(self, batch: Batch<'_>, losses: &mut [f32]) {
        batch.means(losses, |target, prediction| {
            let error = (prediction - target).abs();
            error + ln_1p(exp(-2.0 * error)) - LN_2
        });
    }

    fn derivatives(self, batch: Batch<'_>, weights: &[f32], gradient: &mut [f32]) {
        batch.mean_gradients(weights, gradient, |target, prediction| tanh(prediction - target));
    }
}
loss_of_numbers!(LogCosh, "log_cosh", finite);
