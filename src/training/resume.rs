//! The whole state of a training in one file: [`Trainer::save`], [`Trainer::load`], and what
//! [`BackupAndRestore`](super::BackupAndRestore) keeps.
//!
//! It is a safetensors file. `weights` holds the bytes of a weight file, so that all that is checked there is checked here;
//! `optimizer` and `gradient` are the numbers that the optimizer keeps and those that are not applied yet; the rest is in
//! the metadata.

use std::io::Write;
use std::path::Path;

use fusion_core::Network;
use fusion_core::kernels::first_not_finite;
use fusion_core::weights::{walk, walk_ref};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::{Value, json};

use super::callbacks::{CallbackState, Weights};
use super::error::TrainError;
use super::history::History;
use super::targets::Targets;
use super::trainer::Trainer;
use crate::persistence::{self, Refusal, WeightsError, replace};

/// Where the metadata say what a file is of.
const KEY: &str = "fusion.trainer";
/// The version of all this.
const FORMAT: u64 = 1;
/// The largest file that is read of a model: what its weights take, so many times, and something for the rest.
const MOST_COPIES: usize = 16;
const REST: usize = 64 << 20;

/// A `fit` that is under way.
pub(super) struct Fit {
    /// How many of its epochs are done.
    pub epochs: usize,
    /// How many steps of the next one.
    pub steps: usize,
    /// Whether a callback said to stop.
    pub stop: bool,
    pub history: History,
    /// Of each callback, in order.
    pub callbacks: Vec<CallbackState>,
    /// The losses and metrics of those steps: [`Running::numbers`](super::running::Running::numbers).
    pub running: Vec<f64>,
}

/// What a file says, with nothing wrong in it.
struct Contents {
    weights: Vec<u8>,
    optimizer: Option<Vec<f32>>,
    gradient: Option<Vec<f32>>,
    said: Value,
    /// The weights that callbacks keep, by the callback's number.
    kept: Vec<(usize, Vec<u8>)>,
}

impl<N: Network, O, L, T: Targets> Trainer<'_, N, O, L, T> {
    /// Writes all that `load` needs to go on as if nothing had happened: weights, the optimizer's numbers, how many steps
    /// and epochs there were, the seeds.
    pub(super) fn save_to(&mut self, path: &Path, fit: Option<&Fit>) -> Result<(), WeightsError> {
        let bytes = self.written(path, fit)?;
        replace(path, |mut file| file.write_all(&bytes))
            .map_err(|source| WeightsError::Write { path: path.into(), source })
    }

    fn written(&mut self, path: &Path, fit: Option<&Fit>) -> Result<Vec<u8>, WeightsError> {
        if self.engine.moving {
            let source = std::io::Error::other(TrainError::Panicked);
            return Err(WeightsError::Write { path: path.into(), source });
        }
        persistence::check_finite(&*self.network, path)?;
        let weights = persistence::to_bytes(&*self.network, &[]);
        let optimizer = self.engine.optimizer.numbers().map(bytes_of);
        let gradient = self.pending().map(|numbers| bytes_of(&numbers));
        let mut said = json!({
            "format": FORMAT,
            "steps": self.engine.steps,
            "samples_before": self.engine.samples_before,
            "epochs": self.epochs_so_far,
            "seed": self.engine.seed,
            "shuffle": self.options.shuffle,
            "learning_rate": self.learning_rate().to_bits(),
            "slots": (self.functions.slots)(&self.optimizer),
        });
        let kept: Vec<(String, Vec<u8>)> = fit.map(|fit| kept::<N>(&fit.callbacks)).unwrap_or_default();
        if let Some(fit) = fit {
            said["fit"] = fit.to_json();
        }
        let parts = [("weights", Some(&weights), Dtype::U8), ("optimizer", optimizer.as_ref(), Dtype::F32)];
        let parts = parts.into_iter().chain([("gradient", gradient.as_ref(), Dtype::F32)]);
        let named = parts.filter_map(|(name, bytes, kind)| Some((name.to_owned(), bytes?, kind)));
        let kept = kept.iter().map(|(name, bytes)| (name.clone(), bytes, Dtype::U8));
        let views = named.chain(kept).filter_map(|(name, bytes, kind)| {
            let length = bytes.len() / if kind == Dtype::F32 { size_of::<f32>() } else { 1 };
            // Lengths fit, as they were just counted.
            Some((name, TensorView::new(kind, vec![length], bytes).ok()?))
        });
        let metadata = [(KEY.to_owned(), said.to_string())].into();
        serialize(views.collect::<Vec<_>>(), Some(metadata)).map_err(|error| WeightsError::Write {
            path: path.into(),
            source: std::io::Error::other(error.to_string()),
        })
    }

    /// The gradients that were added up and not applied, where a step takes those of several batches.
    fn pending(&mut self) -> Option<Vec<f32>> {
        let (gradient, _) = self.engine.pending.as_mut()?.parts();
        let mut numbers = Vec::new();
        walk_ref(gradient, &mut |_, values| numbers.extend_from_slice(values));
        numbers.iter().any(|number| *number != 0.0).then_some(numbers)
    }

    /// Takes over all that a file says; where something is wrong, or `accept` does not want the `fit` that was under way,
    /// nothing has changed. Gives that `fit`.
    pub(super) fn load_from(
        &mut self,
        path: &Path,
        accept: impl FnOnce(&mut Self, &Fit) -> bool,
    ) -> Result<Option<Fit>, WeightsError> {
        let refuse = |words: String| WeightsError::Refused { path: Some(path.into()), reason: Refusal::Trainer(words) };
        let contents = read::<N>(path)?;
        let said = &contents.said;
        let number = |name: &str| said[name].as_u64().ok_or_else(|| refuse(format!("`{name}` is missing in it")));
        if number("format")? != FORMAT {
            return Err(refuse(format!("it has the format {}, and this version reads {FORMAT}", said["format"])));
        }
        let slots = (self.functions.slots)(&self.optimizer);
        if said["slots"] != json!(slots) {
            return Err(refuse(format!("its optimizer keeps {}, and this one {}", said["slots"], json!(slots))));
        }
        let (steps, samples_before, epochs) = (number("steps")?, number("samples_before")?, number("epochs")?);
        let (seed, shuffle) = (number("seed")?, said["shuffle"].as_u64());
        let learning_rate = u32::try_from(number("learning_rate")?).map(f32::from_bits);
        let Ok(learning_rate) = learning_rate else { return Err(refuse("its learning rate is none".to_owned())) };
        let fit = match said.get("fit") {
            Some(fit) => {
                Some(Fit::of_json(fit).ok_or_else(|| refuse("what it says of a `fit` cannot be read".into()))?)
            }
            None => None,
        };
        let fit = fit.map(|fit| fit.with_weights::<N>(&contents.kept)).transpose()?;
        let pending = contents.gradient.as_deref();
        if pending.is_some_and(|numbers| numbers.len() != N::COUNT) {
            return Err(refuse("its gradient is that of another model".to_owned()));
        }
        let optimizer = contents.optimizer.as_deref();
        let Some(state) = (self.functions.state)(&self.optimizer, self.network, optimizer) else {
            return Err(refuse("what its optimizer keeps is of another length".to_owned()));
        };
        if fit.as_ref().is_some_and(|fit| !accept(self, fit)) {
            return Err(refuse("it is the state of another training".to_owned()));
        }
        persistence::load_bytes(&mut *self.network, &contents.weights)?;
        self.engine.optimizer = state;
        (self.engine.steps, self.engine.samples_before) = (steps, samples_before);
        (self.epochs_so_far, self.engine.seed, self.options.shuffle) = (epochs, seed, shuffle);
        (self.engine.sums, self.engine.pending) = (None, None);
        self.engine.moving = false;
        if let Some(mut rest) = pending {
            let sums = self.engine.pending.get_or_insert_default();
            walk([sums.parts().0], &mut |_, [values]| {
                let (these, after) = rest.split_at(values.len());
                values.copy_from_slice(these);
                rest = after;
            });
        }
        if self.learning_rate().to_bits() != learning_rate.to_bits() {
            (self.functions.optimizer)(&mut self.optimizer).set_learning_rate(learning_rate);
        }
        Ok(fit)
    }
}

impl Fit {
    fn to_json(&self) -> Value {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let history: Vec<Value> = self.history.iter().map(|(name, values)| json!([name, bits(values)])).collect();
        let callbacks: Vec<Value> = (self.callbacks.iter())
            .map(|state| state.numbers().map(|(name, value)| json!([name, value.to_bits()])).collect())
            .collect();
        json!({
            "epochs": self.epochs,
            "steps": self.steps,
            "running": bits(&self.running),
            "stop": self.stop,
            "history": history,
            "notes": self.history.notes(),
            "callbacks": callbacks,
        })
    }

    /// None where something is missing.
    fn of_json(said: &Value) -> Option<Self> {
        let count = |name: &str| usize::try_from(said[name].as_u64()?).ok();
        let (epochs, steps) = (count("epochs")?, count("steps")?);
        let bits = |value: &Value| value.as_u64().map(f64::from_bits);
        let running: Option<Vec<f64>> = said["running"].as_array()?.iter().map(bits).collect();
        let mut columns = Vec::new();
        for column in said["history"].as_array()? {
            let values: Option<Vec<f64>> = column[1].as_array()?.iter().map(bits).collect();
            columns.push((column[0].as_str()?.to_owned(), values?));
        }
        let notes: Option<Vec<String>> =
            said["notes"].as_array()?.iter().map(|note| Some(note.as_str()?.to_owned())).collect();
        let mut callbacks = Vec::new();
        for numbers in said["callbacks"].as_array()? {
            let mut state = CallbackState::default();
            for number in numbers.as_array()? {
                state.set(number[0].as_str()?, bits(&number[1])?);
            }
            callbacks.push(state);
        }
        let history = History::of_columns(columns, notes?, epochs)?;
        Some(Self { epochs, steps, stop: said["stop"].as_bool()?, history, callbacks, running: running? })
    }

    /// With the weights that callbacks keep.
    fn with_weights<N: Network>(mut self, kept: &[(usize, Vec<u8>)]) -> Result<Self, WeightsError> {
        for (index, bytes) in kept {
            if let Some(state) = self.callbacks.get_mut(*index) {
                let mut model = fusion_core::shape::zeroed_box::<N>();
                persistence::load_bytes(&mut *model, bytes)?;
                state.set_weights(Weights::of(model));
            }
        }
        Ok(self)
    }
}

/// The weights that callbacks keep, as files within the file.
fn kept<N: Network>(callbacks: &[CallbackState]) -> Vec<(String, Vec<u8>)> {
    let of_callback = |(index, state): (usize, &CallbackState)| {
        let model = state.weights()?.of_model::<N>()?;
        Some((format!("callback/{index}"), persistence::to_bytes(model, &[])))
    };
    callbacks.iter().enumerate().filter_map(of_callback).collect()
}

fn read<N: Network>(path: &Path) -> Result<Contents, WeightsError> {
    let refuse = |words: &str| {
        let reason = Refusal::Trainer(words.to_owned());
        WeightsError::Refused { path: Some(path.into()), reason }
    };
    let limit = MOST_COPIES.saturating_mul(N::COUNT * size_of::<f32>()).saturating_add(REST);
    let bytes = persistence::read_file(path, limit)?;
    let not_ours = || refuse("it holds no state of a training");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|_| not_ours())?;
    let said = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY)).ok_or_else(not_ours)?;
    let said = serde_json::from_str(said).map_err(|_| not_ours())?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|_| not_ours())?;
    let data = |name: &str, kind: Dtype| {
        let tensor = tensors.tensor(name).ok().filter(|tensor| tensor.dtype() == kind);
        tensor.map(|tensor| tensor.data().to_vec())
    };
    let numbers = |name: &str| match data(name, Dtype::F32).map(|bytes| numbers_of(&bytes)) {
        Some(numbers) if first_not_finite(&numbers).is_some() => {
            Err(refuse(&format!("`{name}` has NaN or infinite numbers")))
        }
        numbers => Ok(numbers),
    };
    let kept = tensors.names().into_iter().filter_map(|name| {
        let index = name.strip_prefix("callback/")?.parse().ok()?;
        Some((index, data(name, Dtype::U8)?))
    });
    Ok(Contents {
        weights: data("weights", Dtype::U8).ok_or_else(not_ours)?,
        optimizer: numbers("optimizer")?,
        gradient: numbers("gradient")?,
        kept: kept.collect(),
        said,
    })
}

fn bytes_of(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn numbers_of(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
