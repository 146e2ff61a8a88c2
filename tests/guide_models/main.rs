//! The networks of Keras's functional API guide and of the mixed-data tutorial, against Keras's own
//! numbers: outputs, both summaries, and training step by step where Keras trained them.

mod golden;

use fusion::Network;
use fusion::prelude::*;
use golden::{Golden, Record};

type Photo = [[[f32; 3]; 16]; 16];

model! {
    /// The guide's first network.
    pub struct MnistMlp {
        input input_layer: [f32; 64];
        output digit = input_layer => Dense<_, 24, Relu> => Dense<_, 24, Relu> => Dense<_, 10>;
    }
}

model! {
    /// An image as four numbers.
    pub struct Encoder {
        input img: [f32; 12, 12, 1];
        output code = img => Conv2d<1, 4, 3, Relu> => Conv2d<4, 6, 3, Relu> => MaxPooling2d(2)
            => Conv2d<6, 6, 3, Relu>(padding = Padding::Same) => Conv2d<6, 4, 3, Relu> => GlobalMaxPooling2d;
    }
}

model! {
    /// Four numbers as an image.
    pub struct Decoder {
        input code: [f32; 4];
        output img = code => Reshape([2, 2, 1]) => Conv2dTranspose<1, 4, 3, Relu> => UpSampling2d(3)
            => Conv2dTranspose<4, 1, 3, Relu>(padding = Padding::Same);
    }
}

model! {
    /// Both, chained.
    pub struct Autoencoder {
        input img: [f32; 12, 12, 1];
        output decoded = img => Encoder => Decoder;
    }
}

model! {
    /// The same network in one piece, as the golden file has it.
    pub struct FlatAutoencoder {
        input img: [f32; 12, 12, 1];
        branch code = img => Conv2d<1, 4, 3, Relu> => Conv2d<4, 6, 3, Relu> => MaxPooling2d(2)
            => Conv2d<6, 6, 3, Relu>(padding = Padding::Same) => Conv2d<6, 4, 3, Relu> => GlobalMaxPooling2d;
        output decoded = code => Reshape([2, 2, 1]) => Conv2dTranspose<1, 4, 3, Relu> => UpSampling2d(3)
            => Conv2dTranspose<4, 1, 3, Relu>(padding = Padding::Same);
    }
}

model! {
    /// One voice of the ensemble.
    pub struct Voice {
        input features: [f32; 16];
        output score = features => Dense<_, 8, Relu> => Dense<_, 1>;
    }
}

model! {
    /// Three voices, averaged.
    pub struct Ensemble {
        input input_layer: [f32; 16];
        branch a = input_layer => m1: Voice;
        branch b = input_layer => m2: Voice;
        branch c = input_layer => m3: Voice;
        output score = average(a, b, c);
    }
}

model! {
    /// Three inputs, two outputs.
    pub struct Tickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch words = title => Embedding<50, 6>;
        branch text = body => Embedding<50, 6>;
        branch title_features = words => Lstm<_, 8>;
        branch body_features = text => Lstm<_, 4>;
        branch x = concatenate(title_features, body_features, tags);
        output priority = x => priority: Dense<_, 1>;
        output department = x => department: Dense<_, 4>;
    }
}

model! {
    /// Blocks whose input is added to their output.
    pub struct ToyResnet {
        input img: [f32; 16, 16, 3];
        branch block_1 = img => Conv2d<3, 8, 3, Relu> => Conv2d<8, 12, 3, Relu> => MaxPooling2d(3);
        branch x_2 = block_1 => Conv2d<12, 12, 3, Relu>(padding = Padding::Same) => Conv2d<12, 12, 3, Relu>(padding = Padding::Same);
        branch block_2 = add(x_2, block_1);
        branch x_3 = block_2 => Conv2d<12, 12, 3, Relu>(padding = Padding::Same) => Conv2d<12, 12, 3, Relu>(padding = Padding::Same);
        branch block_3 = add(x_3, block_2);
        output class = block_3 => Conv2d<12, 12, 3, Relu> => GlobalAveragePooling2d => Dense<_, 16, Relu> => Dropout(0.5)
            => Dense<_, 10>;
    }
}

model! {
    /// One table of words for two texts.
    pub struct SharedEmbedding {
        input input_layer: [u32; 6];
        input input_layer_1: [u32; 6];
        layer embedding: Embedding<40, 5>;
        branch a = input_layer => embedding => Flatten;
        branch b = input_layer_1 => embedding => Flatten;
        output z = concatenate(a, b) => Dense<_, 2>;
    }
}

model! {
    /// Attributes and a photo, the mixed-data tutorial at a small size.
    pub struct MixedData {
        input attributes: [f32; 10];
        input photo: [f32; 16, 16, 3];
        branch x = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = photo
            => Conv2d<3, 4, 3>(padding = Padding::Same) => Activation<Relu> => BatchNormalization<_> => MaxPooling2d(2)
            => Conv2d<4, 8, 3>(padding = Padding::Same) => Activation<Relu> => BatchNormalization<_> => MaxPooling2d(2)
            => Flatten => Dense<_, 16> => Activation<Relu> => BatchNormalization<_> => Dense<_, 4, Relu>;
        output price = concatenate(x, y) => Dense<_, 4, Relu> => Dense<_, 1>;
    }
}

#[test]
fn summaries_are_kerass() {
    golden::check_summary::<MnistMlp>("mnist_mlp");
    golden::check_summary::<FlatAutoencoder>("autoencoder");
    golden::check_summary::<Ensemble>("ensemble");
    golden::check_summary::<Tickets>("tickets");
    golden::check_summary::<ToyResnet>("toy_resnet");
    golden::check_summary::<SharedEmbedding>("shared_embedding");
    golden::check_summary::<MixedData>("mixed_data");
}

#[test]
fn mnist_mlp() {
    let golden = Golden::open("mnist_mlp");
    let mut model: Box<MnistMlp> = golden.load();
    golden.check_output(0, model.predict_batch(&golden.rows("io", "input0")).unwrap().as_flattened());
    let record = Record::default();
    let inputs: Vec<[f32; 64]> = golden.rows("train_data", "input0");
    let history = Trainer::new(&mut model, RmsProp::default(), SparseCategoricalCrossentropy::from_logits())
        .metric(SparseCategoricalAccuracy.named("accuracy"))
        .epochs(2)
        .validation_split(0.25)
        .verbose(false)
        .callback(record.clone())
        .fit(&inputs, &golden.ids("train_data", "target0"))
        .unwrap();
    golden.check_training(&record, &history, &*model);
}

/// The weights are the guide's but for three biases, raised so that the last activation is not zero everywhere.
#[test]
fn autoencoder_in_one_piece_and_of_two_models() {
    let golden = Golden::open("autoencoder");
    let images: Vec<[[[f32; 1]; 12]; 12]> = golden.rows("io", "input0");
    let flat: Box<FlatAutoencoder> = golden.load();
    golden.check_output(0, Tensor::numbers(&flat.predict_batch(&images).unwrap()));
    let mut chained = Autoencoder::new(1);
    golden.load_by(&mut *chained, |path| path.split_once('/').map_or(path, |(_, rest)| rest).to_owned());
    golden.check_output(0, Tensor::numbers(&chained.predict_batch(&images).unwrap()));
    // The code is an output of its own where the encoder is asked alone.
    let code = chained.encoder.predict(&images[0]);
    assert_eq!(chained.decoder.predict(&code), chained.predict(&images[0]));
}

#[test]
fn ensemble() {
    let golden = Golden::open("ensemble");
    let mut model = Ensemble::new(1);
    // Keras counted the output layer of each voice before its hidden layer.
    golden.load_by(&mut *model, |path| {
        let voice: usize = path[1..2].parse::<usize>().unwrap() - 1;
        let (layer, name) = path[3..].split_once('/').unwrap();
        let number = 2 * voice + usize::from(layer == "dense");
        if number == 0 { format!("dense/{name}") } else { format!("dense_{number}/{name}") }
    });
    golden.check_output(0, model.predict_batch(&golden.rows("io", "input0")).unwrap().as_flattened());
}

#[test]
fn tickets() {
    let golden = Golden::open("tickets");
    let mut model: Box<Tickets> = golden.load();
    let (title, body): (Vec<[u32; 7]>, Vec<[u32; 11]>) = (golden.rows("io", "input0"), golden.rows("io", "input1"));
    let tags: Vec<[f32; 6]> = golden.rows("io", "input2");
    let outputs = model.predict_batch((&title, &body, &tags)).unwrap();
    golden.check_output(0, &outputs.iter().map(|output| output.priority[0]).collect::<Vec<_>>());
    golden.check_output(1, &outputs.iter().flat_map(|output| output.department).collect::<Vec<_>>());

    let (title, body): (Vec<[u32; 7]>, Vec<[u32; 11]>) =
        (golden.rows("train_data", "input0"), golden.rows("train_data", "input1"));
    let tags: Vec<[f32; 6]> = golden.rows("train_data", "input2");
    let (priority, department): (Vec<[f32; 1]>, Vec<[f32; 4]>) =
        (golden.rows("train_data", "target0"), golden.rows("train_data", "target1"));
    let record = Record::default();
    let losses = (BinaryCrossentropy::from_logits(), CategoricalCrossentropy::from_logits());
    let history = Trainer::new(&mut model, RmsProp::new(1e-3), losses)
        .loss_weights([1.0, 0.2])
        .epochs(2)
        .batch_size(16)
        .verbose(false)
        .callback(record.clone())
        .fit((&title, &body, &tags), (&priority, &department))
        .unwrap();
    golden.check_training(&record, &history, &*model);
}

#[test]
fn an_id_out_of_range_is_an_error_that_names_it() {
    let mut model = Tickets::new(1);
    let (title, tags) = ([[1, 2, 3, 4, 5, 6, 7]; 2], [[0.0; 6]; 2]);
    let mut body = [[3; 11]; 2];
    body[1][4] = 50;
    let error = model.predict_batch((&title, &body, &tags)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "input `body`: the id 50 at position 4 of sample 1 is out of range: ids are below 50"
    );
    let losses = (BinaryCrossentropy::from_logits(), CategoricalCrossentropy::from_logits());
    let before = model.weights_to_bytes();
    let error = Trainer::new(&mut model, RmsProp::default(), losses)
        .verbose(false)
        .fit((&title, &body, &tags), (&[[1.0]; 2], &[[0.0, 1.0, 0.0, 0.0]; 2]))
        .unwrap_err();
    assert!(error.to_string().contains("the id 50 at position 4 of sample 1"), "{error}");
    assert_eq!(model.weights_to_bytes(), before);
}

#[test]
fn toy_resnet() {
    let golden = Golden::open("toy_resnet");
    let model: Box<ToyResnet> = golden.load();
    let images: Vec<Photo> = golden.rows("io", "input0");
    golden.check_output(0, model.predict_batch(&images).unwrap().as_flattened());
}

#[test]
fn shared_embedding() {
    let golden = Golden::open("shared_embedding");
    let model: Box<SharedEmbedding> = golden.load();
    let (a, b): (Vec<[u32; 6]>, Vec<[u32; 6]>) = (golden.rows("io", "input0"), golden.rows("io", "input1"));
    let outputs = model.predict_batch(SharedEmbeddingInputs { input_layer: &a, input_layer_1: &b }).unwrap();
    golden.check_output(0, outputs.as_flattened());
}

#[test]
fn mixed_data() {
    let golden = Golden::open("mixed_data");
    let mut model: Box<MixedData> = golden.load();
    let (attributes, photos): (Vec<[f32; 10]>, Vec<Photo>) = (golden.rows("io", "input0"), golden.rows("io", "input1"));
    golden.check_output(0, model.predict_batch((&attributes, &photos)).unwrap().as_flattened());

    let (attributes, photos): (Vec<[f32; 10]>, Vec<Photo>) =
        (golden.rows("train_data", "input0"), golden.rows("train_data", "input1"));
    let record = Record::default();
    let history = Trainer::new(&mut model, Adam::new(1e-3), MeanAbsolutePercentageError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(2)
        .batch_size(8)
        .validation_split(0.25)
        .verbose(false)
        .callback(record.clone())
        .fit((&attributes, &photos), &golden.rows::<[f32; 1]>("train_data", "target0"))
        .unwrap();
    golden.check_training(&record, &history, &*model);
}

/// What a model's parameters are, for the test that needs no golden file.
#[test]
fn parameters_are_counted_as_keras_counts_them() {
    assert_eq!(ToyResnet::PARAMETERS, 8_018);
    assert_eq!(Tickets::PARAMETERS, 1_351);
    assert_eq!(<Tickets as Network>::OUTPUT_NAMES, ["priority", "department"]);
}
