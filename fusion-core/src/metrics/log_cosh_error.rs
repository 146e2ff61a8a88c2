use super::{Mean, Metric};
use crate::losses::{LogCosh, Loss};
use crate::shape::Tensor;

/// The mean of [`LogCosh`], ln cosh(ŷ − y), under the name `logcosh`: Keras's `LogCoshError`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{LogCoshError, Mean, Metric};
///
/// let mut state = Mean::default();
/// LogCoshError.update(&mut state, &[[2.0_f32]], &[[2.0]], None);
/// assert!(Metric::<[f32; 1]>::result(&LogCoshError, &state) < 1e-6);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct LogCoshError;

impl<Out: Tensor<Element = f32>> Metric<Out> for LogCoshError {
    type Target = <LogCosh as Loss<Out>>::Target;
    type State = Mean;

    fn name(&self) -> &'static str {
        "logcosh"
    }

    fn update(&self, state: &mut Mean, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        state.add_losses(&LogCosh, targets, predictions, weights);
    }

    fn update_masked(
        &self,
        state: &mut Mean,
        targets: &[Out],
        predictions: &[Out],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        state.add_losses_masked(&LogCosh, targets, predictions, weights, mask);
    }

    fn result(&self, state: &Mean) -> f64 {
        state.value()
    }
}
