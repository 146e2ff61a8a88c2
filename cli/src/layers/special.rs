//! Layers that are not written option by option: those of shapes, those around other layers, attention.

use serde_json::Value;

use super::values::{float, integer};
use super::{Problem, Reader, Step, activation, by_facts, facts, sides};
use crate::config::{Call as ConfigCall, Layer, Shape};
use crate::graph::Call;

/// The step of a layer of these, `Some(None)` where something is in its way; none of all others.
pub(super) fn special(reader: &mut Reader<'_>, shapes: &[&Shape], call: &Call<'_>) -> Option<Option<Step>> {
    let class = reader.layer.class.clone();
    Some(match class.as_str() {
        "Activation" => of_activation(reader),
        "Reshape" => reshape(reader),
        "Permute" => {
            let dims = reader.layer.option("dims").and_then(integers);
            dims.map(|dims| Step::named("Permute", vec![array(&dims)]))
        }
        "ZeroPadding1D" | "ZeroPadding2D" | "ZeroPadding3D" => sides::borders(reader, &of_rank(&class), "padding"),
        "Cropping1D" | "Cropping2D" | "Cropping3D" => sides::borders(reader, &of_rank(&class), "cropping"),
        "LayerNormalization" | "UnitNormalization" if several_axes(reader.layer) => {
            reader.problem("is along several axes", "put `Reshape` around it in Keras, so that they are one");
            None
        }
        "MultiHeadAttention" => attention(reader, shapes, call),
        "Attention" | "AdditiveAttention" => additive(reader, shapes, call),
        "Bidirectional" | "TimeDistributed" | "SpectralNormalization" => wrapper(reader, &class),
        "Normalization" => normalization(reader, shapes),
        "PReLU" => slopes(reader, shapes),
        "EinsumDense" => einsum(reader, shapes),
        "Softmax" if axis_is_last(reader.layer, shapes) => Some(Step::named("Softmax", Vec::new())),
        "Rescaling"
            if inverse(reader.layer.option("scale")).is_some()
                && !reader.layer.options.get("offset").is_some_and(Value::is_array) =>
        {
            let mut options = inverse(reader.layer.option("scale")).into_iter().collect::<Vec<_>>();
            let offset = reader.layer.option("offset").filter(|offset| offset.as_f64() != Some(0.0)).and_then(float);
            options.extend(offset.map(|offset| format!("offset = {offset}")));
            Some(Step::named("Rescaling", options))
        }
        "Rescaling" if reader.layer.options.get("scale").is_some_and(Value::is_array) => {
            reader.problem(
                "has a scale for each channel",
                "`Normalization` with a mean and a variance, or `Conv2D` of one place",
            );
            None
        }
        _ => return None,
    })
}

/// `1.0 / 255.0` of what comes near to it in decimals.
fn inverse(scale: Option<&Value>) -> Option<String> {
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let scale = scale?.as_f64()? as f32;
    let whole = (1.0 / scale).round();
    let is_near = (2.0..=1024.0).contains(&whole) && (1.0 / whole).to_bits() == scale.to_bits();
    (is_near && format!("{scale:?}").len() > 6).then(|| format!("1.0 / {whole:?}"))
}

/// `ZeroPadding2d` of `ZeroPadding2D`
fn of_rank(class: &str) -> String {
    class.replace('D', "d")
}

pub(super) fn integers(value: &Value) -> Option<Vec<i64>> {
    value.as_array()?.iter().map(Value::as_i64).collect()
}

pub(super) fn array(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|number| integer(*number)).collect();
    format!("[{}]", numbers.join(", "))
}

fn several_axes(layer: &Layer) -> bool {
    layer.option("axis").and_then(Value::as_array).is_some_and(|axes| axes.len() > 1)
}

fn axis_is_last(layer: &Layer, shapes: &[&Shape]) -> bool {
    let rank = shapes.first().and_then(|shape| shape.as_ref()).map(Vec::len);
    layer
        .option("axis")
        .and_then(Value::as_u64)
        .is_some_and(|axis| rank == usize::try_from(axis).ok().map(|axis| axis + 1))
}

fn of_activation(reader: &mut Reader<'_>) -> Option<Step> {
    let value = reader.layer.option("activation")?.clone();
    if value == "glu" {
        return Some(Step::named("Glu", Vec::new()));
    }
    let Some(name) = activation(&value) else {
        reader.problem(
            format!("the activation {value} has no counterpart"),
            "write an activation of your own: docs/writing-a-layer.md",
        );
        return None;
    };
    Some(Step::Layer { name: "Activation".to_owned(), arguments: vec![name], options: Vec::new() })
}

fn reshape(reader: &mut Reader<'_>) -> Option<Step> {
    let shape = reader.layer.option("target_shape").and_then(integers)?;
    let sides: Vec<String> =
        shape.iter().map(|side| if *side < 0 { "Reshape::REST".to_owned() } else { integer(*side) }).collect();
    Some(Step::named("Reshape", vec![format!("[{}]", sides.join(", "))]))
}

fn last(shape: Option<&&Shape>) -> Option<usize> {
    *shape?.as_ref()?.last()?
}

fn attention(reader: &mut Reader<'_>, shapes: &[&Shape], call: &Call<'_>) -> Option<Step> {
    let number = |name: &str| reader.layer.option(name).and_then(Value::as_i64);
    let (heads, key) = (number("num_heads")?, number("key_dim")?);
    let value = number("value_dim").unwrap_or(key);
    let (query_features, value_features) = (last(shapes.first()), last(shapes.get(1)));
    let key_features = last(shapes.get(2)).or(value_features);
    let out = match reader.layer.option("output_shape") {
        Some(Value::Array(shape)) if shape.len() == 1 => shape[0].as_u64(),
        Some(other) => other.as_u64(),
        None => query_features.map(|features| features as u64),
    };
    let axes_are_steps = reader.layer.option("attention_axes").is_none_or(|axes| integers(axes) == Some(vec![1]));
    if !axes_are_steps || shapes.first().is_some_and(|shape| shape.as_ref().is_some_and(|shape| shape.len() != 3)) {
        reader.problem("attends along other axes than the steps of a sequence", "put `Reshape` around it in Keras");
    }
    for option in ["use_gate", "sliding_window"] {
        if let Some(value) = reader.layer.option(option).filter(|value| **value != Value::Bool(false)).cloned() {
            reader.option_problem(option, &value);
        }
    }
    if call.operands.iter().any(|operand| operand.name.as_deref() == Some("attention_mask")) {
        reader.problem(
            "is given an `attention_mask`",
            "masks come from `mask_zero` and `Masking` here, or `use_causal_mask`",
        );
    }
    let bias = reader.layer.option("use_bias") != Some(&Value::Bool(false));
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
    if let Some(dropout) = reader.layer.option("dropout").filter(|rate| rate.as_f64() != Some(0.0)) {
        options.push(format!("dropout = {}", float(dropout)?));
    }
    if call.value("use_causal_mask") == Some(&Value::Bool(true)) {
        options.push("use_causal_mask = true".to_owned());
    }
    Some(Step::Layer { name: "MultiHeadAttention".to_owned(), arguments, options })
}

fn additive(reader: &mut Reader<'_>, shapes: &[&Shape], call: &Call<'_>) -> Option<Step> {
    let facts = facts(&reader.layer.class)?;
    let concat = reader.layer.option("score_mode").is_some_and(|mode| mode == "concat");
    let scaled = reader.layer.option("use_scale") == Some(&Value::Bool(true));
    let mut layer = reader.layer.clone();
    ["score_mode", "use_scale"].iter().for_each(|option| drop(layer.options.remove(*option)));
    let mut inner = Reader { layer: &layer, problems: Vec::new() };
    let step = by_facts(&mut inner, facts, shapes.first().copied().unwrap_or(&None));
    reader.problems.append(&mut inner.problems);
    let Step::Layer { name, mut arguments, mut options } = step else { return None };
    match (name.as_str(), concat, scaled) {
        ("Attention", true, _) => {
            arguments = vec!["ConcatScore".to_owned()];
            if scaled {
                arguments.push("UseScale".to_owned());
            }
        }
        ("Attention", false, true) => options.push("use_scale = true".to_owned()),
        ("AdditiveAttention", _, false) => options.push("use_scale = false".to_owned()),
        _ => {}
    }
    if call.value("use_causal_mask") == Some(&Value::Bool(true)) {
        options.push("use_causal_mask = true".to_owned());
    }
    Some(Step::Layer { name, arguments, options })
}

/// With the statistics that it was adapted to, which are weights.
fn normalization(reader: &mut Reader<'_>, shapes: &[&Shape]) -> Option<Step> {
    let rank = shapes.first().and_then(|shape| shape.as_ref()).or(reader.layer.built_with.as_ref()).map(Vec::len);
    let axes = match reader.layer.options.get("axis") {
        Some(Value::Number(axis)) => axis.as_i64().map(|axis| vec![axis]),
        Some(axes) => integers(axes),
        None => Some(vec![-1]),
    };
    let last = rank.and_then(|rank| i64::try_from(rank).ok()).map(|rank| rank - 1);
    let of_last =
        axes.is_some_and(|axes| axes == [-1] || Some(axes.as_slice()) == last.as_ref().map(std::slice::from_ref));
    if !of_last {
        reader.problem("has statistics along other axes than the last", "`Normalization(axis=-1)`");
    }
    let mut options = Vec::new();
    for name in ["mean", "variance"] {
        match reader.layer.option(name).map(statistics) {
            None => {}
            Some(Some(text)) => options.push(format!("{name} = {text}")),
            Some(None) => {
                reader.problem(format!("its `{name}` is no list of numbers"), "`adapt`, which makes weights of it")
            }
        }
    }
    if reader.layer.option("invert") == Some(&Value::Bool(true)) {
        options.push("invert = true".to_owned());
    }
    Some(Step::Layer { name: "Normalization".to_owned(), arguments: vec!["_".to_owned()], options })
}

/// `&[0.5, 2.0]` of numbers in however many brackets, `&0.5` of one.
fn statistics(value: &Value) -> Option<String> {
    fn collect(value: &Value, numbers: &mut Vec<String>) -> Option<()> {
        match value {
            Value::Array(list) => list.iter().try_for_each(|value| collect(value, numbers)),
            one => {
                numbers.push(float(one)?);
                Some(())
            }
        }
    }
    let mut numbers = Vec::new();
    collect(value, &mut numbers)?;
    match numbers.as_slice() {
        [] => None,
        [one] => Some(format!("&{one}")),
        several => Some(format!("&[{}]", several.join(", "))),
    }
}

/// A layer around another one.
fn wrapper(reader: &mut Reader<'_>, class: &str) -> Option<Step> {
    let inner = inner_layer(reader.layer);
    let Some(inner) = inner else {
        reader.problem("wraps what is no layer that can be read", "wrap a layer of Keras's own");
        return None;
    };
    let call = Call { layer: 0, operands: Vec::new(), values: Vec::new() };
    let mut within = Reader { layer: &inner, problems: Vec::new() };
    let mut step = super::of_layer(&mut within, &[&None], &call);
    if let (Some(Step::Layer { options, .. }), "Bidirectional") = (&mut step, class) {
        // `Bidirectional` sets it itself, as Keras's does.
        options.retain(|option| !option.starts_with("zero_output_for_mask"));
    }
    for Problem { what, instead, .. } in within.problems {
        reader.problem(format!("its layer `{}` (`{}`) {what}", inner.name, inner.class), instead);
    }
    let mut arguments = vec![step?.text()];
    let mut options = Vec::new();
    match class {
        "Bidirectional" => {
            let mode = reader.layer.options.get("merge_mode").cloned().unwrap_or_else(|| Value::from("concat"));
            match &mode {
                Value::Null => options.push("merge_mode = None".to_owned()),
                Value::String(mode) if mode == "concat" => {}
                Value::String(mode) => options.push(format!("merge_mode = {}", super::camel(mode))),
                other => reader.option_problem("merge_mode", other),
            }
            if !is_the_way_back(reader.layer) {
                reader.problem(
                    "has a `backward_layer` of its own",
                    "two layers, one with `go_backwards`, and `Concatenate`",
                );
            }
        }
        "SpectralNormalization" => {
            let units = ["units", "filters", "output_dim"].iter().find_map(|name| inner.option(name)?.as_i64());
            arguments.push(integer(units?));
            if let Some(times) =
                reader.layer.option("power_iterations").and_then(Value::as_i64).filter(|times| *times != 1)
            {
                options.push(format!("power_iterations = {times}"));
            }
        }
        _ => {}
    }
    Some(Step::Layer { name: class.to_owned(), arguments, options })
}

fn inner_layer(layer: &Layer) -> Option<Layer> {
    let inner = layer.option("layer")?;
    Some(Layer {
        class: inner.get("class_name")?.as_str()?.to_owned(),
        module: String::new(),
        name: inner.pointer("/config/name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        options: inner.get("config")?.as_object()?.clone(),
        calls: vec![ConfigCall::default()],
        model: None,
        built_with: inner.pointer("/build_config/input_shape").and_then(crate::config::shape),
    })
}

/// Whether the layer of the way back is that of the way there, turned round, as Keras makes it.
fn is_the_way_back(layer: &Layer) -> bool {
    let options = |name: &str| {
        let mut options = layer.option(name)?.get("config")?.as_object()?.clone();
        let backwards = options.remove("go_backwards").and_then(|value| value.as_bool()).unwrap_or_default();
        options.retain(|name, value| name != "name" && name != "zero_output_for_mask" && !value.is_object());
        Some((options, backwards))
    };
    match (options("layer"), options("backward_layer")) {
        (_, None) => true,
        (Some((forward, there)), Some((backward, back))) => forward == backward && there != back,
        _ => false,
    }
}

/// `PRelu<[[[f32; 8]; 1]; 1]>`
fn slopes(reader: &mut Reader<'_>, shapes: &[&Shape]) -> Option<Step> {
    let shape = shapes.first().and_then(|shape| shape.as_ref()).or(reader.layer.built_with.as_ref());
    let Some(sides) = shape.and_then(|shape| shape.iter().skip(1).copied().collect::<Option<Vec<usize>>>()) else {
        reader.problem(
            "has a slope for each place of an input whose shape the file does not say",
            "save the model with Keras 3, with a fixed shape",
        );
        return None;
    };
    let shared = reader.layer.option("shared_axes").and_then(integers).unwrap_or_default();
    let sides = sides.iter().enumerate().map(|(axis, side)| {
        if shared.iter().any(|shared| usize::try_from(*shared) == Ok(axis + 1)) { 1 } else { *side }
    });
    let alpha = nested(&sides.collect::<Vec<_>>());
    Some(Step::Layer { name: "PRelu".to_owned(), arguments: vec![alpha], options: Vec::new() })
}

/// `[[f32; 5]; 3]` of 3 × 5.
fn nested(sides: &[usize]) -> String {
    sides.iter().rev().fold("f32".to_owned(), |inner, side| format!("[{inner}; {side}]"))
}

fn einsum(reader: &mut Reader<'_>, shapes: &[&Shape]) -> Option<Step> {
    let equation = reader.layer.option("equation")?.as_str()?.to_owned();
    let bias_axes = reader.layer.option("bias_axes").and_then(Value::as_str).unwrap_or_default().to_owned();
    let input = shapes.first().and_then(|shape| shape.as_ref()).or(reader.layer.built_with.as_ref());
    let Some((kernel, bias)) = input.and_then(|input| einsum_shapes(reader.layer, &equation, &bias_axes, input)) else {
        reader.problem(
            format!("its equation {equation:?} and the shapes do not say how large the kernel is"),
            "write letters in place of `...`",
        );
        return None;
    };
    let mut arguments = vec![nested(&kernel)];
    let mut options = vec![format!("equation = {equation:?}")];
    let name = match reader.layer.option("activation") {
        Some(value) => activation(value).filter(|name| name != "Linear"),
        None => None,
    };
    if !bias.is_empty() {
        arguments.push(nested(&bias));
        options.push(format!("bias_axes = {bias_axes:?}"));
    }
    if let Some(name) = name {
        options.push(format!("activation = {name}"));
    }
    Some(Step::Layer { name: "EinsumDense".to_owned(), arguments, options })
}

/// The sizes of the letters of the kernel, and of the bias.
fn einsum_shapes(
    layer: &Layer,
    equation: &str,
    bias_axes: &str,
    input: &[Option<usize>],
) -> Option<(Vec<usize>, Vec<usize>)> {
    let (left, output) = equation.split_once("->")?;
    let (of_input, kernel) = left.split_once(',')?;
    let shape = match layer.option("output_shape")? {
        Value::Array(shape) => {
            shape.iter().map(|side| side.as_u64().and_then(|side| usize::try_from(side).ok())).collect()
        }
        one => vec![one.as_u64().and_then(|side| usize::try_from(side).ok())],
    };
    // The shape is without the batch, from the end.
    let size = |letter: char| {
        let from_input = of_input.chars().position(|known| known == letter).and_then(|place| *input.get(place)?);
        let place = output.chars().rev().position(|known| known == letter);
        from_input.or_else(|| *shape.iter().rev().nth(place?)?)
    };
    let kernel = kernel.chars().map(size).collect::<Option<Vec<_>>>()?;
    // The bias lies along its letters in the order of the output, with 1 behind the first where others are.
    let first = output.chars().position(|letter| bias_axes.contains(letter));
    let bias = match first {
        Some(first) => output
            .chars()
            .skip(first)
            .map(|letter| if bias_axes.contains(letter) { size(letter) } else { Some(1) })
            .collect::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    Some((kernel, bias))
}
