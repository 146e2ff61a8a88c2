//! Where everything of a pass lies in memory: worked out once, as a constant.

use super::masks::{MaskPlace, mask_of};
use crate::kernels::memory::round_up;
use crate::layer::{Floats, Graph, StepNode};

/// Where what one step gives and keeps lies in the memory of a pass.
///
/// Wires follow one another in the order of the steps. Each begins at its place times the number of samples; as
/// places are whole lines of 64 bytes, so do all wires.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Where the wire begins, for each sample.
    pub wire: usize,
    /// How many numbers of it there are for each sample.
    pub length: usize,
    /// Where its mask lies, if it has one: behind the wire of the step that makes it.
    pub mask: Option<MaskPlace>,
    /// Where begins what the layer keeps, with a way back and without one.
    saved: [Floats; 2],
    /// How much that is.
    kept: [Floats; 2],
}

impl Place {
    const NOWHERE: Self = Self { wire: 0, length: 0, mask: None, saved: [Floats::NONE; 2], kept: [Floats::NONE; 2] };

    /// Where a batch of so many samples lies in the memory of all wires.
    #[must_use]
    #[inline]
    pub fn wire(&self, samples: usize) -> core::ops::Range<usize> {
        let start = self.wire * samples;
        start..start + self.length * samples
    }

    /// Where ends what the wire's numbers take, and a mask of its own begins.
    const fn behind(&self) -> usize {
        self.wire.saturating_add(round_up(self.length))
    }

    /// Where the mask lies that the step makes, counted from the end of its numbers; nothing where it makes none.
    #[inline]
    pub(crate) fn own_mask(&self, samples: usize) -> core::ops::Range<usize> {
        match self.mask {
            Some(mask) if mask.start == self.behind() => {
                let start = (mask.start - self.wire - self.length) * samples;
                start..start + mask.steps * samples
            }
            _ => 0..0,
        }
    }

    /// Where lies what the layer keeps.
    #[inline]
    pub(crate) fn saved(&self, keep: bool, samples: usize) -> core::ops::Range<usize> {
        let start = self.saved[keep as usize].of(samples);
        start..start + self.kept[keep as usize].of(samples)
    }

    /// Where the next step's begins.
    const fn after(&self) -> Self {
        let mut next = Self { wire: self.behind(), ..Self::NOWHERE };
        if let Some(mask) = self.mask
            && mask.start == next.wire
        {
            next.wire = next.wire.saturating_add(round_up(mask.steps));
        }
        let mut keep = 0;
        while keep < 2 {
            let Floats { per_sample, once } = self.kept[keep];
            next.saved[keep] = self.saved[keep].and(Floats { per_sample: round_up(per_sample), once: round_up(once) });
            keep += 1;
        }
        next
    }
}

/// The places of these steps.
#[must_use]
pub const fn places<const STEPS: usize>(steps: &[StepNode; STEPS]) -> [Place; STEPS] {
    let mut places = [Place::NOWHERE; STEPS];
    let (mut next, mut i) = (Place::NOWHERE, 0);
    while i < STEPS {
        next.length = steps[i].output.shape.length();
        next.kept = [steps[i].needs.saved_in_inference, steps[i].needs.saved];
        next.mask = mask_of(steps, &places, i, next.behind());
        places[i] = next;
        next = next.after();
        i += 1;
    }
    places
}

/// What a pass takes, all steps together.
#[derive(Clone, Copy, Debug)]
pub struct PassMemory {
    /// The value of every wire, or its gradient, for each sample.
    pub wires: usize,
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
        let end = match places.last() {
            Some(last) => last.after(),
            None => Place::NOWHERE,
        };
        let mut memory = Self {
            wires: end.wire,
            saved: end.saved[1],
            saved_in_inference: end.saved[0],
            scratch: Floats::NONE,
            backward_scratch: Floats::NONE,
            spare: 0,
        };
        let mut i = 0;
        while i < graph.steps.len() {
            let step = &graph.steps[i];
            memory.scratch = memory.scratch.or(step.needs.scratch);
            memory.backward_scratch = memory.backward_scratch.or(step.needs.backward_scratch);
            memory.spare = crate::layer::larger(memory.spare, spare(graph, step));
            i += 1;
        }
        memory
    }

    /// The values of the wires, of so many samples.
    #[must_use]
    #[inline]
    pub const fn wires(&self, samples: usize) -> usize {
        self.wires * samples
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
        (self.wires + self.spare) * samples
    }
}

/// What the gradients of a step's operands take that are added to others.
const fn spare(graph: &Graph, step: &StepNode) -> usize {
    let (mut floats, mut i) = (0_usize, 0);
    while i < step.operands.len() {
        if step.operands[i].again {
            let shape = match step.operands[i].from {
                crate::layer::From::Input(input) => graph.inputs[input].shape,
                crate::layer::From::Step(from) => graph.steps[from].output.shape,
            };
            floats = floats.saturating_add(round_up(shape.length()));
        }
        i += 1;
    }
    floats
}
