//! Keras's numbers for one model, `tests/fixtures/keras/models/NAME`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use fusion::Network;
use fusion::prelude::*;
use fusion_core::shape::{Element, ElementType};
use fusion_core::weights::{walk, walk_ref};
use safetensors::SafeTensors;
use serde_json::Value;

use crate::parity;

/// The folder of a model.
pub struct Golden {
    name: &'static str,
    folder: PathBuf,
    keras_name: fn(&str) -> String,
}

/// The largest difference, relative to numbers above 1.
fn worst(ours: impl IntoIterator<Item = f64>, keras: impl IntoIterator<Item = f64>) -> f64 {
    let (ours, keras): (Vec<f64>, Vec<f64>) = (ours.into_iter().collect(), keras.into_iter().collect());
    assert_eq!(ours.len(), keras.len());
    ours.iter()
        .zip(keras)
        .map(|(a, b)| (a - b).abs() / b.abs().max(1.0))
        .fold(0.0, |worst, error| if error.is_nan() { f64::INFINITY } else { worst.max(error) })
}

fn wide(numbers: &[f32]) -> impl Iterator<Item = f64> {
    numbers.iter().map(|x| f64::from(*x))
}

/// Where Keras's numbers and tables are.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

impl Golden {
    /// The model of this name.
    pub fn open(name: &'static str) -> Self {
        Self::open_in("models", name)
    }

    /// The same of another folder.
    pub fn open_in(folder: &str, name: &'static str) -> Self {
        Self { name, folder: fixtures().join("keras").join(folder).join(name), keras_name: str::to_owned }
    }

    /// The same where Keras's names of weights, made of ours, are others.
    pub fn named(self, keras_name: fn(&str) -> String) -> Self {
        Self { keras_name, ..self }
    }

    /// Keras's name of a weight.
    pub fn keras_name(&self, ours: &str) -> String {
        (self.keras_name)(ours)
    }

    /// How Keras trained it.
    pub fn training(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.folder.join("training.json")).unwrap()).unwrap()
    }

    fn array<T>(&self, file: &str, tensor: &str, read: fn([u8; 4]) -> T) -> Vec<T> {
        let bytes = std::fs::read(self.folder.join(file).with_extension("safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let tensor = tensors.tensor(tensor).unwrap_or_else(|error| panic!("{}/{file}/{tensor}: {error}", self.name));
        tensor.data().as_chunks().0.iter().map(|bytes| read(*bytes)).collect()
    }

    /// An array of one of its files as samples.
    pub fn rows<T: Tensor>(&self, file: &str, tensor: &str) -> Vec<T> {
        // Ids and numbers are one memory to a tensor.
        let memory = match <T::Element as Element>::TYPE {
            ElementType::F32 => self.array(file, tensor, f32::from_le_bytes),
            ElementType::U32 => u32::as_memory(&self.ids(file, tensor)).to_vec(),
        };
        T::of_memory(&memory).to_vec()
    }

    /// An array of ids.
    pub fn ids(&self, file: &str, tensor: &str) -> Vec<u32> {
        self.array(file, tensor, u32::from_le_bytes)
    }

    /// The names of Keras's weights.
    pub fn weights(&self) -> BTreeSet<String> {
        let bytes = std::fs::read(self.folder.join("weights.safetensors")).unwrap();
        SafeTensors::deserialize(&bytes).unwrap().names().into_iter().map(str::to_owned).collect()
    }

    /// The model with Keras's weights.
    pub fn load<N: Network + Model<Network = N>>(&self) -> Box<N> {
        let mut model = N::new(1);
        model.load_weights(self.folder.join("weights.safetensors")).unwrap();
        model
    }

    /// Keras's weights under names that `keras_name` makes of ours.
    pub fn load_by<N: Network>(&self, model: &mut N, keras_name: impl Fn(&str) -> String) {
        walk([model], &mut |parameter, [values]| {
            let name = keras_name(&parameter.to_string());
            values.copy_from_slice(&self.array("weights", &name, f32::from_le_bytes));
        });
    }

    /// The output of this index, on the inputs of `io`.
    pub fn check_output(&self, index: usize, found: &[f32]) {
        let expected = self.array("io", &format!("output{index}"), f32::from_le_bytes);
        let error = worst(wide(found), wide(&expected));
        parity::note(self.name, "outputs", error);
        assert!(error < 1e-5, "{}: output {index} is off by {error}", self.name);
    }

    /// Prepared, with batch normalization folded, the model gives nearly what it gives: the difference as a part of the
    /// largest output.
    pub fn check_prepared<'a, N: Network>(&self, model: &impl Model<Network = N>, inputs: impl IntoInputs<'a, N>) {
        let difference = fusion::Prepared::<N>::of(model).difference(model, inputs).unwrap().relative();
        assert!(difference < 4e-6, "{}: prepared, it is off by {difference}", self.name);
    }

    /// Running logs of every step, history and final weights.
    pub fn check_training<N: Network>(&self, record: &Record, history: &History, model: &N) {
        let keras = self.training();
        let steps = keras["running_logs_per_step"].as_array().unwrap();
        let record = record.0.borrow();
        assert_eq!(record.len(), steps.len());
        let (mut step_error, mut history_error) = (0.0f64, 0.0f64);
        for (ours, keras) in record.iter().zip(steps) {
            for (key, value) in keras.as_object().unwrap() {
                step_error = step_error.max(worst([ours[key.as_str()]], [value.as_f64().unwrap()]));
            }
        }
        let expected = keras["history"].as_object().unwrap();
        // Keras logs the learning rate where a callback changes it, and not that of a schedule.
        let ours = history.keys().filter(|key| *key != "learning_rate" || expected.contains_key(*key));
        assert_eq!(ours.collect::<BTreeSet<_>>(), expected.keys().map(String::as_str).collect());
        for (key, values) in expected {
            let values = values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
            history_error = history_error.max(worst(history[key.as_str()].iter().copied(), values));
        }
        let weight_error = self.weight_error(model);
        let tolerance = if self.depends_on_rounding() { 1e-4 } else { 1e-5 };
        let errors = [
            ("losses and metrics after every step", step_error),
            ("history", history_error),
            ("trained weights", weight_error),
        ];
        for (quantity, error) in errors {
            parity::note(self.name, quantity, error);
            assert!(error < tolerance, "{}: {quantity} are off by {error}", self.name);
        }
    }
}

impl Golden {
    /// Whether there are weights that Keras trained in float64 too.
    fn depends_on_rounding(&self) -> bool {
        self.folder.join("weights_after_float64.safetensors").exists()
    }

    /// The worst weight after training.
    ///
    /// Where batch normalization takes a bias away again, its gradient is zero but for rounding, and
    /// Adam makes whole steps of that. There Keras's own numbers depend on its rounding, which
    /// `weights_after_float64` shows, Keras's run in float64: so far off is as good as Keras.
    fn weight_error<N: Network>(&self, model: &N) -> f64 {
        let float64 = self.depends_on_rounding();
        let mut worst = 0.0f64;
        walk_ref(model, &mut |parameter, values| {
            let name = self.keras_name(&parameter.to_string());
            let keras = self.array("weights_after", &name, f32::from_le_bytes);
            let exact =
                if float64 { self.array("weights_after_float64", &name, f32::from_le_bytes) } else { keras.clone() };
            assert_eq!(values.len(), keras.len());
            assert!(values.iter().all(|value| value.is_finite()), "{name}");
            for ((ours, keras), exact) in values.iter().zip(keras).zip(exact) {
                let error = f64::from((ours - keras).abs().min((ours - exact).abs()) - (keras - exact).abs()).max(0.0);
                worst = worst.max(error / f64::from(keras.abs().max(1.0)));
            }
        });
        worst
    }
}

/// Keeps the running logs of every step.
#[derive(Clone, Default)]
pub struct Record(Rc<RefCell<Vec<Scores>>>);
impl Callback for Record {
    fn on_batch_end(&mut self, _batch: usize, logs: &Scores, _training: &mut Training<'_>) {
        self.0.borrow_mut().push(logs.clone());
    }
}

/// The names of all models that there are numbers of.
pub fn names() -> impl Iterator<Item = String> {
    names_in("models")
}

/// The same of another folder.
pub fn names_in(folder: &str) -> impl Iterator<Item = String> + use<> {
    let folders = std::fs::read_dir(fixtures().join("keras").join(folder)).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap())
}

/// Both summaries, byte for byte below the title.
pub fn check_summary<M: Model>(name: &str) {
    let below_title = |text: String| text.split_once('\n').map(|(_, table)| table.to_owned());
    let read = |file: String| std::fs::read_to_string(fixtures().join("summaries").join(file)).unwrap();
    assert_eq!(
        below_title(format!("{}\n", M::summary().terminal_width(80))),
        below_title(read(format!("{name}.txt"))),
        "{name}"
    );
    let wide = format!("{}\n", M::summary().terminal_width(120).line_length(120));
    assert_eq!(below_title(wide), below_title(read(format!("{name}.wide.txt"))), "{name}, 120 columns");
}
