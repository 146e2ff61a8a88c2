//! Attention that is written out: scores of queries and keys, their softmax, values by those weights, and a matrix.
//!
//! Projections may be one matrix for all three, and heads may be split in any way: of each head's features it is asked which
//! columns of which matrix they are.

use serde_json::{Value as Json, json};

use super::super::error::Refused;
use super::super::layers::{Argument, Function, Kind, Layer, Part, Place, places};
use super::super::tensor::Tensor;
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value};
use super::linear;

/// From here on a score leaves its step out.
const LEFT_OUT: f32 = -1e4;
/// How many layers are looked through between scores and their softmax, or between a projection and its heads.
const MOST_BETWEEN: usize = 8;

/// What there is between the scores and a tensor that is made of them.
struct Scored {
    query: View,
    key: View,
    scale: f32,
    is_causal: bool,
}

/// Goes back from a tensor to the scores that it is made of.
fn scored(reader: &Reader<'_>, mut place: Place) -> Option<Scored> {
    let (mut scale, mut is_causal) = (1.0, false);
    for _ in 0..MOST_BETWEEN {
        let layer = &reader.layers.all[place.layer];
        match (&layer.kind, layer.function) {
            (Kind::Part { part: Part::Scores { query, key }, .. }, _) => {
                return Some(Scored { query: query.as_ref().clone(), key: key.as_ref().clone(), scale, is_causal });
            }
            (Kind::Part { part: Part::Causal, .. }, _) => is_causal = true,
            (Kind::Operation, Some(Function::Constant { constant, .. })) if layer.class == "Multiply" => {
                scale *= constant
            }
            _ => return None,
        }
        place = layer.takes().first().copied()?;
    }
    None
}

/// Whether a wire is of scores, before their softmax.
pub(super) fn are_scores(reader: &Reader<'_>, view: &View) -> bool {
    scored(reader, view.place).is_some()
}

/// Scores with a mask that is added to them.
pub(super) fn masked(reader: &mut Reader<'_>, view: &View, mask: &Tensor) -> Result<View, Refused> {
    let refused =
        || Refused::new("adds to the scores of an attention what is no causal mask", "`is_causal=True`, or no mask");
    let values = mask.to_floats();
    if values.iter().all(|value| *value == 0.0) {
        return Ok(view.clone());
    }
    let shape = mask.shape.as_slice();
    let (Some(&steps), Some(&rows)) = (shape.last(), shape.len().checked_sub(2).and_then(|at| shape.get(at))) else {
        return Err(refused());
    };
    let is_causal = rows == steps
        && values.iter().enumerate().all(|(place, value)| {
            let (row, column) = (place / steps % rows, place % steps);
            if column > row { *value <= LEFT_OUT } else { *value == 0.0 }
        });
    view.strides_of(shape)?;
    if !is_causal {
        return Err(refused());
    }
    let layer = Layer::new("Part", view.place).part(Part::Causal, "has a mask without an attention", "remove it");
    reader.layers.add_like(layer, view)
}

/// A product of two wires: scores, or values by their weights.
pub(super) fn product_of_wires(reader: &mut Reader<'_>, a: &View, b: &View) -> Outcome {
    let rank = a.rank();
    if rank < 3 || b.rank() != rank || a.length(&a.axes[rank - 1]) != b.length(&b.axes[rank - 2]) {
        return Err(Refused::own_layer(format!("multiplies wires of {:?} and {:?}", a.shape(), b.shape())));
    }
    let weights = reader.layers.of(a);
    let is_softmax = weights.class == "Activation" && weights.options.get("activation") == Some(&json!("softmax"));
    let before = weights.takes().first().copied().filter(|_| is_softmax);
    let is_attention = before.is_some_and(|place| scored(reader, place).is_some());
    let (mut view, new) = (a.clone(), b.length(&b.axes[rank - 1]));
    let steps = view.axes[rank - 2].clone();
    let heads: Vec<usize> = view.axes[..rank - 2].concat().into_iter().filter(|atom| *atom != BATCH).collect();
    let last = view.atom(new);
    view.axes[rank - 1].clone_from(&last);
    let features = if is_attention {
        vec![[heads, last].concat()]
    } else {
        heads.iter().map(|atom| vec![*atom]).chain([last]).collect()
    };
    view.order = if is_attention {
        [vec![vec![BATCH], steps], features].concat()
    } else {
        let (end, heads) =
            features.split_last().map_or((Vec::new(), Vec::new()), |(end, heads)| (end.clone(), heads.to_vec()));
        [vec![vec![BATCH]], heads, vec![steps, end]].concat()
    };
    let part = match is_attention {
        true => Part::Attended { weights: a.place, value: Box::new(b.clone()) },
        false => Part::Scores { query: Box::new(a.clone()), key: Box::new(b.clone()) },
    };
    let what = match is_attention {
        true => "is an attention whose heads are not joined by a matrix behind it",
        false => "multiplies two wires, and is no attention: scores, their softmax, values, and a matrix behind them",
    };
    let place = reader.part(part, vec![a.place, b.place], view.sides(), what)?;
    Ok(vec![Value::Wire(View { place, sole: true, ..view })])
}

/// One of the three matrices: where it comes from, and the kernel [features, heads, key] with its bias.
struct Projection {
    from: Place,
    features: usize,
    kernel: Vec<f32>,
    bias: Option<Vec<f32>>,
}

/// The matrix whose columns the features of each head are; the axes of steps and of features are these of ONNX's.
fn projection(reader: &mut Reader<'_>, view: &View, steps: usize, features: usize) -> Result<Projection, Refused> {
    let unlike = || Refused::own_layer("attends along other axes than the steps of a sequence");
    let lead = view.rank() - 2;
    let heads: Vec<usize> = view.axes[..lead].concat().into_iter().filter(|atom| *atom != BATCH).collect();
    let mut wanted = [heads, view.axes[features].clone()].concat();
    let [_, of_steps, columns] = view.order.as_slice() else { return Err(unlike()) };
    reader.budget.take(view.length(columns))?;
    let by_columns = places(view, &wanted, columns);
    let mut known = columns.clone();
    wanted.sort_unstable();
    known.sort_unstable();
    if *of_steps != view.axes[steps] || wanted != known {
        return Err(unlike());
    }
    let (mut place, mut scale, mut first) = (view.place, 1.0, 0);
    for _ in 0..MOST_BETWEEN {
        let layer = &reader.layers.all[place.layer];
        let Some(before) = layer.takes().first().copied() else { break };
        match (layer.class.as_str(), layer.function) {
            ("Multiply", Some(Function::Constant { constant, .. })) => scale *= constant,
            ("GetItem", _) => match columns_of(layer) {
                Some(start) => first += start,
                None => break,
            },
            ("Dense", _) if layer.is_linear() => {
                let find = |name: &str| layer.weights.iter().find(|weight| weight.name == name);
                let kernel = find("kernel").ok_or_else(unlike)?;
                let (features, units) = (kernel.shape[0], kernel.shape[1]);
                let column = |row: usize| by_columns.iter().map(move |column| row * units + first + column);
                let values = (0..features).flat_map(column).map(|place| scale * kernel.values[place]).collect();
                let bias =
                    find("bias").map(|bias| by_columns.iter().map(|at| scale * bias.values[first + at]).collect());
                return Ok(Projection { from: before, features, kernel: values, bias });
            }
            _ => break,
        }
        place = before;
    }
    // Heads of the wire itself.
    let features = view.length(columns);
    reader.budget.take(features.saturating_mul(features))?;
    let row = |row: usize| by_columns.iter().map(move |column| if *column == row { 1.0 } else { 0.0 });
    Ok(Projection { from: view.place, features, kernel: (0..features).flat_map(row).collect(), bias: None })
}

/// From which column on a slice takes some, if of the last axis alone.
fn columns_of(layer: &Layer) -> Option<usize> {
    let Some(Argument::Value(Json::Array(items))) = layer.arguments.get(1) else { return None };
    let (last, others) = items.split_last()?;
    let whole = |item: &Json| {
        item.pointer("/config/stop").is_some_and(Json::is_null)
            && item.pointer("/config/start").is_some_and(Json::is_null)
    };
    if !others.iter().all(whole) || last.pointer("/config/step").is_none_or(|step| !step.is_null()) {
        return None;
    }
    let start = last.pointer("/config/start")?;
    Some(if start.is_null() { 0 } else { usize::try_from(start.as_u64()?).ok()? })
}

/// The attention as a layer: with the matrix that joins the heads, of a row for each of their features in Keras's order.
pub(super) fn projected(
    reader: &mut Reader<'_>,
    view: &View,
    kernel: &[f32],
    units: usize,
    bias: Option<Vec<f32>>,
    name: Option<String>,
) -> Outcome {
    let lost = || Refused::damaged("an attention without scores");
    let Kind::Part { part: Part::Attended { weights, value }, .. } = reader.layers.of(view).kind.clone() else {
        return Err(lost());
    };
    let softmax = reader.layers.all[weights.layer].takes().first().copied().ok_or_else(lost)?;
    let Scored { query, key, scale, is_causal } = scored(reader, softmax).ok_or_else(lost)?;
    let rank = query.rank();
    let heads = query.length(&query.axes[..rank - 2].concat()) / query.atoms[BATCH];
    let (key_dim, value_dim) = (query.length(&query.axes[rank - 1]), value.length(&value.axes[rank - 1]));
    let mut of_query = projection(reader, &query, rank - 2, rank - 1)?;
    let of_key = projection(reader, &key, rank - 1, rank - 2)?;
    let of_value = projection(reader, &value, rank - 2, rank - 1)?;
    #[allow(clippy::cast_precision_loss, reason = "features are few")]
    let own = scale * (key_dim as f32).sqrt();
    // Keras divides by the root of the features; what is left goes to the queries.
    if (own - 1.0).abs() > 1e-5 {
        of_query.kernel.iter_mut().chain(of_query.bias.iter_mut().flatten()).for_each(|value| *value *= own);
    }
    let use_bias = bias.is_some() || [&of_query, &of_key, &of_value].iter().any(|of| of.bias.is_some());
    let key_is_value = of_key.from == of_value.from;
    let from = |of: &Projection| Argument::Wire(of.from);
    let mut layer =
        Layer { arguments: vec![from(&of_query), from(&of_value)], ..Layer::new("MultiHeadAttention", view.place) };
    if !key_is_value {
        layer.named.push(("key".to_owned(), from(&of_key)));
    }
    if is_causal {
        layer.named.push(("use_causal_mask".to_owned(), Argument::Value(Json::from(true))));
    }
    layer = layer
        .option("num_heads", heads)
        .option("key_dim", key_dim)
        .option("value_dim", value_dim)
        .option("use_bias", use_bias);
    if units != of_query.features {
        layer = layer.option("output_shape", units);
    }
    for (name, of, size) in [("query", of_query, key_dim), ("key", of_key, key_dim), ("value", of_value, value_dim)] {
        layer = layer.weight(&format!("{name}/kernel"), vec![of.features, heads, size], of.kernel);
        if use_bias {
            let bias = of.bias.unwrap_or_else(|| vec![0.0; heads * size]);
            layer = layer.weight(&format!("{name}/bias"), vec![heads, size], bias);
        }
    }
    layer = layer.weight("attention_output/kernel", vec![heads, value_dim, units], kernel.to_vec());
    if use_bias {
        layer = layer.weight("attention_output/bias", vec![units], bias.unwrap_or_else(|| vec![0.0; units]));
    }
    // The last of its matrices is a part of it in PyTorch.
    let name = name.map(|name| name.trim_end_matches("_out_proj").to_owned());
    Ok(vec![Value::Wire(linear::with_units(reader, view.clone(), layer.named(name), units)?)])
}
