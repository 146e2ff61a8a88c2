//! Numbers as ids, and ids as rows.

use serde_json::Value;

use super::{Entry, Refused, Result, Step, entry};
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("CategoryEncoding", category_encoding),
    entry("Discretization", discretization),
    entry("IntegerLookup", integer_lookup),
];

const HASHES: &str = "computes a 64-bit hash of what it takes, for which ONNX has no operators";
const BEFORE: &str = "compute the ids before the model, and make them its input";

pub(super) const REFUSED: &[Refused] = &[
    Refused { class: "Hashing", what: HASHES, instead: BEFORE },
    Refused { class: "HashedCrossing", what: HASHES, instead: BEFORE },
    Refused { class: "StringLookup", what: "looks words up", instead: BEFORE },
    Refused { class: "TextVectorization", what: "takes words apart", instead: BEFORE },
    Refused {
        class: "Lambda",
        what: "runs a function of Python's",
        instead: "layers or operations of `keras.ops` that do the same",
    },
];

/// Ids as they are, or as rows of `depth` numbers.
fn encoded(step: &mut Step<'_>, ids: Name, shape: Vec<usize>, depth: usize, default: &str) -> Result<Vec<Id>> {
    if step.flag("sparse", false) {
        return Err(step.refuse("sparse", "`sparse=False`"));
    }
    let mode = step.word("output_mode", default);
    if mode == "int" {
        return Ok(vec![step.graph.wire(Form::Last, ids, shape, Kind::Int64)?]);
    }
    let one = step.graph.floats(&[2], &[0.0, 1.0]);
    let depth_name = step.graph.integers(&[i64::try_from(depth).unwrap_or(i64::MAX)]);
    let mut rows = step.graph.node("OneHot", &[&ids, &depth_name, &one], vec![int("axis", -1)]);
    let mut sides = shape;
    match mode.as_str() {
        "one_hot" => {
            // A number for each sample is a row, not a list of one.
            if sides.last() == Some(&1) {
                rows = step.graph.squeeze(&rows, &[-2]);
                sides.pop();
            }
        }
        "multi_hot" | "count" => {
            let operator = if mode == "count" { "ReduceSum" } else { "ReduceMax" };
            rows = step.graph.reduce(operator, &rows, &[-2], false);
            sides.pop();
        }
        _ => return Err(step.refuse("output_mode", "`int`, `one_hot`, `multi_hot` or `count`")),
    }
    sides.push(depth);
    Ok(vec![step.graph.plain(rows, sides)?])
}

fn category_encoding(step: &mut Step<'_>) -> Result<Vec<Id>> {
    if step.inputs.len() > 1 {
        return Err(Refusal::new("is called with `count_weights`", "`one_hot`, `Multiply` and a sum of `keras.ops`"));
    }
    let (input, shape, depth) = (step.input()?, step.shape()?, step.size("num_tokens")?);
    let ids = step.graph.of_kind(input, Kind::Int64);
    encoded(step, ids, shape, depth, "multi_hot")
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

/// How many boundaries are at most the number.
fn discretization(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let boundaries = step.option("bin_boundaries").and_then(numbers);
    let boundaries = boundaries.filter(|boundaries| !boundaries.is_empty());
    let boundaries = boundaries.ok_or_else(|| step.refuse("bin_boundaries", "`adapt` it before it is saved"))?;
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let values: Vec<f32> = boundaries.iter().map(|boundary| *boundary as f32).collect();
    let limits = step.keep("bin_boundaries", &[values.len()], values);
    let x = step.graph.of_kind(input, Kind::Float);
    let x = step.graph.unsqueeze(&x, &[-1]);
    let reached = step.graph.node("GreaterOrEqual", &[&x, &limits], vec![]);
    let reached = step.graph.cast(&reached, Kind::Int64);
    let ids = step.graph.reduce("ReduceSum", &reached, &[-1], false);
    encoded(step, ids, shape, boundaries.len() + 1, "int")
}

/// The place of each id in a vocabulary.
fn integer_lookup(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let vocabulary = step.option("vocabulary").and_then(Value::as_array).cloned();
    let vocabulary: Option<Vec<i64>> = vocabulary.and_then(|all| all.iter().map(Value::as_i64).collect());
    let vocabulary = vocabulary.filter(|all| !all.is_empty());
    let mut known =
        vocabulary.ok_or_else(|| step.refuse("vocabulary", "a list of whole numbers, which `adapt` makes too"))?;
    if step.flag("invert", false) {
        return Err(step.refuse("invert", "ids from places: look them up behind the model"));
    }
    let others = step.option("num_oov_indices").map_or(Some(1), Value::as_u64);
    if others != Some(1) {
        return Err(step.refuse("num_oov_indices", "one place for all ids that are not in the vocabulary"));
    }
    let mode = step.word("output_mode", "int");
    let mask = step.option("mask_token").and_then(Value::as_i64);
    if mask.is_some() && mode != "int" {
        return Err(step.refuse("mask_token", "none, where the output is rows"));
    }
    let first = 1 + i64::from(mask.is_some());
    let count = known.len() + 1;
    let x = step.graph.of_kind(input, Kind::Int64);
    let x = step.graph.unsqueeze(&x, &[-1]);
    // The masked id has the first place, those that are found the ones behind that of all others.
    let mut places: Vec<i64> = (first..).take(known.len()).collect();
    if let Some(mask) = mask {
        known.push(mask);
        places.push(0);
    }
    // Place less that of the others, which is added again where nothing was found or not.
    let places: Vec<i64> = places.iter().map(|place| place - (first - 1)).collect();
    let (known_name, places) = (step.graph.integers(&known), step.graph.integers(&places));
    let equal = step.graph.node("Equal", &[&x, &known_name], vec![]);
    let equal = step.graph.cast(&equal, Kind::Int64);
    let found = step.graph.node("Mul", &[&equal, &places], vec![]);
    let sum = step.graph.reduce("ReduceSum", &found, &[-1], false);
    let other = step.graph.integers_of(&[], &[first - 1]);
    let ids = step.graph.node("Add", &[&sum, &other], vec![]);
    encoded(step, ids, shape, count, "int")
}
