//! What is done to each number for itself.

use serde_json::{Value as Json, json};

use super::super::arithmetic::{OfNumber, function};
use super::super::error::Refused;
use super::super::graph::Node;
use super::super::layers::{Function, Layer, Part};
use super::super::view::View;
use super::super::{Outcome, Reader, Value};
use super::written;

/// ONNX's names of activations without options, and Keras's.
const PLAIN: [(&str, &str); 10] = [
    ("Relu", "relu"),
    ("Sigmoid", "sigmoid"),
    ("Tanh", "tanh"),
    ("Softplus", "softplus"),
    ("Softsign", "softsign"),
    ("HardSwish", "hard_silu"),
    ("Mish", "mish"),
    ("Exp", "exponential"),
    ("Swish", "silu"),
    ("Silu", "silu"),
];
/// Those with options.
const WITH_OPTIONS: [&str; 6] = ["LeakyRelu", "Elu", "Celu", "Selu", "HardSigmoid", "Gelu"];
/// What is no activation alone, but may be a part of one.
const PARTS: [&str; 10] = ["Erf", "Not", "Neg", "Abs", "Sqrt", "Log", "Reciprocal", "Floor", "Ceil", "IsNaN"];

/// Whether an operation is of one wire, number by number.
pub(super) fn is_one(operation: &str) -> bool {
    PLAIN.iter().any(|(name, _)| *name == operation) || WITH_OPTIONS.contains(&operation) || PARTS.contains(&operation)
}

/// An activation as a layer of its own; a layer with a kernel before it takes it in the end.
pub(super) fn apply(reader: &mut Reader<'_>, view: &View, activation: Json, of: Option<OfNumber>) -> Outcome {
    let mut layer = Layer::new("Activation", view.place).option("activation", activation);
    layer.function = of.map(Function::One);
    let made = reader.layers.add_like(layer, view)?;
    Ok(vec![Value::Wire(written::recognized(reader, made)?)])
}

pub(super) fn activation(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (view, operation) = (reader.wire(node, 0)?, node.operation.as_str());
    if let Some((_, name)) = PLAIN.iter().find(|(known, _)| *known == operation) {
        return apply(reader, &view, json!(name), function(operation));
    }
    if PARTS.contains(&operation) {
        let what = format!("`{operation}` has no counterpart by itself");
        let mut layer = Layer::new(operation, view.place).part(
            Part::Unknown,
            what,
            "write a layer of your own: docs/writing-a-layer.md",
        );
        layer.function = function(operation).map(Function::One);
        let made = reader.layers.add_like(layer, &view)?;
        return Ok(vec![Value::Wire(written::recognized(reader, made)?)]);
    }
    let near = |value: f32, wanted: f32| (value - wanted).abs() < 1e-4 * wanted.abs().max(1.0);
    let alpha = |default: f32| node.float("alpha", default);
    let config = match operation {
        "LeakyRelu" => json!({"class_name": "LeakyReLU", "config": {"negative_slope": alpha(0.01)}}),
        "Elu" if alpha(1.0) == 1.0 => json!("elu"),
        "Elu" => json!({"class_name": "ELU", "config": {"alpha": alpha(1.0)}}),
        "Celu" if alpha(1.0) == 1.0 => json!("celu"),
        "Selu" if near(alpha(1.673_263_2), 1.673_263_2) && near(node.float("gamma", 1.050_701), 1.050_701) => {
            json!("selu")
        }
        "HardSigmoid" if near(alpha(0.2), 1.0 / 6.0) && near(node.float("beta", 0.5), 0.5) => json!("hard_sigmoid"),
        "Gelu" if node.text("approximate") == Some("tanh") => {
            json!({"class_name": "Gelu", "config": {"approximate": true}})
        }
        "Gelu" => json!("gelu"),
        _ => {
            return Err(Refused::own_layer(format!("`{operation}` has other options than Keras's")));
        }
    };
    let hard: fn(f32) -> f32 = |x| (x / 6.0 + 0.5).clamp(0.0, 1.0);
    apply(reader, &view, config, (operation == "HardSigmoid").then_some(hard))
}

/// Along the last of Keras's axes.
pub(super) fn softmax(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let name = if node.operation == "Softmax" { "softmax" } else { "log_softmax" };
    let default = if reader.graph.version < 13 { 1 } else { -1 };
    let axis = super::super::fold::axis_of(node.int("axis", default), view.rank())?;
    // Before version 13, all axes from this one on were one.
    let axes: Vec<usize> = if reader.graph.version < 13 { (axis..view.rank()).collect() } else { vec![axis] };
    let (view, _) = reader.layers.with_last(&view, &axes)?;
    apply(reader, &view, json!(name), None)
}

pub(super) fn clip(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let bound = |reader: &Reader<'_>, place: usize, name: &str| -> Result<Option<f32>, Refused> {
        let of_input = reader.array_if(node, place)?.and_then(|bound| bound.scalar());
        let of_attribute = Some(node.float(name, f32::NAN)).filter(|bound| !bound.is_nan());
        Ok(of_input.or(of_attribute).filter(|bound| bound.abs() < f32::MAX))
    };
    let (config, of): (Json, Option<OfNumber>) = match (bound(reader, 1, "min")?, bound(reader, 2, "max")?) {
        (None, None) => return Ok(vec![Value::Wire(view)]),
        (Some(0.0), None) => (json!("relu"), Some(|x| x.max(0.0))),
        (Some(0.0), Some(6.0)) => (json!("relu6"), Some(|x| x.clamp(0.0, 6.0))),
        (Some(-1.0), Some(1.0)) => (json!("hard_tanh"), Some(|x| x.clamp(-1.0, 1.0))),
        (Some(0.0), Some(1.0)) => {
            (json!({"class_name": "ReLU", "config": {"max_value": 1.0}}), Some(|x| x.clamp(0.0, 1.0)))
        }
        (Some(0.0), Some(max)) => (json!({"class_name": "ReLU", "config": {"max_value": max}}), None),
        (min, max) => {
            let text = |bound: Option<f32>| bound.map_or("none".to_owned(), |bound| format!("{bound:?}"));
            return Err(Refused::own_layer(format!("cuts numbers off at {} and {}", text(min), text(max))));
        }
    };
    apply(reader, &view, config, of)
}

/// A slope for each channel, or one for all.
pub(super) fn slopes(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (view, alpha) = (reader.wire(node, 0)?, reader.array(node, 1)?);
    let strides = view.strides_of(&alpha.shape)?;
    let (mut shape, mut shared, mut atoms) = (Vec::new(), Vec::new(), Vec::new());
    for (axis, of) in view.order.iter().enumerate().skip(1) {
        if of.iter().any(|atom| strides[*atom] > 0) {
            shape.push(view.length(of));
            atoms.extend(of.iter().copied());
        } else {
            shape.push(1);
            shared.push(axis);
        }
    }
    let values = super::elementwise::spread(reader, &view, &alpha, &atoms)?;
    let layer = Layer::new("PReLU", view.place).named(super::super::names::of_node(reader.graph, node));
    let layer = if shared.is_empty() { layer } else { layer.option("shared_axes", shared) };
    let made = reader.layers.add_like(layer.weight("alpha", shape, values), &view)?;
    Ok(vec![Value::Wire(made)])
}
