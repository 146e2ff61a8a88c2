//! A layer on its own, its types left behind.

use std::marker::PhantomData;
use std::ops::Range;

use fusion_core::kernels::{memory::AlignedVec, strip_columns};
use fusion_core::layer::{
    Backward, F16, F32, Forward, InputError, Inputs, Int8, Kind as WeightsOf, Layer, LayerNode, Needs, Operand, Output,
    PreparedWeights, State, TrainLayer, WeightKind, Wire,
};
use fusion_core::shape::{Shape, Tensor, zeroed_box};
use fusion_core::weights::{Entry, Kind, OptionsOf, Parameter, Parameters, Random, walk};

/// The samples on one wire.
#[derive(Clone, Default)]
pub struct Batch {
    pub numbers: Vec<f32>,
    pub ids: Vec<u32>,
}

impl Batch {
    fn operand(&self, wire: &'static Wire) -> Operand<'_> {
        let samples = (self.numbers.len() + self.ids.len()) / wire.shape.length();
        Operand { numbers: &self.numbers, ids: &self.ids, shape: &wire.shape, samples, mask: None }
    }
}

/// How many samples a batch of these wires has.
pub fn samples(x: &[Batch], wires: &'static [Wire]) -> usize {
    x[0].operand(&wires[0]).samples
}

/// So many numbers, each of them NaN.
pub fn nan(count: usize) -> Vec<f32> {
    vec![f32::NAN; count]
}

/// What is called for each array of weights.
pub type Visit<'v> = dyn FnMut(&Parameter<'_>, &mut [f32]) + 'v;

/// What the two ways of a pass have in common.
#[derive(Clone, Copy)]
pub struct Mode {
    pub training: bool,
    pub trainable: bool,
    pub random: Random,
}

/// A layer for one kind of input and options, whatever its type, and the sums of its weights' gradients.
pub trait Alone {
    fn wires(&self) -> &'static [Wire];
    fn output(&self) -> Output;
    fn needs(&self) -> Needs;
    /// What the summary and a weight file know of it.
    fn node(&self) -> LayerNode;
    /// What it is called where it has no name of its own.
    fn automatic_name(&self) -> &'static str;
    /// How many weights there are, and how many of them no optimizer moves.
    fn counts(&self) -> (usize, usize);
    fn weights(&mut self, visit: &mut Visit<'_>);
    fn gradients(&mut self, visit: &mut Visit<'_>);
    /// The names and shapes of the weights, as the options make them.
    fn shapes(&self) -> Vec<(String, Shape)>;
    fn check(&self, x: &[Batch]) -> Result<(), InputError>;
    fn forward(&self, mode: Mode, keep: bool, x: &[Batch], y: &mut [f32], memory: [&mut [f32]; 2]);
    /// Whether its weights have no form of their own in a prepared model.
    fn stays_as_it_is(&self) -> bool;
    /// The way forward of prepared weights of this kind, in inference.
    fn prepared(&self, kind: WeightsOf, x: &[Batch], y: &mut [f32], memory: [&mut [f32]; 2]);
    /// The gradient of each wire that is in `dx` goes to its part of `into`.
    fn backward(
        &mut self,
        mode: Mode,
        x: &[Batch],
        y: &[f32],
        dy: &mut [f32],
        dx: Gradients<'_>,
        memory: [&mut [f32]; 2],
    );
    fn update_state(&mut self, samples: usize, saved: &mut [f32]);
    /// The same layer, its weights copied array by array.
    fn copied(&mut self) -> Box<dyn Alone>;
}

/// Where the gradients with respect to the inputs go, each where it is asked for.
pub struct Gradients<'a> {
    pub memory: &'a mut [f32],
    pub parts: &'a [Option<Range<usize>>],
}

/// The layer `L` with the options `O`, from `I` to `Out`.
struct Of<L, O, I, Out> {
    layer: Box<L>,
    gradient: Box<L>,
    types: PhantomData<(O, I, Out)>,
}

/// A layer of zeros.
///
/// # Panics
/// If the input does not fit, or the output is another.
pub fn alone<L, O, I, Out>() -> Box<dyn Alone>
where
    L: TrainLayer<I, O> + Parameters,
    O: OptionsOf<L> + 'static,
    I: Inputs,
    Out: Tensor,
{
    alone_of::<L, O, I, Out>(zeroed_box())
}

/// This layer.
///
/// # Panics
/// As [`alone`].
pub fn alone_of<L, O, I, Out>(layer: Box<L>) -> Box<dyn Alone>
where
    L: TrainLayer<I, O> + Parameters,
    O: OptionsOf<L> + 'static,
    I: Inputs,
    Out: Tensor,
{
    let Output { shape, element, mistake, .. } = L::OUTPUT;
    assert!(mistake.is_none(), "{}: the input does not fit", L::CLASS);
    assert_eq!((shape, element), (Out::SHAPE, Wire::of::<Out>("").element), "{}: the output", L::CLASS);
    Box::new(Of::<L, O, I, Out> { layer, gradient: zeroed_box(), types: PhantomData })
}

impl<L, O, I, Out> Alone for Of<L, O, I, Out>
where
    L: TrainLayer<I, O> + Parameters,
    O: OptionsOf<L> + 'static,
    I: Inputs,
    Out: Tensor,
{
    fn wires(&self) -> &'static [Wire] {
        I::WIRES
    }
    fn output(&self) -> Output {
        L::OUTPUT
    }
    fn needs(&self) -> Needs {
        L::NEEDS
    }
    fn node(&self) -> LayerNode {
        LayerNode::new::<L, I, O>()
    }
    fn automatic_name(&self) -> &'static str {
        L::NAME
    }
    fn counts(&self) -> (usize, usize) {
        (<L as Parameters<O>>::COUNT, <L as Parameters<O>>::NON_TRAINABLE)
    }
    fn weights(&mut self, visit: &mut Visit<'_>) {
        // Options may say what the weights would be: it has none then.
        if <L as Parameters<O>>::COUNT > 0 {
            walk([&mut *self.layer], &mut |parameter, [values]| visit(parameter, values));
        }
    }
    fn gradients(&mut self, visit: &mut Visit<'_>) {
        if <L as Parameters<O>>::COUNT > 0 {
            walk([&mut *self.gradient], &mut |parameter, [values]| visit(parameter, values));
        }
    }
    fn shapes(&self) -> Vec<(String, Shape)> {
        shapes(<L as Parameters<O>>::ENTRIES)
    }
    fn check(&self, x: &[Batch]) -> Result<(), InputError> {
        let samples = samples(x, I::WIRES);
        let (mut saved, mut scratch) = (nan(L::NEEDS.kept(false).of(samples)), nan(L::NEEDS.scratch.of(samples)));
        let cx = &mut Forward::new(&mut saved, &mut scratch);
        I::with_batch(|wire| x[wire].operand(&I::WIRES[wire]), |x| self.layer.check(cx, x))
    }
    fn forward(&self, mode: Mode, keep: bool, x: &[Batch], y: &mut [f32], [saved, scratch]: [&mut [f32]; 2]) {
        let mut cx = Forward::new(saved, scratch).trainable(mode.trainable);
        (cx.training, cx.keep, cx.random) = (mode.training, keep, mode.random);
        let y = Out::of_memory_mut(y);
        I::with_batch(|wire| x[wire].operand(&I::WIRES[wire]), |x| self.layer.forward(&mut cx, x, y));
    }
    fn stays_as_it_is(&self) -> bool {
        let mut arrays = Vec::new();
        <L as Layer<I, O>>::prepared_arrays(WeightsOf::F16, &mut |name, array| {
            arrays.push((name.to_string(), array.kind()))
        });
        let as_it_is = shapes(<L as Parameters<O>>::ENTRIES).into_iter().map(|(name, _)| (name, WeightsOf::F32));
        arrays.into_iter().eq(as_it_is)
    }
    fn prepared(&self, kind: WeightsOf, x: &[Batch], y: &mut [f32], memory: [&mut [f32]; 2]) {
        match kind {
            WeightsOf::F32 => self.prepared_as::<F32>(x, y, memory),
            WeightsOf::F16 => self.prepared_as::<F16>(x, y, memory),
            WeightsOf::Int8 => self.prepared_as::<Int8>(x, y, memory),
        }
    }
    fn backward(
        &mut self,
        mode: Mode,
        x: &[Batch],
        y: &[f32],
        dy: &mut [f32],
        dx: Gradients<'_>,
        [saved, scratch]: [&mut [f32]; 2],
    ) {
        let mut cx = Backward::new(mode.trainable.then_some(&mut *self.gradient), saved, scratch);
        (cx.training, cx.random) = (mode.training, mode.random);
        let (y, dy, layer) = (Out::of_memory(y), Out::of_memory_mut(dy), &*self.layer);
        I::with_batch(
            |wire| x[wire].operand(&I::WIRES[wire]),
            |x| {
                I::with_gradients(
                    dx.memory,
                    |wire| dx.parts[wire].clone(),
                    |dx| TrainLayer::<I, O>::backward(layer, &mut cx, x, y, dy, dx),
                );
            },
        );
    }
    fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
        Layer::<I, O>::update_state(&mut *self.layer, &mut State::new(samples, saved));
    }
    fn copied(&mut self) -> Box<dyn Alone> {
        let mut copy = zeroed_box::<L>();
        walk([&mut *self.layer, &mut *copy], &mut |_, [from, to]| to.copy_from_slice(from));
        alone_of::<L, O, I, Out>(copy)
    }
}

impl<L, O, I, Out> Of<L, O, I, Out>
where
    L: TrainLayer<I, O> + Parameters,
    O: OptionsOf<L> + 'static,
    I: Inputs,
    Out: Tensor,
{
    fn prepared_as<K: WeightKind>(&self, x: &[Batch], y: &mut [f32], [saved, scratch]: [&mut [f32]; 2]) {
        let mut memory = AlignedVec::zeroed(L::PREPARED.of(K::KIND) / size_of::<f32>());
        let strip_columns = strip_columns();
        self.layer.prepare::<K>(strip_columns, memory.as_mut_slice());
        let weights = PreparedWeights::new(memory.as_slice(), strip_columns);
        let y = Out::of_memory_mut(y);
        let x_of = |wire: usize| x[wire].operand(&I::WIRES[wire]);
        let mut cx = Forward::new(&mut *saved, &mut *scratch);
        I::with_batch(x_of, |x| L::check_prepared::<K>(weights, &mut cx, x)).expect("ids in range");
        let mut cx = Forward::new(saved, scratch);
        I::with_batch(x_of, |x| L::forward_prepared::<K, Out>(weights, &mut cx, x, y));
    }
}

fn shapes(entries: &[Entry]) -> Vec<(String, Shape)> {
    let of_entry = |entry: &Entry| match &entry.kind {
        Kind::Array(array) => vec![(entry.name.to_owned(), array.shape)],
        Kind::Layer { entries, .. } => {
            let within = shapes(entries).into_iter();
            within.map(|(name, shape)| (format!("{}/{name}", entry.name), shape)).collect()
        }
    };
    entries.iter().flat_map(of_entry).collect()
}
