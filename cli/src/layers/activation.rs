//! Keras's activations by our names.

use serde_json::Value;

use super::table::{ACTIVATIONS, LAYERS};
use super::values::{camel, float, object};

/// `Relu` of `"relu"`, `LeakyRelu(0.1)` of a layer given as an activation; none where there is no such.
pub fn activation(value: &Value) -> Option<String> {
    let (name, config) = object(value)?;
    let own = match name {
        "swish" => "Silu".to_owned(),
        "hard_swish" => "HardSilu".to_owned(),
        "log_sigmoid" => "LogSigmoid".to_owned(),
        other => match LAYERS.iter().find(|facts| facts.class == other) {
            Some(facts) => facts.name.to_owned(),
            None => camel(other),
        },
    };
    if !ACTIVATIONS.contains(&own.as_str()) {
        return None;
    }
    let Some(Value::Object(config)) = config else { return Some(own) };
    let given = |name: &str| config.get(name).filter(|value| !value.is_null());
    match own.as_str() {
        "Relu" => {
            let all = [("max_value", None), ("negative_slope", Some(0.0)), ("threshold", Some(0.0))];
            let mut options = Vec::new();
            for (name, default) in all {
                match given(name) {
                    Some(value) if value.as_f64() != default => options.push(format!("{name} = {}", float(value)?)),
                    _ => {}
                }
            }
            Some(if options.is_empty() { own } else { format!("Relu({})", options.join(", ")) })
        }
        "LeakyRelu" => Some(format!("LeakyRelu({})", float(given("negative_slope").or_else(|| given("alpha"))?)?)),
        "Elu" | "Celu" => match given("alpha") {
            Some(alpha) if alpha.as_f64() != Some(1.0) => Some(format!("{own}({})", float(alpha)?)),
            _ => Some(own),
        },
        "Gelu" if given("approximate") == Some(&Value::Bool(true)) => Some("Gelu(approximate = true)".to_owned()),
        "Softmax" => given("axis").is_none_or(|axis| axis.as_i64() == Some(-1)).then_some(own),
        _ => Some(own),
    }
}
