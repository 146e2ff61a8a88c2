//! Every merge: output and gradients.

use fusion_core::Shape;
use fusion_core::merges::*;

use crate::fixture::Fixture;

const TOLERANCE: f32 = 1e-6;

/// For the page of parity.
pub const MERGES: [fn(); 2] = [merges_of_one_shape, concatenate];

/// Compares a merge with the fixture `layers/NAME`.
fn run_merge<M: Merge>(name: &str, options: M::Options) {
    let fixture = Fixture::open(&format!("layers/{name}"));
    let names: Vec<String> = (0..).map(|i| format!("input{i}")).take_while(|input| fixture.has(input)).collect();
    let batches: Vec<Vec<f32>> = names.iter().map(|input| fixture.numbers(input)).collect();
    let operands: Vec<&[f32]> = batches.iter().map(|batch| &batch[..]).collect();
    let shapes: Vec<Shape> = names.iter().map(|input| Shape::new(&fixture.shape(input)[1..])).collect();
    let samples = fixture.shape("output")[0];

    let mut output = vec![f32::NAN; fixture.shape("output").iter().product()];
    M::forward(&options, &operands, &shapes, &mut output, samples);
    fixture.check("output", "output", &output, TOLERANCE);

    let upstream = fixture.numbers("upstream");
    for (index, (input, operand)) in names.iter().zip(&operands).enumerate() {
        let mut dx = vec![f32::NAN; operand.len()];
        M::backward(&options, index, &operands, &shapes, &output, &upstream, &mut dx, samples);
        fixture.check("input gradients", &format!("{input}_gradient"), &dx, TOLERANCE);
    }
}

#[test]
fn merges_of_one_shape() {
    run_merge::<Add>("add", Add::DEFAULT);
    run_merge::<Subtract>("subtract", Subtract::DEFAULT);
    run_merge::<Multiply>("multiply", Multiply::DEFAULT);
    run_merge::<Average>("average", Average::DEFAULT);
    run_merge::<Maximum>("maximum", Maximum::DEFAULT);
    run_merge::<Minimum>("minimum", Minimum::DEFAULT);
}

#[test]
fn concatenate() {
    run_merge::<Concatenate>("concatenate", Concatenate::DEFAULT);
    run_merge::<Concatenate>("concatenate_rank3_axis1", Concatenate::DEFAULT.axis(1));
    run_merge::<Concatenate>("concatenate_rank3_last", Concatenate::DEFAULT);
    run_merge::<Concatenate>("concatenate_rank3_last", Concatenate::DEFAULT.axis(2));
}
