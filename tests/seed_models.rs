//! The three models of the tutorial, against Keras's own numbers: outputs, training step by step,
//! final weights and summaries.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use fusion::Network;
use fusion::parameters::{Parameters, Path as Place};
use fusion::prelude::*;
use fusion::summary::Summary;
use safetensors::SafeTensors;
use serde_json::Value;

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

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The arrays of a file.
struct Arrays(Vec<u8>);

impl Arrays {
    fn read(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap())
    }

    fn flat(&self, name: &str) -> Vec<f32> {
        let arrays = SafeTensors::deserialize(&self.0).unwrap();
        let bytes = arrays.tensor(name).unwrap().data().to_vec();
        bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    fn rows<T: Tensor<Element = f32>>(&self, name: &str) -> Vec<T> {
        rows::<T>(&self.flat(name)).unwrap().to_vec()
    }
}

/// The inputs of a file as a model's.
trait Inputs: Default {
    type Model: Model<Network = Self::Model> + Network<Output = [f32; 1], Outputs = ([f32; 1],)>;
    fn read(arrays: &Arrays) -> Self;
    fn inputs(&self) -> <Self::Model as Network>::Inputs<'_>;
}

#[derive(Default)]
struct Sequential(Vec<[f32; 10]>);
impl Inputs for Sequential {
    type Model = SeedSequential;
    fn read(arrays: &Arrays) -> Self {
        Self(arrays.rows("input0"))
    }
    fn inputs(&self) -> SeedSequentialInputs<'_> {
        SeedSequentialInputs { input: &self.0 }
    }
}

#[derive(Default)]
struct Functional(Vec<[f32; 10]>);
impl Inputs for Functional {
    type Model = SeedFunctional;
    fn read(arrays: &Arrays) -> Self {
        Self(arrays.rows("input0"))
    }
    fn inputs(&self) -> SeedFunctionalInputs<'_> {
        SeedFunctionalInputs { input_layer: &self.0 }
    }
}

#[derive(Default)]
struct Fused(Vec<[f32; 32]>, Vec<[f32; 128]>);
impl Inputs for Fused {
    type Model = SeedFusion;
    fn read(arrays: &Arrays) -> Self {
        Self(arrays.rows("input0"), arrays.rows("input1"))
    }
    fn inputs(&self) -> SeedFusionInputs<'_> {
        SeedFusionInputs { input_layer: &self.0, input_layer_1: &self.1 }
    }
}

/// The largest difference, relative to numbers above 1.
fn worst(ours: impl IntoIterator<Item = f64>, keras: impl IntoIterator<Item = f64>) -> f64 {
    let (ours, keras): (Vec<f64>, Vec<f64>) = (ours.into_iter().collect(), keras.into_iter().collect());
    assert_eq!(ours.len(), keras.len());
    ours.iter().zip(keras).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

fn wide(numbers: &[f32]) -> impl Iterator<Item = f64> {
    numbers.iter().map(|x| f64::from(*x))
}

fn numbers(json: &Value) -> impl Iterator<Item = f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap())
}

fn outputs_are_kerass<I: Inputs>(name: &str) {
    let folder = fixtures().join("keras/models").join(name);
    let io = Arrays::read(&folder.join("io.safetensors"));
    let mut model = <I::Model as Model>::new(1);
    model.load_weights(folder.join("weights.safetensors")).unwrap();
    let inputs = I::read(&io);
    let outputs = model.predict_batch(inputs.inputs()).unwrap();
    let error = worst(wide(outputs.as_flattened()), wide(&io.flat("output0")));
    println!("{name}: outputs differ from Keras's by at most {error:.1e}");
    assert!(error < 1e-5);
}

/// Keeps the running logs of every step.
#[derive(Clone, Default)]
struct Record(Rc<RefCell<Vec<Scores>>>);
impl Callback for Record {
    fn on_batch_end(&mut self, _batch: usize, logs: &Scores, _training: &mut Training<'_>) {
        self.0.borrow_mut().push(logs.clone());
    }
}

fn training_is_kerass<I: Inputs>(name: &str) {
    let folder = fixtures().join("keras/models").join(name);
    let keras: Value = serde_json::from_slice(&std::fs::read(folder.join("training.json")).unwrap()).unwrap();
    let data = Arrays::read(&folder.join("train_data.safetensors"));
    let (inputs, targets) = (I::read(&data), data.rows::<[f32; 1]>("target0"));
    let mut model = <I::Model as Model>::new(1);
    model.load_weights(folder.join("weights.safetensors")).unwrap();

    let record = Record::default();
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(keras["epochs"].as_u64().unwrap() as usize)
        .batch_size(keras["batch_size"].as_u64().unwrap() as usize)
        .callback(record.clone())
        .verbose(false);
    let split = keras["validation_split"].as_f64().unwrap();
    if split > 0.0 {
        trainer = trainer.validation_split(split);
    }
    let history = trainer.fit(inputs.inputs(), &targets).unwrap();

    let steps = keras["running_logs_per_step"].as_array().unwrap();
    for log in ["loss", "mae"] {
        let ours = record.0.borrow().iter().map(|logs| logs[log]).collect::<Vec<_>>();
        let error = worst(ours, steps.iter().map(|step| step[log].as_f64().unwrap()));
        println!("{name}: running {log} differs from Keras's by at most {error:.1e}");
        assert!(error < 1e-5);
    }
    let expected = keras["history"].as_object().unwrap();
    assert_eq!(history.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (log, values) in history.iter() {
        let error = worst(values.iter().copied(), numbers(&expected[log]));
        println!("{name}: {log} in the history differs from Keras's by at most {error:.1e}");
        assert!(error < 1e-5);
    }
    weights_are_kerass(name, &*model, &Arrays::read(&folder.join("weights_after.safetensors")));
}

fn weights_are_kerass<P: Parameters>(name: &str, model: &P, keras: &Arrays) {
    let prefix = if name == "seed_sequential" { "sequential/" } else { "" };
    let mut error = 0.0_f64;
    model.walk_ref(&Place::ROOT, &mut |parameter, ours| {
        error = error.max(worst(wide(ours), wide(&keras.flat(&format!("{prefix}{parameter}")))));
    });
    println!("{name}: final weights differ from Keras's by at most {error:.1e}");
    assert!(error < 1e-4);
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

#[test]
fn the_sequential_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Sequential>("seed_sequential");
}

#[test]
fn the_sequential_model_trains_as_keras_trains() {
    training_is_kerass::<Sequential>("seed_sequential");
}

#[test]
fn the_sequential_models_summary_is_kerass() {
    summaries_are_kerass::<SeedSequential>("seed_sequential");
}

#[test]
fn the_functional_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Functional>("seed_functional");
}

#[test]
fn the_functional_model_trains_as_keras_trains() {
    training_is_kerass::<Functional>("seed_functional");
}

#[test]
fn the_functional_models_summary_is_kerass() {
    summaries_are_kerass::<SeedFunctional>("seed_functional");
}

#[test]
fn the_fusion_model_predicts_what_keras_predicts() {
    outputs_are_kerass::<Fused>("seed_fusion");
}

#[test]
fn the_fusion_model_trains_as_keras_trains() {
    training_is_kerass::<Fused>("seed_fusion");
}

#[test]
fn the_fusion_models_summary_is_kerass() {
    summaries_are_kerass::<SeedFusion>("seed_fusion");
}
