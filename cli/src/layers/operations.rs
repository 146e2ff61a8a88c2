//! `keras.ops` in a functional model: arithmetic, slices, changes of shape.

use serde_json::Value;

use super::special::{array, integers};
use super::values::{camel, float};
use super::{Reader, Step, activation};
use crate::graph::Call;

/// The step of an operation; none where something is in its way.
pub(super) fn operation(reader: &mut Reader<'_>, call: &Call<'_>) -> Option<Step> {
    let class = reader.layer.class.clone();
    let value = |place: usize, name: &str| {
        call.value(name).or_else(|| call.value(&place.to_string())).or_else(|| reader.layer.option(name))
    };
    let step = match (class.as_str(), call.operands.len()) {
        ("Add" | "Subtract" | "Multiply", 2) => return arithmetic_of_wires(reader, call),
        ("Maximum" | "Minimum", 2) => Some(Step::Merge {
            name: if class == "Maximum" { "maximum" } else { "minimum" },
            operator: None,
            options: Vec::new(),
        }),
        ("Add" | "Subtract" | "Multiply" | "TrueDivide" | "Divide", 1) => with_constant(&class, call),
        ("Concatenate" | "Stack", _) => {
            let axis = value(1, "axis").and_then(Value::as_i64).unwrap_or(if class == "Stack" { 0 } else { -1 });
            let options =
                if class == "Concatenate" && axis == -1 { Vec::new() } else { vec![format!("axis = {axis}")] };
            Some(Step::Merge { name: if class == "Stack" { "stack" } else { "concatenate" }, operator: None, options })
        }
        ("GetItem", 1) => call.value("1").or_else(|| call.value("key")).and_then(slice).map(Step::Slice),
        ("ExpandDims" | "Squeeze", 1) => {
            let axis = value(1, "axis").and_then(Value::as_i64);
            axis.map(|axis| Step::named(&class, vec![axis.to_string()]))
        }
        ("Reshape", 1) => {
            let shape = value(1, "newshape").and_then(integers);
            shape.filter(|shape| shape.len() > 1).map(|shape| {
                let sides: Vec<String> = shape[1..]
                    .iter()
                    .map(|side| if *side < 0 { "Reshape::REST".to_owned() } else { side.to_string() })
                    .collect();
                Step::named("Reshape", vec![format!("[{}]", sides.join(", "))])
            })
        }
        ("Transpose", 1) => {
            let axes = value(1, "axes").and_then(integers);
            axes.filter(|axes| axes.first() == Some(&0)).map(|axes| Step::named("Permute", vec![array(&axes[1..])]))
        }
        ("Glu", 1) => {
            let axis = value(1, "axis").and_then(Value::as_i64).filter(|axis| *axis != -1);
            Some(Step::named("Glu", axis.map(|axis| format!("axis = {axis}")).into_iter().collect()))
        }
        (_, 1) => activation(&Value::from(camel(&class)))
            .or_else(|| activation(&Value::from(class.to_lowercase())))
            .map(|name| Step::Layer { name: "Activation".to_owned(), arguments: vec![name], options: Vec::new() }),
        _ => None,
    };
    if step.is_none() {
        reader.problem(
            format!("the operation `{class}` has no counterpart as it is used here"),
            "write a layer of your own: docs/writing-a-layer.md",
        );
    }
    step
}

/// An operator lays a batch of fewer dimensions along another dimension, which a merge does not.
fn arithmetic_of_wires(reader: &mut Reader<'_>, call: &Call<'_>) -> Option<Step> {
    let ranks: Vec<Option<usize>> = call.operands.iter().map(|operand| operand.shape.as_ref().map(Vec::len)).collect();
    if ranks[0] != ranks[1] || ranks[0].is_none() {
        reader.problem(
            "is an operator between wires of different ranks, which lays the batch along a dimension",
            "the layer `Add`, `Subtract` or `Multiply`",
        );
        return None;
    }
    let (name, operator) = match reader.layer.class.as_str() {
        "Add" => ("add", '+'),
        "Subtract" => ("subtract", '-'),
        _ => ("multiply", '*'),
    };
    Some(Step::Merge { name, operator: Some(operator), options: Vec::new() })
}

/// `2.0 * x`, `x - 1.0`, `1.0 - x`
fn with_constant(class: &str, call: &Call<'_>) -> Option<Step> {
    let (before, behind) = (call.value("0").or_else(|| call.value("x1")), call.value("1").or_else(|| call.value("x2")));
    let text = |value: Option<&Value>| value.filter(|value| value.is_number()).and_then(float);
    let (before, behind) = (text(before), text(behind));
    let step = match (class, before, behind) {
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
    match config.get("step").and_then(Value::as_i64) {
        None | Some(1) => Some(range),
        Some(step) if step > 1 => Some(format!("({range}).step_by({step})")),
        Some(_) => None,
    }
}
