//! Runs a merge alone, for the unit tests of the merges.

use super::{Merge, MergeFit};
use crate::site::Part;
use crate::{NoOptions, Random, Shape};

const SAMPLES: usize = 2;
const NAMES: [&str; 3] = ["x", "y", "z"];

pub(crate) fn parts(shapes: &[&[usize]]) -> Vec<Part> {
    let part = |(name, shape): (&&'static str, &&[usize])| Part { name, shape: Shape::new(shape), numbers: true };
    NAMES.iter().zip(shapes).map(part).collect()
}

fn mistake(fit: &MergeFit) -> Option<(usize, String)> {
    fit.mistake.map(|text| (fit.operand, text.as_str().to_owned()))
}

/// What a merge says is wrong, and with which operand.
pub(crate) fn says(fit: impl Fn(&[Part], NoOptions) -> MergeFit, shapes: &[&[usize]]) -> Option<(usize, String)> {
    mistake(&fit(&parts(shapes), NoOptions))
}

/// What a merge says of two operands of which one is ids.
pub(crate) fn says_of_ids(fit: impl Fn(&[Part], NoOptions) -> MergeFit, ids: usize) -> Option<(usize, String)> {
    let mut parts = parts(&[&[3], &[3]]);
    parts[ids].numbers = false;
    mistake(&fit(&parts, NoOptions))
}

/// Compares a merge with a formula in `f64` of one sample's flat operands.
#[track_caller]
pub(crate) fn check<M: Merge>(shapes: &[&[usize]], formula: impl Fn(&[Vec<f64>]) -> Vec<f64>) {
    check_with::<M>(M::DEFAULT, shapes, formula);
}

/// [`check`] with options.
#[track_caller]
pub(crate) fn check_with<M: Merge>(
    options: M::Options,
    shapes: &[&[usize]],
    formula: impl Fn(&[Vec<f64>]) -> Vec<f64>,
) {
    let shapes: Vec<Shape> = shapes.iter().map(|shape| Shape::new(shape)).collect();
    let numbers = |stream: u64, count: usize| -> Vec<f32> {
        (0..count as u64).map(|index| 2.0 * Random::new(stream).uniform(index) - 1.0).collect()
    };
    let batches: Vec<Vec<f32>> =
        shapes.iter().zip(1..).map(|(shape, i)| numbers(i, SAMPLES * shape.length())).collect();
    let operands: Vec<&[f32]> = batches.iter().map(|batch| &batch[..]).collect();
    let sample = |index: usize| -> Vec<Vec<f64>> {
        let flat = |(operand, shape): (&&[f32], &Shape)| {
            operand.chunks(shape.length()).nth(index).unwrap().iter().map(|x| f64::from(*x)).collect()
        };
        operands.iter().zip(&shapes).map(flat).collect()
    };
    let length = formula(&sample(0)).len();

    let mut output = vec![f32::NAN; SAMPLES * length];
    M::forward(&options, &operands, &shapes, &mut output, SAMPLES);
    let expected: Vec<f64> = (0..SAMPLES).flat_map(|index| formula(&sample(index))).collect();
    assert_near(&output, &expected);

    let dy = numbers(9, output.len());
    for operand in 0..operands.len() {
        let mut dx = vec![f32::NAN; operands[operand].len()];
        M::backward(&options, operand, &operands, &shapes, &output, &dy, &mut dx, SAMPLES);
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
