//! Keras's activations by our names, with their parameters.

use serde_json::{Map, Value};

use super::table::{ACTIVATIONS, LAYERS};
use super::values::{camel, float, object};

/// A parameter: Keras's name, what it is in Keras where it is not given, and what it is here.
type Parameter = (&'static str, Unless, Unless);

/// What a parameter is where it is not given.
#[derive(Clone, Copy, PartialEq)]
enum Unless {
    /// It has to be given.
    None,
    /// There is none.
    Unset,
    Number(f64),
    Flag(bool),
}
use Unless::{Flag, Number, Unset};

/// The parameters of an activation, and whether they are written without their names.
fn parameters(own: &str, class: &str) -> (&'static [Parameter], bool) {
    match own {
        "Relu" => (
            &[
                ("max_value", Unset, Unset),
                ("negative_slope", Number(0.0), Number(0.0)),
                ("threshold", Number(0.0), Number(0.0)),
            ],
            false,
        ),
        // The layer has another slope than the function.
        "LeakyRelu" if class == "LeakyReLU" => (&[("negative_slope", Number(0.3), Number(0.2))], true),
        "LeakyRelu" => (&[("negative_slope", Number(0.2), Number(0.2))], true),
        "Elu" | "Celu" => (&[("alpha", Number(1.0), Number(1.0))], true),
        // The operation comes near to it unless it is told otherwise, the function of that name does not.
        "Gelu" if class == "Gelu" => (&[("approximate", Flag(true), Flag(false))], false),
        "Gelu" => (&[("approximate", Flag(false), Flag(false))], false),
        "HardShrink" | "SoftShrink" => (&[("threshold", Number(0.5), Number(0.5))], true),
        "Squareplus" => (&[("b", Number(4.0), Number(4.0))], true),
        "Threshold" => {
            (&[("threshold", Unless::None, Unless::None), ("default_value", Unless::None, Unless::None)], true)
        }
        _ => (&[], false),
    }
}

/// `Relu` of `"relu"`, `LeakyRelu(0.1)` of a layer given as an activation.
///
/// # Errors
/// What has no counterpart, as it follows on "the activation".
pub fn activation(value: &Value, rank: Option<usize>) -> Result<String, String> {
    let Some((name, config)) = object(value) else { return Err("of its own has no counterpart".to_owned()) };
    let own = own_name(name);
    if !ACTIVATIONS.contains(&own.as_str()) {
        return Err(format!("`{name}` has no counterpart"));
    }
    let none = Map::new();
    let config = config.and_then(Value::as_object).unwrap_or(&none);
    let (parameters, positional) = parameters(&own, name);
    let mut written = Vec::new();
    let mut differs = false;
    for (key, in_keras, here) in parameters {
        let given = config.get(*key).or_else(|| config.get("alpha").filter(|_| own == "LeakyRelu"));
        let text = match (given.filter(|value| !value.is_null()), in_keras) {
            (Some(Value::Bool(flag)), _) => Some(flag.to_string()),
            (Some(value), _) => float(value),
            (None, Number(number)) => float(&Value::from(*number)),
            (None, Flag(flag)) => Some(flag.to_string()),
            (None, Unset) => continue,
            (None, Unless::None) => None,
        };
        let text = text.ok_or_else(|| format!("`{name}` has no `{key}` that is a number"))?;
        let same = match here {
            Number(number) => float(&Value::from(*number)).as_ref() == Some(&text),
            Flag(flag) => flag.to_string() == text,
            Unset | Unless::None => false,
        };
        differs |= !same;
        match positional {
            true => written.push(text),
            false if !same => written.push(format!("{key} = {text}")),
            false => {}
        }
    }
    unless_read(name, &own, config, parameters, rank)?;
    Ok(if differs { format!("{own}({})", written.join(", ")) } else { own })
}

fn own_name(name: &str) -> String {
    match name {
        "swish" | "Swish" => "Silu".to_owned(),
        "hard_swish" => "HardSilu".to_owned(),
        other => match LAYERS.iter().find(|facts| facts.class == other) {
            Some(facts) => facts.name.to_owned(),
            None => camel(other),
        },
    }
}

/// What is given to an activation and says something that is not written.
fn unless_read(
    name: &str,
    own: &str,
    config: &Map<String, Value>,
    parameters: &[Parameter],
    rank: Option<usize>,
) -> Result<(), String> {
    for (key, value) in config {
        let is_last = value.as_i64() == Some(-1)
            || rank.is_some_and(|rank| value.as_u64().is_some_and(|axis| axis + 1 == rank as u64));
        let known = match key.as_str() {
            "name" | "trainable" | "dtype" | "autocast" | "batch_shape" | "batch_input_shape" => true,
            "axis" => is_last,
            "alpha" if own == "LeakyRelu" => true,
            key => value.is_null() || parameters.iter().any(|(known, ..)| *known == key),
        };
        if !known {
            return Err(format!("`{name}` with `{key} = {value}` has no counterpart"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(class: &str, config: Value) -> String {
        activation(&json!({"class_name": class, "config": config}), Some(3)).unwrap_or_else(|error| error)
    }

    #[test]
    fn parameters_are_written_where_they_are_not_ours() {
        assert_eq!(activation(&json!("gelu"), None).unwrap(), "Gelu");
        assert_eq!(of("Gelu", json!({"name": "gelu", "approximate": true})), "Gelu(approximate = true)");
        assert_eq!(of("Gelu", json!({"approximate": false})), "Gelu");
        // Not given to the operation, it is `true`.
        assert_eq!(of("Gelu", json!({"name": "gelu"})), "Gelu(approximate = true)");
        assert_eq!(of("LeakyRelu", json!({"negative_slope": 0.1})), "LeakyRelu(0.1)");
        assert_eq!(of("LeakyRelu", json!({})), "LeakyRelu");
        assert_eq!(of("LeakyReLU", json!({})), "LeakyRelu(0.3)");
        assert_eq!(of("LeakyReLU", json!({"alpha": 0.5})), "LeakyRelu(0.5)");
        assert_eq!(of("Elu", json!({"alpha": 0.5})), "Elu(0.5)");
        assert_eq!(of("Threshold", json!({"threshold": 0.1, "default_value": 2})), "Threshold(0.1, 2.0)");
        assert_eq!(of("Squareplus", json!({"b": 2})), "Squareplus(2.0)");
        assert_eq!(of("Squareplus", json!({"b": 4})), "Squareplus");
        assert_eq!(of("HardShrink", json!({"threshold": 0.1})), "HardShrink(0.1)");
        assert_eq!(of("ReLU", json!({"max_value": 6, "negative_slope": 0.0})), "Relu(max_value = 6.0)");
        assert_eq!(of("Softmax", json!({"axis": 2})), "Softmax");
    }

    #[test]
    fn what_is_not_written_is_an_error() {
        assert_eq!(of("Softmax", json!({"axis": 1})), "`Softmax` with `axis = 1` has no counterpart");
        assert_eq!(of("Elu", json!({"beta": 1.0})), "`Elu` with `beta = 1.0` has no counterpart");
        assert_eq!(of("Threshold", json!({"threshold": 0.1})), "`Threshold` has no `default_value` that is a number");
        assert_eq!(activation(&json!("wave"), None).unwrap_err(), "`wave` has no counterpart");
    }
}
