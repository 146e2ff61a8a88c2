//! The layers that the outputs need as Keras's configuration, and their weights.

use serde_json::{Map, Value as Json, json};

use super::layers::{Argument, Kind, Layer, Place};
use super::names::{self, Names};
use super::view::{BATCH, View};
use super::{Model, OnnxError, Reader, Refused, Turned, Value, problem};
use crate::keras::{Archive, Weight};

/// The model of all that was read.
pub(super) fn finish(mut reader: Reader<'_>, inputs: Vec<Turned>) -> Result<Model, OnnxError> {
    let (mut outputs, mut places) = (Vec::new(), Vec::new());
    for name in &reader.graph.outputs {
        match reader.value(name) {
            Some(Value::Wire(view)) => match output(&mut reader, name, view) {
                Ok((turned, place)) => {
                    outputs.push(turned);
                    places.push(place);
                }
                Err(refused) => {
                    let (what, instead) = match refused {
                        Refused::Problem { what, instead } => (what, instead),
                        Refused::Damaged(problem) => return Err(OnnxError::Damaged { problem }),
                        Refused::TooMuch { what, limit } => return Err(OnnxError::TooMuch { what, limit }),
                    };
                    let operation = "an output".to_owned();
                    reader.problems.push(super::Problem { node: name.clone(), operation, what, instead });
                }
            },
            Some(Value::Array(_)) => {
                let what = "is the same for all inputs".to_owned();
                let (operation, instead) =
                    ("an output".to_owned(), "leave it out when the model is exported".to_owned());
                reader.problems.push(super::Problem { node: name.clone(), operation, what, instead });
            }
            _ => {}
        }
    }
    let mut needed = needed(&reader.layers.all, &places);
    for (at, layer) in reader.layers.all.iter().enumerate() {
        if let (true, Kind::Part { what, instead, .. }) = (needed[at], &layer.kind) {
            reader.problems.push(problem(&reader.graph.nodes[layer.node], what.clone(), instead.clone()));
        }
    }
    if !reader.problems.is_empty() {
        reader.problems.dedup();
        return Err(OnnxError::NoCounterpart(reader.problems));
    }
    let layers = &mut reader.layers.all;
    with_activations(layers, &mut needed, &mut places);
    without_states(layers, &needed, &mut places);
    let names = layer_names(layers, &needed);
    let config = configuration(&reader, &needed, &names, &places, &outputs);
    let weights =
        reader.layers.all.iter().zip(&names).zip(&needed).filter(|((layer, _), is)| **is && !layer.weights.is_empty());
    let weights: Vec<(String, Vec<Weight>)> =
        weights.map(|((layer, name), _)| (name.clone(), layer.weights.clone())).collect();
    let archive = Archive::of_parts(config, weights).map_err(OnnxError::Model)?;
    Ok(Model { archive, inputs, outputs, producer: reader.graph.producer.clone() })
}

/// An output in the order in which its tensor lies, where that is an order of its axes; else in that of the file.
fn output(reader: &mut Reader<'_>, name: &str, view: View) -> Result<(Turned, Place), Refused> {
    let batch = view.batch_axis().ok_or_else(|| Refused::own_layer("has the batch and another axis in one"))?;
    let flat = view.order.concat();
    let at = |axis: usize| view.axes[axis].first().and_then(|atom| flat.iter().position(|known| known == atom));
    let mut axes: Vec<usize> = (0..view.rank()).filter(|axis| *axis != batch).collect();
    let in_tensor = |axis: &usize| view.axes[*axis].is_empty() || view.order.contains(&view.axes[*axis]);
    if axes.iter().all(in_tensor) {
        // One of a single place stays beside the one before it.
        let mut key = 0;
        let keys: Vec<usize> = axes
            .iter()
            .map(|axis| {
                key = at(*axis).unwrap_or(key);
                key
            })
            .collect();
        let with_channels = axes.len() > 2 && view.axes[axes[0]].is_empty();
        let mut keyed: Vec<(usize, usize)> = keys.into_iter().zip(axes.iter().copied()).collect();
        keyed.sort_by_key(|(key, _)| *key);
        axes = keyed.into_iter().map(|(_, axis)| axis).collect();
        // An image of a single channel has it last too.
        if with_channels && view.order.len() == axes.len() + 1 && view.last().is_empty() {
            axes.rotate_left(1);
        }
    }
    axes.insert(0, batch);
    let wanted: Vec<Vec<usize>> = axes.iter().map(|axis| view.axes[*axis].clone()).collect();
    let arranged = reader.layers.arranged(&view, wanted)?;
    let shape = view.axes.iter().map(|axis| (*axis != [BATCH]).then(|| view.length(axis))).collect();
    Ok((Turned { name: name.to_owned(), shape, axes }, arranged.place))
}

/// Which layers the outputs need, and all inputs.
fn needed(layers: &[Layer], outputs: &[Place]) -> Vec<bool> {
    let mut needed: Vec<bool> = layers.iter().map(|layer| matches!(layer.kind, Kind::Input)).collect();
    outputs.iter().for_each(|place| needed[place.layer] = true);
    // Each takes from those before it alone.
    for at in (0..layers.len()).rev() {
        if needed[at] {
            layers[at].takes().iter().for_each(|place| needed[place.layer] = true);
        }
    }
    needed
}

/// An activation behind a layer with a kernel, whose output nothing else takes, becomes an option of that.
fn with_activations(layers: &mut [Layer], needed: &mut [bool], outputs: &mut [Place]) {
    let mut uses = vec![0; layers.len()];
    let taken = layers.iter().zip(needed.iter()).filter(|(_, needed)| **needed).flat_map(|(layer, _)| layer.takes());
    taken.chain(outputs.iter().copied()).for_each(|place| uses[place.layer] += 1);
    let mut stands_for: Vec<usize> = (0..layers.len()).collect();
    for at in 0..layers.len() {
        layers[at].takes_mut().for_each(|place| place.layer = stands_for[place.layer]);
        if !needed[at] || layers[at].class != "Activation" {
            continue;
        }
        let [Argument::Wire(place)] = layers[at].arguments[..] else { continue };
        let before = &layers[place.layer];
        if uses[place.layer] == 1 && before.is_linear() {
            let activation = layers[at].options["activation"].clone();
            layers[place.layer].options.insert("activation".to_owned(), activation);
            uses[place.layer] = uses[at];
            stands_for[at] = place.layer;
            needed[at] = false;
        }
    }
    outputs.iter_mut().for_each(|place| place.layer = stands_for[place.layer]);
}

/// A recurrent layer gives states only where something takes them.
fn without_states(layers: &mut [Layer], needed: &[bool], outputs: &mut [Place]) {
    let mut taken = vec![[false; 3]; layers.len()];
    let all = layers.iter().zip(needed).filter(|(_, needed)| **needed).flat_map(|(layer, _)| layer.takes());
    all.chain(outputs.iter().copied()).for_each(|place| taken[place.layer][place.output.min(2)] = true);
    let mut only_last = vec![false; layers.len()];
    for (at, layer) in layers.iter_mut().enumerate().filter(|(_, layer)| layer.shapes.len() > 1) {
        match taken[at] {
            [_, false, false] => {}
            [false, true, false] => {
                layer.shapes.remove(0);
                layer.options.insert("return_sequences".to_owned(), false.into());
                only_last[at] = true;
            }
            _ => continue,
        }
        layer.options.insert("return_state".to_owned(), false.into());
        layer.shapes.truncate(1);
    }
    let first = |place: &mut Place| {
        if only_last[place.layer] {
            place.output = 0;
        }
    };
    outputs.iter_mut().for_each(first);
    layers.iter_mut().flat_map(Layer::takes_mut).for_each(first);
}

fn layer_names(layers: &[Layer], needed: &[bool]) -> Vec<String> {
    let mut names = Names::default();
    let wanted =
        layers.iter().zip(needed).filter(|(_, needed)| **needed).filter_map(|(layer, _)| layer.name.as_deref());
    let mut wanted: Vec<&str> = wanted.collect();
    wanted.sort_unstable();
    // What several would be called, none is.
    let once = |name: &str| {
        let first = wanted.partition_point(|known| *known < name);
        wanted.get(first + 1).is_none_or(|next| *next != name)
    };
    wanted.iter().filter(|name| once(name)).for_each(|name| names.keep(name));
    let of = |(layer, needed): (&Layer, &bool)| match (&layer.name, needed) {
        (_, false) => String::new(),
        (Some(name), _) if once(name) => name.clone(),
        _ => names.of(None, &layer.class),
    };
    layers.iter().zip(needed).map(of).collect()
}

/// `[null, 8, 8, 3]`
fn batch_shape(shape: &[usize]) -> Json {
    std::iter::once(Json::Null).chain(shape.iter().map(|side| Json::from(*side))).collect()
}

fn configuration(reader: &Reader<'_>, needed: &[bool], names: &[String], outputs: &[Place], turned: &[Turned]) -> Json {
    let layers = &reader.layers.all;
    let all: Vec<Json> = (0..layers.len()).filter(|at| needed[*at]).map(|at| layer(layers, names, at)).collect();
    let place = |place: &Place| json!([names[place.layer], 0, place.output]);
    let inputs: Vec<Json> = (0..layers.len())
        .filter(|at| matches!(layers[*at].kind, Kind::Input))
        .map(|layer| place(&Place { layer, output: 0 }))
        .collect();
    let are_chosen = turned.iter().all(|output| names::is_chosen(&output.name));
    let outputs: Json = if are_chosen {
        turned.iter().zip(outputs).map(|(output, of)| (output.name.clone(), place(of))).collect::<Map<_, _>>().into()
    } else {
        outputs.iter().map(place).collect()
    };
    let is_said = names::is_chosen(&reader.graph.name)
        && !matches!(reader.graph.name.as_str(), "main_graph" | "tf2onnx" | "torch_jit");
    let name = if is_said { reader.graph.name.as_str() } else { "functional" };
    json!({
        "module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional",
        "config": {"name": name, "trainable": true, "layers": all, "input_layers": inputs, "output_layers": outputs},
    })
}

fn layer(layers: &[Layer], names: &[String], at: usize) -> Json {
    let (of, name) = (&layers[at], &names[at]);
    let mut options = of.options.clone();
    options.insert("name".to_owned(), name.clone().into());
    if matches!(of.kind, Kind::Input) {
        options.insert("batch_shape".to_owned(), batch_shape(&of.shapes[0]));
        options.insert("dtype".to_owned(), "float32".into());
    }
    let wire = |place: &Place| {
        let shape = batch_shape(&layers[place.layer].shapes[place.output]);
        let history = json!([names[place.layer], 0, place.output]);
        json!({"class_name": "__keras_tensor__", "config": {"shape": shape, "dtype": "float32", "keras_history": history}})
    };
    let argument = |argument: &Argument| match argument {
        Argument::Wire(place) => wire(place),
        Argument::List(places) => places.iter().map(wire).collect(),
        Argument::Value(value) => value.clone(),
    };
    let nodes = if of.arguments.is_empty() {
        json!([])
    } else {
        let named: Map<String, Json> = of.named.iter().map(|(name, value)| (name.clone(), argument(value))).collect();
        json!([{"args": of.arguments.iter().map(argument).collect::<Vec<_>>(), "kwargs": named}])
    };
    let module = if matches!(of.kind, Kind::Operation) { "keras.src.ops.numpy" } else { "keras.layers" };
    json!({
        "module": module, "class_name": of.class, "config": options, "registered_name": null, "name": name,
        "inbound_nodes": nodes,
    })
}
