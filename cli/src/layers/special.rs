//! Layers that are not written option by option: those of shapes, scales and statistics.

use serde_json::Value;

use super::values::{float, integer};
use super::{Reader, Step, activation_of, attention, einsum, sides, wrappers};
use crate::config::{Layer, Shape};

/// The step of a layer of these, `Some(None)` where something is in its way; none of all others.
pub(super) fn special(reader: &mut Reader<'_>) -> Option<Option<Step>> {
    let class = reader.layer.class.as_str();
    Some(match class {
        "Activation" => of_activation(reader),
        "Reshape" => reshape(reader),
        "Permute" => {
            let dims = reader.option("dims").and_then(integers);
            dims.map(|dims| Step::named("Permute", vec![array(&dims)]))
        }
        "ZeroPadding1D" | "ZeroPadding2D" | "ZeroPadding3D" => sides::borders(reader, &of_rank(class), "padding"),
        "Cropping1D" | "Cropping2D" | "Cropping3D" => sides::borders(reader, &of_rank(class), "cropping"),
        "LayerNormalization" | "UnitNormalization" if several_axes(reader.layer) => {
            reader.problem("is along several axes", "put `Reshape` around it in Keras, so that they are one");
            None
        }
        "MultiHeadAttention" => attention::attention(reader),
        "Attention" | "AdditiveAttention" => attention::additive(reader),
        "Bidirectional" | "TimeDistributed" | "SpectralNormalization" => wrappers::wrapper(reader),
        "Normalization" => normalization(reader),
        "PReLU" => slopes(reader),
        "EinsumDense" => einsum::einsum(reader),
        "Softmax" if axis_is_last(reader) => Some(Step::named("Softmax", Vec::new())),
        "Rescaling" => return rescaling(reader),
        _ => return None,
    })
}

fn rescaling(reader: &mut Reader<'_>) -> Option<Option<Step>> {
    let (scale, offset) = (reader.option("scale"), reader.option("offset"));
    if scale.is_some_and(Value::is_array) || offset.is_some_and(Value::is_array) {
        reader.problem(
            "has a scale or an offset for each channel",
            "`Normalization` with a mean and a variance, or `Conv2D` of one place",
        );
        return Some(None);
    }
    let mut options = vec![inverse(scale)?];
    let offset = offset.filter(|offset| offset.as_f64() != Some(0.0)).and_then(float);
    options.extend(offset.map(|offset| format!("offset = {offset}")));
    Some(Some(Step::named("Rescaling", options)))
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

fn axis_is_last(reader: &Reader<'_>) -> bool {
    let axis = reader.option("axis").and_then(Value::as_u64).and_then(|axis| usize::try_from(axis).ok());
    axis.is_some_and(|axis| reader.rank() == Some(axis + 1))
}

fn of_activation(reader: &mut Reader<'_>) -> Option<Step> {
    let value = reader.option("activation")?;
    if value == "glu" {
        return Some(Step::named("Glu", Vec::new()));
    }
    let name = activation_of(reader, value)?;
    Some(Step::Layer { name: "Activation".to_owned(), arguments: vec![name], options: Vec::new() })
}

fn reshape(reader: &mut Reader<'_>) -> Option<Step> {
    let shape = reader.option("target_shape").and_then(integers)?;
    let sides: Vec<String> =
        shape.iter().map(|side| if *side < 0 { "Reshape::REST".to_owned() } else { integer(*side) }).collect();
    Some(Step::named("Reshape", vec![format!("[{}]", sides.join(", "))]))
}

/// The shape that goes in, with the batch.
pub(super) fn input<'a>(reader: &Reader<'a>) -> Option<&'a Vec<Option<usize>>> {
    let of_call = |operand: &'a crate::graph::Operand| -> &'a Shape { &operand.shape };
    let shape = reader.call.operands.first().map(of_call).and_then(Option::as_ref);
    shape.or(reader.layer.built_with.as_ref())
}

/// With the statistics that it was adapted to, which are weights.
fn normalization(reader: &mut Reader<'_>) -> Option<Step> {
    let axes = match reader.given("axis") {
        Some(Value::Number(axis)) => axis.as_i64().map(|axis| vec![axis]),
        Some(axes) => integers(axes),
        None => Some(vec![-1]),
    };
    let last = reader.rank().and_then(|rank| i64::try_from(rank).ok()).map(|rank| rank - 1);
    let of_last =
        axes.is_some_and(|axes| axes == [-1] || Some(axes.as_slice()) == last.as_ref().map(std::slice::from_ref));
    if !of_last {
        reader.problem("has statistics along other axes than the last", "`Normalization(axis=-1)`");
    }
    let mut options = Vec::new();
    for name in ["mean", "variance"] {
        match reader.option(name).map(statistics) {
            None => {}
            Some(Some(text)) => options.push(format!("{name} = {text}")),
            Some(None) => {
                reader.problem(format!("its `{name}` is no list of numbers"), "`adapt`, which makes weights of it")
            }
        }
    }
    if reader.is("invert") {
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

/// `PRelu<[[[f32; 8]; 1]; 1]>`
fn slopes(reader: &mut Reader<'_>) -> Option<Step> {
    let sides = input(reader).and_then(|shape| shape.iter().skip(1).copied().collect::<Option<Vec<usize>>>());
    let Some(sides) = sides else {
        reader.problem(
            "has a slope for each place of an input whose shape the file does not say",
            "save the model with Keras 3, with a fixed shape",
        );
        return None;
    };
    let shared = reader.option("shared_axes").map_or(Some(Vec::new()), integers)?;
    let sides = sides.iter().enumerate().map(|(axis, side)| {
        if shared.iter().any(|shared| usize::try_from(*shared) == Ok(axis + 1)) { 1 } else { *side }
    });
    let alpha = nested(&sides.collect::<Vec<_>>());
    let mut options = Vec::new();
    super::array_options(reader, super::facts("PReLU")?, &mut options);
    Some(Step::Layer { name: "PRelu".to_owned(), arguments: vec![alpha], options })
}

/// `[[f32; 5]; 3]` of 3 × 5.
pub(super) fn nested(sides: &[usize]) -> String {
    sides.iter().rev().fold("f32".to_owned(), |inner, side| format!("[{inner}; {side}]"))
}
