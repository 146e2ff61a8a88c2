//! Which outputs' logits losses and metrics are taken of, and where the gradients with respect to them go.
//!
//! See [`Forward::keep_logits`](fusion_core::layer::Forward::keep_logits).

use fusion_core::model::{
    Logits, MOST_OUTPUTS, Network, Outputs, has_masked_output, logits_range, output_mask, output_slices,
};

use super::losses::{LossesInOrder, Seen};
use super::running::Running;
use super::targets::Targets;

/// Of which outputs the logits are asked for.
///
/// Two outputs may be one wire; its logits are then those of the first of them.
#[derive(Clone, Copy)]
pub(super) struct AskedLogits {
    /// For each output whose loss is taken of logits: the output whose logits these are.
    by_losses: [Option<usize>; MOST_OUTPUTS],
    /// For each output whose loss, or any metric, is.
    by_any: [Option<usize>; MOST_OUTPUTS],
    /// Whose logits the way forward leaves.
    kept: [bool; MOST_OUTPUTS],
    /// Whose logits have gradients.
    with_gradients: [bool; MOST_OUTPUTS],
}

/// The masks of the outputs.
fn masks<N: Network>(wires: &[f32], keep: bool, samples: usize) -> [Option<&[f32]>; MOST_OUTPUTS] {
    let mut masks = [None; MOST_OUTPUTS];
    if const { has_masked_output::<N>() } {
        let outputs = masks.iter_mut().take(N::Outputs::COUNT).enumerate();
        outputs.for_each(|(output, mask)| *mask = output_mask::<N>(output, wires, keep, samples));
    }
    masks
}

impl AskedLogits {
    /// Of none.
    pub const NONE: Self = Self {
        by_losses: [None; MOST_OUTPUTS],
        by_any: [None; MOST_OUTPUTS],
        kept: [false; MOST_OUTPUTS],
        with_gradients: [false; MOST_OUTPUTS],
    };

    pub fn new<N: Network, L: LossesInOrder<N::Outputs, Targets = T>, T: Targets>(
        losses: &L,
        running: &Running<N::Outputs, T>,
    ) -> Self {
        let mut of_losses = [false; MOST_OUTPUTS];
        losses.of_logits(&mut of_losses);
        let mut of_any = of_losses;
        running.of_logits(&mut of_any);
        let mut asked = Self::NONE;
        for output in 0..N::Outputs::COUNT {
            let Some(owner) = N::GRAPH.logits_of(output) else { continue };
            if of_any[output] {
                (asked.by_any[output], asked.kept[owner]) = (Some(owner), true);
            }
            if of_losses[output] {
                (asked.by_losses[output], asked.with_gradients[owner]) = (Some(owner), true);
            }
        }
        asked
    }

    /// Where the way forward is to leave the logits.
    pub fn kept<'a>(&'a self, numbers: &'a mut [f32]) -> Logits<'a> {
        Logits::Wanted { outputs: &self.kept, numbers }
    }

    /// What losses and metrics see after the way forward.
    pub fn seen<'a, N: Network>(
        &self,
        wires: &'a [f32],
        logits: &'a [f32],
        keep: bool,
        samples: usize,
    ) -> Seen<'a, N::Outputs> {
        let logits_of =
            |output: usize| &logits[logits_range::<N::Outputs>(self.by_any[output].unwrap_or(output), samples)];
        Seen {
            outputs: output_slices::<N>(wires, keep, samples),
            logits: N::Outputs::slices(logits_of),
            has_logits: self.by_any.map(|owner| owner.is_some()),
            masks: masks::<N>(wires, keep, samples),
        }
    }

    /// The gradients for the way back, where those of an output come to those of the wire that it is.
    pub fn gradients<'a, N: Network>(&'a self, numbers: &'a mut [f32], samples: usize) -> Logits<'a> {
        for (output, owner) in self.by_losses.iter().enumerate() {
            let Some(owner) = owner.filter(|owner| *owner != output) else { continue };
            let (first, rest) = numbers.split_at_mut(logits_range::<N::Outputs>(output, samples).start);
            let sum = &mut first[logits_range::<N::Outputs>(owner, samples)];
            // Nothing was written where the owner's own loss is not taken of logits.
            if self.by_losses[owner].is_none() && !self.by_losses[..output].contains(&Some(owner)) {
                sum.fill(0.0);
            }
            sum.iter_mut().zip(rest).for_each(|(sum, extra)| *sum += *extra);
        }
        Logits::Gradients { outputs: &self.with_gradients, numbers }
    }
}
