//! Where everything of a pass lies in memory: worked out once, as a constant.

use super::folding::{Folds, folds};
use super::masks::{MaskPlace, mask_of};
use super::pieces::Pieces;
use crate::kernels::memory::round_up;
use crate::layer::{Floats, From, Graph, StepNode, larger};

/// How the wires of a pass lie in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Without a way back: the memory of one that no step needs any more is used again.
    Shared,
    /// With a way back: one behind the other.
    Apart,
    /// As shared, in a prepared model: what a folded step gives is the wire of the step that it is folded into.
    Folded,
}

impl core::convert::From<bool> for Layout {
    /// With or without a way back.
    #[inline]
    fn from(keep: bool) -> Self {
        if keep { Self::Apart } else { Self::Shared }
    }
}

impl Layout {
    const ALL: [Self; 3] = [Self::Shared, Self::Apart, Self::Folded];

    /// Whether a way back follows.
    #[inline]
    pub(super) const fn keeps(self) -> bool {
        matches!(self, Self::Apart)
    }
}

/// Where what one step gives and keeps lies in the memory of a pass.
///
/// Where a way back follows, all wires are kept, one behind the other; where none does, the memory of one that no step
/// needs any more is used again. Each begins at its place times the number of samples; as places are whole lines of 64
/// bytes, so do all wires.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Where the wire begins, for each sample, in each [`Layout`].
    wire: [usize; Layout::ALL.len()],
    /// How many numbers of it there are for each sample.
    pub length: usize,
    /// Where its mask lies, if it has one.
    pub mask: Option<MaskPlace>,
    /// Where begins what the layer keeps, without a way back and with one.
    saved: [Floats; 2],
    /// How much that is.
    kept: [Floats; 2],
    /// What becomes of the step in a prepared model.
    pub(super) folds: Folds,
}

impl Place {
    const NOWHERE: Self = Self {
        wire: [0; Layout::ALL.len()],
        length: 0,
        mask: None,
        saved: [Floats::NONE; 2],
        kept: [Floats::NONE; 2],
        folds: Folds::Nothing,
    };

    /// Where a batch of so many samples lies in the memory of all wires, with or without a way back, or as a [`Layout`] says.
    #[must_use]
    #[inline]
    pub fn wire(&self, layout: impl Into<Layout>, samples: usize) -> core::ops::Range<usize> {
        let start = self.wire[layout.into() as usize] * samples;
        start..start + self.length * samples
    }

    /// Where lies what the layer keeps.
    #[inline]
    pub(crate) fn saved(&self, keep: bool, samples: usize) -> core::ops::Range<usize> {
        let start = self.saved[keep as usize].of(samples);
        start..start + self.kept[keep as usize].of(samples)
    }

    /// What the layer keeps, as whole lines.
    const fn kept(&self, keep: usize) -> Floats {
        let Floats { per_sample, once } = self.kept[keep];
        Floats { per_sample: round_up(per_sample), once: round_up(once) }
    }
}

/// The places of these steps, of which some give what the model gives.
#[must_use]
pub const fn places<const STEPS: usize>(steps: &[StepNode; STEPS], outputs: &[usize]) -> [Place; STEPS] {
    let mut places = [Place::NOWHERE; STEPS];
    let mut i = 0;
    while i < STEPS {
        places[i].length = steps[i].output.shape.length();
        places[i].kept = [steps[i].needs.saved_in_inference, steps[i].needs.saved];
        places[i].mask = mask_of(steps, &places, i);
        i += 1;
    }
    let folds = folds(steps, outputs);
    let (wires, masks) = pieces(steps, outputs, &places);
    let (shared, in_a_row) = (wires.shared(), wires.in_a_row());
    let folded = if folds.any { wires.folded(&folds.steps).shared() } else { shared };
    let masks = [masks.shared(), masks.in_a_row()];
    i = 0;
    while i < STEPS {
        places[i].folds = folds.steps[i];
        let at = if let Folds::IntoStep(before) = folds.steps[i] { before } else { i };
        places[i].wire = [shared[i], in_a_row[i], folded[at]];
        if let Some(mask) = places[i].mask {
            places[i].mask = Some(mask.at([masks[0][mask.step], masks[1][mask.step]]));
        }
        i += 1;
    }
    with_saved(places, steps)
}

/// The wires and the masks, with the last steps that need them: to the end what the model gives, and what is asked for
/// its penalty after the pass.
const fn pieces<const STEPS: usize>(
    steps: &[StepNode; STEPS],
    outputs: &[usize],
    places: &[Place; STEPS],
) -> (Pieces<STEPS>, Pieces<STEPS>) {
    let (mut wires, mut masks, mut i) = (Pieces::NONE, Pieces::NONE, 0);
    while i < STEPS {
        wires.add(i, places[i].length);
        if steps[i].needs.activity.is_some() {
            wires.until(i, STEPS);
        }
        if let Some(mask) = MaskPlace::made_by(i, places) {
            masks.add(i, mask.steps);
        }
        let mut wire = 0;
        while wire < steps[i].operands.len() {
            if let From::Step(from) = steps[i].operands[wire].from {
                wires.until(from, i);
                if let Some(mask) = places[from].mask {
                    masks.until(mask.step, i);
                }
            }
            wire += 1;
        }
        i += 1;
    }
    i = 0;
    while i < outputs.len() {
        wires.until(outputs[i], STEPS);
        if let Some(mask) = places[outputs[i]].mask {
            masks.until(mask.step, STEPS);
        }
        i += 1;
    }
    (wires, masks)
}

/// The same with the places of what the layers keep. Without a way back that is needed within one step, but for what a
/// penalty is taken of after the pass, which lies behind what all others share.
const fn with_saved<const STEPS: usize>(mut places: [Place; STEPS], steps: &[StepNode; STEPS]) -> [Place; STEPS] {
    let (mut next, mut i) = ([shared(&places, steps), Floats::NONE], 0);
    while i < STEPS {
        if steps[i].needs.activity_within {
            places[i].saved[0] = next[0];
            next[0] = next[0].and(places[i].kept(0));
        }
        places[i].saved[1] = next[1];
        next[1] = next[1].and(places[i].kept(1));
        i += 1;
    }
    places
}

/// What those layers keep without a way back that need it within their step alone: as much as the one that needs most.
const fn shared(places: &[Place], steps: &[StepNode]) -> Floats {
    let (mut shared, mut i) = (Floats::NONE, 0);
    while i < steps.len() {
        if !steps[i].needs.activity_within {
            shared = shared.or(places[i].kept(0));
        }
        i += 1;
    }
    shared
}

/// What a pass takes, all steps together.
#[derive(Clone, Copy, Debug)]
pub struct PassMemory {
    /// The values of the wires for each sample, without a way back and with one.
    numbers: [usize; 2],
    /// Their masks, which lie behind.
    masks: [usize; 2],
    /// What the layers keep, with a way back.
    pub saved: Floats,
    /// What they keep without one.
    pub saved_in_inference: Floats,
    /// What the layer with the largest scratch takes on the way forward.
    pub scratch: Floats,
    /// The same on the way back.
    pub backward_scratch: Floats,
    /// On the way back, what the gradients of one step's operands take more, where they are added to others.
    pub spare: usize,
}

impl PassMemory {
    /// What the passes of a model take.
    #[must_use]
    pub const fn of(graph: &Graph, places: &[Place]) -> Self {
        let mut memory = Self {
            numbers: [0; 2],
            masks: [0; 2],
            saved: Floats::NONE,
            saved_in_inference: shared(places, graph.steps),
            scratch: Floats::NONE,
            backward_scratch: Floats::NONE,
            spare: 0,
        };
        let mut i = 0;
        while i < graph.steps.len() {
            memory = memory.with(&graph.steps[i], &places[i], spare(graph, &graph.steps[i]));
            i += 1;
        }
        memory
    }

    /// Enough for this step too.
    const fn with(mut self, step: &StepNode, place: &Place, spare: usize) -> Self {
        let mut i = 0;
        while i < Layout::ALL.len() {
            let (layout, keep) = (Layout::ALL[i], Layout::ALL[i].keeps() as usize);
            let end = place.wire[layout as usize].saturating_add(round_up(place.length));
            self.numbers[keep] = larger(self.numbers[keep], end);
            if let Some(mask) = place.mask {
                self.masks[keep] = larger(self.masks[keep], mask.end(keep));
            }
            i += 1;
        }
        self.saved = self.saved.or(place.saved[1].and(place.kept(1)));
        self.saved_in_inference = self.saved_in_inference.or(place.saved[0].and(place.kept(0)));
        self.scratch = self.scratch.or(step.needs.scratch);
        self.backward_scratch = self.backward_scratch.or(step.needs.backward_scratch);
        self.spare = larger(self.spare, spare);
        self
    }

    /// The values of the wires and their masks, of so many samples, with or without a way back.
    #[must_use]
    #[inline]
    pub const fn wires(&self, keep: bool, samples: usize) -> usize {
        self.per_sample(keep) * samples
    }

    /// The same for each sample.
    #[must_use]
    #[inline]
    pub const fn per_sample(&self, keep: bool) -> usize {
        self.numbers[keep as usize].saturating_add(self.masks[keep as usize])
    }

    /// Without the masks, for each sample.
    #[inline]
    pub(super) const fn numbers(&self, keep: bool) -> usize {
        self.numbers[keep as usize]
    }

    /// What the layers keep.
    #[must_use]
    #[inline]
    pub const fn kept(&self, keep: bool) -> Floats {
        if keep { self.saved } else { self.saved_in_inference }
    }

    /// The gradients of the wires, with what is spare.
    #[must_use]
    pub const fn gradients(&self, samples: usize) -> usize {
        (self.numbers[1] + self.spare) * samples
    }
}

/// What the gradients of a step's operands take that are added to others.
const fn spare(graph: &Graph, step: &StepNode) -> usize {
    let (mut floats, mut i) = (0_usize, 0);
    while i < step.operands.len() {
        if step.operands[i].again {
            let shape = match step.operands[i].from {
                From::Input(input) => graph.inputs[input].shape,
                From::Step(from) => graph.steps[from].output.shape,
            };
            floats = floats.saturating_add(round_up(shape.length()));
        }
        i += 1;
    }
    floats
}

#[cfg(test)]
mod tests;
