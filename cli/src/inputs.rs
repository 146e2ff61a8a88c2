//! The inputs of a model: names, shapes, and which are of ids.

use std::collections::HashMap;

use serde_json::Value;

use crate::config::{self, Layer};
use crate::graph::{Call, Graph, Operand, Wire};
use crate::layers::{self, Problem};
use crate::names;
use crate::network::{Network, Reading};

/// The inputs' names and types, of these shapes.
pub fn inputs(graph: &Graph<'_>, within: &HashMap<usize, Network<'_>>, shapes: &[Vec<usize>]) -> Vec<(String, String)> {
    let automatic = graph.inputs.iter().filter(|input| names::is_automatic(input)).count();
    let mut letters = ('a'..='z').map(|letter| letter.to_string());
    let mut inputs = Vec::new();
    for (index, (input, shape)) in graph.inputs.iter().zip(shapes).enumerate() {
        let ids = is_of_ids(graph, within, index);
        let used = graph.calls.iter().flat_map(|call| &call.operands).any(|operand| operand.wire == Wire::Input(index))
            || graph.outputs.contains(&Wire::Input(index));
        let name = match (names::is_automatic(input), automatic) {
            (false, _) => names::identifier(&input.name),
            (true, 1) => by_shape(shape.len(), ids).to_owned(),
            (true, _) => letters.next().unwrap_or_else(|| "input".to_owned()),
        };
        let name = if used { name } else { format!("_{name}") };
        let element = if ids { "u32" } else { "f32" };
        let sides: Vec<String> =
            shape.iter().map(|side| layers::values::integer(i64::try_from(*side).unwrap_or(i64::MAX))).collect();
        let ty = if sides.is_empty() { element.to_owned() } else { format!("[{element}; {}]", sides.join(", ")) };
        inputs.push((name, ty));
    }
    inputs
}

fn by_shape(rank: usize, ids: bool) -> &'static str {
    match (rank, ids) {
        (0, true) => "id",
        (_, true) => "ids",
        (0, false) => "number",
        (1, false) => "features",
        (2, false) => "sequence",
        (3, false) => "image",
        (_, false) => "volume",
    }
}

/// Whether an input is of ids: where a layer looks them up.
fn is_of_ids(graph: &Graph<'_>, within: &HashMap<usize, Network<'_>>, input: usize) -> bool {
    const LOOK_UP: [&str; 6] =
        ["Embedding", "CategoryEncoding", "IntegerLookup", "Hashing", "HashedCrossing", "StringLookup"];
    graph.calls.iter().any(|call| {
        let at = call.operands.iter().position(|operand| operand.wire == Wire::Input(input));
        match (at, within.get(&call.layer)) {
            (None, _) => false,
            (Some(at), Some(inner)) => inner.inputs.get(at).is_some_and(|(_, ty)| ty.contains("u32")),
            (Some(_), None) => LOOK_UP.contains(&graph.model.layers[call.layer].class.as_str()),
        }
    })
}

/// The inputs' shapes without the batch, of a model with this way to it, `encoder/`; what is `given` to it is known.
pub fn shapes(
    graph: &Graph<'_>,
    way: &str,
    given: &[Option<Vec<usize>>],
    reading: &mut Reading<'_>,
) -> Vec<Vec<usize>> {
    let inputs = graph.inputs.iter().enumerate();
    inputs.map(|(index, input)| shape_of(input, way, given.get(index).and_then(Option::as_deref), reading)).collect()
}

/// What the wires that go into a call are, as far as that is known.
pub fn given(call: &Call<'_>, shapes: &[Vec<usize>]) -> Vec<Option<Vec<usize>>> {
    let of_operand = |operand: &Operand| match operand.wire {
        Wire::Input(input) => shapes.get(input).cloned(),
        Wire::Output { .. } => operand.shape.as_ref()?.iter().skip(1).copied().collect(),
    };
    call.operands.iter().map(of_operand).collect()
}

fn shape_of(input: &Layer, way: &str, given: Option<&[usize]>, reading: &mut Reading<'_>) -> Vec<usize> {
    let shape = ["batch_shape", "batch_input_shape"].iter().find_map(|name| config::shape(input.option(name)?));
    let problem = |what: &str, instead: &str| Problem {
        layer: input.name.clone(),
        class: input.class.clone(),
        what: what.to_owned(),
        instead: instead.to_owned(),
    };
    if input.option("sparse") == Some(&Value::Bool(true)) || input.option("ragged") == Some(&Value::Bool(true)) {
        reading.findings.problems.push(problem("is sparse or ragged", "a dense input"));
    }
    let Some(shape) = shape else {
        reading.findings.problems.push(problem("has no shape", "save the model with an `Input` of a shape"));
        return Vec::new();
    };
    let name = format!("{way}{}", input.name);
    let lengths = lengths_of(&name, &input.name, reading);
    reading.findings.inputs.push(name.clone());
    // The last length is for all that vary behind it.
    let mut varying = 0;
    let mut sides = Vec::new();
    for (place, side) in shape.iter().skip(1).enumerate() {
        let length = lengths.and_then(|lengths| lengths.get(varying).or(lengths.last()));
        let known = given.filter(|given| given.len() + 1 == shape.len()).and_then(|given| given.get(place));
        match (side, length.or(known)) {
            (Some(side), _) => sides.push(*side),
            (None, Some(length)) => {
                sides.push(*length);
                varying += 1;
            }
            (None, None) => {
                if !reading.findings.lengths_wanted.contains(&name) {
                    reading.findings.lengths_wanted.push(name.clone());
                }
                sides.push(1);
            }
        }
    }
    sides
}

/// The lengths that were given for an input, by its name with the way to it or without.
fn lengths_of<'a>(name: &str, short: &str, reading: &mut Reading<'a>) -> Option<&'a Vec<usize>> {
    let lengths = reading.lengths;
    let key = [name, short].into_iter().find(|key| lengths.contains_key(*key))?;
    reading.findings.lengths_used.push(key.to_owned());
    lengths.get(key)
}
