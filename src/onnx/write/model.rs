//! A model's calls, one after the other; a model within the model is written out where it is called.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::{ExportError, Refusal};
use super::graph::Graph;
use super::layers::{self, Masks};
use super::step::{Step, Weights, size};
use super::wires::{Form, Id, Kind};
use crate::keras::model::graph::{self as calls, Call, Wire};
use crate::keras::model::{Layer, Model};

/// How long inputs are that vary in Keras, by the inputs' names: of each dimension without a length, in order.
pub type Lengths = BTreeMap<String, Vec<usize>>;

/// What an input of the model is.
pub(super) struct Input {
    pub name: String,
    pub id: Id,
}

/// The inputs of the whole model, as wires.
pub(super) fn inputs(graph: &mut Graph, model: &Model, lengths: &Lengths) -> Result<Vec<Input>, ExportError> {
    let read = calls::graph(model).map_err(|problem| ExportError::Model { problem })?;
    read.inputs
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            let refused = |refusal| refused("", layer, refusal);
            let (shape, kind) = (shape_of(layer, lengths).map_err(refused)?, kind_of(layer).map_err(refused)?);
            let name = graph.unique(model.input_names.get(index).unwrap_or(&layer.name));
            let id = graph.wire(Form::Last, name.clone(), shape, kind).map_err(refused)?;
            Ok(Input { name, id })
        })
        .collect()
}

/// The shape of an input without its batch.
fn shape_of(layer: &Layer, lengths: &Lengths) -> Result<Vec<usize>, Refusal> {
    let shape = layer.option("batch_shape").or_else(|| layer.option("batch_input_shape")).and_then(Value::as_array);
    let shape =
        shape.and_then(|shape| shape.get(1..)).ok_or_else(|| Refusal::new("has no shape", "give the input one"))?;
    let vary = shape.iter().filter(|side| side.is_null()).count();
    let given = lengths.get(&layer.name).map_or(&[] as &[usize], Vec::as_slice);
    if given.len() != vary {
        let instead = if vary == 0 {
            format!("no `--length` for `{}`, whose shape is fixed", layer.name)
        } else {
            let example: Vec<_> = (0..vary).map(|_| "50").collect();
            format!("say how long it is: `--length {}={}`", layer.name, example.join(","))
        };
        let varying = if vary == 1 { "1 dimension".to_owned() } else { format!("{vary} dimensions") };
        let given = match given.len() {
            0 => "none is given".to_owned(),
            1 => "1 is given".to_owned(),
            many => format!("{many} are given"),
        };
        return Err(Refusal::new(format!("has {varying} without a length, and {given}"), instead));
    }
    let mut given = given.iter().copied();
    let sides = shape.iter().map(|side| if side.is_null() { given.next() } else { size(side) });
    sides
        .collect::<Option<_>>()
        .ok_or_else(|| Refusal::new("has a dimension that is no length", "whole numbers above 0"))
}

fn kind_of(layer: &Layer) -> Result<Kind, Refusal> {
    let dtype = match layer.option("dtype") {
        Some(Value::String(dtype)) => dtype.as_str(),
        Some(policy) => policy.pointer("/config/name").and_then(Value::as_str).unwrap_or("float32"),
        None => "float32",
    };
    match dtype {
        "bool" => Ok(Kind::Bool),
        "int64" | "uint64" => Ok(Kind::Int64),
        whole if whole.starts_with("int") || whole.starts_with("uint") => Ok(Kind::Int32),
        "string" => {
            Err(Refusal::new("has `dtype = \"string\"`", "look the words up before the model, and give it ids"))
        }
        _ => Ok(Kind::Float),
    }
}

/// What a layer's writer refused, with the layer's name and class.
pub(super) fn refused(path: &str, layer: &Layer, refusal: Refusal) -> ExportError {
    let name = if path.is_empty() { layer.name.clone() } else { format!("{path}/{}", layer.name) };
    ExportError::Layer { layer: name, class: layer.class.clone(), what: refusal.what, instead: refusal.instead }
}

/// Adds all that a model computes of its inputs, and gives its outputs.
pub(super) fn write(
    graph: &mut Graph,
    weights: &Weights<'_>,
    model: &Model,
    inputs: &[Id],
    path: &str,
) -> Result<Vec<Id>, ExportError> {
    let read = calls::graph(model).map_err(|problem| ExportError::Model { problem })?;
    if read.inputs.len() != inputs.len() {
        let problem =
            format!("the model `{}` has {} inputs and is called with {}", model.name, read.inputs.len(), inputs.len());
        return Err(ExportError::Model { problem });
    }
    let mut made: Vec<Vec<Id>> = Vec::new();
    for call in &read.calls {
        let layer = &model.layers[call.layer];
        let wires = call.operands.iter().map(|operand| find(operand.wire, inputs, &made));
        let wires: Vec<Id> = wires.collect::<Option<_>>().ok_or_else(|| missing(model, layer))?;
        made.push(one_call(graph, weights, layer, call, wires, path)?);
    }
    let outputs = read.outputs.iter().map(|wire| find(*wire, inputs, &made));
    let problem = || format!("the model `{}` gives an output that no layer has", model.name);
    outputs.collect::<Option<_>>().ok_or_else(|| ExportError::Model { problem: problem() })
}

fn find(wire: Wire, inputs: &[Id], made: &[Vec<Id>]) -> Option<Id> {
    match wire {
        Wire::Input(input) => inputs.get(input).copied(),
        Wire::Output { call, output } => made.get(call)?.get(output).copied(),
    }
}

fn missing(model: &Model, layer: &Layer) -> ExportError {
    let problem = format!("the layer `{}` of the model `{}` takes an output that no layer has", layer.name, model.name);
    ExportError::Model { problem }
}

fn one_call(
    graph: &mut Graph,
    weights: &Weights<'_>,
    layer: &Layer,
    call: &Call<'_>,
    inputs: Vec<Id>,
    outside: &str,
) -> Result<Vec<Id>, ExportError> {
    let path = if outside.is_empty() { layer.name.clone() } else { format!("{outside}/{}", layer.name) };
    if let Some(model) = &layer.model {
        return write(graph, weights, model, &inputs, &path);
    }
    graph.scope.clone_from(&path);
    let mut step = Step { graph, weights, layer, call, inputs, path, prefix: String::new() };
    layers::write(&mut step).map_err(|refusal| refused(outside, layer, refusal))
}

/// The writer of any layer, on the wires of a step; with the masks that Keras would give.
pub(super) fn with_masks(step: &mut Step<'_>, masks: Masks, outputs: &[Id]) -> Result<(), Refusal> {
    let mask = match masks {
        Masks::Passed => match step.inputs.first() {
            Some(input) => step.graph.wires[*input].mask,
            None => None,
        },
        Masks::Own | Masks::Lost => return Ok(()),
    };
    if let Some(output) = outputs.first().filter(|output| !step.inputs.contains(output)) {
        step.graph.wires[*output].mask = mask;
    }
    Ok(())
}
