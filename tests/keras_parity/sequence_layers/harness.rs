//! Runs a layer alone and compares it with a formula of the whole batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fusion_core::layer::messages;
use fusion_core::shape::{Element, copy_plain, zeroed_box};
use fusion_core::weights::{Array, Entry, Kind, walk, walk_ref};

use crate::fixture::assert_close;
use crate::layer_case::{self, Batch, alone_of};
pub use crate::layer_case::{INFERENCE, Mode, TRAINING};

use super::*;

const TOLERANCE: f32 = 1e-5;

pub const FROZEN: Mode = Mode { trainable: false, ..TRAINING };

/// What became of a batch.
pub struct Run<L, In, Out> {
    pub y: Vec<Out>,
    pub dx: Vec<In>,
    pub gradient: Box<L>,
    pub saved: Vec<f32>,
}

pub fn random_rows<T: Tensor<Element = f32>>(samples: usize, stream: u64) -> Vec<T> {
    T::rows(&random_numbers(samples * T::SHAPE.length(), stream)).to_vec()
}

/// A layer of random weights; variances are positive.
pub fn random_layer<L: Parameters>() -> Box<L> {
    let (mut layer, mut stream) = (zeroed_box::<L>(), 10);
    walk([&mut *layer], &mut |parameter, [values]| {
        stream += 1;
        values.copy_from_slice(&random_numbers(values.len(), stream));
        if parameter.name() == "moving_variance" {
            values.iter_mut().for_each(|value| *value = value.abs() + 0.1);
        }
    });
    layer
}

/// Keras's initial weights, with these options.
pub fn initialize<L: Parameters + Parameters<O>, O: OptionsOf<L>>(layer: &mut L) {
    let mut arrays = arrays(<L as Parameters<O>>::ENTRIES).into_iter();
    walk([layer], &mut |_, [values]| {
        let Array { initializer, shape, .. } = arrays.next().expect("as many arrays");
        initializer.fill(Random::new(1), shape, values);
    });
}

/// The arrays of a table, in its order.
fn arrays(entries: &'static [Entry]) -> Vec<&'static Array> {
    let of = |entry: &'static Entry| match &entry.kind {
        Kind::Array(array) => vec![array],
        Kind::Layer { entries, .. } => arrays(entries),
    };
    entries.iter().flat_map(of).collect()
}

/// Forward and back. All memory that the layer must not rely on is NaN before.
pub fn run<L, O, In, Out>(layer: &L, x: &[In], dy: &[f32], mode: Mode) -> Run<L, In, Out>
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L> + 'static,
    In: Tensor,
    Out: Tensor<Element = f32>,
{
    let mut copy = zeroed_box::<L>();
    copy_plain(layer, &mut copy);
    let mut alone = alone_of::<L, O, In, Out>(copy);
    let batch = Batch { numbers: In::numbers(x).to_vec(), ids: In::ids(x).to_vec() };
    let layer_case::Run { y, dx, saved } = layer_case::run(&mut *alone, &[batch], dy, mode, |_| true);
    let (mut sums, mut gradient) = (vec![], zeroed_box::<L>());
    alone.gradients(&mut |_, values| sums.push(values.to_vec()));
    let mut sums = sums.iter();
    walk([&mut *gradient], &mut |_, [values]| values.copy_from_slice(sums.next().expect("as many arrays")));
    let dx = if In::Element::IS_NUMBER { In::of_memory(&dx[0]).to_vec() } else { vec![] };
    Run { y: Out::rows(&y).to_vec(), dx, gradient, saved }
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}

fn weights<L: Parameters>(layer: &L, all: bool) -> Vec<f64> {
    let mut list = vec![];
    walk_ref(layer, &mut |parameter, values| {
        if all || parameter.trainable {
            list.extend(wide(values));
        }
    });
    list
}

/// Those that no optimizer moves come last in every layer.
pub fn all_weights<L: Parameters>(layer: &L) -> Vec<f64> {
    weights(layer, true)
}

/// The central differences of a function by its first `count` arguments.
fn slopes(at: &[f64], count: usize, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let moved = |index: usize, by: f64| {
        let mut at = at.to_vec();
        at[index] += by;
        function(&at)
    };
    (0..count).map(|index| (moved(index, 1e-6) - moved(index, -1e-6)) / 2e-6).collect()
}

#[track_caller]
pub fn assert_near(what: &str, found: &[f32], expected: &[f64]) {
    let expected: Vec<f32> = expected.iter().map(|x| *x as f32).collect();
    assert_close(what, found, &expected, TOLERANCE);
}

/// Compares output and all gradients with a formula of flat weights and a flat batch.
#[track_caller]
pub fn check<L, O, In, Out>(x: &[In], formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L> + 'static,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    check_in::<L, O, In, Out>(x, INFERENCE, formula);
}

/// [`check`] in training.
#[track_caller]
pub fn check_training<L, O, In, Out>(x: &[In], formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L> + 'static,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    check_in::<L, O, In, Out>(x, TRAINING, formula);
}

#[track_caller]
fn check_in<L, O, In, Out>(x: &[In], mode: Mode, formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L> + 'static,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let layer = random_layer::<L>();
    let dy = random_numbers(x.len() * Out::SHAPE.length(), 99);
    let Run { y, dx, gradient, .. } = run::<L, O, In, Out>(&layer, x, &dy, mode);
    let (all, flat) = (all_weights(&*layer), wide(In::numbers(x)));
    assert_near("output", Out::numbers(&y), &formula(&all, &flat));

    let loss =
        |weights: &[f64], x: &[f64]| -> f64 { formula(weights, x).iter().zip(wide(&dy)).map(|(y, dy)| y * dy).sum() };
    assert_near("dx", In::numbers(&dx), &slopes(&flat, flat.len(), |x| loss(&all, x)));
    let found: Vec<f32> = weights(&*gradient, false).iter().map(|x| *x as f32).collect();
    assert_near("weights", &found, &slopes(&all, found.len(), |weights| loss(weights, &flat)));
}

/// A batch in tiles gives the same outputs, and gradients that add up to the same.
#[track_caller]
pub fn check_tiles<L, O, In, Out>(layer: &L, samples: usize, tiles: &[usize])
where
    L: TrainLayer<In, O> + Parameters,
    O: OptionsOf<L> + 'static,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let (x, dy) = (random_rows::<In>(samples, 20), random_numbers(samples * Out::SHAPE.length(), 21));
    let whole = run::<L, O, In, Out>(layer, &x, &dy, TRAINING);
    let (mut start, mut y, mut dx, mut gradient) = (0, vec![], vec![], vec![0.0; weights(layer, false).len()]);
    for tile in tiles {
        let dy = &dy[start * Out::SHAPE.length()..][..tile * Out::SHAPE.length()];
        let part = run::<L, O, In, Out>(layer, &x[start..][..*tile], dy, TRAINING);
        start += tile;
        y.extend(wide(Out::numbers(&part.y)));
        dx.extend(wide(In::numbers(&part.dx)));
        gradient.iter_mut().zip(weights(&*part.gradient, false)).for_each(|(sum, part)| *sum += part);
    }
    assert_eq!(start, samples);
    assert_near("output", Out::numbers(&whole.y), &y);
    assert_near("dx", In::numbers(&whole.dx), &dx);
    let found: Vec<f32> = weights(&*whole.gradient, false).iter().map(|x| *x as f32).collect();
    assert_near("weights", &found, &gradient);
}

/// What the compiler prints for a layer that was written so and is given the input `x`.
pub fn message<L, O, In>(layer: &str, arguments: &[&str], options: &str) -> String
where
    L: Layer<In, O>,
    O: OptionsOf<L>,
    In: Tensor,
{
    let arguments = if arguments.is_empty() { String::new() } else { format!("<{}>", arguments.join(", ")) };
    let layer = format!("{layer}{arguments}{options}");
    let written = messages::written(&layer, "input `x`");
    let check = || {
        messages::check::<In>(&L::OUTPUT, &written, true);
        messages::check_option::<In>(&L::OUTPUT, &written, "", &[]);
    };
    let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("the input fits");
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
}
