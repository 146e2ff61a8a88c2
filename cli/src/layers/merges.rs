//! Keras's merges.

use serde_json::Value;

use super::special::{array, integers};
use super::{Reader, Step};

/// The merge of a layer of several wires, if it is one.
pub(super) fn merge(reader: &mut Reader<'_>) -> Option<Step> {
    let wires = reader.call.operands.len();
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
    if let Some(axis) = reader.option("axis") {
        match axis.as_i64() {
            Some(-1) => {}
            Some(axis) if axis != 0 => options.push(format!("axis = {axis}")),
            _ => reader.option_problem("axis", axis),
        }
    }
    match reader.option("axes") {
        None => {}
        Some(Value::Number(axes)) => options.push(format!("axes = {axes}")),
        Some(axes) => match integers(axes) {
            Some(each) => options.push(format!("axes_of_each = {}", array(&each))),
            None => reader.option_problem("axes", axes),
        },
    }
    if let Some(Value::Bool(normalize)) = reader.option("normalize") {
        options.extend(normalize.then(|| "normalize = true".to_owned()));
    }
    Some(Step::Merge { name, operator, options })
}
