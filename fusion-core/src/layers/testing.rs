//! Runs a layer alone, for the unit tests of the layers.

use crate::kernels::memory::AlignedVec;
use crate::layer::{Backward, Floats, Forward, Layer, TrainLayer};
use crate::shape::{Tensor, zeroed_box};
use crate::weights::{OptionsOf, Parameters, Random, walk, walk_ref};

/// What a layer says is wrong with an input; nothing if it fits.
pub(crate) fn says<L: Layer<In, O>, O: OptionsOf<L>, In: Tensor>() -> Option<String> {
    L::OUTPUT.mistake.map(|mistake| mistake.takes.as_str().to_owned())
}

/// A layer with random weights, the bias too.
pub(crate) fn initialized<L: Parameters>() -> Box<L> {
    let mut layer = zeroed_box::<L>();
    let mut stream = Random::new(1);
    walk([&mut *layer], &mut |_, [values]| {
        stream = stream.at_step(1);
        values.iter_mut().zip(0..).for_each(|(value, index)| *value = 2.0 * stream.uniform(index) - 1.0);
    });
    layer
}

/// What became of a batch.
pub(crate) struct Run<L, In, Out> {
    pub(crate) y: Vec<Out>,
    /// The gradient that `backward` was given.
    pub(crate) dy: Vec<Out>,
    pub(crate) dx: Vec<In>,
    pub(crate) gradient: Box<L>,
}

/// Forward and back, not in training.
pub(crate) fn run<L, O, In, Out>(layer: &L, x: &[In]) -> Run<L, In, Out>
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    run_in::<L, O, In, Out>(layer, x, false)
}

/// Forward and back.
pub(crate) fn run_in<L, O, In, Out>(layer: &L, x: &[In], training: bool) -> Run<L, In, Out>
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    run_of::<L, O, In, Out>(layer, x, training, None)
}

/// The same of an input with this mask, if any. All memory that the layer must not rely on is NaN before.
pub(crate) fn run_of<L, O, In, Out>(layer: &L, x: &[In], training: bool, mask: Option<&[f32]>) -> Run<L, In, Out>
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let (output, needs, samples) = (L::OUTPUT, L::NEEDS, x.len());
    assert!(output.mistake.is_none() && output.shape == Out::SHAPE, "the output is {}", output.shape);
    let [mut saved, mut scratch, mut backward_scratch] =
        [needs.saved, needs.scratch, needs.backward_scratch].map(|floats| nan(floats, samples));
    let (mut y, mut dy) = (vec![Out::ZERO; samples], vec![Out::ZERO; samples]);
    let mut dx = vec![In::ZERO; samples];
    In::numbers_mut(&mut dx).fill(f32::NAN);
    let random = random();
    Out::numbers_mut(&mut dy).iter_mut().zip(0..).for_each(|(dy, index)| *dy = 2.0 * random.uniform(index) - 1.0);
    let given = dy.clone();

    let mut forward = |keep| {
        let saved = &mut saved.as_mut_slice()[..needs.kept(keep).of(samples)];
        let scratch = &mut scratch.as_mut_slice()[..needs.scratch.of(samples)];
        for memory in [&mut *saved, &mut *scratch, Out::numbers_mut(&mut y)] {
            memory.fill(f32::NAN);
        }
        let mut cx = Forward::new(saved, scratch);
        (cx.training, cx.keep, cx.random, cx.mask) = (training, keep, random, mask);
        layer.forward(&mut cx, x, &mut y);
        Out::numbers(&y).iter().map(|y| y.to_bits()).collect::<Vec<_>>()
    };
    let without = forward(false);
    assert_eq!(without, forward(true), "without a way back");
    let mut gradient = zeroed_box::<L>();
    let saved = &mut saved.as_mut_slice()[..needs.saved.of(samples)];
    let scratch = &mut backward_scratch.as_mut_slice()[..needs.backward_scratch.of(samples)];
    let mut cx = Backward::new(Some(&mut *gradient), saved, scratch);
    (cx.training, cx.random, cx.mask) = (training, random, mask);
    layer.backward(&mut cx, x, &y, &mut dy, Some(&mut dx));
    Run { y, dy: given, dx, gradient }
}

fn nan(floats: Floats, samples: usize) -> AlignedVec {
    let mut memory = AlignedVec::zeroed(floats.of(samples));
    memory.as_mut_slice().fill(f32::NAN);
    memory
}

/// Compares output and all gradients with a formula in `f64`: of a layer's flat parameters and
/// one flat sample.
#[track_caller]
pub(crate) fn differences<L, O, In, Out>(layer: &L, x: &[In], formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    differences_of::<L, O, In, Out>(layer, x, None, formula);
}

/// [`differences`] of an input with this mask.
#[track_caller]
pub(crate) fn differences_of<L, O, In, Out>(
    layer: &L,
    x: &[In],
    mask: Option<&[f32]>,
    formula: impl Fn(&[f64], &[f64]) -> Vec<f64>,
) where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let run = run_of::<L, O, In, Out>(layer, x, false, mask);
    compare(layer, x, run, |_, weights, row| formula(weights, row));
}

/// [`differences`] in training, the formula being given the random numbers of a sample too.
#[track_caller]
pub(crate) fn differences_in_training<L, O, In, Out>(
    layer: &L,
    x: &[In],
    formula: impl Fn(&dyn Fn(u64) -> Random, &[f64], &[f64]) -> Vec<f64>,
) where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let run = run_of::<L, O, In, Out>(layer, x, true, None);
    compare(layer, x, run, |sample, weights, row| {
        formula(&|layer| random().in_layer(layer).of_sample(sample as u64), weights, row)
    });
}

/// The random numbers of every run.
fn random() -> Random {
    Random::new(5).at_step(2).in_layer(3)
}

#[track_caller]
fn compare<L, In, Out>(layer: &L, x: &[In], run: Run<L, In, Out>, formula: impl Fn(usize, &[f64], &[f64]) -> Vec<f64>)
where
    L: Parameters,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let Run { y, dy, dx, gradient } = run;
    let weights = trainable(layer, false);
    let all = trainable(layer, true);
    let rows: Vec<Vec<f64>> = x.iter().map(|row| wide(In::numbers(core::slice::from_ref(row)))).collect();

    let expected: Vec<f64> = rows.iter().enumerate().flat_map(|(sample, row)| formula(sample, &all, row)).collect();
    assert_near("output", Out::numbers(&y), &expected);

    let loss = |sample: usize, weights: &[f64], row: &[f64], dy: &Out| -> f64 {
        let dy = wide(Out::numbers(core::slice::from_ref(dy)));
        formula(sample, weights, row).iter().zip(dy).map(|(y, dy)| y * dy).sum()
    };
    let samples = || rows.iter().zip(&dy).enumerate();
    let by_input = samples().flat_map(|(sample, (row, dy))| slopes(row, row.len(), |row| loss(sample, &all, row, dy)));
    assert_near("input's gradient", In::numbers(&dx), &by_input.collect::<Vec<_>>());

    let total = |weights: &[f64]| samples().map(|(sample, (row, dy))| loss(sample, weights, row, dy)).sum();
    let found: Vec<f32> = trainable(&*gradient, false).iter().map(|x| *x as f32).collect();
    assert_near("weights' gradient", &found, &slopes(&all, weights.len(), total));
}

/// The parameters as one list. Those that no optimizer moves come last in every layer, and only
/// with `all`.
fn trainable<L: Parameters>(layer: &L, all: bool) -> Vec<f64> {
    let mut list = vec![];
    walk_ref(layer, &mut |parameter, values| {
        if all || parameter.trainable {
            list.extend(wide(values));
        }
    });
    list
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}

/// The central differences of a function by its first `count` arguments.
fn slopes(at: &[f64], count: usize, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-6;
    let moved = |index: usize, by: f64| {
        let mut at = at.to_vec();
        at[index] += by;
        function(&at)
    };
    (0..count).map(|index| (moved(index, step) - moved(index, -step)) / (2.0 * step)).collect()
}

#[track_caller]
fn assert_near(what: &str, found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let error = (f64::from(*found) - expected).abs();
        assert!(error <= 2e-6 * scale, "{what}: {found}, but the formula gives {expected}");
    }
}
