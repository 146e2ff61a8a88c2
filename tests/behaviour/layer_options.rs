//! Options that are arguments of a layer's type, those of a layer within another, and penalties of outputs.

use fusion::Shape;
use fusion::prelude::*;

const USE_BIAS: bool = false;

model! {
    struct Spelled {
        input x: [f32; 6, 5, 2];
        block half<UNITS, A, BIAS>(x) => Dense<_, UNITS>(use_bias = BIAS, activation = A, kernel_initializer = Ones);
        branch image = x => Conv2d<_, 4, 3>(padding = Same, activation = Relu) => Conv2d<_, 4, 3>(use_bias = { !true });
        branch a = image => Flatten => half<3, Tanh, true>;
        branch b = image => Flatten => half<3, fusion::activations::Softmax, USE_BIAS>;
        output z = a + b => Dense<_, 2, Relu>(use_bias = USE_BIAS);
    }
}

model! {
    struct WrittenOut {
        input x: [f32; 6, 5, 2];
        branch image = x => Conv2d<_, 4, 3, Relu>(padding = Same) => fusion::layers::Conv2d<_, 4, 3, Linear, fusion::layers::Use<false>>;
        branch a = image => Flatten => Dense<_, 3, Tanh>(kernel_initializer = Ones);
        branch b = image => Flatten => Dense<_, 3, Softmax, fusion::layers::Use<USE_BIAS>>(kernel_initializer = Ones);
        output z = a + b => Dense<_, 2, Relu, fusion::layers::Use<false>>;
    }
}

#[test]
fn an_option_is_the_argument_of_the_type() {
    let (spelled, written_out) = (Spelled::new(3), WrittenOut::new(3));
    let of_type: &Conv2d<2, 4, 3, Relu> = &spelled.conv2d;
    assert_eq!(of_type.kernel, written_out.conv2d.kernel);
    let _: &Dense<48, 3, Softmax, NoBias> = &spelled.dense_1;
    let x = std::array::from_fn(|i| [[i as f32 / 7.0 - 0.3, 0.2]; 5]);
    assert_eq!(spelled.predict(&x), written_out.predict(&x));
    // Files of either are files of the other.
    let mut loaded = WrittenOut::new(4);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    spelled.save_weights(&path).unwrap();
    loaded.load_weights(&path).unwrap();
    assert_eq!(loaded.predict(&x), spelled.predict(&x));
}

const SLOPE: f32 = 0.25;

model! {
    struct Parameterized {
        input x: [f32; 5, 2];
        block sloping<UNITS, BY>(x) => Dense<_, UNITS>(activation = LeakyRelu(BY), use_bias = false);
        layer shared: Dense<_, 3, fusion::activations::Elu(0.5)>;
        branch a = x => Conv1d<_, 4, 2, Relu(max_value = 2.0, threshold = 0.125)> => Flatten => sloping<3, SLOPE> => shared;
        branch b = x => TimeDistributed<Dense<_, 3, LeakyRelu({ SLOPE / 2.0 })>> => TimeDistributed<LeakyRelu(0.1)> => Flatten => sloping<3, 0.5> => shared;
        branch c = x => SimpleRnn<_, 3>(activation = Gelu(approximate = true)) => Activation<Threshold(0.5, -1.0)>;
        output z = concatenate(a, b, c) => last: Dense<_, 1, SoftShrink(0.1)>;
    }
}

#[test]
fn an_activation_has_parameters_in_every_layer_that_takes_one() {
    use fusion::activations::parameters::{EluOptions, LeakyReluOptions, With};
    use fusion::weights::Options;
    const HALF: u128 = EluOptions::DEFAULT.alpha(0.5).parameters();
    const QUARTER: u128 = LeakyReluOptions::DEFAULT.negative_slope(SLOPE).parameters();
    const EIGHTH: u128 = LeakyReluOptions::DEFAULT.negative_slope(0.125).parameters();
    let mut model = Parameterized::new(2);
    let _: &Dense<3, 3, With<Elu, HALF>> = &model.shared;
    let _: &Dense<16, 3, With<LeakyRelu, QUARTER>, NoBias> = &model.dense;
    let _: &TimeDistributed<Dense<2, 3, With<LeakyRelu, EIGHTH>>> = &model.time_distributed;
    model.last.kernel = [[-1.0]; 9];
    model.last.bias = [-5.0];
    let x = [[0.5, -1.0]; 5];
    let history =
        Trainer::new(&mut model, Sgd::new(0.01), MeanSquaredError).verbose(false).epochs(3).fit(&[x; 4], &[[0.0]; 4]);
    let history = history.unwrap();
    assert!(history["loss"][2] < history["loss"][0], "{history:?}");
}

model! {
    struct Within {
        input x: [f32; 3, 2];
        block each<LAYER>(x) => TimeDistributed<LAYER>;
        branch h = x => TimeDistributed<Dense<_, 4>(kernel_regularizer = L2(0.5), use_bias = false, kernel_initializer = Ones)>;
        branch i = h => each<Dense<_, 4, Tanh>(kernel_initializer = Constant(0.5))> => each<Dropout(0.5)> => each<Dropout(0.5)>;
        output z = i => Reshape([1, 3, 4]) => TimeDistributed<TimeDistributed<Dense<_, 1>(bias_initializer = Ones, activation = Relu)>> => Flatten;
    }
}

#[test]
fn a_layer_within_another_has_options_of_its_own() {
    let mut model = Within::new(1);
    let first: &TimeDistributed<Dense<2, 4, Linear, NoBias>> = &model.time_distributed;
    assert_eq!(first.layer.kernel, [[1.0; 4]; 2]);
    assert_eq!(model.time_distributed_1.layer.kernel, [[0.5; 4]; 4]);
    let nested: &TimeDistributed<TimeDistributed<Dense<4, 1, Relu>>> = &model.time_distributed_4;
    assert_eq!(nested.layer.layer.bias, [1.0]);
    let target = model.predict(&[[0.5; 2]; 3]);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).verbose(false);
    // All of the loss is the penalty: half of eight ones.
    let scores = trainer.evaluate(&[[[0.5; 2]; 3]; 4], &[target; 4]).unwrap();
    assert!((scores["loss"] - 4.0).abs() < 1e-6);
    let history = trainer.epochs(2).fit(&[[[0.5; 2]; 3]; 4], &[target; 4]).unwrap();
    assert!(history["loss"][0] > 4.0, "dropout drops at each step");
}

model! { struct Halved = [f32; 3, 2] => TimeDistributed<Dropout(0.5)> => Flatten => Dense<_, 1>; }

/// What a step is known by in a file's digest, as files have it that were saved when these options stood behind the
/// layer around.
#[test]
fn files_know_the_options_within_as_they_always_did() {
    let mut text = String::new();
    let layer = Halved::GRAPH.layers.iter().find(|layer| layer.name == "time_distributed").unwrap();
    layer.write_config(&mut text).unwrap();
    assert_eq!(text, "Dropout  rate=Some(0.5) ");
}

fn squares(_: &Shape, outputs: &[f32], gradient: Option<&mut [f32]>) -> f64 {
    if let Some(gradient) = gradient {
        gradient.iter_mut().zip(outputs).for_each(|(slope, y)| *slope += y);
    }
    outputs.iter().map(|y| f64::from(y * y) / 2.0).sum()
}

model! {
    struct Tower {
        input x: [f32; 4];
        output y = x => hidden: Dense<_, 5, Tanh>(activity_regularizer = L1L2(0.03, 0.04));
    }
}

model! {
    struct Nested {
        input x: [f32; 2, 4];
        branch a = x => TimeDistributed<Tower>;
        branch b = x[0] => tower: Tower;
        output y = a[1] + b => last: Dense<_, 1>(activity_regularizer = Regularizer::Own(squares));
    }
}

model! {
    struct Flat {
        input x: [f32; 2, 4];
        branch a = x => TimeDistributed<Dense<_, 5, Tanh>> => ActivityRegularization(l1 = 0.03, l2 = 0.04);
        branch b = x[0] => tower: Dense<_, 5, Tanh>(activity_regularizer = L1L2(0.03, 0.04));
        output y = a[1] + b => last: Dense<_, 1>(activity_regularizer = L2(0.5));
    }
}

#[test]
fn penalties_of_outputs_are_the_same_within_models() {
    let (mut nested, mut flat) = (Nested::new(5), Flat::new(6));
    flat.time_distributed.layer.kernel = nested.time_distributed.layer.hidden.kernel;
    (flat.tower.kernel, flat.last.kernel) = (nested.tower.hidden.kernel, nested.last.kernel);
    let x: [[[f32; 4]; 2]; 30] =
        std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|k| ((i * 8 + j * 4 + k) as f32).sin())));
    let targets: [[f32; 1]; 30] = std::array::from_fn(|i| [(i as f32).cos()]);
    // The last batch is shorter, and counts its own samples.
    let mut trainer = Trainer::new(&mut nested, Sgd::new(0.1), MeanSquaredError).epochs(3).batch_size(8).verbose(false);
    let of_nested = trainer.fit(&x, &targets).unwrap();
    let mut trainer = Trainer::new(&mut flat, Sgd::new(0.1), MeanSquaredError).epochs(3).batch_size(8).verbose(false);
    let of_flat = trainer.fit(&x, &targets).unwrap();
    assert!(of_nested["loss"].iter().zip(&of_flat["loss"]).all(|(a, b)| (a - b).abs() < 1e-6));
    assert!(of_nested["loss"][2] < of_nested["loss"][0]);
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    let hidden = &nested.time_distributed.layer.hidden;
    assert!(near(hidden.kernel.as_flattened(), flat.time_distributed.layer.kernel.as_flattened()));
    assert!(near(nested.last.kernel.as_flattened(), flat.last.kernel.as_flattened()));
}

model! {
    struct Deep {
        input image: [f32; 5, 6, 2];
        input sequence: [f32; 6, 2];
        block deeper<BY>(x) => DepthwiseConv1d<_, 3>(depth_multiplier = BY);
        branch a = image
            => DepthwiseConv2d<_, 3>(depth_multiplier = TWO)
            => SeparableConv2d<_, 3, 2>(depth_multiplier = 2)
            => Flatten;
        branch b = sequence => deeper<2> => SeparableConv1d<_, 3, 2>(depth_multiplier = { 1 + 1 }) => Flatten;
        output z = concatenate(a, b) => Dense<_, 2>;
    }
}

const TWO: usize = 2;

/// The file is of the same model written with the filters of all channels together as an argument, of which the
/// multiplier was a part.
#[test]
fn a_multiplier_is_the_last_argument_and_a_file_of_all_filters_loads() {
    let mut model = Deep::new(1);
    let _: &DepthwiseConv2d<2, 3, Linear, UseBias, 3, 2> = &model.depthwise_conv2d;
    let _: &SeparableConv1d<4, 3, 2, Linear, UseBias, 2> = &model.separable_conv1d;
    let file = include_bytes!("../fixtures/weights/depth_multiplier.safetensors");
    model.load_weights_from_bytes(file).unwrap();
    assert_eq!(model.depthwise_conv1d.bias, [[0.1, 0.2], [-0.3, 0.4]]);
    let image = std::array::from_fn(|i| std::array::from_fn(|j| [i as f32 - 0.5 * j as f32, 0.25 * j as f32]));
    let sequence = std::array::from_fn(|i| [0.5 * i as f32, 1.0 - i as f32]);
    let z = model.predict(&image, &sequence);
    let near = |(z, then): (f32, f32)| (z - then).abs() < 1e-5;
    assert!(z.into_iter().zip([1.066_231_3, -0.848_912_24]).all(near), "{z:?}");
    // The metadata may say more by now.
    fn weights(file: &[u8]) -> &[u8] {
        let (length, rest) = file.split_first_chunk().unwrap();
        &rest[u64::from_le_bytes(*length) as usize..]
    }
    assert_eq!(weights(&model.weights_to_bytes()), weights(file));
}
