//! Every activation: values and gradients.

use fusion_core::activations::parameters::*;
use fusion_core::activations::*;
use fusion_core::weights::Options;

use crate::fixture::Fixture;

const TOLERANCE: f32 = 2e-6;

/// For the page of parity.
pub const ACTIVATIONS: [fn(); 3] = [elementwise_activations, activations_of_rows, activations_with_parameters];

/// Runs an activation on `input` and compares with Keras's arrays of its name.
fn check<A: TrainActivation>(fixture: &Fixture, input: &str, features: usize, upstream: &[f32]) {
    check_as::<A>(A::NAME, fixture, input, features, upstream);
}

fn check_as<A: TrainActivation>(name: &str, fixture: &Fixture, input: &str, features: usize, upstream: &[f32]) {
    let input = fixture.numbers(input);
    let mut output = input.clone();
    A::forward(&mut output, features);
    fixture.check_case((name, "output"), name, &output, TOLERANCE);

    let mut gradient = upstream.to_vec();
    A::backward(if A::NEEDS_INPUT { &input } else { &[] }, &output, &mut gradient, features);
    fixture.check_case((name, "gradient"), &format!("{name}_gradient"), &gradient, TOLERANCE);
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

#[test]
fn activations_with_parameters() {
    let fixture = Fixture::open("activations_more");
    macro_rules! check_all {
        ($($name:literal: $activation:ty;)+) => {
            $(check_as::<$activation>($name, &fixture, "x", 1, &fixture.numbers(concat!($name, "_upstream")));)+
        };
    }
    check_all! {
        "sparse_sigmoid": SparseSigmoid;
        "gelu_approximate": With<Gelu, { GeluOptions::DEFAULT.approximate(true).parameters() }>;
        "leaky_relu_03": With<LeakyRelu, { LeakyReluOptions::DEFAULT.positional(0.3).parameters() }>;
        "elu_half": With<Elu, { EluOptions::DEFAULT.positional(0.5).parameters() }>;
        "celu_half": With<Celu, { CeluOptions::DEFAULT.positional(0.5).parameters() }>;
        "relu_capped": With<
            Relu,
            { ReluOptions::DEFAULT.negative_slope(0.1).max_value(2.0).threshold(0.3).parameters() },
        >;
        "hard_shrink_tenth": With<HardShrink, { HardShrinkOptions::DEFAULT.positional(0.1).parameters() }>;
        "soft_shrink_tenth": With<SoftShrink, { SoftShrinkOptions::DEFAULT.positional(0.1).parameters() }>;
        "squareplus_one": With<Squareplus, { SquareplusOptions::DEFAULT.positional(1.0).parameters() }>;
    }
    check::<Sparsemax>(&fixture, "matrix", 8, &fixture.numbers("sparsemax_upstream"));

    let fixture = Fixture::open("activations");
    let ones = vec![1.0; fixture.numbers("x").len()];
    type OfThreshold = With<Threshold, { ThresholdOptions::DEFAULT.positional(0.5, -1.0).parameters() }>;
    check_as::<OfThreshold>("threshold", &fixture, "x", 1, &ones);
}
