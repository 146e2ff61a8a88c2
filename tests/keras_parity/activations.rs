//! Every activation: values and gradients.

use fusion_core::activations::*;

use crate::fixture::Fixture;

const TOLERANCE: f32 = 2e-6;

/// For the page of parity.
pub const ACTIVATIONS: [fn(); 2] = [elementwise_activations, activations_of_rows];

/// Runs an activation on `input` and compares with Keras's arrays of its name.
fn check<A: TrainActivation>(fixture: &Fixture, input: &str, features: usize, upstream: &[f32]) {
    let input = fixture.numbers(input);
    let mut output = input.clone();
    A::forward(&mut output, features);
    fixture.check_case((A::NAME, "output"), A::NAME, &output, TOLERANCE);

    let mut gradient = upstream.to_vec();
    A::backward(if A::NEEDS_INPUT { &input } else { &[] }, &output, &mut gradient, features);
    fixture.check_case((A::NAME, "gradient"), &format!("{}_gradient", A::NAME), &gradient, TOLERANCE);
}

#[test]
fn elementwise_activations() {
    let fixture = Fixture::open("activations");
    let ones = vec![1.0; fixture.numbers("x").len()];
    macro_rules! check_all {
        ($($activation:ident)+) => { $(check::<$activation>(&fixture, "x", 1, &ones);)+ };
    }
    check_all!(Linear Relu Relu6 LeakyRelu Sigmoid HardSigmoid LogSigmoid Silu HardSilu Gelu Tanh Softplus Softsign);
    check_all!(Elu Selu Celu Mish TanhShrink HardTanh HardShrink SoftShrink Squareplus SparsePlus);
    check::<Exponential>(&fixture, "exponential_x", 1, &ones);
}

#[test]
fn activations_of_rows() {
    let fixture = Fixture::open("activations");
    let upstream = fixture.numbers("upstream");
    check::<Softmax>(&fixture, "matrix", 9, &upstream);
    check::<LogSoftmax>(&fixture, "matrix", 9, &upstream);
}
