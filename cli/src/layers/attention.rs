//! Attention, which is of wires by name.

use serde_json::Value;

use super::special::integers;
use super::values::{float, integer};
use super::{Reader, Step, facts};

pub(super) fn attention(reader: &mut Reader<'_>) -> Option<Step> {
    let number = |name: &str| reader.option(name).and_then(Value::as_i64);
    let (heads, key) = (number("num_heads")?, number("key_dim")?);
    let value = number("value_dim").unwrap_or(key);
    let features = |name: &str| {
        let named = reader.call.operands.iter().find(|operand| operand.name.as_deref() == Some(name));
        *named?.shape.as_ref()?.last()?
    };
    let (query_features, value_features) = (features("query"), features("value"));
    let key_features = features("key").or(value_features);
    let out = match reader.option("output_shape") {
        Some(Value::Array(shape)) if shape.len() == 1 => shape[0].as_u64(),
        Some(other) => other.as_u64(),
        None => query_features.map(|features| features as u64),
    };
    let axes_are_steps = reader.option("attention_axes").is_none_or(|axes| integers(axes) == Some(vec![1]));
    if !axes_are_steps || reader.rank().is_some_and(|rank| rank != 3) {
        reader.problem("attends along other axes than the steps of a sequence", "put `Reshape` around it in Keras");
    }
    let bias = reader.option("use_bias") != Some(&Value::Bool(false));
    let mut arguments = vec!["_".to_owned(), integer(heads), integer(key)];
    let differs = query_features != value_features
        || value != key
        || out != query_features.map(|features| features as u64)
        || key_features != value_features;
    let mut options = Vec::new();
    if differs {
        let Some((values, keys)) = value_features.zip(key_features) else {
            reader
                .problem("takes values whose number of features the file does not say", "save the model with Keras 3");
            return None;
        };
        arguments.push(if bias { "UseBias" } else { "NoBias" }.to_owned());
        arguments.extend([values.to_string(), integer(value), out.unwrap_or_default().to_string()]);
        if keys != values {
            arguments.push(keys.to_string());
        }
    } else if !bias {
        options.push("use_bias = false".to_owned());
    }
    if let Some(dropout) = reader.option("dropout").filter(|rate| rate.as_f64() != Some(0.0)) {
        options.push(format!("dropout = {}", float(dropout)?));
    }
    causal(reader, &mut options);
    super::array_options(reader, facts("MultiHeadAttention")?, &mut options);
    Some(Step::Layer { name: "MultiHeadAttention".to_owned(), arguments, options })
}

/// Whether a step sees those up to its own only, which is an argument of the call.
pub(super) fn causal(reader: &Reader<'_>, options: &mut Vec<String>) {
    if reader.value("use_causal_mask") == Some(&Value::Bool(true)) {
        options.push("use_causal_mask = true".to_owned());
    }
}

pub(super) fn additive(reader: &mut Reader<'_>) -> Option<Step> {
    let class = reader.layer.class.as_str();
    let scaled = reader.option("use_scale").map_or(class == "AdditiveAttention", |scaled| *scaled == Value::Bool(true));
    let (mut arguments, mut options) = (Vec::new(), Vec::new());
    match reader.option("score_mode") {
        Some(mode) if mode == "concat" => arguments.push("ConcatScore".to_owned()),
        Some(mode) if mode != "dot" => reader.option_problem("score_mode", mode),
        _ if class == "AdditiveAttention" => arguments.push("_".to_owned()),
        _ => {}
    }
    match (class, arguments.is_empty(), scaled) {
        ("Attention", false, true) => arguments.push("UseScale".to_owned()),
        ("Attention", true, true) => options.push("use_scale = true".to_owned()),
        ("AdditiveAttention", _, false) => options.push("use_scale = false".to_owned()),
        _ => {}
    }
    if let Some(dropout) = reader.option("dropout").filter(|rate| rate.as_f64() != Some(0.0)) {
        options.push(format!("dropout = {}", float(dropout)?));
    }
    causal(reader, &mut options);
    Some(Step::Layer { name: class.to_owned(), arguments, options })
}
