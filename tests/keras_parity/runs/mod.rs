//! Whole trainings against Keras's own: outputs, losses and metrics after every step, history, weights after.

mod models;
mod own;
mod weighted;

use fusion::optimizers::CosineDecay;
use fusion::prelude::*;
use models::*;
use own::{Focal, LogCosh, Nadam};

use crate::golden::{self, Golden, Record};
use crate::parity::Table;

/// Trains without a word, and compares.
macro_rules! check_training {
    ($golden:ident, $model:ident, $trainer:expr, $inputs:expr, $targets:expr) => {{
        let record = Record::default();
        let history = $trainer.verbose(false).shuffle(false).callback(record.clone()).fit($inputs, $targets).unwrap();
        $golden.check_training(&record, &history, &*$model);
    }};
}

use check_training;

#[test]
fn regularized() {
    let golden = Golden::open_in("training", "regularized");
    let mut model: Box<Regularized> = golden.load();
    let read = |file| -> (Vec<[f32; 6]>, Vec<[f32; 4]>) { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (numbers, flags) = read("io");
    golden.check_output(0, model.predict_batch((&numbers, &flags)).unwrap().as_flattened());

    let (numbers, flags) = read("train_data");
    let targets: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::new(0.01).global_clipnorm(0.5), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(3)
        .batch_size(16)
        .validation_split(0.25);
    check_training!(golden, model, trainer, (&numbers, &flags), &targets);
}

/// A class's weight is that of its samples, in training and not in validation.
#[test]
fn class_weight() {
    let golden = Golden::open_in("training", "class_weight");
    let mut model: Box<ClassWeight> = golden.load();
    let read = |file| -> (Vec<[f32; 7]>, Vec<[f32; 3]>) { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (a, b) = read("io");
    golden.check_output(0, model.predict_batch((&a, &b)).unwrap().as_flattened());

    let (a, b) = read("train_data");
    let classes = golden.ids("train_data", "target0");
    let trainer = Trainer::new(&mut model, Sgd::new(0.05).momentum(0.8), SparseCategoricalCrossentropy::default())
        .metric(SparseCategoricalAccuracy.named("accuracy"))
        .epochs(3)
        .batch_size(16)
        .class_weight([1.0, 3.5, 0.25])
        .validation_split(0.2);
    check_training!(golden, model, trainer, (&a, &b), &classes);
}

/// A series, and what does not change in it.
type Steps = (Vec<[[f32; 3]; 12]>, Vec<[f32; 5]>);

#[test]
fn series() {
    let golden = Golden::open_in("training", "series");
    let mut model: Box<Series> = golden.load();
    let read = |file| -> Steps { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (series, fixed) = read("io");
    golden.check_output(0, model.predict_batch((&series, &fixed)).unwrap().as_flattened());

    let (series, fixed) = read("train_data");
    let next: Vec<[f32; 2]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, AdamW::new(0.01), LogCosh)
        .metric(MeanSquaredError.named("mse"))
        .epochs(2)
        .batch_size(8)
        .validation_split(0.25);
    check_training!(golden, model, trainer, (&series, &fixed), &next);
}

/// What is asked, and what is read.
type Sequences = (Vec<[[f32; 8]; 5]>, Vec<[[f32; 6]; 7]>);

#[test]
fn attention() {
    let golden = Golden::open_in("training", "attention");
    let mut model: Box<Attended> = golden.load();
    let read = |file| -> Sequences { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (query, memory) = read("io");
    golden.check_output(0, model.predict_batch((&query, &memory)).unwrap().as_flattened());

    let (query, memory) = read("train_data");
    let targets: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let warmed = CosineDecay::new(0.0, 12).warmup_target(0.01).warmup_steps(3);
    let trainer = Trainer::new(&mut model, Adam::new(warmed), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"))
        .metric(Auc::default().named("auc"))
        .epochs(2)
        .batch_size(8);
    check_training!(golden, model, trainer, (&query, &memory), &targets);
}

#[test]
fn recommender() {
    let golden = Golden::open_in("training", "recommender");
    let mut model: Box<Recommender> = golden.load();
    let read = |file| -> [Vec<[u32; 1]>; 2] { ["input0", "input1"].map(|input| golden.rows(file, input)) };
    let [user, item] = read("io");
    let inputs = RecommenderInputs { user: &user, item: &item };
    golden.check_output(0, model.predict_batch(inputs).unwrap().as_flattened());

    let [user, item] = read("train_data");
    let inputs = RecommenderInputs { user: &user, item: &item };
    let ratings: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adagrad::new(0.1), MeanSquaredError).epochs(2).batch_size(16);
    check_training!(golden, model, trainer, inputs, &ratings);
}

#[test]
fn squeeze_excite() {
    let golden = Golden::open_in("training", "squeeze_excite");
    let mut model: Box<SqueezeExcite> = golden.load();
    golden.check_output(0, model.predict_batch(&golden.rows("io", "input0")).unwrap().as_flattened());

    let images: Vec<[[[f32; 3]; 8]; 8]> = golden.rows("train_data", "input0");
    let classes: Vec<[f32; 4]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Nadam::clipped(0.003, 0.5), Focal)
        .metric(CategoricalAccuracy.named("accuracy"))
        .epochs(2)
        .batch_size(8);
    check_training!(golden, model, trainer, &images, &classes);
}

/// Every test above as a table of the page.
pub fn table() -> Table {
    let tests: [fn(); _] = [
        regularized,
        class_weight,
        series,
        attention,
        recommender,
        squeeze_excite,
        weighted::two_heads,
        weighted::weighted_classes,
        weighted::three_heads,
    ];
    let table = Table::of("Whole trainings", &tests);
    for name in golden::names_in("training") {
        assert!(table.has(&name), "{name} is compared with nothing");
    }
    table
}
