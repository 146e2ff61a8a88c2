//! Numbers that are NaN or infinite.

use fusion_core::Network;
use fusion_core::kernels::first_not_finite;
use fusion_core::weights::walk_ref;

/// A loss that is NaN or infinite, or the gradient of one that is not.
#[derive(Debug)]
pub(super) struct NotFinite {
    /// The mean over the samples that went through together; of a gradient, over all samples of the epoch so far.
    pub loss: f64,
    /// The first sample whose loss is no number, by its place in the batch; none where only their sum is none.
    pub sample: Option<usize>,
    /// The first layer whose output is NaN or infinite.
    pub layer: Option<&'static str>,
    /// The first parameter whose gradient is so, where the loss is not.
    pub gradient: Option<String>,
}

impl NotFinite {
    /// Of samples' losses together, or of none.
    pub fn of_loss(loss: f64) -> Self {
        Self { loss, sample: None, layer: None, gradient: None }
    }
}

/// The first array of weights, or of a gradient, with a number that is NaN or infinite.
pub(super) fn parameter_not_finite<N: Network>(network: &N) -> Option<String> {
    let mut wrong = None;
    walk_ref(network, &mut |parameter, values| {
        if wrong.is_none() && first_not_finite(values).is_some() {
            wrong = Some(parameter.to_string());
        }
    });
    wrong
}
