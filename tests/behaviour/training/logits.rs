//! Training with crossentropies after a sigmoid or softmax, as Keras does it: on the logits before. The probabilities
//! are 0 and 1 to the last digit here, and wrong, so that they have no slope themselves.
//!
//! `logits.json` was made with Keras 3.15: three steps of SGD with a learning rate of 0.1 on two samples, then
//! `evaluate`.

use super::keras::{assert_weights, sgd, train};
use super::*;

/// The kernel of the layer under test.
const KERNEL: [[f32; 3]; 2] = [[40.0, -40.0, 0.0], [-40.0, 10.0, 5.0]];
const X: [[f32; 2]; 2] = [[1.0, 2.0], [-1.0, 0.5]];
const ONE_HOT: [[f32; 3]; 2] = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
const IDS: [u32; 2] = [1, 0];

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
            train(concat!("logits/", stringify!($name)), trainer, &X, $targets);
            assert_weights(concat!("logits/", stringify!($name)), &*model);
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
    train("logits/nested", Trainer::new(&mut model, sgd(), BinaryCrossentropy::default()), &X, &ONE_HOT);
    assert_weights("logits/nested", &*model);
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
    train(
        "logits/nested_two_inputs",
        Trainer::new(&mut model, sgd(), CategoricalCrossentropy::default()),
        &X,
        &ONE_HOT,
    );
    assert_weights("logits/nested_two_inputs", &*model);
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
    let losses = NamedLosses { p: BinaryCrossentropy::default(), q: MeanSquaredError };
    let metric = NamedMetrics { p: BinaryCrossentropy::default(), q: () };
    let mut model = Named::new(1);
    (model.dense.kernel, model.dense_1.kernel) = (KERNEL, Q_KERNEL);
    train(
        "logits/also_an_input",
        Trainer::new(&mut model, sgd(), losses).metric(metric),
        &X,
        NamedTargets { p: &ONE_HOT, q: &Q },
    );
    assert_weights("logits/also_an_input", &*model);
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
    let losses = TwiceLosses { p: BinaryCrossentropy::default(), q: BinaryCrossentropy::default() };
    train("logits/twice", Trainer::new(&mut model, sgd(), losses), &X, TwiceTargets { p: &ONE_HOT, q: &others });
    assert_weights("logits/twice", &*model);
    let mut model = Twice::new(1);
    model.dense.kernel = KERNEL;
    let losses = TwiceLosses { p: MeanSquaredError, q: BinaryCrossentropy::default() };
    train(
        "logits/twice_first_not",
        Trainer::new(&mut model, sgd(), losses),
        &X,
        TwiceTargets { p: &ONE_HOT, q: &ONE_HOT },
    );
    assert_weights("logits/twice_first_not", &*model);
}

#[test]
fn time_distributed() {
    // Here too Keras sees only the probabilities.
    model! { struct Steps = [f32; 1, 2] => TimeDistributed<Dense<2, 3, Softmax>>; }
    let mut model = Steps::new(1);
    model.time_distributed.layer.kernel = KERNEL;
    let trainer = Trainer::new(&mut model, sgd(), SparseCategoricalCrossentropy::default());
    train("logits/time_distributed", trainer, &X.map(|x| [x]), &IDS.map(|id| [id]));
    assert_weights("logits/time_distributed", &*model);
}

#[test]
fn convolution() {
    model! { struct Image = [f32; 1, 1, 2] => Conv2d<2, 3, 1, Sigmoid>; }
    let mut model = Image::new(1);
    model.conv2d.kernel = [[KERNEL]];
    let trainer = Trainer::new(&mut model, sgd(), BinaryCrossentropy::default());
    train("logits/convolution", trainer, &X.map(|x| [[x]]), &ONE_HOT.map(|y| [[y]]));
    assert_weights("logits/convolution", &*model);
}

#[test]
fn transposed_convolution() {
    model! { struct Image = [f32; 1, 1, 2] => Conv2dTranspose<2, 3, 1, Softmax>; }
    let mut model = Image::new(1);
    model.conv2d_transpose.kernel = [[std::array::from_fn(|f| std::array::from_fn(|c| KERNEL[c][f]))]];
    let trainer = Trainer::new(&mut model, sgd(), CategoricalCrossentropy::default());
    train("logits/transposed_convolution", trainer, &X.map(|x| [[x]]), &ONE_HOT.map(|y| [[y]]));
    assert_weights("logits/transposed_convolution", &*model);
}
