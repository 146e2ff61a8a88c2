//! The three models of the tutorial, against Keras's own numbers: outputs, training step by step,
//! final weights and summaries.

use fusion::Network;
use fusion::prelude::*;
use fusion::summary::Summary;
use fusion_core::model::TrainNetwork;

use crate::golden::{self, Golden, Record, fixtures};
use crate::parity::Table;

model! {
    /// The first model of the tutorial.
    pub struct SeedSequential = [f32; 10] => Dense<10, 64, Relu> => Dense<64, 32, Relu> => Dense<32, 1>;
}

model! {
    /// The same network by names.
    pub struct SeedFunctional {
        input input_layer: [f32; 10];
        output z = input_layer => Dense<10, 64, Relu> => Dense<64, 32, Relu> => Dense<32, 1>;
    }
}

model! {
    /// The model that the tutorial is about.
    pub struct SeedFusion {
        input input_layer: [f32; 32];
        input input_layer_1: [f32; 128];
        branch x = input_layer => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = input_layer_1 => Dense<128, 64, Relu> => Dense<64, 32, Relu> => Dense<32, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

/// The inputs of a file as a model's.
trait Inputs: Default {
    type Model: Model<Network = Self::Model>
        + TrainNetwork
        + Network<Outputs = ([f32; 1],), Predictions = Vec<[f32; 1]>>;
    fn read(golden: &Golden, file: &str) -> Self;
    fn inputs(&self) -> <Self::Model as Network>::Inputs<'_>;
}

#[derive(Default)]
struct Sequential(Vec<[f32; 10]>);
impl Inputs for Sequential {
    type Model = SeedSequential;
    fn read(golden: &Golden, file: &str) -> Self {
        Self(golden.rows(file, "input0"))
    }
    fn inputs(&self) -> SeedSequentialInputs<'_> {
        SeedSequentialInputs { input: &self.0 }
    }
}

#[derive(Default)]
struct Functional(Vec<[f32; 10]>);
impl Inputs for Functional {
    type Model = SeedFunctional;
    fn read(golden: &Golden, file: &str) -> Self {
        Self(golden.rows(file, "input0"))
    }
    fn inputs(&self) -> SeedFunctionalInputs<'_> {
        SeedFunctionalInputs { input_layer: &self.0 }
    }
}

#[derive(Default)]
struct Fused(Vec<[f32; 32]>, Vec<[f32; 128]>);
impl Inputs for Fused {
    type Model = SeedFusion;
    fn read(golden: &Golden, file: &str) -> Self {
        Self(golden.rows(file, "input0"), golden.rows(file, "input1"))
    }
    fn inputs(&self) -> SeedFusionInputs<'_> {
        SeedFusionInputs { input_layer: &self.0, input_layer_1: &self.1 }
    }
}

fn outputs_are_kerass<I: Inputs>(golden: &Golden) {
    let model: Box<I::Model> = golden.load();
    let outputs = model.predict_batch(I::read(golden, "io").inputs()).unwrap();
    golden.check_output(0, outputs.as_flattened());
}

fn training_is_kerass<I: Inputs>(golden: &Golden) {
    let keras = golden.training();
    let (inputs, targets) = (I::read(golden, "train_data"), golden.rows::<[f32; 1]>("train_data", "target0"));
    let mut model: Box<I::Model> = golden.load();

    let record = Record::default();
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(keras["epochs"].as_u64().unwrap() as usize)
        .batch_size(keras["batch_size"].as_u64().unwrap() as usize)
        .shuffle(false)
        .callback(record.clone())
        .verbose(false);
    let split = keras["validation_split"].as_f64().unwrap();
    if split > 0.0 {
        trainer = trainer.validation_split(split);
    }
    let history = trainer.fit(inputs.inputs(), &targets).unwrap();
    golden.check_training(&record, &history, &*model);
}

fn summaries_are_kerass<M: Model>(name: &str) {
    for (file, columns) in [("", 76), (".wide", 120)] {
        let keras = std::fs::read_to_string(fixtures().join(format!("summaries/{name}{file}.txt"))).unwrap();
        let ours = Summary::new(M::graph()).line_length(columns).to_string();
        // Keras counts the models that a program makes, and shows what the optimizer keeps.
        let lines = |text: &str| -> Vec<String> {
            let table = text.lines().skip_while(|line| !line.starts_with('┏'));
            table.take_while(|line| !line.contains("Total params")).map(str::to_owned).collect()
        };
        assert_eq!(lines(&ours), lines(&keras));
    }
}

fn sequential() -> Golden {
    Golden::open("seed_sequential").named(|ours| format!("sequential/{ours}"))
}

#[test]
fn the_sequential_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Sequential>(&sequential());
}

#[test]
fn the_sequential_model_trains_as_keras_trains() {
    training_is_kerass::<Sequential>(&sequential());
}

#[test]
fn the_sequential_models_summary_is_kerass() {
    summaries_are_kerass::<SeedSequential>("seed_sequential");
}

#[test]
fn the_functional_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Functional>(&Golden::open("seed_functional"));
}

#[test]
fn the_functional_model_trains_as_keras_trains() {
    training_is_kerass::<Functional>(&Golden::open("seed_functional"));
}

#[test]
fn the_functional_models_summary_is_kerass() {
    summaries_are_kerass::<SeedFunctional>("seed_functional");
}

#[test]
fn the_fusion_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Fused>(&Golden::open("seed_fusion"));
}

#[test]
fn the_fusion_model_trains_as_keras_trains() {
    training_is_kerass::<Fused>(&Golden::open("seed_fusion"));
}

#[test]
fn the_fusion_models_summary_is_kerass() {
    summaries_are_kerass::<SeedFusion>("seed_fusion");
}

/// Every test above as a table of the page.
pub fn table() -> Table {
    let tests: [fn(); _] = [
        the_sequential_model_predicts_what_keras_predicts,
        the_sequential_model_trains_as_keras_trains,
        the_functional_model_predicts_what_keras_predicts,
        the_functional_model_trains_as_keras_trains,
        the_fusion_model_predicts_what_keras_predicts,
        the_fusion_model_trains_as_keras_trains,
    ];
    let table = Table::of("The tutorial's models", &tests);
    for name in golden::names().filter(|name| name.starts_with("seed_")) {
        assert!(table.has(&name), "{name} is compared with nothing");
    }
    table
}
