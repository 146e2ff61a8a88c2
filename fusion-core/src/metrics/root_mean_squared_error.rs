use super::{Mean, Metric};
use crate::losses::MeanSquaredError;
use crate::shape::Tensor;

/// The root of the mean squared difference over all samples: Keras's `RootMeanSquaredError`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::{Mean, Metric, RootMeanSquaredError};
///
/// let mut state = Mean::default();
/// RootMeanSquaredError.update(&mut state, &[[0.0_f32], [0.0]], &[[1.0], [7.0]], None);
/// assert_eq!(Metric::<[f32; 1]>::result(&RootMeanSquaredError, &state), 5.0);
/// ```
#[doc(alias = "rmse")]
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct RootMeanSquaredError;

impl<Out: Tensor<Element = f32>> Metric<Out> for RootMeanSquaredError {
    type Target = Out;
    type State = Mean;

    fn name(&self) -> &'static str {
        "root_mean_squared_error"
    }

    fn update(&self, state: &mut Mean, targets: &[Out], predictions: &[Out], weights: Option<&[f32]>) {
        state.add_losses(&MeanSquaredError, targets, predictions, weights);
    }

    fn result(&self, state: &Mean) -> f64 {
        libm::sqrt(state.value())
    }
}
