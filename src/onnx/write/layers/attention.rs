//! Attention of several heads: products, a softmax, products.

use serde_json::Value;

use super::{Entry, Result, Step, masks};
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::wires::{Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    // Keras writes it down by its shorter name.
    masks("GroupQueryAttention", grouped),
    masks("GroupedQueryAttention", grouped),
    masks("MultiHeadAttention", multi_head),
];

/// How many heads of which sizes.
struct Heads {
    query: usize,
    /// Of keys and values.
    key: usize,
    key_dim: usize,
    value_dim: usize,
    out: usize,
}

/// What attends to what.
struct Operands {
    query: Id,
    key: Id,
    value: Id,
    mask: Option<Id>,
}

impl Operands {
    fn of(step: &Step<'_>) -> Result<Self> {
        let (mut places, mut query, mut value, mut key, mut mask) = (0, None, None, None, None);
        for (operand, id) in step.call.operands.iter().zip(&step.inputs) {
            let of_place = ["query", "value", "key"].get(places).copied().unwrap_or("more");
            let name = operand.name.as_deref().unwrap_or(of_place);
            places += usize::from(operand.name.is_none());
            match name {
                "query" => query = Some(*id),
                "value" => value = Some(*id),
                "key" => key = Some(*id),
                "attention_mask" => mask = Some(*id),
                // Computed here of the wires that have them.
                "query_mask" | "value_mask" | "key_mask" => {}
                other => {
                    return Err(Refusal::new(format!("is given `{other}`"), "query, value, key and `attention_mask`"));
                }
            }
        }
        let (query, value) =
            query.zip(value).ok_or_else(|| Refusal::new("is called without a value", "a query and a value"))?;
        Ok(Self { query, key: key.unwrap_or(value), value, mask })
    }
}

fn multi_head(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let axes = step.option("attention_axes").cloned();
    if axes.is_some_and(|axes| axes != serde_json::json!([1]) && axes != serde_json::json!(1)) {
        return Err(step.refuse("attention_axes", "`Reshape` around it, and axis 1"));
    }
    let operands = Operands::of(step)?;
    let (heads, key_dim) = (step.size("num_heads")?, step.size("key_dim")?);
    let value_dim = if step.option("value_dim").is_some() { step.size("value_dim")? } else { key_dim };
    let out = match step.option("output_shape") {
        None => features(step, operands.query)?,
        Some(Value::Array(sides)) if sides.len() == 1 => super::super::step::size(&sides[0]).unwrap_or(0),
        Some(one) => super::super::step::size(one).unwrap_or(0),
    };
    if out == 0 {
        return Err(step.refuse("output_shape", "one number of features"));
    }
    attend(step, &operands, &Heads { query: heads, key: heads, key_dim, value_dim, out })
}

fn grouped(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let operands = Operands::of(step)?;
    let (query, key, dim) = (step.size("num_query_heads")?, step.size("num_key_value_heads")?, step.size("head_dim")?);
    if !query.is_multiple_of(key) {
        return Err(step.refuse("num_key_value_heads", "a divisor of `num_query_heads`"));
    }
    let out = features(step, operands.query)?;
    attend(step, &operands, &Heads { query, key, key_dim: dim, value_dim: dim, out })
}

fn features(step: &Step<'_>, id: Id) -> Result<usize> {
    match step.graph.shape(id) {
        [_, features] => Ok(*features),
        other => {
            Err(Refusal::new(format!("attends over the shape {other:?}"), "sequences of features; `Reshape` around it"))
        }
    }
}

fn attend(step: &mut Step<'_>, operands: &Operands, heads: &Heads) -> Result<Vec<Id>> {
    for option in ["sliding_window", "use_gate"] {
        if step.option(option).is_some_and(|value| *value != Value::Bool(false)) {
            return Err(step.refuse(option, "a layer without it"));
        }
    }
    let steps = step.graph.shape(operands.query)[0];
    let query = project(step, operands.query, "query", heads.query, heads.key_dim, &[0, 2, 1, 3])?;
    let key = project(step, operands.key, "key", heads.key, heads.key_dim, &[0, 2, 3, 1])?;
    let value = project(step, operands.value, "value", heads.key, heads.value_dim, &[0, 2, 1, 3])?;
    let (key, value) = (repeated(step, key, heads), repeated(step, value, heads));
    #[allow(clippy::cast_precision_loss, reason = "a size")]
    let scale = step.graph.number(1.0 / (heads.key_dim as f32).sqrt());
    let query = step.graph.node("Mul", &[&query, &scale], vec![]);
    let mut scores = step.graph.node("MatMul", &[&query, &key], vec![]);
    let mask = mask(step, operands)?.map(|mask| step.graph.unsqueeze(&mask, &[1]));
    if let Some(mask) = &mask {
        let low = step.graph.number(-1e9);
        scores = step.graph.node("Where", &[mask, &scores, &low], vec![]);
    }
    let mut weights = step.graph.node("Softmax", &[&scores], vec![int("axis", -1)]);
    let gives_scores = step.call.value("return_attention_scores") == Some(&Value::Bool(true));
    if let Some(mask) = mask.filter(|_| gives_scores || step.number("dropout", 0.0) > 0.0) {
        // Keras computes these by its layer `Softmax`, which gives zeros where nothing counts.
        let zero = step.graph.number(0.0);
        weights = step.graph.node("Where", &[&mask, &weights, &zero], vec![]);
    }
    let mixed = step.graph.node("MatMul", &[&weights, &value], vec![]);
    let mixed = step.graph.transpose(&mixed, &[0, 2, 1, 3]);
    let all = heads.query * heads.value_dim;
    let mixed = step.graph.reshape(&mixed, &super::statistics::signed_batch(&[steps, all]));
    let name = dense(
        step,
        &mixed,
        "attention_output",
        &[heads.query, heads.value_dim, heads.out],
        &[heads.out],
        [all, heads.out],
    )?;
    let output = step.graph.plain(name, vec![steps, heads.out])?;
    step.graph.wires[output].mask = step.graph.wires[operands.query].mask;
    let mut outputs = vec![output];
    if gives_scores {
        let shape = vec![heads.query, steps, step.graph.shape(operands.key)[0]];
        outputs.push(step.graph.plain(weights, shape)?);
    }
    Ok(outputs)
}

/// A product with a kernel of more dimensions as one of two, and a bias.
fn dense(step: &mut Step<'_>, x: &str, part: &str, kernel: &[usize], bias: &[usize], flat: [usize; 2]) -> Result<Name> {
    let (kernel_name, bias_name) = (format!("{part}/kernel"), format!("{part}/bias"));
    let values = step.values(&kernel_name, kernel)?;
    let kernel = step.keep(&kernel_name, &flat, values);
    let product = step.graph.node("MatMul", &[x, &kernel], vec![]);
    if !step.flag("use_bias", true) {
        return Ok(product);
    }
    let values = step.values(&bias_name, bias)?;
    let bias = step.keep(&bias_name, &flat[1..], values);
    Ok(step.graph.node("Add", &[&product, &bias], vec![]))
}

/// What of each step becomes of each head, with its dimensions in an order.
fn project(step: &mut Step<'_>, id: Id, part: &str, heads: usize, dim: usize, order: &[usize]) -> Result<Name> {
    let features = features(step, id)?;
    let steps = step.graph.shape(id)[0];
    let x = step.graph.last(id);
    let name = dense(step, &x, part, &[features, heads, dim], &[heads, dim], [features, heads * dim])?;
    let name = step.graph.reshape(&name, &super::statistics::signed_batch(&[steps, heads, dim]));
    Ok(step.graph.transpose(&name, order))
}

/// Each head of keys or values as often as queries share it.
fn repeated(step: &mut Step<'_>, name: Name, heads: &Heads) -> Name {
    let times = heads.query / heads.key;
    if times == 1 {
        return name;
    }
    // One index a head: 0, 0, 1, 1.
    let places: Vec<i64> = (0..heads.query).filter_map(|head| i64::try_from(head / times).ok()).collect();
    let places = step.graph.integers(&places);
    step.graph.node("Gather", &[&name, &places], vec![int("axis", 1)])
}

/// Which key each query may attend to, `[batch or 1, queries or 1, keys]`.
fn mask(step: &mut Step<'_>, operands: &Operands) -> Result<Option<Name>> {
    let mut all = Vec::new();
    let keys = if operands.key == operands.value { vec![operands.value] } else { vec![operands.value, operands.key] };
    for (id, axis) in std::iter::once((operands.query, 2)).chain(keys.into_iter().map(|id| (id, 1))) {
        if let Some(mask) = step.graph.wires[id].mask {
            let name = step.graph.last(mask);
            all.push(step.graph.unsqueeze(&name, &[axis]));
        }
    }
    let (queries, keys) = (step.graph.shape(operands.query)[0], step.graph.shape(operands.key)[0]);
    if step.call.value("use_causal_mask") == Some(&Value::Bool(true)) {
        all.push(causal(step.graph, queries, keys));
    }
    if let Some(mask) = operands.mask {
        if step.graph.shape(mask) != [queries, keys] {
            let what = format!("is given an `attention_mask` of the shape {:?}", step.graph.shape(mask));
            return Err(Refusal::new(what, format!("one of [{queries}, {keys}]: queries and keys")));
        }
        all.push(step.graph.of_kind(mask, Kind::Bool));
    }
    let mut all = all.into_iter();
    let Some(first) = all.next() else { return Ok(None) };
    Ok(Some(all.fold(first, |sum, mask| step.graph.node("And", &[&sum, &mask], vec![]))))
}

/// Each query attends to keys up to its own place, `[1, queries, keys]`.
pub(super) fn causal(graph: &mut Graph, queries: usize, keys: usize) -> Name {
    let [zero, one] = [0, 1].map(|number| graph.integers_of(&[], &[number]));
    let [rows, columns] = [queries, keys].map(|count| {
        let count = graph.integers_of(&[], &[i64::try_from(count).unwrap_or(1)]);
        graph.node("Range", &[&zero, &count, &one], vec![])
    });
    let rows = graph.unsqueeze(&rows, &[0, 2]);
    graph.node("GreaterOrEqual", &[&rows, &columns], vec![])
}
