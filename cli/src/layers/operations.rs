//! `keras.ops` in a functional model: arithmetic, slices, changes of shape, activations.

use serde_json::{Value, json};

use super::special::{array, integers};
use super::values::{camel, float, integer};
use super::{Reader, Step, activation};
use crate::config::Shape;

/// The step of an operation; none where something is in its way.
pub(super) fn operation(reader: &mut Reader<'_>) -> Option<Step> {
    let class = reader.layer.class.as_str();
    let step = match (class, reader.call.operands.len()) {
        ("Add" | "Subtract" | "Multiply" | "Maximum" | "Minimum", 2) => return of_wires(reader),
        ("Add" | "Subtract" | "Multiply" | "TrueDivide" | "Divide", 1) => with_constant(reader),
        ("Concatenate" | "Stack", _) => joined(reader),
        ("GetItem", 1) => reader.argument(1, "key").and_then(slice).map(Step::Slice),
        ("ExpandDims" | "Squeeze", 1) => {
            let rank = reader.rank().map(|rank| rank + usize::from(class == "ExpandDims"));
            let axis = reader.argument(1, "axis").and_then(Value::as_i64);
            axis.filter(|axis| !is_batch(*axis, rank)).map(|axis| Step::named(class, vec![axis.to_string()]))
        }
        ("Reshape", 1) => reshape(reader),
        ("Transpose", 1) => transpose(reader),
        ("Softmax" | "Glu", 1) => along(reader),
        (_, 1) => return of_numbers(reader),
        _ => None,
    };
    if step.is_none() && reader.problems.is_empty() {
        reader.problem(
            format!("the operation `{class}` has no counterpart as it is used here"),
            "write a layer of your own: docs/writing-a-layer.md",
        );
    }
    step
}

/// Whether an axis of so many dimensions, counted from the end too, is that of the batch.
fn is_batch(axis: i64, rank: Option<usize>) -> bool {
    axis == 0 || rank.is_some_and(|rank| i64::try_from(rank).is_ok_and(|rank| axis == -rank))
}

/// An activation with its parameters.
fn of_numbers(reader: &mut Reader<'_>) -> Option<Step> {
    let class = camel(&reader.layer.class);
    let config: serde_json::Map<_, _> =
        reader.layer.options.keys().filter_map(|name| Some((name.clone(), reader.option(name)?.clone()))).collect();
    match activation(&json!({"class_name": class, "config": config}), reader.rank()) {
        Ok(name) => Some(Step::Layer { name: "Activation".to_owned(), arguments: vec![name], options: Vec::new() }),
        Err(what) if super::table::ACTIVATIONS.contains(&class.as_str()) => {
            reader
                .problem(format!("the activation {what}"), "write an activation of your own: docs/writing-a-layer.md");
            None
        }
        Err(_) => {
            reader.problem(
                format!("the operation `{class}` has no counterpart as it is used here"),
                "write a layer of your own: docs/writing-a-layer.md",
            );
            None
        }
    }
}

/// Those along an axis, which are layers where it is not the last.
fn along(reader: &Reader<'_>) -> Option<Step> {
    let (axis, rank) = (reader.argument(1, "axis").map_or(Some(-1), Value::as_i64)?, reader.rank());
    let is_last = axis == -1 || rank.is_some_and(|rank| i64::try_from(rank).is_ok_and(|rank| axis == rank - 1));
    match (reader.layer.class.as_str(), is_last) {
        _ if is_batch(axis, rank) => None,
        ("Softmax", true) => Some(Step::Layer {
            name: "Activation".to_owned(),
            arguments: vec!["Softmax".to_owned()],
            options: Vec::new(),
        }),
        (class, true) => Some(Step::named(class, Vec::new())),
        (class, false) => Some(Step::named(class, vec![format!("axis = {axis}")])),
    }
}

fn joined(reader: &Reader<'_>) -> Option<Step> {
    let stack = reader.layer.class == "Stack";
    let axis = reader.argument(1, "axis").map_or(Some(if stack { 0 } else { -1 }), Value::as_i64)?;
    if is_batch(axis, reader.rank().map(|rank| rank + usize::from(stack))) {
        return None;
    }
    let options = if !stack && axis == -1 { Vec::new() } else { vec![format!("axis = {axis}")] };
    Some(Step::Merge { name: if stack { "stack" } else { "concatenate" }, operator: None, options })
}

/// The sides of a sample, where the first of the new ones is the batch.
fn reshape(reader: &mut Reader<'_>) -> Option<Step> {
    let shape = reader.argument(1, "newshape")?.as_array()?;
    let (batch, sides) = shape.split_first()?;
    let sides = sides.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()?;
    let known = |sides: &[i64]| sides.iter().try_fold(1_i64, |product, side| product.checked_mul(*side));
    let input = reader.call.operands.first().and_then(|operand| numbers_of(&operand.shape));
    let open = sides.iter().filter(|side| **side < 0).count();
    let keeps_batch = match batch {
        Value::Null => open < 2,
        // What is left for the batch is the batch where the others are as many as before.
        batch => batch.as_i64() == Some(-1) && open == 0 && input.is_some() && known(&sides) == input,
    };
    if !keeps_batch || sides.is_empty() {
        reader.problem(
            format!("makes another batch: its shape is {}", Value::from(shape.clone())),
            "the layer `Reshape`, or -1 before the sides of a sample",
        );
        return None;
    }
    let sides: Vec<String> =
        sides.iter().map(|side| if *side < 0 { "Reshape::REST".to_owned() } else { integer(*side) }).collect();
    Some(Step::named("Reshape", vec![format!("[{}]", sides.join(", "))]))
}

/// How many numbers a sample has.
fn numbers_of(shape: &Shape) -> Option<i64> {
    let mut sides = shape.as_ref()?.iter().skip(1);
    sides.try_fold(1_i64, |product, side| product.checked_mul(i64::try_from((*side)?).ok()?))
}

fn transpose(reader: &Reader<'_>) -> Option<Step> {
    let axes = reader.argument(1, "axes").and_then(integers)?;
    let rank = i64::try_from(axes.len()).ok()?;
    let axes: Vec<i64> = axes.iter().map(|axis| if *axis < 0 { axis + rank } else { *axis }).collect();
    let (batch, rest) = axes.split_first()?;
    (*batch == 0 && !rest.is_empty()).then(|| Step::named("Permute", vec![array(rest)]))
}

/// An operator lays a batch of fewer dimensions along another dimension, which a merge does not.
fn of_wires(reader: &mut Reader<'_>) -> Option<Step> {
    let ranks: Vec<Option<usize>> =
        reader.call.operands.iter().map(|operand| operand.shape.as_ref().map(Vec::len)).collect();
    if ranks[0] != ranks[1] || ranks[0].is_none() {
        reader.problem(
            "is an operator between wires of different ranks, which lays the batch along a dimension",
            format!("the layer `{}`", reader.layer.class),
        );
        return None;
    }
    let (name, operator) = match reader.layer.class.as_str() {
        "Add" => ("add", Some('+')),
        "Subtract" => ("subtract", Some('-')),
        "Multiply" => ("multiply", Some('*')),
        "Maximum" => ("maximum", None),
        _ => ("minimum", None),
    };
    Some(Step::Merge { name, operator, options: Vec::new() })
}

/// `2.0 * x`, `x - 1.0`, `1.0 - x`
fn with_constant(reader: &Reader<'_>) -> Option<Step> {
    let (before, behind) = (reader.argument(0, "x1"), reader.argument(1, "x2"));
    let text = |value: Option<&Value>| value.filter(|value| value.is_number()).and_then(float);
    let (before, behind) = (text(before), text(behind));
    let step = match (reader.layer.class.as_str(), before, behind) {
        ("Add", Some(constant), None) | ("Add", None, Some(constant)) => (String::new(), format!(" + {constant}")),
        ("Multiply", Some(constant), None) | ("Multiply", None, Some(constant)) => {
            (format!("{constant} * "), String::new())
        }
        ("Subtract", Some(constant), None) => (format!("{constant} - "), String::new()),
        ("Subtract", None, Some(constant)) => (String::new(), format!(" - {constant}")),
        ("TrueDivide" | "Divide", None, Some(constant)) => {
            let divisor: f32 = constant.parse().ok()?;
            // Only where that is the same to the last bit.
            let inverse = 1.0 / divisor;
            let exact = divisor.to_bits().trailing_zeros() >= 23;
            exact.then(|| (format!("{inverse:?} * "), String::new()))?
        }
        _ => return None,
    };
    Some(Step::Arithmetic(step.0, step.1))
}

/// `[.., 0]` of `(slice(None), slice(None), 0)`: without the batch.
fn slice(items: &Value) -> Option<String> {
    let Value::Array(items) = items else { return None };
    let (batch, rest) = items.split_first()?;
    if item(batch)? != ".." || rest.is_empty() {
        return None;
    }
    let items: Vec<String> = rest.iter().map(item).collect::<Option<_>>()?;
    Some(format!("[{}]", items.join(", ")))
}

fn item(item: &Value) -> Option<String> {
    if let Some(index) = item.as_i64() {
        return Some(index.to_string());
    }
    if item.as_str() == Some("...") || item.get("class_name").and_then(Value::as_str) == Some("__ellipsis__") {
        return Some("...".to_owned());
    }
    if item.get("class_name")?.as_str()? != "__slice__" {
        return None;
    }
    let config = item.get("config")?;
    let bound = |name: &str| match config.get(name) {
        None | Some(Value::Null) => Some(String::new()),
        Some(value) => Some(value.as_u64()?.to_string()),
    };
    let range = format!("{}..{}", bound("start")?, bound("stop")?);
    match config.get("step") {
        None | Some(Value::Null) => Some(range),
        Some(step) => match step.as_i64()? {
            1 => Some(range),
            step if step > 1 => Some(format!("({range}).step_by({step})")),
            _ => None,
        },
    }
}
