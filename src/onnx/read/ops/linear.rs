//! Matrices that wires are multiplied with.

use super::super::error::Refused;
use super::super::graph::Node;
use super::super::layers::{Kind, Layer, Part, places};
use super::super::tensor::Tensor;
use super::super::view::View;
use super::super::{Outcome, Reader, Value, names};
use super::attention;

pub(super) fn gemm(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (mut view, kernel) = (reader.wire(node, 0)?, reader.array(node, 1)?);
    if view.rank() != 2 || kernel.shape.len() != 2 {
        return Err(Refused::damaged("a product of what are no matrices"));
    }
    if node.int("transA", 0) == 1 {
        view = view.transposed(&[1, 0]);
    }
    let mut kernel = if node.int("transB", 0) == 1 { kernel.transposed(&[1, 0]) } else { kernel.as_ref().clone() };
    let (alpha, beta) = (node.float("alpha", 1.0), node.float("beta", 1.0));
    if alpha != 1.0 {
        kernel = Tensor::floats(kernel.shape.clone(), kernel.to_floats().iter().map(|value| alpha * value).collect());
    }
    let bias = match reader.array_if(node, 2)? {
        Some(bias) if bias.len() == 1 => Some(vec![beta * bias.to_floats()[0]; kernel.shape[1]]),
        Some(bias) => Some(bias.to_floats().iter().map(|value| beta * value).collect::<Vec<f32>>()),
        None => None,
    };
    if bias.as_ref().is_some_and(|bias| bias.len() != kernel.shape[1]) {
        return Err(Refused::own_layer("adds other numbers to each sample of the batch"));
    }
    dense(reader, node, &view, &kernel, bias)
}

pub(super) fn matmul(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let input = |place: usize| node.input(place).and_then(|name| reader.value(name));
    match (input(0), input(1)) {
        (Some(Value::Wire(view)), Some(Value::Array(kernel))) => match kernel.shape.len() {
            2 => dense(reader, node, &view, &kernel, None),
            rank => Err(Refused::own_layer(format!("multiplies a wire with an array of {rank} axes"))),
        },
        (Some(Value::Wire(a)), Some(Value::Wire(b))) => attention::product_of_wires(reader, &a, &b),
        _ => Err(Refused::own_layer("multiplies a constant with a wire, which lays the layer along another axis")),
    }
}

/// A layer `Dense` along the last of ONNX's axes, of a kernel [features, units].
fn dense(reader: &mut Reader<'_>, node: &Node, view: &View, kernel: &Tensor, bias: Option<Vec<f32>>) -> Outcome {
    let last = view.rank() - 1;
    if view.length(&view.axes[last]) != kernel.shape[0] {
        return Err(Refused::damaged(format!("{:?} is multiplied with {:?}", view.shape(), kernel.shape)));
    }
    let name = names::of_node(reader.graph, node);
    let (turned, atoms) = reader.layers.with_last(view, &[last])?;
    let rows = places(&turned, &atoms, &turned.axes[last]);
    let (values, units) = (kernel.to_floats(), kernel.shape[1]);
    let values: Vec<f32> = rows.iter().flat_map(|row| values[row * units..(row + 1) * units].iter().copied()).collect();
    let is_attended = matches!(reader.layers.of(&turned).kind, Kind::Part { part: Part::Attended { .. }, .. });
    if is_attended {
        return attention::projected(reader, &turned, &values, units, bias, name);
    }
    let layer = Layer::new("Dense", turned.place).option("units", units).option("use_bias", bias.is_some()).named(name);
    let layer = layer.weight("kernel", vec![rows.len(), units], values).weight_if("bias", bias);
    Ok(vec![Value::Wire(with_units(reader, turned, layer, units)?)])
}

/// The wire with other features, along the last axis of both.
pub(super) fn with_units(reader: &mut Reader<'_>, view: View, layer: Layer, units: usize) -> Result<View, Refused> {
    let mut view = view;
    let (last, end) = (view.rank() - 1, view.order.len() - 1);
    let new = view.atom(units);
    view.axes[last].clone_from(&new);
    view.order[end] = new;
    let place = reader.layers.add(layer, view.sides())?;
    Ok(View { place, sole: true, ..view })
}
