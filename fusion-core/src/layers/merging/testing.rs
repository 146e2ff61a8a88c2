//! Runs a merge alone, for the unit tests of the merges.

use super::Merge;
use crate::layer::{Backward, Forward, Operand, Output, Several, TrainLayer, Wire, Wires};
use crate::shape::{ElementType, Shape};
use crate::weights::{Options, Random};

const SAMPLES: usize = 2;
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Wires of numbers of these shapes.
pub(crate) fn wires(shapes: &[&[usize]]) -> Vec<Wire> {
    let wire =
        |(name, shape): (&&'static str, &&[usize])| Wire { name, shape: Shape::new(shape), element: ElementType::F32 };
    NAMES.iter().zip(shapes).map(wire).collect()
}

fn mistake(output: &Output) -> Option<String> {
    output.mistake.map(|mistake| mistake.takes.as_str().to_owned())
}

/// What a merge says is wrong, with the options of the default.
pub(crate) fn says<O: Options>(output: impl Fn(&[Wire], &O) -> Output, shapes: &[&[usize]]) -> Option<String> {
    mistake(&output(&wires(shapes), &O::DEFAULT))
}

/// What a merge says of two operands of which one is ids.
pub(crate) fn says_of_ids<O: Options>(output: impl Fn(&[Wire], &O) -> Output, ids: usize) -> Option<String> {
    let mut wires = wires(&[&[3], &[3]]);
    wires[ids].element = ElementType::U32;
    mistake(&output(&wires, &O::DEFAULT))
}

/// An operand of one sample.
pub(crate) fn pair(numbers: &[f32; 2]) -> Operand<'_> {
    Operand::of(core::slice::from_ref(numbers))
}

/// Wires of which nothing is known before: a merge computes from its operands.
pub(crate) struct Any;
impl Wires for Any {
    const WIRES: &'static [Wire] = &[];
}

/// Compares a merge as a layer with a formula in `f64` of one sample's flat operands.
#[track_caller]
pub(crate) fn check<M>(shapes: &[&[usize]], formula: impl Fn(&[Vec<f64>]) -> Vec<f64>)
where
    M: TrainLayer<Several<Any, 3>> + Default,
{
    let layer = M::default();
    let forward = |x: &[Operand<'_>], y: &mut [f32]| layer.forward(&mut Forward::new(&mut [], &mut []), x, y);
    let backward = |operand: usize, x: &[Operand<'_>], y: &[f32], dy: &mut [f32], dx: &mut [f32]| {
        let mut targets = [const { None }; 3];
        targets[operand] = Some(dx);
        let mut scratch = vec![f32::NAN; y.len()];
        layer.backward(&mut Backward::new(None, &mut [], &mut scratch), x, y, dy, &mut targets);
    };
    compare(shapes, formula, forward, backward);
}

/// [`check`] with options, on the formula alone.
#[track_caller]
pub(crate) fn check_with<M: Merge>(
    options: M::Options,
    shapes: &[&[usize]],
    formula: impl Fn(&[Vec<f64>]) -> Vec<f64>,
) {
    compare(
        shapes,
        formula,
        |x, y| M::forward(&options, x, y),
        |operand, x, y, dy, dx| M::backward(&options, operand, x, (y, dy), dx, &mut []),
    );
}

#[track_caller]
fn compare(
    shapes: &[&[usize]],
    formula: impl Fn(&[Vec<f64>]) -> Vec<f64>,
    forward: impl Fn(&[Operand<'_>], &mut [f32]),
    backward: impl Fn(usize, &[Operand<'_>], &[f32], &mut [f32], &mut [f32]),
) {
    let shapes: Vec<&'static Shape> = shapes.iter().map(|shape| &*Box::leak(Box::new(Shape::new(shape)))).collect();
    let numbers = |stream: u64, count: usize| -> Vec<f32> {
        (0..count as u64).map(|index| 2.0 * Random::new(stream).uniform(index) - 1.0).collect()
    };
    let batches: Vec<Vec<f32>> =
        shapes.iter().zip(1..).map(|(shape, i)| numbers(i, SAMPLES * shape.length())).collect();
    let operands: Vec<Operand<'_>> = batches
        .iter()
        .zip(&shapes)
        .map(|(numbers, shape)| Operand { numbers, ids: &[], shape, samples: SAMPLES, mask: None })
        .collect();
    let sample = |index: usize| -> Vec<Vec<f64>> {
        let flat = |operand: &Operand<'_>| {
            operand.numbers.chunks(operand.shape.length()).nth(index).unwrap().iter().map(|x| f64::from(*x)).collect()
        };
        operands.iter().map(flat).collect()
    };
    let length = formula(&sample(0)).len();

    let mut y = vec![f32::NAN; SAMPLES * length];
    forward(&operands, &mut y);
    let expected: Vec<f64> = (0..SAMPLES).flat_map(|index| formula(&sample(index))).collect();
    assert_near(&y, &expected);

    let dy = numbers(9, y.len());
    for operand in 0..operands.len() {
        let mut dx = vec![f32::NAN; operands[operand].numbers.len()];
        backward(operand, &operands, &y, &mut dy.clone(), &mut dx);
        let slope = |index: usize, place: usize| {
            let moved = |by: f64| -> f64 {
                let mut sample = sample(index);
                sample[operand][place] += by;
                formula(&sample).iter().zip(&dy[index * length..]).map(|(y, dy)| y * f64::from(*dy)).sum()
            };
            (moved(1e-6) - moved(-1e-6)) / 2e-6
        };
        let places = shapes[operand].length();
        let expected = (0..SAMPLES).flat_map(|index| (0..places).map(move |place| (index, place)));
        assert_near(&dx, &expected.map(|(index, place)| slope(index, place)).collect::<Vec<_>>());
    }
}

#[track_caller]
fn assert_near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let near = |(found, expected): (&f32, &f64)| (f64::from(*found) - expected).abs() < 1e-6;
    assert!(found.iter().zip(expected).all(near), "{found:?}, but the formula gives {expected:?}");
}
