//! Runs a layer alone and compares it with a formula of the whole batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fusion_core::parameters::zeroed_box;
use fusion_core::site::{self, Site};
use fusion_core::tensor::Element;

use super::*;

pub const TOLERANCE: f32 = 1e-5;

#[derive(Clone, Copy)]
pub struct Mode {
    pub training: bool,
    pub trainable: bool,
}

pub const TRAINING: Mode = Mode { training: true, trainable: true };

/// What became of a batch.
pub struct Run<L, In, Out> {
    pub y: Vec<Out>,
    pub dx: Vec<In>,
    pub gradient: Box<L>,
    pub saved: Vec<f32>,
}

pub fn random() -> Random {
    Random::new(5).at_step(2).in_layer(3)
}

/// Numbers from −1 to 1.
pub fn random_numbers(count: usize, stream: u64) -> Vec<f32> {
    (0..count as u64).map(|index| 2.0 * Random::new(stream).uniform(index) - 1.0).collect()
}

pub fn random_rows<T: Tensor<Element = f32>>(samples: usize, stream: u64) -> Vec<T> {
    T::rows(&random_numbers(samples * T::SHAPE.length(), stream)).to_vec()
}

/// A layer of random weights; variances are positive.
pub fn random_layer<L: Parameters>() -> Box<L> {
    let (mut layer, mut stream) = (zeroed_box::<L>(), 10);
    L::walk([&mut *layer], &Path::ROOT, &mut |parameter, [values]| {
        stream += 1;
        values.copy_from_slice(&random_numbers(values.len(), stream));
        if parameter.name == "moving_variance" {
            values.iter_mut().for_each(|value| *value = value.abs() + 0.1);
        }
    });
    layer
}

/// Keras's initial weights.
pub fn initialize<L: Layer<In, O>, O: OptionsOf<L>, In: Tensor>(layer: &mut L) {
    L::walk_weights([layer], &Path::ROOT, &mut |parameter, [values]| {
        parameter.initializer.fill(Random::new(1), &parameter.shape, values);
    });
}

/// Forward and back. All memory that the layer must not rely on is NaN before.
pub fn run<L, O, In, Out>(layer: &L, x: &[In], dy: &[f32], mode: Mode) -> Run<L, In, Out>
where
    L: Layer<In, O>,
    O: OptionsOf<L>,
    In: Tensor,
    Out: Tensor<Element = f32>,
{
    assert!(L::FIT.mistake.is_none() && L::FIT.output == Out::SHAPE, "the output is {}", L::FIT.output);
    let Mode { training, trainable } = mode;
    let samples = x.len();
    let mut saved = vec![f32::NAN; L::MEMORY.saved(samples)];
    let mut scratch = vec![f32::NAN; L::MEMORY.scratch(samples)];
    let (mut y, mut dy) = (vec![Out::ZERO; samples], Out::rows(dy).to_vec());
    Out::numbers_mut(&mut y).fill(f32::NAN);
    let random = random();
    let mut forward = |keep| {
        scratch.fill(f32::NAN);
        let (saved, scratch) = (&mut saved[..L::MEMORY.saved_if(keep, samples)], &mut scratch[..]);
        saved.fill(f32::NAN);
        layer.forward(&mut Forward { training, trainable, keep, random, logits: None, saved, scratch }, x, &mut y);
        Out::numbers(&y).iter().map(|y| y.to_bits()).collect::<Vec<_>>()
    };
    let without = forward(false);
    assert_eq!(without, forward(true), "without a way back");

    let kept = saved.clone();
    let (mut scratch, mut gradient) = (vec![f32::NAN; L::MEMORY.backward_scratch(samples)], zeroed_box::<L>());
    let mut dx = vec![In::ZERO; samples];
    In::numbers_mut(&mut dx).fill(f32::NAN);
    let cx =
        &mut Backward { training, trainable, random, logits_gradient: None, saved: &mut saved, scratch: &mut scratch };
    let wanted = In::Element::IS_NUMBER.then_some(&mut dx[..]);
    layer.backward(cx, x, &y, &mut dy, wanted, &mut gradient);
    Run { y, dx, gradient, saved: kept }
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}

fn weights<L: Parameters>(layer: &L, all: bool) -> Vec<f64> {
    let mut list = vec![];
    layer.walk_ref(&Path::ROOT, &mut |parameter, values| {
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
    L: Layer<In, O>,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    check_in::<L, O, In, Out>(x, Mode { training: false, trainable: true }, formula);
}

/// [`check`] in training.
#[track_caller]
pub fn check_training<L, O, In, Out>(x: &[In], formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: Layer<In, O>,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    check_in::<L, O, In, Out>(x, TRAINING, formula);
}

#[track_caller]
fn check_in<L, O, In, Out>(x: &[In], mode: Mode, formula: impl Fn(&[f64], &[f64]) -> Vec<f64>)
where
    L: Layer<In, O>,
    O: OptionsOf<L>,
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
    L: Layer<In, O>,
    O: OptionsOf<L>,
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
    let site = Site { layer, arguments, options, source: "input `x`", parts: &[], sign: "" };
    let check = || {
        site::check(&L::FIT, &In::SHAPE, &site);
        site::check_option(&L::FIT, &In::SHAPE, &site, "", &[]);
    };
    let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("the input fits");
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| panic.downcast_ref::<&str>().unwrap().to_string())
}
