//! Attention of one head, without projections.

use serde_json::Value;

use super::attention::causal;
use super::{Entry, Result, Step, masks};
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::Id;

pub(super) const LAYERS: &[Entry] = &[masks("AdditiveAttention", attention), masks("Attention", attention)];

fn attention(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (query, value, key) = match step.inputs[..] {
        [query, value] => (query, value, value),
        [query, value, key] => (query, value, key),
        _ => {
            return Err(Refusal::new(
                format!("is called with {} wires", step.inputs.len()),
                "a query, a value and perhaps a key",
            ));
        }
    };
    let shapes = [query, value, key].map(|id| step.graph.shape(id).to_vec());
    if shapes.iter().any(|shape| shape.len() != 2) {
        return Err(Refusal::new(
            format!("attends over the shapes {shapes:?}"),
            "sequences of features; `Reshape` around it",
        ));
    }
    let (queries, keys, out) = (shapes[0][0], shapes[1][0], shapes[1][1]);
    let additive = step.layer.class == "AdditiveAttention" || step.word("score_mode", "dot") == "concat";
    let mut scores = if additive { summed(step, query, key)? } else { products(step, query, key)? };
    if let Some(mask) = mask(step, value, queries, keys) {
        let far = step.graph.number(1e9);
        let low = step.graph.node("Sub", &[&scores, &far], vec![]);
        scores = step.graph.node("Where", &[&mask, &scores, &low], vec![]);
    }
    let weights = step.graph.node("Softmax", &[&scores], vec![int("axis", -1)]);
    let values = step.graph.last(value);
    let mut name = step.graph.node("MatMul", &[&weights, &values], vec![]);
    let hidden = step.graph.wires[query].mask;
    if let Some(mask) = hidden {
        let (mask, zero) = (step.graph.last(mask), step.graph.number(0.0));
        let mask = step.graph.unsqueeze(&mask, &[2]);
        name = step.graph.node("Where", &[&mask, &name, &zero], vec![]);
    }
    let output = step.graph.plain(name, vec![queries, out])?;
    step.graph.wires[output].mask = hidden;
    let mut outputs = vec![output];
    if step.call.value("return_attention_scores") == Some(&Value::Bool(true)) {
        outputs.push(step.graph.plain(weights, vec![queries, keys])?);
    }
    Ok(outputs)
}

/// Products of queries and keys.
fn products(step: &mut Step<'_>, query: Id, key: Id) -> Result<Name> {
    let (query, key) = (step.graph.last(query), step.graph.last(key));
    let key = step.graph.transpose(&key, &[0, 2, 1]);
    let scores = step.graph.node("MatMul", &[&query, &key], vec![]);
    if !step.flag("use_scale", false) {
        return Ok(scores);
    }
    let scale = step.weight("scale", &[])?;
    Ok(step.graph.node("Mul", &[&scores, &scale], vec![]))
}

/// Sums over the features of tanh(query + key), with a scale.
fn summed(step: &mut Step<'_>, query: Id, key: Id) -> Result<Name> {
    let features = step.graph.shape(query)[1];
    let additive = step.layer.class == "AdditiveAttention";
    let scaled = step.flag("use_scale", additive);
    let (query, key) = (step.graph.last(query), step.graph.last(key));
    let (query, key) = (step.graph.unsqueeze(&query, &[2]), step.graph.unsqueeze(&key, &[1]));
    let mut sum = step.graph.node("Add", &[&query, &key], vec![]);
    if scaled && !additive {
        let scale = step.weight("scale", &[])?;
        sum = step.graph.node("Mul", &[&sum, &scale], vec![]);
    }
    let mut tanh = step.graph.node("Tanh", &[&sum], vec![]);
    if scaled && additive {
        let scale = step.weight("scale", &[features])?;
        tanh = step.graph.node("Mul", &[&tanh, &scale], vec![]);
    }
    let scores = step.graph.reduce("ReduceSum", &tanh, &[-1], false);
    if additive {
        return Ok(scores);
    }
    let weight = step.weight("concat_score_weight", &[])?;
    Ok(step.graph.node("Mul", &[&scores, &weight], vec![]))
}

/// Which key each query may attend to.
fn mask(step: &mut Step<'_>, value: Id, queries: usize, keys: usize) -> Option<Name> {
    let hidden = step.graph.wires[value].mask;
    let of_value = hidden.map(|mask| {
        let name = step.graph.last(mask);
        step.graph.unsqueeze(&name, &[1])
    });
    if step.call.value("use_causal_mask") != Some(&Value::Bool(true)) {
        return of_value;
    }
    let causal = causal(step.graph, queries, keys);
    Some(match of_value {
        Some(mask) => step.graph.node("And", &[&mask, &causal], vec![]),
        None => causal,
    })
}
