//! Normalizations, and constants that layers take into their weights.

use super::super::error::Refused;
use super::super::fold::axis_of;
use super::super::graph::Node;
use super::super::layers::Layer;
use super::super::tensor::Tensor;
use super::super::view::View;
use super::super::{Outcome, Reader, Value, names};

/// Layers whose last weight is added to each channel at the end.
fn bias_of(class: &str) -> Option<&'static str> {
    match class {
        "BatchNormalization" | "LayerNormalization" | "GroupNormalization" => Some("beta"),
        "MultiHeadAttention" => Some("attention_output/bias"),
        _ => None,
    }
}

/// With a constant for each channel added to what the layer before gives, if that has a weight for it and is its alone.
pub(super) fn shifted(reader: &mut Reader<'_>, view: &View, values: &[f32], name: Option<String>) -> Option<View> {
    let layer = &mut reader.layers.all[view.place.layer];
    let bias = if layer.is_linear() { "bias" } else { bias_of(&layer.class)? };
    if !view.sole {
        return None;
    }
    if layer.weight_mut(bias).is_none() {
        match layer.class.as_str() {
            "MultiHeadAttention" => with_biases(layer),
            "LayerNormalization" | "BatchNormalization" | "GroupNormalization" => {
                layer.options.insert("center".to_owned(), true.into());
            }
            _ => {
                layer.options.insert("use_bias".to_owned(), true.into());
            }
        }
        if layer.weight_mut(bias).is_none() {
            let weight = crate::keras::Weight {
                name: bias.to_owned(),
                shape: vec![values.len()],
                values: vec![0.0; values.len()],
            };
            layer.weights.push(weight);
        }
    }
    let weight = layer.weight_mut(bias).filter(|weight| weight.values.len() == values.len())?;
    weight.values.iter_mut().zip(values).for_each(|(weight, value)| *weight += value);
    layer.name = layer.name.take().or_else(|| Some(name?.trim_end_matches("_out_proj").to_owned()));
    Some(view.clone())
}

/// An attention whose projections have no biases yet.
fn with_biases(layer: &mut Layer) {
    layer.options.insert("use_bias".to_owned(), true.into());
    let mut weights = Vec::new();
    for kernel in std::mem::take(&mut layer.weights) {
        let shape = if kernel.name.starts_with("attention_output") {
            kernel.shape[2..].to_vec()
        } else {
            kernel.shape[1..].to_vec()
        };
        let values = vec![0.0; shape.iter().product()];
        let bias = crate::keras::Weight { name: kernel.name.replace("kernel", "bias"), shape, values };
        weights.extend([kernel, bias]);
    }
    layer.weights = weights;
}

/// With what the layer before gives multiplied by a constant for each channel, if it has weights for that.
pub(super) fn scaled(reader: &mut Reader<'_>, view: &View, values: &[f32]) -> Option<View> {
    let layer = &mut reader.layers.all[view.place.layer];
    // Of other kernels the channels of the output are not the last axis.
    let (weights, is_linear): (&[&str], bool) = match layer.class.as_str() {
        "BatchNormalization" | "LayerNormalization" | "GroupNormalization" => (&["gamma", "beta"], false),
        "Dense" | "Conv1D" | "Conv2D" | "Conv3D" => (&["kernel", "bias"], true),
        _ => return None,
    };
    if !view.sole || (is_linear && !layer.is_linear()) || layer.weight_mut(weights[0]).is_none() {
        return None;
    }
    for name in weights {
        if let Some(weight) = layer.weight_mut(name) {
            weight.values.iter_mut().zip(values.iter().cycle()).for_each(|(weight, value)| *weight *= value);
        }
    }
    Some(view.clone())
}

/// A layer of its own for a constant for each channel: `BatchNormalization` whose scale it is multiplied by, as exporters
/// write one, or `Normalization` for what is subtracted and divided by.
pub(super) fn by_constants(
    reader: &mut Reader<'_>,
    view: &View,
    operation: &str,
    is_first: bool,
    values: &[f32],
) -> Result<View, Refused> {
    let all = |value: f32| vec![value; values.len()];
    let each = |of: fn(f32) -> f32| values.iter().map(|value| of(*value)).collect::<Vec<f32>>();
    let is_positive = values.iter().all(|value| *value > 0.0);
    let before = &mut reader.layers.all[view.place.layer];
    let (mean, variance) = match (operation, is_first) {
        // What is subtracted and what is divided by then are of one layer.
        ("Div", false) if is_positive && before.class == "Normalization" && view.sole => {
            if let Some(known) = before.weight_mut("variance") {
                known.values.iter_mut().zip(values).for_each(|(known, value)| *known *= value * value);
            }
            return Ok(view.clone());
        }
        ("Mul", _) => {
            // The default epsilon and this variance are 1 together.
            let layer = Layer::new("BatchNormalization", view.place).weight_if("gamma", Some(values.to_vec()));
            let layer = layer.weight_if("beta", Some(all(0.0))).weight_if("moving_mean", Some(all(0.0)));
            return reader.layers.add_like(layer.weight_if("moving_variance", Some(all(1.0 - 1e-3))), view);
        }
        ("Add", _) => (each(|value| -value), all(1.0)),
        ("Sub", false) => (values.to_vec(), all(1.0)),
        ("Div", false) if is_positive => (all(0.0), each(|value| value * value)),
        _ => {
            return Err(Refused::new(
                format!("`{operation}` with a constant for each channel has no counterpart here"),
                "put it behind a layer with a kernel, which takes it into its weights",
            ));
        }
    };
    let layer = Layer::new("Normalization", view.place).option("axis", vec![-1]);
    reader.layers.add_like(layer.weight_if("mean", Some(mean)).weight_if("variance", Some(variance)), view)
}

pub(super) fn batch(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    if node.int("training_mode", 0) == 1 {
        return Err(Refused::new("is in training", "`model.eval()` before the model is exported"));
    }
    if view.rank() < 2 {
        return Err(Refused::damaged("a normalization of what has no channels"));
    }
    let (view, atoms) = reader.layers.with_last(&view, &[1])?;
    let mut layer = Layer::new("BatchNormalization", view.place).named(names::of_node(reader.graph, node));
    layer = layer.option("epsilon", node.float("epsilon", 1e-5));
    for (place, name) in [(1, "gamma"), (2, "beta"), (3, "moving_mean"), (4, "moving_variance")] {
        let array = reader.array(node, place)?;
        let values = reader.in_order(&array, &view, &atoms, &view.axes[1])?;
        layer = layer.weight(name, vec![values.len()], values);
    }
    Ok(vec![Value::Wire(reader.layers.add_like(layer, &view)?)])
}

/// Along all axes from one on, which lie as one then.
pub(super) fn layer(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axis = axis_of(node.int("axis", -1), view.rank())?;
    let axes: Vec<usize> = (axis..view.rank()).collect();
    let (gamma, beta) = (reader.array(node, 1)?, reader.array_if(node, 2)?);
    let epsilon = node.float("epsilon", 1e-5);
    let name = names::of_node(reader.graph, node);
    along(
        reader,
        &view,
        &axes,
        "LayerNormalization",
        epsilon,
        [("gamma", Some(&*gamma)), ("beta", beta.as_deref())],
        name,
    )
}

pub(super) fn root_mean_square(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axis = axis_of(node.int("axis", -1), view.rank())?;
    let axes: Vec<usize> = (axis..view.rank()).collect();
    let (scale, epsilon) = (reader.array(node, 1)?, node.float("epsilon", 1e-5));
    let name = names::of_node(reader.graph, node);
    along(reader, &view, &axes, "RMSNormalization", epsilon, [("scale", Some(&*scale)), ("", None)], name)
}

/// One that is written out, without its weights, which are multiplied with and added then.
pub(super) fn written(reader: &mut Reader<'_>, x: &str, axes: &[i64], epsilon: f32) -> Outcome {
    let Some(Value::Wire(view)) = reader.value(x) else { return Err(Refused::own_layer("normalizes a constant")) };
    let mut axes = axes.iter().map(|axis| axis_of(*axis, view.rank())).collect::<Result<Vec<_>, _>>()?;
    axes.sort_unstable();
    let length: usize = axes.iter().map(|axis| view.length(&view.axes[*axis])).fold(1, usize::saturating_mul);
    reader.budget.take(length)?;
    let (ones, zeros) =
        (Tensor::floats(vec![length], vec![1.0; length]), Tensor::floats(vec![length], vec![0.0; length]));
    let weights = [("gamma", Some(&ones)), ("beta", Some(&zeros))];
    along(reader, &view, &axes, "LayerNormalization", epsilon, weights, None)
}

fn along(
    reader: &mut Reader<'_>,
    view: &View,
    axes: &[usize],
    class: &str,
    epsilon: f32,
    weights: [(&str, Option<&Tensor>); 2],
    name: Option<String>,
) -> Outcome {
    let (view, atoms) = reader.layers.with_last(view, axes)?;
    let onnx: Vec<usize> = axes.iter().flat_map(|axis| view.axes[*axis].clone()).collect();
    let mut layer = Layer::new(class, view.place).option("epsilon", epsilon).named(name);
    for (name, array) in weights {
        match array {
            Some(array) => {
                let values = reader.in_order(array, &view, &atoms, &onnx)?;
                layer = layer.weight(name, vec![values.len()], values);
            }
            None if name == "beta" => layer = layer.option("center", false),
            None => {}
        }
    }
    Ok(vec![Value::Wire(reader.layers.add_like(layer, &view)?)])
}

/// Channels, or groups of them that were made axes of their own, each over all its places.
pub(super) fn instance(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    if view.rank() < 3 {
        return Err(Refused::damaged("a normalization of what has no places"));
    }
    let is_outermost = view.last().starts_with(&view.axes[1]);
    let view = if is_outermost { view } else { reader.layers.channels_last(&view)? };
    let groups = view.length(&view.axes[1]);
    let (gamma, beta) = (reader.array(node, 1)?, reader.array(node, 2)?);
    grouped(reader, node, &view, groups, &gamma, &beta)
}

pub(super) fn group(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let view = reader.layers.channels_last(&view)?;
    let groups = usize::try_from(node.int("num_groups", 1)).unwrap_or_default();
    let (gamma, beta) = (reader.array(node, 1)?, reader.array(node, 2)?);
    grouped(reader, node, &view, groups, &gamma, &beta)
}

/// With weights of each group, or of each channel.
fn grouped(reader: &mut Reader<'_>, node: &Node, view: &View, groups: usize, gamma: &Tensor, beta: &Tensor) -> Outcome {
    let channels = view.length(view.last());
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(Refused::damaged(format!("{channels} channels in {groups} groups")));
    }
    reader.budget.take(channels)?;
    let of_each = |array: &Tensor| -> Result<Vec<f32>, Refused> {
        let values = array.to_floats();
        match values.len() {
            length if length == channels => Ok(values),
            length if length == groups => {
                Ok(values.iter().flat_map(|value| std::iter::repeat_n(*value, channels / groups)).collect())
            }
            length => Err(Refused::damaged(format!("{length} numbers for {channels} channels"))),
        }
    };
    let layer = Layer::new("GroupNormalization", view.place).named(names::of_node(reader.graph, node));
    let groups = if groups == channels { serde_json::json!(-1) } else { serde_json::json!(groups) };
    let layer = layer.option("groups", groups).option("epsilon", node.float("epsilon", 1e-5));
    let layer = layer.weight_if("gamma", Some(of_each(gamma)?)).weight_if("beta", Some(of_each(beta)?));
    Ok(vec![Value::Wire(reader.layers.add_like(layer, view)?)])
}
