//! Pieces of wires, and rows of a table by their numbers.

use serde_json::{Value as Json, json};

use super::super::error::Refused;
use super::super::fold::{axis_of, cuts, split as parts};
use super::super::graph::Node;
use super::super::layers::{Argument, Layer};
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value, names};
use super::written;

pub(super) fn gather(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let input = |place: usize| node.input(place).and_then(|name| reader.value(name));
    match (input(0), input(1)) {
        (Some(Value::Array(_)), Some(Value::Wire(ids))) => embedding(reader, node, &ids),
        (Some(Value::Wire(view)), Some(Value::Array(places))) => {
            let axis = axis_of(node.int("axis", 0), view.rank())?;
            let side = view.length(&view.axes[axis]);
            let places_of = places.as_ints().ok_or_else(|| Refused::damaged("a place is a fraction"))?;
            let places_of = places_of.iter().map(|place| axis_of(*place, side)).collect::<Result<Vec<_>, _>>()?;
            let first = *places_of.first().ok_or_else(|| Refused::own_layer("takes nothing of a wire"))?;
            let follow = places_of.iter().enumerate().all(|(at, place)| *place == first + at);
            match places.shape.len() {
                0 => {
                    let (view, first) = piece(reader, node, axis, first).unwrap_or((view, first));
                    Ok(vec![Value::Wire(selected(reader, &view, axis, first)?)])
                }
                1 if follow => Ok(vec![Value::Wire(sliced(reader, &view, (axis, first, 1, places_of.len()))?)]),
                _ => Err(Refused::own_layer(format!("takes the places {places_of:?} of a wire"))),
            }
        }
        _ => Err(Refused::own_layer("takes places of a wire by another wire")),
    }
}

/// Of wires that were joined along this axis the one with this place, and where it is there: what PyTorch's layers one over
/// the other give as their last state.
fn piece(reader: &Reader<'_>, node: &Node, axis: usize, mut at: usize) -> Option<(View, usize)> {
    let joined = reader.graph.maker(node.input(0)?).filter(|maker| maker.operation == "Concat")?;
    for place in 0..joined.inputs.len() {
        let view = reader.wire(joined, place).ok()?;
        if axis_of(joined.int("axis", 0), view.rank()).ok()? != axis {
            return None;
        }
        let length = view.length(&view.axes[axis]);
        match at.checked_sub(length) {
            Some(behind) => at = behind,
            None => return Some((view, at)),
        }
    }
    None
}

fn embedding(reader: &mut Reader<'_>, node: &Node, ids: &View) -> Outcome {
    let table = reader.array(node, 0)?;
    let [rows, features] = table.shape[..] else { return Err(Refused::own_layer("looks rows up in what is no table")) };
    if axis_of(node.int("axis", 0), 2)? != 0 {
        return Err(Refused::own_layer("looks columns up"));
    }
    // Axes of a single place are Keras's as they are.
    let ids = &written::ids(reader, ids);
    let mut view = ids.clone();
    let new = view.atom(features);
    view.axes.push(new.clone());
    view.order.push(new);
    let layer = Layer::new("Embedding", ids.place).option("input_dim", rows).option("output_dim", features);
    let layer =
        layer.named(names::of_node(reader.graph, node)).weight("embeddings", vec![rows, features], table.to_floats());
    let place = reader.layers.add(layer, view.sides())?;
    Ok(vec![Value::Wire(View { place, sole: true, ..view })])
}

pub(super) fn slice(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let mut view = reader.wire(node, 0)?;
    for cut in cuts(node, &reader.arrays(node), &view.shape())? {
        view = sliced(reader, &view, cut)?;
    }
    Ok(vec![Value::Wire(view)])
}

pub(super) fn split(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axis = axis_of(node.int("axis", 0), view.rank())?;
    let parts = parts(node, &reader.arrays(node), view.length(&view.axes[axis]))?;
    let part = |(first, length)| Ok(Value::Wire(sliced(reader, &view, (axis, first, 1, length))?));
    parts.into_iter().map(part).collect()
}

/// One place along an axis, which then is no axis.
fn selected(reader: &mut Reader<'_>, view: &View, axis: usize, at: usize) -> Result<View, Refused> {
    let atoms = view.axes[axis].clone();
    if atoms.contains(&BATCH) {
        return Err(Refused::own_layer("takes one sample of the batch"));
    }
    let mut taken = if atoms.is_empty() {
        view.clone()
    } else {
        match view.order.iter().position(|of| *of == atoms).filter(|_| view.order.len() > 2) {
            Some(of) if of > 1 || at + 1 != view.length(&atoms) || !gives_sequence(reader, view) => {
                let mut view = view.clone();
                view.order.remove(of);
                item(reader, view, of, json!(at))?
            }
            _ => sliced(reader, view, (axis, at, 1, 1))?,
        }
    };
    taken.axes.remove(axis);
    Ok(taken)
}

/// Whether a wire is the sequence of a recurrent layer that gives nothing else, and to nothing else.
fn gives_sequence(reader: &Reader<'_>, view: &View) -> bool {
    let layer = reader.layers.of(view);
    let is = |option: &str| layer.options.get(option) == Some(&Json::Bool(true));
    let is_recurrent = matches!(layer.class.as_str(), "LSTM" | "GRU" | "SimpleRNN");
    view.sole && is_recurrent && is("return_sequences") && !is("return_state") && !is("go_backwards")
}

/// The last step of a recurrent layer's sequence is what it gives without `return_sequences`.
fn last_step(reader: &mut Reader<'_>, view: &View, axis: usize) -> Option<View> {
    if !gives_sequence(reader, view) {
        return None;
    }
    let mut view = view.clone();
    view.axes[axis] = Vec::new();
    view.order.remove(1);
    let layer = &mut reader.layers.all[view.place.layer];
    layer.options.insert("return_sequences".to_owned(), false.into());
    layer.shapes = vec![view.sides()];
    Some(view)
}

/// Some places along an axis: the axis, the first, how far apart, how many.
fn sliced(
    reader: &mut Reader<'_>,
    view: &View,
    (axis, first, step, count): (usize, usize, usize, usize),
) -> Result<View, Refused> {
    let atoms = view.axes[axis].clone();
    let side = view.length(&atoms);
    if count == side {
        return Ok(view.clone());
    }
    if atoms.contains(&BATCH) {
        return Err(Refused::own_layer("takes some samples of the batch"));
    }
    if count == 0 {
        return Err(Refused::own_layer("takes nothing of a wire"));
    }
    if count == 1
        && first + 1 == side
        && view.order[1] == atoms
        && let Some(view) = last_step(reader, view, axis)
    {
        return Ok(view);
    }
    // A piece of an axis is one where its atoms are the outermost there.
    let within = |of: &Vec<usize>| of.starts_with(&atoms) && (step == 1 || of.len() == atoms.len());
    let mut view = view.clone();
    if !view.order.iter().any(within) {
        let rest =
            view.order.iter().map(|of| of.iter().copied().filter(|atom| !atoms.contains(atom)).collect::<Vec<_>>());
        let mut wanted: Vec<Vec<usize>> = rest.filter(|of| !of.is_empty()).collect();
        wanted.insert(1, atoms.clone());
        view = reader.layers.arranged(&view, wanted)?;
    }
    let of = view.order.iter().position(within).ok_or_else(|| Refused::damaged("an axis is lost"))?;
    let rest = view.order[of][atoms.len()..].to_vec();
    let each = view.length(&rest);
    let new = view.atom(count);
    view.axes[axis].clone_from(&new);
    view.order[of] = [new, rest].concat();
    let end = first + (count - 1) * step + 1;
    let bound = |place: usize, whole: usize| if place == whole { Json::Null } else { json!(place * each) };
    let (start, stop) = (bound(first, 0), if end == side { Json::Null } else { json!(end * each) });
    let step = if step == 1 { Json::Null } else { json!(step) };
    item(reader, view, of, slice_of(&start, &stop, &step))
}

fn slice_of(start: &Json, stop: &Json, step: &Json) -> Json {
    json!({"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}})
}

/// `x[:, …, item]` along one of Keras's axes; the view is that of what comes out.
fn item(reader: &mut Reader<'_>, view: View, along: usize, item: Json) -> Result<View, Refused> {
    let whole = slice_of(&Json::Null, &Json::Null, &Json::Null);
    let items: Vec<Json> = std::iter::repeat_n(whole, along).chain([item]).collect();
    // All of Keras's axes behind it are whole, and are not written.
    let layer = Layer::new("GetItem", view.place).operation();
    let layer = Layer { arguments: vec![Argument::Wire(view.place), Argument::Value(Json::Array(items))], ..layer };
    let place = reader.layers.add(layer, view.sides())?;
    Ok(View { place, sole: true, ..view })
}
