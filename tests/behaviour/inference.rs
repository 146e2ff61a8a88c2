//! Prediction: one sample, many samples, by name, without allocation errors, and the constants.

use fusion::prelude::*;
use fusion::{PredictError, Random};

model! {
    /// The tutorial's fusion model.
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

model! {
    /// Two inputs of one shape, two outputs, and a wire used three times.
    struct Twins {
        input left: [f32; 3];
        input right: [f32; 3];
        branch both = subtract(left, right) => Dense<3, 3, Tanh>;
        output difference = both;
        output score = concatenate(both, left, both) => Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// An image goes through a rank of three.
    struct Image {
        input pixels: [f32; 4, 4, 2];
        output class = pixels => Dense<2, 3, Relu> => Flatten => Dense<{ 4 * 4 * 3 }, 5, Softmax>;
    }
}

const _: () = assert!(Fusion::WEIGHT_BYTES < 65_536);

fn numbers<const N: usize>(samples: usize, seed: u64) -> Vec<[f32; N]> {
    let random = Random::new(seed);
    (0..samples as u64)
        .map(|sample| std::array::from_fn(|i| random.of_sample(sample).uniform(i as u64) - 0.5))
        .collect()
}

#[test]
fn constants_are_known_at_compile_time() {
    assert_eq!(Fusion::PARAMETERS, 10_789);
    assert_eq!(Fusion::MULTIPLY_ACCUMULATES, 10_674);
    assert_eq!(Fusion::WEIGHT_BYTES, 4 * 10_789);
    // Of its eight wires no more are needed at one time than three of 4, 64 and 32 numbers, on lines of 64 bytes.
    assert_eq!(Fusion::WORKSPACE_BYTES, 64 * (1 + 4 + 2));
}

#[test]
fn a_seed_gives_one_model_and_another_seed_another() {
    assert_eq!(Fusion::new(3).weights_to_bytes(), Fusion::new(3).weights_to_bytes());
    assert_ne!(Fusion::new(3).dense.kernel, Fusion::new(4).dense.kernel);
}

#[test]
fn many_samples_give_what_one_gives_at_every_tile_border() {
    let model = Fusion::new(1);
    for samples in [0, 1, 2, 47, 48, 49, 96, 101] {
        let (a, b) = (numbers::<32>(samples, 1), numbers::<128>(samples, 2));
        let outputs = model.predict_batch((&a, &b)).unwrap();
        assert_eq!(outputs.len(), samples);
        for ((output, a), b) in outputs.iter().zip(&a).zip(&b) {
            approx::assert_relative_eq!(output[0], model.predict(a, b)[0], epsilon = 1e-6, max_relative = 1e-5);
        }
    }
}

#[test]
fn inputs_of_one_shape_go_by_name() {
    let model = Twins::new(5);
    let (left, right) = (numbers::<3>(60, 1), numbers::<3>(60, 2));
    let outputs = model.predict_batch(TwinsInputs { right: &right, left: &left }).unwrap();
    let one = model.predict_named(TwinsInput { left: &left[59], right: &right[59] });
    approx::assert_relative_eq!(outputs.score[59][0], one.score[0], max_relative = 1e-5);
    let swapped = model.predict_named(TwinsInput { left: &right[59], right: &left[59] });
    assert_ne!(swapped.difference, one.difference);
}

#[test]
fn wires_are_what_their_formulas_say() {
    let mut model = Twins::new(5);
    model.dense.bias = [0.1, 0.2, 0.3];
    let (left, right) = ([0.5, -0.25, 0.125], [0.25, 0.5, -1.0]);
    let difference: Vec<f32> = (0..3)
        .map(|o| {
            (model.dense.bias[o] + (0..3).map(|i| (left[i] - right[i]) * model.dense.kernel[i][o]).sum::<f32>()).tanh()
        })
        .collect();
    let joined = [&difference[..], &left[..], &difference[..]].concat();
    let score: f32 =
        model.dense_1.bias[0] + joined.iter().zip(&model.dense_1.kernel).map(|(x, k)| x * k[0]).sum::<f32>();
    let output = model.predict_named(TwinsInput { left: &left, right: &right });
    approx::assert_relative_eq!(output.difference[..], difference[..], epsilon = 1e-6);
    approx::assert_relative_eq!(output.score[0], 1.0 / (1.0 + (-score).exp()), epsilon = 1e-6);
}

#[test]
fn images_are_nested_arrays_and_rows_view_flat_data() {
    let flat: Vec<f32> = numbers::<32>(3, 4).into_flattened();
    let images = rows::<[[[f32; 2]; 4]; 4]>(&flat).unwrap();
    assert_eq!(images.len(), 3);
    assert_eq!(images[1][2][3][1], flat[32 + 2 * 8 + 3 * 2 + 1]);
    let outputs = Image::new(1).predict_batch(images).unwrap();
    for output in outputs {
        approx::assert_relative_eq!(output.iter().sum::<f32>(), 1.0, epsilon = 1e-6);
    }
    assert!(rows::<[[[f32; 2]; 4]; 4]>(&flat[1..]).is_err());
}

#[test]
fn sample_counts_that_differ_are_an_error_that_names_them() {
    let model = Fusion::new(1);
    let (a, b) = (numbers::<32>(3, 1), numbers::<128>(4, 2));
    let error = model.predict_batch((&a, &b)).unwrap_err();
    assert_eq!(error, PredictError::SampleCounts { first: ("a", 3), other: ("b", 4) });
    assert_eq!(error.to_string(), "the inputs have different numbers of samples: `a` has 3, `b` has 4");
    let mut outputs = [[0.0]; 2];
    let error = model.predict_batch_into((&a, &b[..3]), &mut outputs, &mut Fusion::workspace()).unwrap_err();
    assert_eq!(error.to_string(), "there are 3 samples, but room for 2 of the output `z`");
}

#[test]
fn each_output_has_a_batch_by_its_name() {
    let model = Twins::new(5);
    let (left, right) = (numbers::<3>(60, 1), numbers::<3>(60, 2));
    let (inputs, mut workspace) = (TwinsInputs { right: &right, left: &left }, Twins::workspace());
    let outputs = model.predict_batch(inputs).unwrap();
    let mut again = TwinsOutputs { difference: vec![[0.0; 3]; 60], score: vec![[0.0]; 60] };
    model.predict_batch_into(inputs, again.as_mut(), &mut workspace).unwrap();
    assert_eq!(again, outputs);
    let (mut difference, mut score) = ([[0.0; 3]; 60], vec![[0.0]; 61]);
    let places = TwinsOutputsMut { difference: &mut difference, score: &mut score };
    let error = model.predict_batch_into(inputs, places, &mut workspace).unwrap_err();
    assert_eq!(error.to_string(), "there are 60 samples, but room for 61 of the output `score`");
    let places = TwinsOutputsMut { difference: &mut difference, score: &mut score[1..] };
    model.predict_batch_into(inputs, places, &mut workspace).unwrap();
    assert_eq!((&difference[..], &score[1..]), (&outputs.difference[..], &outputs.score[..]));
    assert_eq!(outputs.sample(7), TwinsOutput { difference: difference[7], score: score[8] });
}

#[test]
fn a_workspace_is_used_again() {
    let model = Fusion::new(1);
    let (a, b) = (numbers::<32>(100, 1), numbers::<128>(100, 2));
    let (mut outputs, mut workspace) = (vec![[0.0]; 100], Fusion::workspace());
    for _ in 0..2 {
        model.predict_batch_into((&a, &b), &mut outputs, &mut workspace).unwrap();
        assert_eq!(outputs, model.predict_batch((&a, &b)).unwrap());
    }
}

/// Code over any model, given a model or a box of one.
fn weights_of<M: Model>(model: &M) -> (usize, Vec<u8>) {
    (M::PARAMETERS, model.weights_to_bytes())
}

#[test]
fn generic_code_takes_models_and_boxes_alike() {
    let model: Box<Fusion> = Fusion::new(9);
    assert_eq!(weights_of(&model), weights_of(&*model));
    let copy = model.duplicate();
    assert_eq!(copy.weights_to_bytes(), model.weights_to_bytes());
    let mut other = Fusion::new(10);
    other.copy_from(&model);
    assert_eq!(other.weights_to_bytes(), model.weights_to_bytes());
}

#[test]
fn models_cross_threads() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    is_send_and_sync(&Fusion::new(1));
}

/// Memory of one sample of a recurrent model, which a microcontroller has on its stack.
#[test]
fn a_prediction_keeps_nothing_for_a_way_back() {
    use fusion::model::floats_of_one;
    model! { struct Hundred = [f32; 100, 8] => Lstm<8, 16> => Dense<16, 1, Gelu>; }
    model! { struct Thousand = [f32; 1000, 8] => Lstm<8, 16> => Dense<16, 1, Gelu>; }
    model! { struct Outer = [f32; 1000, 8] => Thousand => Dense<1, 1>; }
    assert_eq!(floats_of_one::<Hundred>(), floats_of_one::<Thousand>());
    assert!(floats_of_one::<Thousand>() < 1300, "{}", floats_of_one::<Thousand>());
    assert!(floats_of_one::<Outer>() < 1500, "{}", floats_of_one::<Outer>());
    let sequence = std::array::from_fn(|step| [(step as f32).sin(); 8]);
    let (model, outer) = (Thousand::new(1), Outer::new(2));
    assert_eq!(model.predict(&sequence), model.predict_batch(&[sequence]).unwrap()[0]);
    assert!(outer.predict(&sequence)[0].is_finite());
}
