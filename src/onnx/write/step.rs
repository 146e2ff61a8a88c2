//! One call of one layer: its options, its weights, what goes in.

use std::collections::HashMap;

use serde_json::Value;

use super::error::{Refusal, Result};
use super::graph::{Graph, Name};
use super::wires::{Id, LONGEST};
use crate::keras::model::graph::Call;
use crate::keras::model::{self, Layer};
use crate::keras::{LayerWeights, Weight};

/// The layers' weights, by their paths.
pub(super) type Weights<'a> = HashMap<String, &'a LayerWeights>;

/// What a layer's writer is given.
pub(super) struct Step<'s> {
    pub graph: &'s mut Graph,
    pub weights: &'s Weights<'s>,
    pub layer: &'s Layer,
    pub call: &'s Call<'s>,
    pub inputs: Vec<Id>,
    /// Where the layer is, `encoder/dense`.
    pub path: String,
    /// What the names of its weights begin with, of a layer within another: `forward_lstm/`.
    pub prefix: String,
}

impl Step<'_> {
    /// The one wire that goes in.
    pub fn input(&self) -> Result<Id> {
        match self.inputs.as_slice() {
            [one] => Ok(*one),
            other => Err(Refusal::new(format!("is called with {} wires", other.len()), "call it with one")),
        }
    }

    /// The shape of what goes in, without the batch.
    pub fn shape(&self) -> Result<Vec<usize>> {
        Ok(self.graph.shape(self.input()?).to_vec())
    }

    /// That shape, if it has so many dimensions.
    pub fn shape_of_rank(&self, rank: usize) -> Result<Vec<usize>> {
        let shape = self.shape()?;
        if shape.len() == rank {
            return Ok(shape);
        }
        Err(Refusal::new(format!("takes {} dimensions and a batch", shape.len()), format!("{rank} dimensions")))
    }

    pub fn option(&self, name: &str) -> Option<&Value> {
        self.layer.option(name)
    }

    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.option(name).and_then(Value::as_bool).unwrap_or(default)
    }

    pub fn word(&self, name: &str, default: &str) -> String {
        self.option(name).and_then(Value::as_str).unwrap_or(default).to_owned()
    }

    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    pub fn number(&self, name: &str, default: f32) -> f32 {
        self.option(name).and_then(Value::as_f64).map_or(default, |value| value as f32)
    }

    /// An option that is not what can be said.
    pub fn refuse(&self, option: &str, instead: &str) -> Refusal {
        let value = self.layer.options.get(option).cloned().unwrap_or_default();
        Refusal::new(format!("has `{option} = {value}`"), instead)
    }

    /// A whole number above zero.
    pub fn size(&self, option: &str) -> Result<usize> {
        self.option(option).and_then(size).ok_or_else(|| self.refuse(option, "a whole number above 0"))
    }

    /// One such number for each side; where one is given it is of all, and where none is, the default.
    pub fn sizes(&self, option: &str, count: usize, default: usize) -> Result<Vec<usize>> {
        let Some(value) = self.option(option) else { return Ok(vec![default; count]) };
        let sizes: Option<Vec<usize>> = match value {
            Value::Array(all) => all.iter().map(size).collect(),
            one => size(one).map(|size| vec![size; count]),
        };
        let wrong = || self.refuse(option, &format!("{count} whole numbers above 0"));
        sizes.filter(|sizes| sizes.len() == count).ok_or_else(wrong)
    }

    /// A list of axes or of one, each as one of `rank` with the batch, in order.
    pub fn axes(&self, option: &str, default: i64, rank: usize) -> Result<Vec<usize>> {
        let given = self.option(option).cloned().unwrap_or_else(|| default.into());
        let list = if let Value::Array(list) = given { list } else { vec![given] };
        let axes = list.iter().map(|axis| axis.as_i64().and_then(|axis| place(axis, rank)));
        let mut axes: Vec<usize> = axes.collect::<Option<_>>().ok_or_else(|| self.wrong_axis(option, rank))?;
        axes.sort_unstable();
        axes.dedup();
        if axes.first() == Some(&0) { Err(self.wrong_axis(option, rank)) } else { Ok(axes) }
    }

    /// One axis, of `rank` with the batch.
    pub fn axis(&self, option: &str, default: i64, rank: usize) -> Result<usize> {
        match self.axes(option, default, rank)?.as_slice() {
            [axis] => Ok(*axis),
            _ => Err(self.refuse(option, "one axis")),
        }
    }

    fn wrong_axis(&self, option: &str, rank: usize) -> Refusal {
        self.refuse(option, &format!("axes from 1 to {} of the wire, or -1", rank.saturating_sub(1)))
    }

    /// Channels are last here.
    pub fn channels_last(&self) -> Result<()> {
        match self.option("data_format").and_then(Value::as_str) {
            Some("channels_first") => Err(self.refuse("data_format", "`channels_last`")),
            _ => Ok(()),
        }
    }

    fn find(&self, name: &str) -> Option<&Weight> {
        let layer = self.weights.get(&self.path)?;
        let own = layer.weights.iter().filter(|weight| weight.name.starts_with(&self.prefix));
        own.into_iter().find(|weight| {
            let rest = &weight.name[self.prefix.len()..];
            rest == name || rest.strip_suffix(name).is_some_and(|before| before.ends_with('/'))
        })
    }

    /// The shape that a weight has in the file.
    pub fn shape_of_weight(&self, name: &str) -> Result<Vec<usize>> {
        self.find(name).map(|found| found.shape.clone()).ok_or_else(|| no_weight(name))
    }

    /// The numbers of a weight, if it has this shape.
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let found = self
            .find(name)
            .ok_or_else(|| Refusal::new(format!("has no weight `{name}`"), "save the model after it is built"))?;
        if found.shape != shape || found.values.len() != shape.iter().product::<usize>() {
            let what = format!("has a weight `{name}` of the shape {:?}, where {shape:?} belongs", found.shape);
            return Err(Refusal::new(what, "save the model anew: the file is not whole"));
        }
        Ok(found.values.clone())
    }

    /// So many numbers of a weight, whatever its shape.
    pub fn values_of_any_shape(&self, name: &str, count: usize) -> Result<Vec<f32>> {
        let shape = self.find(name).map_or(vec![count], |found| found.shape.clone());
        let values = self.values(name, &shape)?;
        let wrong = || {
            Refusal::new(
                format!("has {} numbers in `{name}`, where {count} belong", values.len()),
                "save the model anew",
            )
        };
        if values.len() == count { Ok(values) } else { Err(wrong()) }
    }

    /// A weight as it is.
    pub fn weight(&mut self, name: &str, shape: &[usize]) -> Result<Name> {
        let values = self.values(name, shape)?;
        Ok(self.keep(name, shape, values))
    }

    /// Numbers made of weights, under a name of this layer's.
    pub fn keep(&mut self, name: &str, shape: &[usize], values: Vec<f32>) -> Name {
        let name = format!("{}/{}{name}", self.path, self.prefix);
        self.graph.weight(&name, shape, || values)
    }

    /// The step of a layer within this one, on another wire.
    pub fn within<'t>(&'t mut self, layer: &'t Layer, call: &'t Call<'t>, input: Id, prefix: String) -> Step<'t> {
        let path = self.path.clone();
        Step { graph: self.graph, weights: self.weights, layer, call, inputs: vec![input], path, prefix }
    }
}

fn no_weight(name: &str) -> Refusal {
    Refusal::new(format!("has no weight `{name}`"), "save the model after it is built")
}

/// The layer that an option of another is.
pub(super) fn inner_layer(layer: &Layer, option: &str) -> Option<Layer> {
    model::layer(layer.option(option)?, &format!("the layer `{}`", layer.name)).ok()
}

pub(super) fn size(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok().filter(|size| (1..=LONGEST).contains(size))
}

/// An axis counted from the front.
pub(super) fn place(axis: i64, rank: usize) -> Option<usize> {
    let signed = i64::try_from(rank).ok()?;
    let axis = if axis < 0 { axis.checked_add(signed)? } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < rank)
}
