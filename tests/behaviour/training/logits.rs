//! Training with crossentropies after a sigmoid or softmax, as Keras does it: on the logits before. The probabilities
//! are 0 and 1 to the last digit here, and wrong, so that they have no slope themselves.
//!
//! `logits.json` was made with Keras 3.15: three steps of SGD with a learning rate of 0.1 on two samples, then
//! `evaluate`.

use fusion::model::IntoInputs;
use fusion::training::{IntoTargets, Losses, Targets};
use serde_json::Value;

use super::*;

/// The kernel of the layer under test.
const KERNEL: [[f32; 3]; 2] = [[40.0, -40.0, 0.0], [-40.0, 10.0, 5.0]];
const X: [[f32; 2]; 2] = [[1.0, 2.0], [-1.0, 0.5]];
const ONE_HOT: [[f32; 3]; 2] = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
const IDS: [u32; 2] = [1, 0];

fn keras(case: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/keras/logits.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases[case].clone()
}

#[track_caller]
fn assert_near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error < 2e-6, "{what}: {found}, but Keras's is {expected}");
}

/// Trains and evaluates as Keras did, and compares every number that it reported.
#[track_caller]
fn train<'d, 't, N: TrainNetwork, L: Losses<N::Outputs, Targets = T>, T: Targets>(
    case: &str,
    trainer: Trainer<'_, N, Sgd, L, T>,
    x: impl IntoInputs<'d, N> + Copy,
    targets: impl IntoTargets<'t, T> + Copy,
) {
    let keras = keras(case);
    let mut trainer = trainer.epochs(3).batch_size(2).verbose(false);
    let history = trainer.fit(x, targets).unwrap();
    for (name, values) in keras["history"].as_object().unwrap() {
        for (epoch, expected) in values.as_array().unwrap().iter().enumerate() {
            assert_near(&format!("{case}, {name} of epoch {epoch}"), history[name.as_str()][epoch], expected);
        }
    }
    let scores = trainer.evaluate(x, targets).unwrap();
    for (name, expected) in keras["evaluate"].as_object().unwrap() {
        assert_near(&format!("{case}, {name}"), scores[name.as_str()], expected);
    }
}

/// Compares the weights that Keras ended with, in order.
#[track_caller]
fn assert_weights(case: &str, model: &impl Parameters) {
    let keras = keras(case);
    let expected: Vec<&Value> =
        keras["weights"].as_array().unwrap().iter().flat_map(|weights| weights.as_array().unwrap()).collect();
    let found = weights(model);
    assert_eq!(found.len(), expected.len(), "{case}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_near(&format!("{case}, weight {index}"), f64::from(*found), expected);
    }
}

fn sgd() -> Sgd {
    Sgd::new(0.1)
}

model! { struct WithSigmoid = [f32; 2] => Dense<2, 3, Sigmoid>; }
model! { struct WithSoftmax = [f32; 2] => Dense<2, 3, Softmax>; }

/// A case with one of these models, which does what Keras does with the same layer.
macro_rules! case {
    ($name:ident, $Model:ident, $loss:expr, $targets:expr $(, metrics $($metric:expr),+)?) => {
        #[test]
        fn $name() {
            let mut model = $Model::new(1);
            model.dense.kernel = KERNEL;
            let trainer = Trainer::new(&mut model, sgd(), $loss)$($(.metric($metric))+)?;
            train(stringify!($name), trainer, &X, $targets);
            assert_weights(stringify!($name), &*model);
        }
    };
}
case!(
    sigmoid_binary, WithSigmoid, BinaryCrossentropy::default(), &ONE_HOT,
    metrics BinaryCrossentropy::default(), BinaryAccuracy::default()
);
case!(sigmoid_binary_smoothing, WithSigmoid, BinaryCrossentropy::default().label_smoothing(0.1), &ONE_HOT);
case!(sigmoid_binary_from_logits, WithSigmoid, BinaryCrossentropy::from_logits(), &ONE_HOT);
case!(sigmoid_categorical, WithSigmoid, CategoricalCrossentropy::default(), &ONE_HOT);
case!(
    sigmoid_mean_squared_error, WithSigmoid, MeanSquaredError, &ONE_HOT,
    metrics BinaryCrossentropy::default()
);
case!(softmax_binary, WithSoftmax, BinaryCrossentropy::default(), &ONE_HOT);
case!(
    softmax_categorical, WithSoftmax, CategoricalCrossentropy::default(), &ONE_HOT,
    metrics CategoricalCrossentropy::default(), CategoricalAccuracy
);
case!(
    softmax_sparse, WithSoftmax, SparseCategoricalCrossentropy::default(), &IDS,
    metrics SparseCategoricalCrossentropy::default(), SparseCategoricalAccuracy
);

model! { struct SoftmaxLayer = [f32; 2] => Dense<2, 3> => Activation<Softmax>; }
case!(softmax_layer, SoftmaxLayer, SparseCategoricalCrossentropy::default(), &IDS);

// Here Keras sees only the probabilities.
model! { struct Flattened = [f32; 2] => Dense<2, 3, Softmax> => Flatten; }
case!(
    softmax_flatten, Flattened, SparseCategoricalCrossentropy::default(), &IDS,
    metrics SparseCategoricalCrossentropy::default()
);
model! { struct WithLogSoftmax = [f32; 2] => Dense<2, 3, LogSoftmax>; }
case!(log_softmax_categorical, WithLogSoftmax, CategoricalCrossentropy::default(), &ONE_HOT);

#[test]
fn nested() {
    model! { struct Outer = [f32; 2] => WithSigmoid; }
    let mut model = Outer::new(1);
    model.with_sigmoid.dense.kernel = KERNEL;
    train("nested", Trainer::new(&mut model, sgd(), BinaryCrossentropy::default()), &X, &ONE_HOT);
    assert_weights("nested", &*model);
}

#[test]
fn nested_two_inputs() {
    model! {
        struct Inner {
            input a: [f32; 2];
            input b: [f32; 2];
            output z = add(a, b) => Dense<2, 3, Softmax>;
        }
    }
    model! {
        struct Outer {
            input x: [f32; 2];
            output z = (a = x, b = x) => Inner;
        }
    }
    let mut model = Outer::new(1);
    model.inner.dense.kernel = KERNEL;
    train("nested_two_inputs", Trainer::new(&mut model, sgd(), CategoricalCrossentropy::default()), &X, &ONE_HOT);
    assert_weights("nested_two_inputs", &*model);
}

/// An output that another layer reads too.
#[test]
fn also_an_input() {
    const Q_KERNEL: [[f32; 1]; 3] = [[1.0], [-2.0], [0.5]];
    const Q: [[f32; 1]; 2] = [[0.5], [-1.0]];
    model! {
        struct Named {
            input x: [f32; 2];
            branch wire = x => Dense<2, 3, Sigmoid>;
            output p = wire;
            output q = wire => Dense<3, 1>;
        }
    }
    let losses = (BinaryCrossentropy::default(), MeanSquaredError);
    let metric = (BinaryCrossentropy::default(), ());
    let mut model = Named::new(1);
    (model.dense.kernel, model.dense_1.kernel) = (KERNEL, Q_KERNEL);
    train("also_an_input", Trainer::new(&mut model, sgd(), losses).metric(metric), &X, (&ONE_HOT, &Q));
    assert_weights("also_an_input", &*model);
}

/// One wire as two outputs, with two losses of which one or both are of logits.
#[test]
fn twice() {
    model! {
        struct Twice {
            input x: [f32; 2];
            branch wire = x => Dense<2, 3, Sigmoid>;
            output p = wire;
            output q = wire;
        }
    }
    let others = ONE_HOT.map(|y| y.map(|y| 1.0 - y));
    let mut model = Twice::new(1);
    model.dense.kernel = KERNEL;
    let losses = (BinaryCrossentropy::default(), BinaryCrossentropy::default());
    train("twice", Trainer::new(&mut model, sgd(), losses), &X, (&ONE_HOT, &others));
    assert_weights("twice", &*model);
    let mut model = Twice::new(1);
    model.dense.kernel = KERNEL;
    let losses = (MeanSquaredError, BinaryCrossentropy::default());
    train("twice_first_not", Trainer::new(&mut model, sgd(), losses), &X, (&ONE_HOT, &ONE_HOT));
    assert_weights("twice_first_not", &*model);
}

#[test]
fn time_distributed() {
    // Here too Keras sees only the probabilities.
    model! { struct Steps = [f32; 1, 2] => TimeDistributed<Dense<2, 3, Softmax>>; }
    let mut model = Steps::new(1);
    model.time_distributed.layer.kernel = KERNEL;
    let trainer = Trainer::new(&mut model, sgd(), SparseCategoricalCrossentropy::default());
    train("time_distributed", trainer, &X.map(|x| [x]), &IDS.map(|id| [id]));
    assert_weights("time_distributed", &*model);
}

#[test]
fn convolution() {
    model! { struct Image = [f32; 1, 1, 2] => Conv2d<2, 3, 1, Sigmoid>; }
    let mut model = Image::new(1);
    model.conv2d.kernel = [[KERNEL]];
    let trainer = Trainer::new(&mut model, sgd(), BinaryCrossentropy::default());
    train("convolution", trainer, &X.map(|x| [[x]]), &ONE_HOT.map(|y| [[y]]));
    assert_weights("convolution", &*model);
}

#[test]
fn transposed_convolution() {
    model! { struct Image = [f32; 1, 1, 2] => Conv2dTranspose<2, 3, 1, Softmax>; }
    let mut model = Image::new(1);
    model.conv2d_transpose.kernel = [[std::array::from_fn(|f| std::array::from_fn(|c| KERNEL[c][f]))]];
    let trainer = Trainer::new(&mut model, sgd(), CategoricalCrossentropy::default());
    train("transposed_convolution", trainer, &X.map(|x| [[x]]), &ONE_HOT.map(|y| [[y]]));
    assert_weights("transposed_convolution", &*model);
}
