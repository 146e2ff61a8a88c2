//! Arithmetic of wires, and of wires with constants; wires that are joined.

use serde_json::json;

use super::super::arithmetic::function_of_two;
use super::super::error::Refused;
use super::super::fold::axis_of;
use super::super::graph::Node;
use super::super::layers::{Argument, Function, Layer, Part};
use super::super::tensor::{Tensor, indices, product};
use super::super::view::{View, trimmed};
use super::super::{Outcome, Reader, Value, names};
use super::{activations, attention, normalization, written};

/// `Add`, `Sub`, `Mul`, `Div`, `Pow`.
pub(super) fn of_two(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let lacking = || Refused::damaged("a node lacks an input");
    let input =
        |reader: &Reader<'_>, place: usize| node.input(place).and_then(|name| reader.value(name)).ok_or_else(lacking);
    if node.operation == "Div"
        && let Some((x, axes, epsilon)) = written::layer_normalization(reader, node)
    {
        return normalization::written(reader, x, &axes, epsilon);
    }
    let view = match (input(reader, 0)?, input(reader, 1)?) {
        (Value::Wire(a), Value::Wire(b)) => of_wires(reader, &node.operation, a, b)?,
        (Value::Wire(view), Value::Array(constant)) => of_constant(reader, node, &view, &constant, false)?,
        (Value::Array(constant), Value::Wire(view)) => of_constant(reader, node, &view, &constant, true)?,
        _ => return Err(lacking()),
    };
    Ok(vec![Value::Wire(view)])
}

/// `Max`, `Min`, `Sum`, `Mean`, of any number of wires.
pub(super) fn of_several(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let operation = if node.operation == "Sum" { "Add" } else { node.operation.as_str() };
    if let (2, "Max" | "Min") = (node.inputs.len(), operation) {
        let (a, b) = (node.inputs[0].as_str(), node.inputs[1].as_str());
        let (a, b) = (reader.value(a), reader.value(b));
        if let (Some(Value::Wire(view)), Some(Value::Array(constant)))
        | (Some(Value::Array(constant)), Some(Value::Wire(view))) = (a, b)
        {
            return Ok(vec![Value::Wire(of_constant(reader, node, &view, &constant, false)?)]);
        }
    }
    let mut wires =
        (0..node.inputs.len()).map(|place| reader.wire(node, place)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let mut view = wires.next().ok_or_else(|| Refused::damaged("nothing is joined"))?;
    if operation == "Mean" && wires.len() != 1 {
        return Err(Refused::own_layer("is a mean of other than two wires"));
    }
    for wire in wires {
        view = of_wires(reader, operation, view, wire)?;
    }
    Ok(vec![Value::Wire(view)])
}

/// A number for each place along Keras's axes of these atoms; an error where the array varies along others too.
pub(super) fn spread(
    reader: &mut Reader<'_>,
    view: &View,
    array: &Tensor,
    atoms: &[usize],
) -> Result<Vec<f32>, Refused> {
    let strides = view.strides_of(&array.shape)?;
    if (0..strides.len()).any(|atom| strides[atom] > 0 && !atoms.contains(&atom)) {
        return Err(Refused::own_layer("has a constant for each place of a wire"));
    }
    let sizes: Vec<usize> = atoms.iter().map(|atom| view.atoms[*atom]).collect();
    reader.budget.take(product(&sizes))?;
    let strides: Vec<usize> = atoms.iter().map(|atom| strides[*atom]).collect();
    let values = array.to_floats();
    Ok(indices(&sizes, &strides, 0).into_iter().map(|place| values[place]).collect())
}

fn of_constant(
    reader: &mut Reader<'_>,
    node: &Node,
    view: &View,
    constant: &Tensor,
    is_first: bool,
) -> Result<View, Refused> {
    let operation = node.operation.as_str();
    let rank = constant.shape.len();
    if let (Some(scalar), true) = (constant.scalar(), rank <= view.rank()) {
        // Of a layer of one unit it is the bias.
        if operation == "Add" && view.length(view.last()) == 1 && rank > 0 {
            let name = names::of_node(reader.graph, node);
            if let Some(view) = normalization::shifted(reader, view, &[scalar], name) {
                return Ok(view);
            }
        }
        return of_scalar(reader, operation, view, scalar, is_first);
    }
    if operation == "Add" && attention::are_scores(reader, view) {
        return attention::masked(reader, view, constant);
    }
    if operation == "Add" && view.order.len() == 3 && is_of_steps(view, constant)? {
        let atoms = view.order[1..].concat();
        let values = spread(reader, view, constant, &atoms)?;
        let name = [0, 1].iter().find_map(|place| names::of_array(reader.graph, node.input(*place)?));
        let shape = view.sides();
        let layer = Layer::new("PositionEmbedding", view.place).option("sequence_length", shape[0]).named(name);
        return reader.layers.add_like(layer.weight("embeddings", shape, values), view);
    }
    let values = spread(reader, view, constant, view.last())?;
    let name = names::of_node(reader.graph, node);
    let values_of = |of: fn(f32) -> f32| values.iter().map(|value| of(*value)).collect::<Vec<f32>>();
    let done = match (operation, is_first) {
        ("Add", _) => normalization::shifted(reader, view, &values, name),
        ("Sub", false) => normalization::shifted(reader, view, &values_of(|value| -value), name),
        ("Mul", _) => normalization::scaled(reader, view, &values),
        ("Div", false) => normalization::scaled(reader, view, &values_of(|value| 1.0 / value)),
        _ => None,
    };
    if let Some(done) = done {
        return Ok(done);
    }
    normalization::by_constants(reader, view, operation, is_first, &values)
}

/// Whether an array has a number for each step and each feature of a sequence.
fn is_of_steps(view: &View, array: &Tensor) -> Result<bool, Refused> {
    let strides = view.strides_of(&array.shape)?;
    Ok(view.order[1].iter().any(|atom| strides[*atom] > 0))
}

fn of_scalar(
    reader: &mut Reader<'_>,
    operation: &str,
    view: &View,
    scalar: f32,
    is_first: bool,
) -> Result<View, Refused> {
    match (operation, scalar, is_first) {
        ("Add", 0.0, _) | ("Mul", 1.0, _) | ("Sub", 0.0, false) | ("Div" | "Pow", 1.0, false) => {
            return Ok(view.clone());
        }
        ("Max", 0.0, _) => {
            let made = activations::apply(reader, view, json!("relu"), Some(|x| x.max(0.0)))?;
            return match made.into_iter().next() {
                Some(Value::Wire(view)) => Ok(view),
                _ => Err(Refused::damaged("an activation gives nothing")),
            };
        }
        _ => {}
    }
    let of = function_of_two(operation).ok_or_else(|| Refused::own_layer("is no arithmetic"))?;
    let function = Function::Constant { of, constant: scalar, is_first };
    let wire = Argument::Wire(view.place);
    let (class, arguments) = match (operation, is_first) {
        ("Add", _) => ("Add", vec![wire, Argument::Value(json!(scalar))]),
        ("Sub", true) => ("Subtract", vec![Argument::Value(json!(scalar)), wire]),
        ("Sub", false) => ("Subtract", vec![wire, Argument::Value(json!(scalar))]),
        ("Mul", _) => ("Multiply", vec![Argument::Value(json!(scalar)), wire]),
        ("Div", false) => ("Multiply", vec![Argument::Value(json!(1.0 / scalar)), wire]),
        _ => {
            let what = format!("`{operation}` with {scalar:?} has no counterpart by itself");
            let instead = "write a layer of your own: docs/writing-a-layer.md";
            let layer = Layer::new(operation, view.place).part(Part::Unknown, what, instead).computing(function);
            let made = reader.layers.add_like(layer, view)?;
            return written::recognized(reader, made);
        }
    };
    let layer = Layer { arguments, ..Layer::new(class, view.place).operation().computing(function) };
    let made = reader.layers.add_like(layer, view)?;
    written::recognized(reader, made)
}

/// A layer of two wires, of which one may be stretched along axes of the other.
fn of_wires(reader: &mut Reader<'_>, operation: &str, mut a: View, mut b: View) -> Result<View, Refused> {
    let class = match operation {
        "Add" => "Add",
        "Sub" => "Subtract",
        "Mul" => "Multiply",
        "Max" => "Maximum",
        "Min" => "Minimum",
        "Mean" => "Average",
        _ => "Part",
    };
    let rank = a.rank().max(b.rank());
    for view in [&mut a, &mut b] {
        while view.rank() < rank {
            view.axes.insert(0, Vec::new());
        }
    }
    for axis in 0..rank {
        match (a.length(&a.axes[axis]), b.length(&b.axes[axis])) {
            (x, y) if x == y => a.match_atoms(axis, &mut b, axis)?,
            (1, _) | (_, 1) => {}
            _ => return Err(Refused::damaged(format!("{:?} and {:?} do not go together", a.shape(), b.shape()))),
        }
    }
    let is_larger = product(&a.sides()) >= product(&b.sides());
    let (main, other) = if is_larger { (&a, &b) } else { (&b, &a) };
    let beside = beside(reader, main, other)?;
    let (x, y) = if is_larger { (main.place, beside.place) } else { (beside.place, main.place) };
    let same_shape = main.sides() == beside.sides();
    let mut layer = Layer::merge(class, vec![x, y]);
    if class == "Part" {
        let what = format!("`{operation}` of two wires has no counterpart");
        layer = layer.part(Part::Unknown, what, "write a layer of your own: docs/writing-a-layer.md");
    }
    layer.function = function_of_two(operation).filter(|_| same_shape).map(Function::Two);
    let made = reader.layers.add_like(layer, main)?;
    if same_shape { written::recognized(reader, made) } else { Ok(made) }
}

/// The other wire, with its axes where those of the main one are.
fn beside(reader: &mut Reader<'_>, main: &View, other: &View) -> Result<View, Refused> {
    let stretched = || {
        Refused::own_layer(format!(
            "stretches wires of {:?} and {:?} along each other's axes",
            main.shape(),
            other.shape()
        ))
    };
    let mut of_main = vec![None; main.atoms.len()];
    for (axis, there) in main.axes.iter().zip(&other.axes) {
        if axis.is_empty() && !there.is_empty() {
            return Err(stretched());
        }
        // Of one that is stretched there is nothing.
        for (atom, same) in axis.iter().zip(there) {
            of_main[*atom] = Some(*same);
        }
    }
    let mut wanted = Vec::new();
    for axis in &main.order {
        let found: Vec<usize> = axis.iter().filter_map(|atom| of_main[*atom]).collect();
        if !found.is_empty() && found.len() != axis.len() {
            return Err(stretched());
        }
        wanted.push(found);
    }
    if wanted[0].is_empty() {
        return Err(Refused::own_layer("joins a wire with one that has no batch"));
    }
    if trimmed(&wanted) == trimmed(&other.order) && other.order.len() > 1 {
        return Ok(other.clone());
    }
    let short = [&wanted[..1], trimmed(&wanted)].concat();
    reader.layers.arranged(other, short)
}

/// Wires behind each other along an axis.
pub(super) fn concat(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let mut wires = (0..node.inputs.len()).map(|place| reader.wire(node, place)).collect::<Result<Vec<_>, _>>()?;
    let rank = wires.first().map_or(0, View::rank);
    let axis = axis_of(node.int("axis", 0), rank)?;
    if wires.iter().any(|wire| wire.rank() != rank) {
        return Err(Refused::damaged("wires that are joined have other shapes"));
    }
    if wires.iter().any(|wire| wire.axes[axis].contains(&super::super::view::BATCH)) {
        return Err(Refused::own_layer("joins samples of the batch"));
    }
    if let [_] = wires.as_slice() {
        return Ok(vec![Value::Wire(wires.remove(0))]);
    }
    // The others' axes are divided as the first's, and hers as theirs.
    let (first, others) = wires.split_at_mut(1);
    for at in (0..rank).filter(|at| *at != axis) {
        for _ in 0..2 {
            others.iter_mut().try_for_each(|other| first[0].match_atoms(at, other, at))?;
        }
    }
    // The axis lies where its first atom does, for itself.
    let main = &first[0];
    let atoms = &main.axes[axis];
    let mut order: Vec<Option<Vec<usize>>> = Vec::new();
    for of in &main.order {
        if of.first().is_some_and(|atom| atoms.first() == Some(atom)) {
            order.push(None);
        }
        let rest: Vec<usize> = of.iter().copied().filter(|atom| !atoms.contains(atom)).collect();
        if !rest.is_empty() {
            order.push(Some(rest));
        }
    }
    if atoms.is_empty() {
        // Of a single place: the last of Keras's that has none, or behind all.
        order.push(None);
    }
    let main = main.clone();
    let total: usize = wires.iter().map(|wire| wire.length(&wire.axes[axis])).sum();
    let mut places = Vec::new();
    for wire in &wires {
        let same = |atom: &usize| {
            let (at, within) = main
                .axes
                .iter()
                .enumerate()
                .find_map(|(at, of)| Some((at, of.iter().position(|known| known == atom)?)))?;
            wire.axes[at].get(within).copied()
        };
        let wanted = order.iter().map(|of| match of {
            None => Some(wire.axes[axis].clone()),
            Some(atoms) => atoms.iter().map(same).collect(),
        });
        let wanted = wanted.collect::<Option<Vec<Vec<usize>>>>();
        let wanted =
            wanted.ok_or_else(|| Refused::own_layer("joins wires whose axes are put together in different ways"))?;
        places.push(reader.layers.arranged(wire, wanted)?.place);
    }
    let mut view = main.clone();
    let joined = view.atom(total);
    let at = order.iter().position(Option::is_none).unwrap_or(order.len() - 1);
    view.order = order.into_iter().map(|of| of.unwrap_or_else(|| joined.clone())).collect();
    view.axes[axis] = joined;
    let is_last = at + 1 == view.order.len();
    let layer = Layer::merge("Concatenate", places).option("axis", if is_last { json!(-1) } else { json!(at) });
    let place = reader.layers.add(layer, view.sides())?;
    Ok(vec![Value::Wire(View { place, sole: true, ..view })])
}
