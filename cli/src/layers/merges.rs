//! Keras's merges.

use serde_json::Value;

use super::values::integer;
use super::{Reader, Step};

/// The merge of a layer of several wires, if it is one.
pub(super) fn merge(reader: &mut Reader<'_>, wires: usize) -> Option<Step> {
    let two = |operator| if wires == 2 { Some(operator) } else { None };
    let (name, operator) = match reader.layer.class.as_str() {
        "Add" => ("add", two('+')),
        "Subtract" => ("subtract", two('-')),
        "Multiply" => ("multiply", two('*')),
        "Average" => ("average", None),
        "Maximum" => ("maximum", None),
        "Minimum" => ("minimum", None),
        "Concatenate" => ("concatenate", None),
        "Dot" => ("dot", None),
        _ => return None,
    };
    let mut options = Vec::new();
    if let Some(axis) = reader.layer.option("axis").and_then(Value::as_i64).filter(|axis| *axis != -1) {
        options.push(format!("axis = {axis}"));
    }
    match reader.layer.option("axes").cloned() {
        Some(Value::Number(axes)) => options.push(format!("axes = {axes}")),
        Some(Value::Array(axes)) => {
            let axes: Vec<String> = axes.iter().filter_map(Value::as_i64).map(integer).collect();
            options.push(format!("axes_of_each = [{}]", axes.join(", ")));
        }
        _ => {}
    }
    if reader.layer.option("normalize") == Some(&Value::Bool(true)) {
        options.push("normalize = true".to_owned());
    }
    Some(Step::Merge { name, operator, options })
}
