//! The networks of Keras's functional API guide and of the mixed-data tutorial, and a recommender, and one with penalties and
//! constraints, against Keras's own numbers: outputs, both summaries, and training step by step where Keras trained them.

mod models;

use fusion::Network;
use fusion::prelude::*;
use models::*;

use crate::golden::{self, Golden, Record};
use crate::parity::Table;

#[test]
fn summaries_are_kerass() {
    golden::check_summary::<MnistMlp>("mnist_mlp");
    golden::check_summary::<FlatAutoencoder>("autoencoder");
    golden::check_summary::<Ensemble>("ensemble");
    golden::check_summary::<Tickets>("tickets");
    golden::check_summary::<ToyResnet>("toy_resnet");
    golden::check_summary::<SharedEmbedding>("shared_embedding");
    golden::check_summary::<MixedData>("mixed_data");
    golden::check_summary::<Recommender>("recommender");
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
        .shuffle(false)
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

/// The guide's losses.
const TICKETS_LOSSES: TicketsLosses<BinaryCrossentropy, CategoricalCrossentropy> =
    TicketsLosses { priority: BinaryCrossentropy::from_logits(), department: CategoricalCrossentropy::from_logits() };

#[test]
fn tickets() {
    let golden = Golden::open("tickets");
    let mut model: Box<Tickets> = golden.load();
    let (title, body): (Vec<[u32; 7]>, Vec<[u32; 11]>) = (golden.rows("io", "input0"), golden.rows("io", "input1"));
    let tags: Vec<[f32; 6]> = golden.rows("io", "input2");
    let outputs = model.predict_batch((&title, &body, &tags)).unwrap();
    golden.check_output(0, outputs.priority.as_flattened());
    golden.check_output(1, outputs.department.as_flattened());

    let (title, body): (Vec<[u32; 7]>, Vec<[u32; 11]>) =
        (golden.rows("train_data", "input0"), golden.rows("train_data", "input1"));
    let tags: Vec<[f32; 6]> = golden.rows("train_data", "input2");
    let (priority, department): (Vec<[f32; 1]>, Vec<[f32; 4]>) =
        (golden.rows("train_data", "target0"), golden.rows("train_data", "target1"));
    let record = Record::default();
    let history = Trainer::new(&mut model, RmsProp::new(1e-3), TICKETS_LOSSES)
        .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.2 })
        .epochs(2)
        .batch_size(16)
        .verbose(false)
        .shuffle(false)
        .callback(record.clone())
        .fit((&title, &body, &tags), TicketsTargets { priority: &priority, department: &department })
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
    let before = model.weights_to_bytes();
    let targets = TicketsTargets { priority: &[[1.0]; 2], department: &[[0.0, 1.0, 0.0, 0.0]; 2] };
    let error = Trainer::new(&mut model, RmsProp::default(), TICKETS_LOSSES)
        .verbose(false)
        .fit((&title, &body, &tags), targets)
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
    golden.check_prepared(&model, (&attributes, &photos));

    let (attributes, photos): (Vec<[f32; 10]>, Vec<Photo>) =
        (golden.rows("train_data", "input0"), golden.rows("train_data", "input1"));
    let record = Record::default();
    let history = Trainer::new(&mut model, Adam::new(1e-3), MeanAbsolutePercentageError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(2)
        .batch_size(8)
        .validation_split(0.25)
        .verbose(false)
        .shuffle(false)
        .callback(record.clone())
        .fit((&attributes, &photos), &golden.rows::<[f32; 1]>("train_data", "target0"))
        .unwrap();
    golden.check_training(&record, &history, &*model);
}

#[test]
fn recommender() {
    let golden = Golden::open("recommender");
    let mut model: Box<Recommender> = golden.load();
    let visits = |file| -> (Vec<u32>, Vec<u32>, Vec<u32>, Vec<f32>) {
        let ids = |name| golden.rows(file, name);
        (ids("input0"), ids("input1"), ids("input2"), golden.rows(file, "input3"))
    };
    let (user, item, day, price) = visits("io");
    let inputs = RecommenderInputs { user: &user, item: &item, day: &day, price: &price };
    let outputs = model.predict_batch(inputs).unwrap();
    golden.check_output(0, outputs.as_flattened());
    let one = RecommenderInput { user: &user[3], item: &item[3], day: &day[3], price: &price[3] };
    crate::fixture::assert_close("one sample", &model.predict_named(one), &outputs[3], 1e-6);
    let error = model.predict_batch(RecommenderInputs { item: &[15; 8], ..inputs }).unwrap_err();
    let text = "input `item`: the id 15 at position 0 of sample 0 is out of range: ids are below 15";
    assert_eq!(error.to_string(), text);

    let (user, item, day, price) = visits("train_data");
    let record = Record::default();
    let history = Trainer::new(&mut model, Adam::new(1e-3), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(2)
        .batch_size(16)
        .verbose(false)
        .shuffle(false)
        .callback(record.clone())
        .fit(
            RecommenderInputs { user: &user, item: &item, day: &day, price: &price },
            &golden.rows::<[f32; 1]>("train_data", "target0"),
        )
        .unwrap();
    golden.check_training(&record, &history, &*model);
    let file = model.weights_to_bytes();
    let mut loaded = Recommender::new(2);
    loaded.load_weights_from_bytes(&file).unwrap();
    assert_eq!(loaded.weights_to_bytes(), file);
}

/// Numbers, flags and words of some records.
type Records = (Vec<[f32; 6]>, Vec<[f32; 4]>, Vec<[u32; 3]>);

/// Three epochs as the models with penalties were trained, the last batch shorter.
macro_rules! check_penalties {
    ($name:literal, $model:ty) => {{
        let golden = Golden::open($name);
        let mut model: Box<$model> = golden.load();
        let records = |file| -> Records {
            (golden.rows(file, "input0"), golden.rows(file, "input1"), golden.rows(file, "input2"))
        };
        let (numbers, flags, words) = records("io");
        golden.check_output(0, model.predict_batch((&numbers, &flags, &words)).unwrap().as_flattened());

        let (numbers, flags, words) = records("train_data");
        let targets: Vec<[f32; 1]> = golden.rows("train_data", "target0");
        let record = Record::default();
        let mut trainer = Trainer::new(&mut model, Adam::new(0.01).global_clipnorm(0.5), MeanSquaredError)
            .metric(MeanAbsoluteError.named("mae"))
            .epochs(3)
            .batch_size(16)
            .validation_split(0.25)
            .verbose(false)
            .shuffle(false)
            .callback(record.clone());
        let history = trainer.fit((&numbers, &flags, &words), &targets).unwrap();
        // What `evaluate` gives has the penalties too.
        let (numbers, flags, words, targets) = (&numbers[42..], &flags[42..], &words[42..], &targets[42..]);
        let scores = trainer.evaluate((numbers, flags, words), targets).unwrap();
        assert_eq!(scores["loss"], *history["val_loss"].last().unwrap());
        golden.check_training(&record, &history, &*model);
    }};
}

#[test]
fn regularized() {
    check_penalties!("regularized", Regularized);
}

#[test]
fn activity() {
    check_penalties!("activity", Activity);
}

/// Its loss and its metric leave out what is behind a sentence's end.
#[test]
fn tagging() {
    let golden = Golden::open("tagging");
    let mut model: Box<Tagging> = golden.load();
    golden.check_output(0, Tensor::numbers(&model.predict_batch(&golden.rows("io", "input0")).unwrap()));
    let record = Record::default();
    let (words, tags): (Vec<[u32; 6]>, Vec<[u32; 6]>) =
        (golden.rows("train_data", "input0"), golden.rows("train_data", "target0"));
    let history = Trainer::new(&mut model, Adam::new(0.01), SparseCategoricalCrossentropy::default())
        .metric(SparseCategoricalAccuracy.named("accuracy"))
        .epochs(2)
        .batch_size(16)
        .validation_split(0.25)
        .verbose(false)
        .shuffle(false)
        .callback(record.clone())
        .fit(&words, &tags)
        .unwrap();
    golden.check_training(&record, &history, &*model);
}

/// What a model's parameters are, for the test that needs no golden file.
#[test]
fn parameters_are_counted_as_keras_counts_them() {
    assert_eq!(ToyResnet::PARAMETERS, 8_018);
    assert_eq!(Tickets::PARAMETERS, 1_351);
    let outputs: Vec<_> = Tickets::GRAPH.outputs.iter().map(|(name, _)| *name).collect();
    assert_eq!(outputs, ["priority", "department"]);
}

/// Every test above as a table of the page.
pub fn table() -> Table {
    let tests: [fn(); _] = [
        mnist_mlp,
        autoencoder_in_one_piece_and_of_two_models,
        ensemble,
        tickets,
        toy_resnet,
        shared_embedding,
        mixed_data,
        recommender,
        regularized,
        activity,
        tagging,
    ];
    let title = "Networks of the functional API guide and of the mixed-data tutorial, a recommender, penalties";
    let table = Table::of(title, &tests);
    for name in golden::names().filter(|name| !name.starts_with("seed_") && !name.starts_with("program_")) {
        assert!(table.has(&name), "{name} is compared with nothing");
    }
    table
}
