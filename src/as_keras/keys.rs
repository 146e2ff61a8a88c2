//! The values of keys: what follows from shapes, and the options.

use fusion_core::shape::Shape;
use serde_json::{Map, Value, json};

use super::layer::Layer;
use super::{text, weights};
use crate::keras::KerasError;

/// Options of a window, which Keras has a number for each side of.
const SIDES: [&str; 5] = ["pool_size", "strides", "dilation_rate", "output_size", "output_padding"];

/// The value of a key of a layer's class.
pub(super) fn value(layer: &Layer, key: &str) -> Result<Value, KerasError> {
    if let Some(value) = of_shapes(layer, key) {
        return Ok(value);
    }
    match key {
        "activation" | "recurrent_activation" => activation(layer, key),
        "activity_regularizer" => activity(layer),
        "shared_axes" => shared_axes(layer),
        "noise_shape" => Ok(noise_shape(layer)),
        "axis" if layer.class == "Normalization" => Ok(axes_of_statistics(layer)),
        _ => option(layer, key),
    }
}

/// What follows from the shapes of a layer's weights and wires, or is always so.
fn of_shapes(layer: &Layer, key: &str) -> Option<Value> {
    let kernel = || ["depthwise_kernel", "kernel"].into_iter().find_map(|name| layer.array(name)).map(|of| of.shape);
    let recurrent = || layer.array("recurrent_kernel").map(|array| array.shape);
    Some(match key {
        "units" => recurrent().map_or_else(|| kernel().map(|shape| shape.last()), |shape| Some(shape.dim(0)))?.into(),
        "filters" => filters(layer)?.into(),
        "kernel_size" => json!(window(&kernel()?)),
        // A transposed convolution has none here.
        "dilation_rate" if layer.option_text(key).is_none() => json!(vec![1; window(&kernel()?).len()]),
        "depth_multiplier" => kernel()?.last().into(),
        "input_dim" => layer.array("embeddings")?.shape.dim(0).into(),
        "output_dim" => layer.array("embeddings")?.shape.last().into(),
        "num_tokens" => layer.output.last().into(),
        "use_bias" => layer.array("bias").is_some().into(),
        "center" => layer.array("beta").is_some().into(),
        "scale" if layer.option_text("scale").is_none() => layer.array("gamma").is_some().into(),
        "use_scale" => layer.array("scale").is_some().into(),
        "score_mode" => layer.details.clone().into(),
        "reset_after" => resets_after(layer).into(),
        "data_format" => "channels_last".into(),
        "output_shape" => json!(layer.output.dimensions()),
        // Keras wants whole numbers for ids.
        "dtype" => if layer.option_text("output_mode") == Some("Int") { "int64" } else { "float32" }.into(),
        _ => return None,
    })
}

/// Keras's, which has the batch too; nothing where each number has its own.
fn noise_shape(layer: &Layer) -> Value {
    match layer.option("noise_shape") {
        Some(Value::Array(sides)) if !sides.is_empty() => std::iter::once(Value::Null).chain(sides).collect(),
        _ => Value::Null,
    }
}

/// The places of a kernel, which stand before its channels.
fn window(kernel: &Shape) -> &[usize] {
    let sides = kernel.dimensions();
    &sides[..sides.len().saturating_sub(2)]
}

fn filters(layer: &Layer) -> Option<usize> {
    if let Some(pointwise) = layer.array("pointwise_kernel") {
        return Some(pointwise.shape.last());
    }
    let before_last = |shape: &Shape| shape.rank().checked_sub(2).map(|place| shape.dim(place));
    match layer.array("recurrent_kernel") {
        Some(recurrent) => before_last(&recurrent.shape),
        None if layer.class.ends_with("Transpose") => before_last(&layer.array("kernel")?.shape),
        None => Some(layer.array("kernel")?.shape.last()),
    }
}

/// A bias of two rows is one of a reset gate after the product; without a bias the details say so.
fn resets_after(layer: &Layer) -> bool {
    layer.array("bias").map_or_else(|| !layer.details.ends_with("resets before"), |bias| bias.shape.rank() == 2)
}

/// The axes along which slopes are the same, from 1.
fn shared_axes(layer: &Layer) -> Result<Value, KerasError> {
    let (Some(alpha), [input]) = (layer.array("alpha"), layer.inputs.as_slice()) else { return Ok(Value::Null) };
    if alpha.shape.rank() != input.shape.rank() {
        let (alpha, input) = (alpha.shape, input.shape);
        let problem =
            format!("has slopes {alpha} for {input}: Keras has as many dimensions of both, those that share one 1");
        return Err(layer.problem(problem));
    }
    let sides = alpha.shape.dimensions().iter().zip(input.shape.dimensions()).enumerate();
    let axes: Vec<usize> = sides.filter(|(_, (alpha, input))| alpha != input).map(|(axis, _)| axis + 1).collect();
    Ok(if axes.is_empty() { Value::Null } else { json!(axes) })
}

/// The axes that have statistics of their own: the last one, none, or those that the details say, `statistics [4, 1]`.
fn axes_of_statistics(layer: &Layer) -> Value {
    let shape = layer.details.strip_prefix("statistics ").and_then(text::value);
    let Some(Value::Array(sides)) = shape else {
        let single = layer.array("mean").is_some_and(|mean| mean.shape.rank() == 0);
        return if single { json!([]) } else { json!([-1]) };
    };
    let own = sides.iter().enumerate().filter(|(_, side)| **side != 1);
    own.map(|(axis, _)| Value::from(axis + 1)).collect()
}

fn activation(layer: &Layer, key: &str) -> Result<Value, KerasError> {
    let recurrent = key == "recurrent_activation";
    let default = match (layer.array("recurrent_kernel").is_some(), recurrent) {
        (true, true) => "sigmoid",
        (true, false) => "tanh",
        (false, _) => "linear",
    };
    let name = layer.activations().get(usize::from(recurrent)).copied().unwrap_or(default).to_owned();
    weights::activation(&name).map_err(|problem| layer.problem(problem))
}

fn activity(layer: &Layer) -> Result<Value, KerasError> {
    match layer.option_text("activity_regularizer") {
        None | Some("None") => Ok(Value::Null),
        Some(_) => {
            let given = layer.option("activity_regularizer").and_then(|given| weights::regularizer_of_text(&given));
            given.ok_or_else(|| layer.problem("has an `activity_regularizer` of your own, which no file can hold"))
        }
    }
}

/// An option under the name that it has in Keras.
fn option(layer: &Layer, key: &str) -> Result<Value, KerasError> {
    let value = layer.option(key).ok_or_else(|| {
        layer.problem(match layer.option_text(key) {
            Some(text) => format!("has `{key} = {text}`, for which a file of Keras's has no place"),
            None => format!("does not say its `{key}`, which Keras asks for"),
        })
    })?;
    Ok(match (key, value) {
        (key, Value::Number(number)) if SIDES.contains(&key) => json!([number]),
        // Both ends of a sequence; of more sides a pair for each.
        ("padding" | "cropping", Value::Array(ends)) if ends.len() == 1 => ends.into_iter().next().unwrap_or_default(),
        ("axis", Value::Number(axis)) if layer.class == "LayerNormalization" => json!([axis]),
        ("axes", Value::Array(axes)) if axes.windows(2).all(|pair| pair[0] == pair[1]) => {
            axes.into_iter().next().unwrap_or_default()
        }
        // What is not in a vocabulary.
        ("oov_token", Value::Number(token)) if token.as_u64() == Some(u32::MAX.into()) => json!(-1),
        (_, value) => value,
    })
}

/// Adds the keys of attentions, whose sizes are those of their projections.
pub(super) fn add_sizes(layer: &Layer, config: &mut Map<String, Value>) -> Result<(), KerasError> {
    let grouped = layer.class == "GroupedQueryAttention";
    if layer.class != "MultiHeadAttention" && !grouped {
        return Ok(());
    }
    let shape = |name: &str| {
        let array = layer.array_within(name, "kernel");
        array.map(|array| array.shape).ok_or_else(|| layer.problem(format!("has no array `{name}/kernel`")))
    };
    let (query, key, value, output) = (shape("query")?, shape("key")?, shape("value")?, shape("attention_output")?);
    let mut add = |key: &str, value: Value| drop(config.insert(key.to_owned(), value));
    if grouped {
        add("head_dim", query.last().into());
        add("num_query_heads", query.dim(1).into());
        add("num_key_value_heads", key.dim(1).into());
    } else {
        add("num_heads", query.dim(1).into());
        add("key_dim", query.last().into());
        add("value_dim", value.last().into());
        add("output_shape", if output.last() == query.dim(0) { Value::Null } else { json!([output.last()]) });
        add("attention_axes", json!([1]));
    }
    Ok(())
}
