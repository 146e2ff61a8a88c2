//! The way back through a model: from the gradients of its outputs to those of its weights and inputs.

use core::marker::PhantomData;
use core::ops::Range;

use super::pass::{Logits, PassOptions, is_frozen, logits_range, output_of};
use super::wires::Wires;
use super::{Layout, Network};
use crate::kernels::memory::round_up;
use crate::kernels::vectorize;
use crate::layer::{Backward, From, Graph, Inputs, Operand, Source, StepNode, TrainLayer};
use crate::shape::{Element, Tensor};
use crate::weights::OptionsOf;

/// The sums of gradients, and of squares where they are asked for, of a model or one of its layers.
pub struct Sums<'a, L> {
    /// Of the gradients; none where all is frozen.
    pub gradient: Option<&'a mut L>,
    /// Of the squares of gradients that come in rows.
    pub squares: Option<&'a mut L>,
}

impl<L> Sums<'_, L> {
    /// Those of what has no weights.
    pub const NONE: Self = Self { gradient: None, squares: None };

    /// Those of a part.
    #[inline]
    pub fn of<P>(&mut self, part: impl Fn(&mut L) -> &mut P) -> Sums<'_, P> {
        Sums { gradient: self.gradient.as_deref_mut().map(&part), squares: self.squares.as_deref_mut().map(&part) }
    }
}

/// The way back: from the gradients of the outputs, which stand among those of the wires, to those of all else.
pub struct BackwardPass<'a, N> {
    /// As they were on the way forward.
    pub options: PassOptions,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The value of every wire.
    pub wires: &'a [f32],
    /// What the layers kept.
    pub saved: &'a mut [f32],
    /// Of which inputs the gradients are asked for; nothing where of none.
    pub wanted: &'a [bool],
    /// What is spare, then the gradients of the inputs where any is wanted, then those of the wires: see
    /// [`GradientPlaces`].
    pub gradients: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// The gradients of the logits, where losses were taken of these.
    pub logits: Logits<'a>,
    /// The model.
    pub network: PhantomData<fn(N)>,
}

/// Where gradients stand in the memory of a way back.
#[derive(Clone, Copy)]
pub struct GradientPlaces {
    samples: usize,
    /// Where the gradients of the inputs begin, for each sample.
    inputs: usize,
    /// Where those of the wires begin.
    wires: usize,
}

impl GradientPlaces {
    /// Those of a model, with or without gradients of its inputs.
    #[must_use]
    pub const fn of<N: Network>(samples: usize, inputs: bool) -> Self {
        let wires = N::MEMORY.spare + if inputs { input_floats(N::GRAPH, N::GRAPH.inputs.len()) } else { 0 };
        Self { samples, inputs: N::MEMORY.spare, wires }
    }

    /// How many numbers there are.
    #[must_use]
    pub const fn floats<N: Network>(&self) -> usize {
        (self.wires + N::MEMORY.numbers(true)) * self.samples
    }

    /// The gradient of an input.
    #[must_use]
    pub fn input<N: Network>(&self, input: usize) -> Range<usize> {
        let start = (self.inputs + input_floats(N::GRAPH, input)) * self.samples;
        start..start + N::GRAPH.inputs[input].shape.length() * self.samples
    }

    /// The gradient of what a step gives.
    #[must_use]
    pub fn step<N: Network>(&self, step: usize) -> Range<usize> {
        let Range { start, end } = N::PLACES[step].wire(true, self.samples);
        self.wires * self.samples + start..self.wires * self.samples + end
    }

    fn source<N: Network>(&self, source: Source) -> Range<usize> {
        match source.from {
            From::Input(input) => self.input::<N>(input),
            From::Step(step) => self.step::<N>(step),
        }
    }
}

/// What the gradients of the first inputs take, for each sample.
pub(crate) const fn input_floats(graph: &Graph, inputs: usize) -> usize {
    let (mut floats, mut i) = (0, 0);
    while i < inputs {
        floats += round_up(graph.inputs[i].shape.length());
        i += 1;
    }
    floats
}

impl<N: Network> BackwardPass<'_, N> {
    /// Goes back through the step of this index.
    ///
    /// The gradient of each operand goes to the wire if no later use of it has written there, otherwise to spare
    /// memory, and is added.
    pub(crate) fn step<L: TrainLayer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(
        &mut self,
        layer: &L,
        sums: Sums<'_, L>,
        index: usize,
    ) {
        let (step, place) = (&N::GRAPH.steps[index], &N::PLACES[index]);
        let PassOptions { samples, training, trainable, random, share, .. } = self.options;
        let trainable = trainable && !is_frozen::<N>(step);
        let saved = &mut self.saved[place.saved(true, samples)];
        let mut cx = Backward::new(sums.gradient.filter(|_| trainable), saved, &mut *self.scratch);
        (cx.training, cx.trainable, cx.random) = (training, trainable, random.in_layer(index as u64));
        (cx.share, cx.squares) = (share, sums.squares.filter(|_| trainable));
        let wires = Wires::whole::<N>(self.wires, Layout::Apart, samples);
        cx.mask = step.operands.first().and_then(|first| wires.mask(*first));
        if L::NEEDS.logits
            && let Logits::Gradients { outputs, numbers } = &self.logits
            && let Some(output) = output_of::<N>(index, outputs)
        {
            cx.logits_gradient = Some(&numbers[logits_range::<N::Outputs>(output, samples)]);
        }
        let (inputs, wanted) = (self.inputs, self.wanted);
        let y = Out::of_memory(wires.numbers(index));
        let places = GradientPlaces::of::<N>(samples, !wanted.is_empty());
        let Range { start, end } = places.step::<N>(index);
        let (before, rest) = self.gradients.split_at_mut(start);
        let dy = Out::of_memory_mut(&mut rest[..end - start]);
        if let Some(regularizer) = L::NEEDS.activity
            && Out::Element::IS_NUMBER
        {
            regularizer.add_gradient_of_outputs(&Out::SHAPE, Out::numbers(y), share, Out::numbers_mut(dy));
        }
        let targets = Targets { step, wanted, places };
        I::with_batch(
            |wire| wires.operand(step.operands[wire], inputs),
            |x| {
                let call = |dx: I::Gradients<'_>| layer.backward(&mut cx, x, y, dy, dx);
                I::with_gradients(before, |wire| targets.range::<N, I>(wire), call);
            },
        );
        targets.add_up::<N, I>(before);
    }
}

/// Where the gradients of a step's operands go: to the wire if no later use of it has written there, otherwise to
/// spare memory, to be added.
struct Targets<'a> {
    step: &'a StepNode,
    wanted: &'a [bool],
    places: GradientPlaces,
}

impl Targets<'_> {
    /// Whether there is a gradient with respect to this operand.
    fn wants<I: Inputs>(&self, wire: usize) -> bool {
        let asked_for = match self.step.operands[wire].from {
            From::Input(input) => self.wanted.get(input).copied().unwrap_or(false),
            From::Step(_) => true,
        };
        asked_for && I::WIRES[wire].element.is_number()
    }

    #[inline]
    fn range<N: Network, I: Inputs>(&self, wire: usize) -> Option<Range<usize>> {
        let source = self.step.operands[wire];
        if !self.wants::<I>(wire) {
            return None;
        }
        Some(if source.again { self.spare::<I>(wire) } else { self.places.source::<N>(source) })
    }

    /// The spare memory of an operand: behind that of the operands before it.
    fn spare<I: Inputs>(&self, wire: usize) -> Range<usize> {
        let operands = self.step.operands[..wire].iter().zip(I::WIRES);
        let floats = operands.filter(|(source, _)| source.again).map(|(_, wire)| round_up(wire.shape.length()));
        let start = floats.sum::<usize>() * self.places.samples;
        start..start + I::WIRES[wire].shape.length() * self.places.samples
    }

    fn add_up<N: Network, I: Inputs>(&self, memory: &mut [f32]) {
        for (wire, source) in self.step.operands.iter().enumerate() {
            if !source.again || !self.wants::<I>(wire) {
                continue;
            }
            let (spare, target) = (self.spare::<I>(wire), self.places.source::<N>(*source));
            let (first, sum) = memory.split_at_mut(target.start);
            let (extra, sum) = (&first[spare], &mut sum[..target.end - target.start]);
            vectorize(
                #[inline(always)]
                || sum.iter_mut().zip(extra).for_each(|(sum, extra)| *sum += extra),
            );
        }
    }
}
