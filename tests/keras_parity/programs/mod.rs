//! Public programs against Keras's own numbers: outputs, and ten steps of training from Keras's weights, which load by
//! their names. Here those of functions, loops and states.

mod models;
pub mod own;
mod public_models;

use std::collections::BTreeSet;

use fusion::prelude::*;
use fusion_core::weights::walk_ref;
use models::*;
use public_models::*;

use crate::golden::{self, Golden, Record};
use crate::parity::Table;

/// Trains as all of them were, and compares.
macro_rules! check_training {
    ($golden:ident, $model:ident, $trainer:expr, $inputs:expr, $targets:expr) => {{
        let record = Record::default();
        let trainer = $trainer.epochs(2).batch_size(8).verbose(false);
        let history = trainer.shuffle(false).callback(record.clone()).fit($inputs, $targets).unwrap();
        $golden.check_training(&record, &history, &*$model);
    }};
}

mod public;

#[test]
fn toy_resnet() {
    let golden = Golden::open("program_toy_resnet");
    let mut model: Box<ToyResnet> = golden.load();
    let images: Vec<Photo> = golden.rows("io", "input0");
    golden.check_output(0, model.predict_batch(&images).unwrap().as_flattened());
    golden.check_prepared(&model, &images);

    let images: Vec<Photo> = golden.rows("train_data", "input0");
    let trainer = Trainer::new(&mut model, RmsProp::default(), SparseCategoricalCrossentropy::from_logits())
        .metric(SparseCategoricalAccuracy.named("accuracy"));
    check_training!(golden, model, trainer, &images, &golden.ids("train_data", "target0"));
}

#[test]
fn connect4() {
    let golden = Golden::open("program_connect4");
    let mut model: Box<Connect4> = golden.load();
    let boards: Vec<[[f32; 7]; 6]> = golden.rows("io", "input0");
    let outputs = model.predict_batch(&boards).unwrap();
    golden.check_prepared(&model, &boards);
    golden.check_output(0, outputs.pi.as_flattened());
    golden.check_output(1, outputs.v.as_flattened());

    let boards: Vec<[[f32; 7]; 6]> = golden.rows("train_data", "input0");
    let (pi, v): (Vec<[f32; 7]>, Vec<[f32; 1]>) =
        (golden.rows("train_data", "target0"), golden.rows("train_data", "target1"));
    let losses = (CategoricalCrossentropy::default(), MeanSquaredError);
    let trainer = Trainer::new(&mut model, Sgd::new(0.001).momentum(0.9), losses);
    check_training!(golden, model, trainer, &boards, (&pi, &v));
}

/// Ten steps of some series.
type Past<const SERIES: usize> = Vec<[[f32; SERIES]; 10]>;

#[test]
fn nbeats() {
    let golden = Golden::open("program_nbeats");
    let mut model: Box<Nbeats> = golden.load();
    let read = |file| -> (Past<1>, Past<2>) { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (series, others) = read("io");
    let outputs = model.predict_batch((&series, &others)).unwrap();
    golden.check_output(0, outputs.forecast.as_flattened().as_flattened());
    golden.check_output(1, outputs.backcast.as_flattened().as_flattened());

    let (series, others) = read("train_data");
    let forecast: Vec<[[f32; 1]; 3]> = golden.rows("train_data", "target0");
    let backcast: Past<1> = golden.rows("train_data", "target1");
    let trainer = Trainer::new(&mut model, Adam::default(), (MeanSquaredError, MeanSquaredError));
    let trainer = trainer.loss_weights([1.0, 0.5]);
    check_training!(golden, model, trainer, (&series, &others), (&forecast, &backcast));
}

#[test]
fn deep_and_cross() {
    let golden = Golden::open("program_deep_and_cross");
    let mut model: Box<DeepAndCross> = golden.load();
    let read = |file| (golden.rows(file, "input0"), golden.ids(file, "input1"), golden.ids(file, "input2"));
    let (numbers, soil, area) = read("io");
    let inputs = DeepAndCrossInputs { numbers: &numbers, soil: &soil, area: &area };
    golden.check_output(0, model.predict_batch(inputs).unwrap().as_flattened());

    let (numbers, soil, area) = read("train_data");
    let inputs = DeepAndCrossInputs { numbers: &numbers, soil: &soil, area: &area };
    let trainer = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default())
        .metric(SparseCategoricalAccuracy.named("accuracy"));
    check_training!(golden, model, trainer, inputs, &golden.ids("train_data", "target0"));
}

#[test]
fn gated_residual() {
    let golden = Golden::open("program_gated_residual");
    let mut model: Box<GatedResidual> = golden.load();
    let read = |file| -> (Vec<[f32; 6]>, Vec<u32>) { (golden.rows(file, "input0"), golden.ids(file, "input1")) };
    let (numbers, work) = read("io");
    golden.check_output(0, model.predict_batch((&numbers, &work)).unwrap().as_flattened());

    let (numbers, work) = read("train_data");
    let targets: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::default(), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"));
    check_training!(golden, model, trainer, (&numbers, &work), &targets);
}

#[test]
fn seq2seq() {
    let golden = Golden::open("program_seq2seq");
    let mut model: Box<Seq2Seq> = golden.load();
    type Read = (Vec<[[f32; 5]; 7]>, Vec<[[f32; 8]; 6]>);
    let read = |file| -> Read { (golden.rows(file, "input0"), golden.rows(file, "input1")) };
    let (source, target) = read("io");
    let next = model.predict_batch((&source, &target)).unwrap();
    golden.check_output(0, next.as_flattened().as_flattened());

    let (source, target) = read("train_data");
    let next: Vec<[[f32; 8]; 6]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, RmsProp::default(), CategoricalCrossentropy::default())
        .metric(CategoricalAccuracy.named("accuracy"));
    check_training!(golden, model, trainer, (&source, &target), &next);
}

/// All names of the weights of Keras's file, and no others.
fn names_are_kerass<N: Network + Model<Network = N>>(golden: &Golden) {
    let mut ours = BTreeSet::new();
    walk_ref(N::new(1).network(), &mut |parameter, _| {
        ours.insert(golden.keras_name(&parameter.to_string()));
    });
    assert_eq!(ours, golden.weights());
}

#[test]
fn weights_are_named_as_keras_names_them() {
    names_are_kerass::<ToyResnet>(&Golden::open("program_toy_resnet"));
    names_are_kerass::<Connect4>(&Golden::open("program_connect4"));
    names_are_kerass::<Nbeats>(&Golden::open("program_nbeats"));
    names_are_kerass::<DeepAndCross>(&Golden::open("program_deep_and_cross"));
    names_are_kerass::<GatedResidual>(&Golden::open("program_gated_residual"));
    names_are_kerass::<TabTransformer>(&Golden::open("program_tab_transformer"));
    names_are_kerass::<BehaviorSequence>(&Golden::open("program_behavior_sequence"));
    names_are_kerass::<VariableSelection>(&Golden::open("program_variable_selection"));
    names_are_kerass::<Siamese>(&public::siamese_golden());
    names_are_kerass::<LstmFcn>(&Golden::open("program_lstm_fcn"));
    names_are_kerass::<TextAndMetadata>(&public::text_and_metadata_golden());
    names_are_kerass::<QuestionPairs>(&public::question_pairs_golden());
    names_are_kerass::<Node2Vec>(&Golden::open("program_node2vec"));
    names_are_kerass::<UNet>(&Golden::open("program_unet"));
    names_are_kerass::<Seq2Seq>(&Golden::open("program_seq2seq"));
}

/// Every test above as a table of the page.
pub fn table() -> Table {
    let tests: [fn(); _] = [
        toy_resnet,
        connect4,
        nbeats,
        deep_and_cross,
        gated_residual,
        seq2seq,
        public::tab_transformer,
        public::behavior_sequence,
        public::variable_selection,
        public::siamese,
        public::lstm_fcn,
        public::text_and_metadata,
        public::question_pairs,
        public::node2vec,
        public::unet,
    ];
    let table = Table::of("Public programs", &tests);
    for name in golden::names().filter(|name| name.starts_with("program_")) {
        assert!(table.has(&name), "{name} is compared with nothing");
    }
    table
}
