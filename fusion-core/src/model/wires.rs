//! The wires of a pass as one of its steps finds them.

use core::ops::Range;

use super::{Layout, MaskPlace, Network, PassMemory, Place};
use crate::layer::{From, Graph, Operand, Source};

/// Memory out of which one piece was cut, to be written.
#[derive(Clone, Copy)]
struct Around<'a> {
    before: &'a [f32],
    behind: &'a [f32],
    /// Where `behind` begins.
    end: usize,
}

impl<'a> Around<'a> {
    /// Nothing is written.
    #[inline(always)]
    const fn whole(memory: &'a [f32]) -> Self {
        Self { before: memory, behind: &[], end: memory.len() }
    }

    #[inline(always)]
    fn cut(memory: &'a mut [f32], piece: Range<usize>) -> (Self, &'a mut [f32]) {
        let (before, rest) = memory.split_at_mut(piece.start);
        let (cut, behind) = rest.split_at_mut(piece.len());
        (Self { before, behind, end: piece.end }, cut)
    }

    /// What is needed while the piece is written lies before it or behind it.
    #[inline(always)]
    fn get(&self, range: Range<usize>) -> &'a [f32] {
        if range.end <= self.before.len() {
            &self.before[range]
        } else {
            &self.behind[range.start - self.end..range.end - self.end]
        }
    }
}

/// All wires, with their masks, but those that one step writes.
#[derive(Clone, Copy)]
pub(super) struct Wires<'a> {
    model: (&'static Graph, &'static [Place]),
    layout: Layout,
    samples: usize,
    numbers: Around<'a>,
    masks: Around<'a>,
}

impl<'a> Wires<'a> {
    /// All of them, after a way forward.
    #[inline(always)]
    pub(super) fn whole<N: Network>(memory: &'a [f32], layout: Layout, samples: usize) -> Self {
        Self::of((N::GRAPH, N::PLACES), &N::MEMORY, memory, layout, samples)
    }

    #[inline(always)]
    pub(super) fn of(
        model: (&'static Graph, &'static [Place]),
        pass: &PassMemory,
        memory: &'a [f32],
        layout: Layout,
        samples: usize,
    ) -> Self {
        let (numbers, masks) = memory.split_at(pass.numbers(layout.keeps()) * samples);
        Self { model, layout, samples, numbers: Around::whole(numbers), masks: Around::whole(masks) }
    }

    /// Those that the step of this index reads, and what it writes: its wire, and its mask if it makes one.
    #[inline(always)]
    pub(super) fn cut<N: Network>(
        memory: &'a mut [f32],
        index: usize,
        layout: Layout,
        samples: usize,
    ) -> (Self, [&'a mut [f32]; 2]) {
        Self::cut_of((N::GRAPH, N::PLACES), &N::MEMORY, memory, index, layout, samples)
    }

    #[inline(always)]
    pub(super) fn cut_of(
        model: (&'static Graph, &'static [Place]),
        pass: &PassMemory,
        memory: &'a mut [f32],
        index: usize,
        layout: Layout,
        samples: usize,
    ) -> (Self, [&'a mut [f32]; 2]) {
        let (numbers, masks) = memory.split_at_mut(pass.numbers(layout.keeps()) * samples);
        let (numbers, wire) = Around::cut(numbers, model.1[index].wire(layout, samples));
        let own = MaskPlace::made_by(index, model.1).map_or(0..0, |mask| mask.range(layout, samples));
        let (masks, mask) = Around::cut(masks, own);
        (Self { model, layout, samples, numbers, masks }, [wire, mask])
    }

    /// The numbers on what a step gives.
    #[inline(always)]
    pub(super) fn numbers(&self, step: usize) -> &'a [f32] {
        self.numbers.get(self.model.1[step].wire(self.layout, self.samples))
    }

    /// The batch that a source carries.
    #[inline(always)]
    pub(super) fn operand(&self, source: Source, inputs: &[Operand<'a>]) -> Operand<'a> {
        match source.from {
            From::Input(input) => inputs[input],
            From::Step(step) => {
                let output = &self.model.0.steps[step].output;
                Operand::of_memory(self.numbers(step), &output.shape, output.element, self.samples)
                    .with_mask(self.mask(source))
            }
        }
    }

    /// The mask on what a source carries.
    #[inline(always)]
    pub(super) fn mask(&self, source: Source) -> Option<&'a [f32]> {
        match source.from {
            From::Input(_) => None,
            From::Step(step) => {
                self.model.1[step].mask.map(|mask| self.masks.get(mask.range(self.layout, self.samples)))
            }
        }
    }
}
