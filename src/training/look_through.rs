//! Crossentropies look through a sigmoid or softmax at the end of a model: which outputs' logits they see, and where
//! the gradients with respect to them go. See [`Layer::PROBABILITIES`](fusion_core::Layer::PROBABILITIES).

use fusion_core::Network;
use fusion_core::network::{Logits, MOST_OUTPUTS, output_range};

use super::losses::{Losses, Seen};
use super::running::Running;
use super::targets::Targets;

/// Of which outputs the logits are looked at, not only the probabilities that are made of them.
#[derive(Clone, Copy)]
pub(super) struct LookThrough {
    /// For each output, the one whose logits it has, if a loss looks at them.
    by_losses: [Option<usize>; MOST_OUTPUTS],
    /// The same, if a loss or a metric does.
    at_all: [Option<usize>; MOST_OUTPUTS],
    has_logits: [bool; MOST_OUTPUTS],
    /// Whose logits the way forward leaves.
    wanted: [bool; MOST_OUTPUTS],
    /// Whose logits have gradients.
    with_gradients: [bool; MOST_OUTPUTS],
}

impl LookThrough {
    pub fn new<N: Network, L: Losses<N::Outputs, Targets = T>, T: Targets>(
        losses: &L,
        running: &Running<N::Outputs, T>,
    ) -> Self {
        let mut by_losses = [false; MOST_OUTPUTS];
        losses.look_through(&mut by_losses);
        let mut at_all = by_losses;
        running.look_through(&mut at_all);
        let probabilities = |looks: [bool; MOST_OUTPUTS]| -> [Option<usize>; MOST_OUTPUTS] {
            std::array::from_fn(|output| N::PROBABILITIES.get(output).copied().flatten().filter(|_| looks[output]))
        };
        let owners = |of: [Option<usize>; MOST_OUTPUTS]| std::array::from_fn(|output| of.contains(&Some(output)));
        let (by_losses, at_all) = (probabilities(by_losses), probabilities(at_all));
        let has_logits = at_all.map(|owner| owner.is_some());
        Self { by_losses, at_all, has_logits, wanted: owners(at_all), with_gradients: owners(by_losses) }
    }

    /// Where the way forward is to leave the logits.
    pub fn wanted<'a>(&'a self, numbers: &'a mut [f32]) -> Logits<'a> {
        Logits::Wanted { outputs: &self.wanted, numbers }
    }

    pub fn seen<'a, N: Network>(
        &'a self,
        wires: &'a [f32],
        logits: &'a mut [f32],
        samples: usize,
    ) -> Seen<'a, N::Outputs> {
        for (output, owner) in self.at_all.iter().enumerate() {
            // One wire as two outputs.
            if let Some(owner) = owner.filter(|owner| *owner != output) {
                let place = output_range::<N::Outputs>(output, samples).start;
                logits.copy_within(output_range::<N::Outputs>(owner, samples), place);
            }
        }
        let (outputs, logits) = (N::outputs(wires, samples), N::outputs(logits, samples));
        Seen { outputs, logits, has_logits: &self.has_logits }
    }

    /// The gradients for the way back, where an output's come to those of the wire that it is.
    pub fn gradients<'a, N: Network>(&'a self, numbers: &'a mut [f32], samples: usize) -> Logits<'a> {
        for (output, owner) in self.by_losses.iter().enumerate() {
            let Some(owner) = owner.filter(|owner| *owner != output) else { continue };
            let (first, rest) = numbers.split_at_mut(output_range::<N::Outputs>(output, samples).start);
            let sum = &mut first[output_range::<N::Outputs>(owner, samples)];
            // Nothing was written where no loss looks at the owner's own logits.
            if self.by_losses[owner].is_none() && !self.by_losses[..output].contains(&Some(owner)) {
                sum.fill(0.0);
            }
            sum.iter_mut().zip(rest).for_each(|(sum, extra)| *sum += *extra);
        }
        Logits::Gradients { outputs: &self.with_gradients, numbers }
    }
}
