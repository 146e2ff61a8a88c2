//! Options that are written by their names, and those of arrays.

use serde_json::Value;

use super::values::{self, camel, constraint, float, initializer, integer, regularizer};
use super::{Facts, Reader, sides, special};

/// An option that is not its default, as it is written.
pub(super) fn option(reader: &mut Reader<'_>, facts: &Facts, name: &str, default: &str) -> Option<String> {
    let value = reader.option(name)?;
    let text = match (name, value) {
        ("axis", _) if default == "LAST" => return axis(reader, value),
        ("axis", Value::Number(axis)) if axis.as_i64() == Some(0) => {
            reader.problem("is along the batch", "along another axis, as samples know nothing of each other here");
            return None;
        }
        ("noise_shape", value) => return noise_shape(reader, value),
        ("activity_regularizer", value) => match regularizer(value) {
            Some(text) => text,
            None => {
                reader.option_problem(name, value);
                return None;
            }
        },
        ("strides" | "pool_size" | "size" | "dilation_rate" | "output_padding" | "output_size", value) => {
            return sides::option(reader, facts, name, default, value);
        }
        (_, Value::Bool(value)) => value.to_string(),
        (_, Value::String(word)) => camel(word),
        (_, Value::Number(_)) if is_integer(name, default) => integer(value.as_i64()?),
        (_, Value::Number(_)) => float(value)?,
        _ => {
            reader.option_problem(name, value);
            return None;
        }
    };
    let same = text == default || (text.parse::<f32>().is_ok() && text.parse::<f32>().ok() == default.parse().ok());
    match (same, facts.positional == name) {
        (true, _) => None,
        (false, true) => Some(text),
        (false, false) => Some(format!("{name} = {text}")),
    }
}

/// `noise_shape = [1, 1, 1]` of `(None, 1, 1, 1)`: what is not given is as large as the input.
fn noise_shape(reader: &mut Reader<'_>, value: &Value) -> Option<String> {
    let shape = reader.call.operands.first().and_then(|operand| operand.shape.clone());
    let shape = shape.or_else(|| reader.layer.built_with.clone());
    let sides = value.as_array().filter(|sides| sides.first().is_some_and(Value::is_null)).map(|sides| {
        sides.iter().enumerate().skip(1).map(|(place, side)| match side {
            Value::Null => {
                shape.as_ref().and_then(|shape| *shape.get(place)?).and_then(|side| i64::try_from(side).ok())
            }
            side => side.as_i64(),
        })
    });
    let Some(sides) = sides.and_then(|sides| sides.collect::<Option<Vec<_>>>()) else {
        reader.problem(
            format!("`noise_shape = {value}` has no counterpart"),
            "`None` for the batch, as each sample has random numbers of its own here, and sizes that the file says",
        );
        return None;
    };
    Some(format!("noise_shape = {}", special::array(&sides)))
}

/// Whether an option counts something.
fn is_integer(name: &str, default: &str) -> bool {
    let counts = ["n", "num_bins", "height", "width", "groups", "axis", "num_oov_indices", "power_iterations"];
    default.parse::<i64>().is_ok() || counts.contains(&name)
}

/// The axis of a normalization, where it is not the last.
pub(super) fn axis(reader: &mut Reader<'_>, value: &Value) -> Option<String> {
    let axes = match value {
        Value::Array(axes) => axes.clone(),
        one => vec![one.clone()],
    };
    let rank = reader.rank();
    let last = |axis: &Value| {
        axis.as_i64() == Some(-1) || (rank.is_some() && axis.as_u64() == rank.map(|rank| rank as u64 - 1))
    };
    match axes.as_slice() {
        [axis] if last(axis) => None,
        _ => {
            reader.problem(
                format!("is along `axis = {value}`, and not along the last"),
                "put `Permute` around it in Keras",
            );
            None
        }
    }
}

/// `kernel_initializer`, `kernel_regularizer` and `kernel_constraint` of each array.
pub(super) fn array_options(reader: &mut Reader<'_>, facts: &Facts, options: &mut Vec<String>) {
    for (array, default) in facts.arrays {
        for (kind, read) in [
            ("initializer", initializer as fn(&Value) -> Option<String>),
            ("regularizer", regularizer),
            ("constraint", constraint),
        ] {
            let name = format!("{array}_{kind}");
            let Some(value) = reader.option(&name) else { continue };
            match read(value) {
                Some(text) if text == *default => {}
                Some(text) => options.push(format!("{name} = {text}")),
                // The weights are in the file; what they began with only says how to begin again.
                None if kind == "initializer" => {
                    let class = values::object(value).map_or("of its own", |(class, _)| class);
                    reader.note(&format!(
                        "its `{name}`, `{class}`, has no counterpart; a new model begins with `{default}`, the weights of the file are what they are"
                    ));
                }
                None => reader.option_problem(&name, value),
            }
        }
    }
}
