//! A layer's gradients against differences of its outputs.

use super::*;

/// How far a number is moved, once and twice to both sides.
const STEP: f32 = 1.0 / 128.0;
/// By how much differences and gradients may differ, relative to the largest: differences are of `f32`.
const TOLERANCE: f32 = 1e-3;
/// From where on, relative to the largest slope, what two distances give is no rounding: the output bends there, as at
/// the edge of a ReLU, and has no slope.
const BEND: f32 = 2e-3;

/// A number that the output depends on.
#[derive(Clone, Copy)]
enum Place {
    /// Of the wire and at the index.
    Input(usize, usize),
    /// Of the array and at the index.
    Weight(usize, usize),
}

impl Case {
    /// All gradients are the slopes of the outputs, in inference, and in training for what looks at the whole batch and for
    /// what is random, with the same random numbers each time.
    pub fn has_the_gradients_of_differences(self) {
        let (mut case, mut x) = self.prepared();
        let otherwise = case.layer.needs().couples_samples || checks::is_random(&*case.layer, &x);
        let modes = if otherwise { vec![INFERENCE, TRAINING] } else { vec![INFERENCE] };
        for mode in modes {
            agrees(&mut *case.layer, &mut x, mode);
        }
    }
}

fn agrees(layer: &mut dyn Alone, x: &mut [Batch], mode: Mode) {
    let places = places(layer, x);
    let outputs: Vec<[Vec<f32>; 5]> = places
        .iter()
        .map(|place| [-2.0, -1.0, 0.0, 1.0, 2.0].map(|steps| moved(layer, x, mode, *place, steps * STEP)))
        .collect();
    let count = outputs.first().map_or(0, |[y, ..]| y.len());
    let points = |outputs: &[Vec<f32>; 5], at: usize| outputs.each_ref().map(|y| y[at]);
    let all = || outputs.iter().flat_map(|outputs| (0..count).map(|at| points(outputs, at)));
    let scale = all().fold(0.0_f32, |most, points| most.max(slope(points).abs()));

    let bends: Vec<bool> =
        (0..count).map(|at| outputs.iter().any(|outputs| bend(points(outputs, at)) > BEND * scale)).collect();
    let left_out = bends.iter().filter(|bends| **bends).count();
    assert!(4 * left_out <= count, "{left_out} of {count} outputs bend");
    let weight = |(dy, bends): (f32, &bool)| if *bends { 0.0 } else { dy };
    let dy: Vec<f32> = random_numbers(count, 97).into_iter().zip(&bends).map(weight).collect();

    let expected: Vec<f32> = outputs
        .iter()
        .map(|outputs| {
            (0..count).map(|at| f64::from(dy[at]) * f64::from(slope(points(outputs, at)))).sum::<f64>() as f32
        })
        .collect();
    layer.gradients(&mut |_, sums| sums.fill(0.0));
    let Run { dx, .. } = run(layer, x, &dy, mode, |_| true);
    let mut arrays = vec![];
    layer.gradients(&mut |_, sums| arrays.push(sums.to_vec()));
    let found: Vec<f32> = places
        .iter()
        .map(|place| match *place {
            Place::Input(wire, index) => dx[wire][index],
            Place::Weight(array, index) => arrays[array][index],
        })
        .collect();
    crate::fixture::assert_close("gradients", &found, &expected, TOLERANCE);
}

/// All numbers of the inputs and all weights that are trained.
fn places(layer: &mut dyn Alone, x: &[Batch]) -> Vec<Place> {
    let of_wire = |(wire, batch): (usize, &Batch)| (0..batch.numbers.len()).map(move |index| Place::Input(wire, index));
    let mut places: Vec<Place> = x.iter().enumerate().flat_map(of_wire).collect();
    let mut array = 0;
    layer.weights(&mut |parameter, values| {
        if parameter.trainable {
            places.extend((0..values.len()).map(|index| Place::Weight(array, index)));
        }
        array += 1;
    });
    places
}

/// The output where one number is moved.
fn moved(layer: &mut dyn Alone, x: &mut [Batch], mode: Mode, place: Place, by: f32) -> Vec<f32> {
    let before = change(layer, x, place, |number| number + by);
    let (y, _) = forward(layer, x, mode, true);
    change(layer, x, place, |_| before);
    y
}

/// Changes a number, and gives what it was.
fn change(layer: &mut dyn Alone, x: &mut [Batch], place: Place, to: impl Fn(f32) -> f32) -> f32 {
    let mut before = 0.0;
    match place {
        Place::Input(wire, index) => {
            before = x[wire].numbers[index];
            x[wire].numbers[index] = to(before);
        }
        Place::Weight(wanted, index) => {
            let mut array = 0;
            layer.weights(&mut |_, values| {
                if array == wanted {
                    before = values[index];
                    values[index] = to(before);
                }
                array += 1;
            });
        }
    }
    before
}

/// The slope in the middle, exact for what is a polynomial of degree 4.
fn slope([a, b, _, d, e]: [f32; 5]) -> f32 {
    (8.0 * (d - b) - (e - a)) / (12.0 * STEP)
}

/// By how much the slopes on both sides, near and far, differ beyond what is smooth.
fn bend([a, b, c, d, e]: [f32; 5]) -> f32 {
    let (near, far) = ((d - b) / (2.0 * STEP), (e - a) / (4.0 * STEP));
    let sides = (a - 4.0 * b + 6.0 * c - 4.0 * d + e) / STEP;
    (near - far).abs().max(sides.abs())
}
