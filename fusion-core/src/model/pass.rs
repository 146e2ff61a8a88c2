//! One pass through a model: the way forward, the checks before it, and the state after it.
//!
//! Generated code names layers and steps; here their wires are cut out of one piece of memory.

use core::marker::PhantomData;
use core::ops::Range;

use super::wires::Wires;
use super::{Layout, Network, Outputs};
use crate::kernels::memory::round_up;
use crate::layer::{Forward, From, Graph, InputError, Inputs, Layer, Operand, Source, State, StepNode, Wire};
use crate::shape::{Element, Tensor};
use crate::weights::{OptionsOf, Random};

/// Goes through the steps of a model in order; [`Passes::pass`](super::Passes::pass) calls it.
pub trait Pass<N> {
    /// Goes through the step of this index.
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize);
}

/// The logits that outputs are a sigmoid or softmax of, for losses that are taken of them. `outputs` says whose there
/// are; they lie in memory as [`logits_range`] says.
pub enum Logits<'a> {
    /// None are asked for.
    None,
    /// Where the way forward leaves them.
    Wanted {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a mut [f32],
    },
    /// The gradients with respect to them, for the way back.
    Gradients {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a [f32],
    },
}

/// Where the logits of an output stand among those of all outputs.
#[must_use]
pub fn logits_range<O: Outputs>(output: usize, samples: usize) -> Range<usize> {
    let start = O::SHAPES[..output].iter().map(|shape| round_up(shape.length() * samples)).sum();
    start..start + O::SHAPES[output].length() * samples
}

/// How many numbers the logits of all outputs of so many samples take.
#[must_use]
pub fn logits_floats<O: Outputs>(samples: usize) -> usize {
    O::SHAPES.iter().map(|shape| round_up(shape.length() * samples)).sum()
}

/// Whose logits this step gives, if they are among those asked for.
pub(super) fn output_of<N: Network>(step: usize, outputs: &[bool]) -> Option<usize> {
    let gives = |output: &usize| N::GRAPH.source(N::GRAPH.outputs[*output].1) == Some(step);
    (0..N::GRAPH.outputs.len()).find(gives).filter(|output| outputs[*output])
}

/// What a pass is about.
#[derive(Clone, Copy)]
pub struct PassOptions {
    /// How many samples go through at once.
    pub samples: usize,
    /// Whether the model trains.
    pub training: bool,
    /// Whether the model's weights are trained, not frozen within another model.
    pub trainable: bool,
    /// Whether a way back follows.
    pub keep: bool,
    /// Random numbers of this step of training, from the tile's first sample on.
    pub random: Random,
    /// What each sample counts in the loss: 1 / the samples of the batch, of which these may be a tile.
    pub share: f32,
}

impl PassOptions {
    /// A pass in inference.
    #[must_use]
    #[inline]
    pub const fn inference(samples: usize) -> Self {
        Self { samples, training: false, trainable: false, keep: false, random: Random::new(0), share: 1.0 }
    }

    /// A pass of training.
    #[must_use]
    pub const fn training(samples: usize, random: Random) -> Self {
        Self { samples, training: true, trainable: true, keep: true, random, share: 1.0 / samples as f32 }
    }

    /// The same, as a tile of a batch of so many samples.
    #[must_use]
    pub const fn of_batch(mut self, samples: usize) -> Self {
        self.share = 1.0 / samples as f32;
        self
    }
}

/// The way forward.
pub struct ForwardPass<'a> {
    /// What it is about.
    pub options: PassOptions,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The wires, to be written: all are there afterwards where a way back follows, otherwise those of the outputs.
    pub wires: &'a mut [f32],
    /// What the layers keep.
    pub saved: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// The logits that losses are taken of.
    pub logits: Logits<'a>,
}

impl<N: Network> Pass<N> for ForwardPass<'_> {
    #[inline(always)]
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let layout = self.options.keep.into();
        self.step_by::<N, L, I, O, Out>((index, layout), |cx, x, y| layer.forward(cx, x, y));
    }
}

impl ForwardPass<'_> {
    /// The step of this index, of wires that lie so, its layer's way forward being called.
    // Always, so that the step's index and with it all of the tables' numbers are constants.
    #[inline(always)]
    pub(super) fn step_by<N: Network, L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(
        &mut self,
        (index, layout): (usize, Layout),
        forward: impl FnOnce(&mut Forward<'_>, I::Batch<'_>, &mut [Out]),
    ) {
        let (step, place) = (&N::GRAPH.steps[index], &N::PLACES[index]);
        let PassOptions { samples, training, trainable, keep, random, .. } = self.options;
        let (wires, [y, output_mask]) = Wires::cut::<N>(&mut *self.wires, index, layout, samples);
        let y = Out::of_memory_mut(y);
        let mut cx = Forward::new(&mut self.saved[place.saved(keep, samples)], &mut *self.scratch);
        (cx.training, cx.keep) = (training, keep);
        cx.mask = step.operands.first().and_then(|first| wires.mask(*first));
        cx.output_mask = output_mask;
        cx.trainable = trainable && !is_frozen::<N>(step);
        // In inference nothing is drawn, and the key need not be made.
        cx.random = if training { random.in_layer(index as u64) } else { random };
        if L::NEEDS.logits
            && let Logits::Wanted { outputs, numbers } = &mut self.logits
            && let Some(output) = output_of::<N>(index, outputs)
        {
            cx.logits = Some(&mut numbers[logits_range::<N::Outputs>(output, samples)]);
        }
        let inputs = self.inputs;
        I::with_batch(|wire| wires.operand(step.operands[wire], inputs), |x| forward(&mut cx, x, y));
    }
}

#[inline(always)]
pub(super) fn is_frozen<N: Network>(step: &StepNode) -> bool {
    step.layer.is_some_and(|layer| N::GRAPH.layers[layer].frozen)
}

/// The checks of what no shape can rule out: ids that are out of range, wherever they come to.
///
/// Steps that give ids are computed, so that those behind them can be checked too.
pub struct CheckPass<'a> {
    /// How many samples there are.
    pub samples: usize,
    /// The model's inputs.
    pub inputs: &'a [Operand<'a>],
    /// The value of every wire, to be written where it is ids.
    pub wires: &'a mut [f32],
    /// What the layers keep.
    pub saved: &'a mut [f32],
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
    /// What is wrong, and in which input; the first mistake that was found.
    pub result: Result<(), InputError>,
}

impl<N: Network> Pass<N> for CheckPass<'_> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let check = |cx: &mut Forward<'_>, x: I::Batch<'_>| layer.check(cx, x);
        self.step_by::<N, L, I, O, Out>(index, check, |cx, x, y| layer.forward(cx, x, y));
    }
}

impl CheckPass<'_> {
    /// The step of this index, its layer's checks and way forward being called.
    pub(super) fn step_by<N: Network, L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(
        &mut self,
        index: usize,
        check: impl FnOnce(&mut Forward<'_>, I::Batch<'_>) -> Result<(), InputError>,
        forward: impl FnOnce(&mut Forward<'_>, I::Batch<'_>, &mut [Out]),
    ) {
        let (step, place, samples) = (&N::GRAPH.steps[index], &N::PLACES[index], self.samples);
        let at_hand = |source: &Source| is_at_hand(N::GRAPH, *source);
        // Numbers that were not computed are no reason to leave out the ids beside them.
        let unknown_ids = |(source, wire): (&Source, &Wire)| !wire.element.is_number() && !at_hand(source);
        let unknown = step.operands.iter().zip(I::WIRES).any(unknown_ids);
        if self.result.is_err() || unknown || !step.operands.iter().any(at_hand) {
            return;
        }
        let (wires, [y, _]) = Wires::cut::<N>(&mut *self.wires, index, Layout::Shared, samples);
        let inputs = self.inputs;
        let operand_of = |wire: usize| wires.operand(step.operands[wire], inputs);
        let mut cx = Forward::new(&mut self.saved[place.saved(false, samples)], &mut *self.scratch);
        self.result = I::with_batch(operand_of, |x| check(&mut cx, x)).map_err(|error| {
            let wire = origin(N::GRAPH, step.operands[error.wire]);
            InputError { wire, ..error }
        });
        if self.result.is_ok() && !Out::Element::IS_NUMBER && step.operands.iter().all(at_hand) {
            I::with_batch(operand_of, |x| forward(&mut cx, x, Out::of_memory_mut(y)));
        }
    }
}

/// Whether the checks know what is on a wire: an input, or ids that follow from inputs.
const fn is_at_hand(graph: &Graph, source: Source) -> bool {
    match source.from {
        From::Input(_) => true,
        From::Step(step) => {
            let StepNode { output, operands, .. } = &graph.steps[step];
            if output.element.is_number() {
                return false;
            }
            let mut i = 0;
            while i < operands.len() {
                if !is_at_hand(graph, operands[i]) {
                    return false;
                }
                i += 1;
            }
            true
        }
    }
}

/// The input of the model that a wire's ids come from.
fn origin(graph: &Graph, source: Source) -> usize {
    match source.from {
        From::Input(input) => input,
        From::Step(step) => graph.steps[step].operands.first().map_or(0, |source| origin(graph, *source)),
    }
}

/// After a step of training: the state that layers keep.
pub struct StatePass<'a, N> {
    /// How many samples there are: those of the batch, or of its last tile where the model can be cut into tiles.
    pub samples: usize,
    /// What the layers kept.
    pub saved: &'a mut [f32],
    network: PhantomData<fn(N)>,
}

impl<'a, N: Network> StatePass<'a, N> {
    /// After a batch, or a tile, of so many samples of which the layers kept this.
    #[must_use]
    pub const fn new(samples: usize, saved: &'a mut [f32]) -> Self {
        Self { samples, saved, network: PhantomData }
    }

    /// What the layer of this step is given.
    pub(crate) fn state(&mut self, index: usize) -> State<'_> {
        State::new(self.samples, &mut self.saved[N::PLACES[index].saved(true, self.samples)])
    }
}
