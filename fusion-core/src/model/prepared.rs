//! Models as they are served: nothing but weights, in the layout that the kernels read best, of the kind that was chosen.

#[cfg(feature = "alloc")]
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::marker::PhantomData;
use core::ops::Range;

use super::folding::Folds;
use super::{CheckPass, ForwardPass, Layout, Network, Pass};
#[cfg(feature = "alloc")]
use super::{IntoInput, IntoInputs, Model, Outputs, PredictError, Workspace, predict};
#[cfg(feature = "alloc")]
use crate::kernels::{memory::AlignedVec, strip_columns};
#[cfg(feature = "alloc")]
use crate::layer::{F32, scale_and_offset_mut};
use crate::layer::{
    Forward, Graph, Inputs, Kind, Layer, PreparedArray, PreparedBytes, PreparedOfKind, PreparedWeights, VisitArrays,
    WeightKind, floats_for,
};
use crate::shape::{Shape, Tensor};
#[cfg(feature = "alloc")]
use crate::shape::{copy_plain, zeroed_box};
use crate::weights::OptionsOf;

/// What goes through a model: the model itself, or its prepared weights.
#[doc(hidden)]
pub trait Way<N: Network>: Sync {
    /// Forward.
    fn forward(&self, pass: &mut ForwardPass<'_>);
    /// Through the checks.
    fn check(&self, pass: &mut CheckPass<'_>);
    /// How the wires lie after the way forward, with a way back or without one.
    fn layout(&self, keep: bool) -> Layout;
}

impl<N: Network> Way<N> for N {
    #[inline]
    fn forward(&self, pass: &mut ForwardPass<'_>) {
        self.pass(pass);
    }
    fn check(&self, pass: &mut CheckPass<'_>) {
        self.pass(pass);
    }
    #[inline]
    fn layout(&self, keep: bool) -> Layout {
        keep.into()
    }
}

impl<N: Network, K: WeightKind> Way<N> for PreparedOfKind<'_, K> {
    #[inline]
    fn forward(&self, pass: &mut ForwardPass<'_>) {
        N::prepared(&mut PreparedForward::<K> { weights: self.weights, pass, kind: PhantomData });
    }
    fn check(&self, pass: &mut CheckPass<'_>) {
        N::prepared(&mut PreparedCheck::<K> { weights: self.weights, pass, kind: PhantomData });
    }
    #[inline]
    fn layout(&self, _keep: bool) -> Layout {
        Layout::Folded
    }
}

/// Goes through the steps of a prepared model in order; [`Passes::prepared`](super::Passes::prepared) calls it.
#[doc(hidden)]
pub trait PreparedPass<N> {
    /// Goes through the step of this index.
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, index: usize);
}

/// The way forward.
#[doc(hidden)]
pub struct PreparedForward<'p, 'a, K> {
    weights: PreparedWeights<'p>,
    pass: &'p mut ForwardPass<'a>,
    kind: PhantomData<K>,
}

impl<N: Network, K: WeightKind> PreparedPass<N> for PreparedForward<'_, '_, K> {
    #[inline(always)]
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, index: usize) {
        let mut weights = of_step(self.weights, N::GRAPH, K::KIND, index);
        match N::PLACES[index].folds {
            Folds::Nothing => {}
            Folds::Step(scales) => {
                let scales = of_step(self.weights, N::GRAPH, K::KIND, scales);
                weights.offset = Some(scales.scale_and_offset(Out::SHAPE.last())[1]);
            }
            Folds::IntoStep(_) => return,
        }
        let forward =
            |cx: &mut Forward<'_>, x: I::Batch<'_>, y: &mut [Out]| L::forward_prepared::<K, Out>(weights, cx, x, y);
        self.pass.step_by::<N, L, I, O, Out>((index, Layout::Folded), forward);
    }
}

/// The checks before it.
#[doc(hidden)]
pub struct PreparedCheck<'p, 'a, K> {
    weights: PreparedWeights<'p>,
    pass: &'p mut CheckPass<'a>,
    kind: PhantomData<K>,
}

impl<N: Network, K: WeightKind> PreparedPass<N> for PreparedCheck<'_, '_, K> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, index: usize) {
        let weights = of_step(self.weights, N::GRAPH, K::KIND, index);
        let check = |cx: &mut Forward<'_>, x: I::Batch<'_>| L::check_prepared::<K>(weights, cx, x);
        let forward =
            |cx: &mut Forward<'_>, x: I::Batch<'_>, y: &mut [Out]| L::forward_prepared::<K, Out>(weights, cx, x, y);
        self.pass.step_by::<N, L, I, O, Out>(index, check, forward);
    }
}

/// Writes the weights of each layer.
#[doc(hidden)]
pub struct Preparing<'a, K> {
    memory: &'a mut [f32],
    strip_columns: usize,
    /// Whether those are written that are folded into others, or all others.
    folded: bool,
    kind: PhantomData<K>,
}

impl<'a, K: WeightKind> Preparing<'a, K> {
    /// Writes those of all layers to memory of zeros.
    pub fn all<N: Network>(network: &N, strip_columns: usize, memory: &'a mut [f32]) {
        let mut preparing = Self { memory, strip_columns, folded: true, kind: PhantomData };
        network.pass(&mut preparing);
        preparing.folded = false;
        network.pass(&mut preparing);
    }

    /// Writes those of a layer with what comes behind it folded in, and what is to be added then.
    #[cfg(feature = "alloc")]
    fn fold<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, places: [Range<usize>; 2]) {
        let Ok([memory, behind]) = self.memory.get_disjoint_mut(places) else { return };
        let [scale, offset] = scale_and_offset_mut(behind, Out::SHAPE.last());
        let mut folded = zeroed_box::<L>();
        copy_plain(layer, &mut *folded);
        folded.fold(scale, offset);
        folded.prepare::<K>(self.strip_columns, memory);
    }

    /// Without an allocator there are no prepared models.
    #[cfg(not(feature = "alloc"))]
    fn fold<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, _: &L, _: [Range<usize>; 2]) {}
}

impl<N: Network, K: WeightKind> Pass<N> for Preparing<'_, K> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, layer: &L, index: usize) {
        let (folds, place_of) = (N::PLACES[index].folds, |step| place(N::GRAPH, K::KIND, step));
        if N::GRAPH.steps[index].layer.is_none() || self.folded != matches!(folds, Folds::IntoStep(_)) {
            return;
        }
        if let Folds::Step(behind) = folds {
            self.fold::<L, I, O, Out>(layer, [place_of(index), place_of(behind)]);
        } else {
            layer.prepare::<K>(self.strip_columns, &mut self.memory[place_of(index)]);
        }
    }
}

/// Shows the arrays of each layer once.
struct PreparedArrays<'a, 'v> {
    kind: Kind,
    visit: &'a mut VisitArrays<'v>,
}

/// Shows the arrays of all layers of a prepared model, with their paths.
#[doc(hidden)]
pub fn prepared_arrays<N: Network>(kind: Kind, visit: &mut VisitArrays<'_>) {
    N::prepared(&mut PreparedArrays { kind, visit });
}

impl<N: Network> PreparedPass<N> for PreparedArrays<'_, '_> {
    fn step<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor>(&mut self, index: usize) {
        let (steps, folds) = (N::GRAPH.steps, N::PLACES[index].folds);
        let Some(layer) = steps[index].layer else { return };
        if matches!(folds, Folds::IntoStep(_)) || steps[..index].iter().any(|step| step.layer == Some(layer)) {
            return;
        }
        let (name, start) = (N::GRAPH.layers[layer].name, place(N::GRAPH, self.kind, index).start);
        let folded = matches!(folds, Folds::Step(_));
        L::prepared_arrays(self.kind, &mut |array_name, array| {
            if !(folded && array.is_bias) {
                (self.visit)(&format_args!("{name}/{array_name}"), array.behind(start));
            }
        });
        if let Folds::Step(scales) = folds {
            let features = Out::SHAPE.last();
            let start = place(N::GRAPH, self.kind, scales).start + floats_for::<f32>(features);
            (self.visit)(&format_args!("{name}/bias"), PreparedArray::numbers(Shape::new(&[features]), start));
        }
    }
}

/// What the layers of a model take together.
#[doc(hidden)]
#[must_use]
pub const fn prepared_bytes(graph: &Graph) -> PreparedBytes {
    bytes_before(graph, graph.layers.len())
}

/// What the first so many layers take.
const fn bytes_before(graph: &Graph, layers: usize) -> PreparedBytes {
    let (mut bytes, mut i) = (PreparedBytes::NONE, 0);
    while i < layers {
        bytes = bytes.and(&graph.layers[i].prepared);
        i += 1;
    }
    bytes
}

/// Where the weights of a step's layer lie, in numbers; a step that only names a wire has none.
#[inline(always)]
const fn place(graph: &Graph, kind: Kind, step: usize) -> Range<usize> {
    let Some(layer) = graph.steps[step].layer else { return 0..0 };
    let start = bytes_before(graph, layer).of(kind);
    let end = start + graph.layers[layer].prepared.of(kind);
    start / size_of::<f32>()..end / size_of::<f32>()
}

/// The weights of a step's layer.
#[inline(always)]
fn of_step<'a>(weights: PreparedWeights<'a>, graph: &Graph, kind: Kind, step: usize) -> PreparedWeights<'a> {
    PreparedWeights::new(&weights.memory[place(graph, kind, step)], weights.strip_columns)
}

/// A model as it is served: all it needs to predict and nothing else, in one piece of memory.
///
/// [`Model::prepare`] makes one, [`Model::prepare_as`] one with weights of 16 or of 8 bits. The model that it was made of
/// may change or go away: it has weights of its own, packed once in the order in which the kernels read them. With an
/// operating system `fusion::persistence::PreparedFiles` saves and loads it.
#[cfg(feature = "alloc")]
pub struct Prepared<N, K = F32> {
    memory: AlignedVec,
    strip_columns: usize,
    kind: PhantomData<fn() -> (N, K)>,
}

/// How far the outputs of a prepared model are from those of the model, over some samples.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The largest difference; NaN where one of the two is, and the other not.
    pub absolute: f32,
    /// The largest magnitude of the model's own outputs.
    pub largest: f32,
}

#[cfg(feature = "alloc")]
impl Difference {
    /// The largest difference as a part of the largest output; 0 where there is none.
    #[must_use]
    pub fn relative(&self) -> f32 {
        if self.absolute == 0.0 { 0.0 } else { self.absolute / self.largest }
    }

    fn add(&mut self, expected: f32, found: f32) {
        let difference = if expected.to_bits() == found.to_bits() || expected.is_nan() && found.is_nan() {
            0.0
        } else {
            (expected - found).abs()
        };
        // Not `max`, which would leave out a NaN.
        if difference.is_nan() || difference > self.absolute {
            self.absolute = difference;
        }
        self.largest = self.largest.max(expected.abs());
    }
}

#[cfg(feature = "alloc")]
impl<N: Network, K: WeightKind> Prepared<N, K> {
    /// What the weights take, in bytes, in whole lines of 64 for each layer.
    pub const WEIGHT_BYTES: usize = prepared_bytes(N::GRAPH).of(K::KIND);

    /// Of this model's weights as they are now.
    #[must_use]
    pub fn of(model: &(impl Model<Network = N> + ?Sized)) -> Self {
        let mut memory = AlignedVec::zeroed(Self::WEIGHT_BYTES / size_of::<f32>());
        let strip_columns = strip_columns();
        Preparing::<K>::all(model.network(), strip_columns, memory.as_mut_slice());
        Self { memory, strip_columns, kind: PhantomData }
    }

    /// What the weights take, in bytes: [`Prepared::WEIGHT_BYTES`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(self.memory.as_slice())
    }

    /// The arrays of its weights and their paths, as files have them.
    #[doc(hidden)]
    #[must_use]
    pub fn arrays() -> Vec<(String, PreparedArray)> {
        let mut arrays = Vec::new();
        prepared_arrays::<N>(K::KIND, &mut |name, array| arrays.push((name.to_string(), array)));
        arrays
    }

    /// The bytes of one of them.
    #[doc(hidden)]
    #[must_use]
    pub fn array_bytes(&self, array: &PreparedArray) -> Vec<u8> {
        array.read(self.memory.as_slice(), self.strip_columns)
    }

    /// One whose arrays have these bytes, which are right for [`Prepared::arrays`].
    #[doc(hidden)]
    #[must_use]
    pub fn of_arrays(bytes: &[&[u8]]) -> Self {
        let mut memory = AlignedVec::zeroed(Self::WEIGHT_BYTES / size_of::<f32>());
        let strip_columns = strip_columns();
        for ((_, array), bytes) in Self::arrays().iter().zip(bytes) {
            array.write(bytes, memory.as_mut_slice(), strip_columns);
        }
        Self { memory, strip_columns, kind: PhantomData }
    }

    fn way(&self) -> PreparedOfKind<'_, K> {
        PreparedWeights::new(self.memory.as_slice(), self.strip_columns).of_kind()
    }

    /// The output for one sample: `predict(&x)` for a single input, `predict((&a, &b))` for several in the order of their
    /// declaration.
    ///
    /// # Panics
    /// When an id is out of range; `predict_batch` gives an error instead.
    #[must_use]
    #[inline]
    pub fn predict<'a>(&self, sample: impl IntoInput<'a, N>) -> N::Output {
        self.predict_named(sample.into_input())
    }

    /// The output for one sample whose inputs are given by name: [`Model::predict_named`].
    ///
    /// # Panics
    /// When an id is out of range; `predict_batch` gives an error instead.
    #[must_use]
    #[inline]
    pub fn predict_named(&self, input: N::Input<'_>) -> N::Output {
        predict::one::<N>(&self.way(), &N::one(input))
    }

    /// Memory for [`Prepared::predict_batch_into`].
    #[must_use]
    pub fn workspace() -> Workspace<N> {
        Workspace::new()
    }

    /// The outputs for many samples: [`Model::predict_batch`].
    ///
    /// # Errors
    /// When the inputs have different numbers of samples, or an id is out of range.
    pub fn predict_batch<'a>(&self, inputs: impl IntoInputs<'a, N>) -> Result<N::Predictions, PredictError> {
        Ok(N::predictions(predict::rows::<N>(&self.way(), N::many(inputs.into_inputs()))?))
    }

    /// Writes the outputs for many samples, and allocates nothing: [`Model::predict_batch_into`].
    ///
    /// # Errors
    /// When the inputs or the outputs have different numbers of samples, or an id is out of range.
    pub fn predict_batch_into<'a>(
        &self,
        inputs: impl IntoInputs<'a, N>,
        outputs: N::PredictionsMut<'_>,
        workspace: &mut Workspace<N>,
    ) -> Result<(), PredictError> {
        predict::into_room::<N>(&self.way(), N::many(inputs.into_inputs()), outputs, workspace)
    }

    /// How far its outputs are from those of this model on some samples: what fewer bits, or another order of additions,
    /// cost. It is for samples like those that will come; of several outputs it is the largest.
    ///
    /// # Errors
    /// As [`Prepared::predict_batch`].
    pub fn difference<'a>(
        &self,
        model: &(impl Model<Network = N> + ?Sized),
        inputs: impl IntoInputs<'a, N>,
    ) -> Result<Difference, PredictError> {
        let operands = N::many(inputs.into_inputs());
        let (mut found, mut expected) =
            (predict::rows::<N>(&self.way(), operands)?, predict::rows::<N>(model.network(), operands)?);
        let mut difference = Difference { absolute: 0.0, largest: 0.0 };
        let (expected, found) = (N::Outputs::rows_mut(&mut expected), N::Outputs::rows_mut(&mut found));
        N::Outputs::pairs(&expected, &found, &mut |expected, found| {
            expected.iter().zip(found).for_each(|(expected, found)| difference.add(*expected, *found));
        });
        Ok(difference)
    }
}

#[cfg(feature = "alloc")]
impl<N, K> Clone for Prepared<N, K> {
    fn clone(&self) -> Self {
        let mut memory = AlignedVec::zeroed(self.memory.as_slice().len());
        memory.as_mut_slice().copy_from_slice(self.memory.as_slice());
        Self { memory, ..*self }
    }
}
