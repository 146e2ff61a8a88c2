//! Layers around others.

use serde_json::Value;

use super::values::{camel, integer};
use super::{Problem, Reader, Step};
use crate::config::{Call as ConfigCall, Layer};
use crate::graph::Call;

/// A layer around another one.
pub(super) fn wrapper(reader: &mut Reader<'_>) -> Option<Step> {
    let class = reader.layer.class.as_str();
    reader.given("layer");
    let inner = inner_layer(reader.layer);
    let Some(inner) = inner else {
        reader.problem("wraps what is no layer that can be read", "wrap a layer of Keras's own");
        return None;
    };
    let call = Call { layer: 0, operands: Vec::new(), values: Vec::new(), masks: Vec::new() };
    let mut within = Reader::new(&inner, &call);
    let mut step = super::of_layer(&mut within);
    super::done(&mut within, step.as_ref());
    if let (Some(Step::Layer { options, .. }), "Bidirectional") = (&mut step, class) {
        // `Bidirectional` sets it itself, as Keras's does.
        options.retain(|option| !option.starts_with("zero_output_for_mask"));
    }
    within.notes.iter().for_each(|note| reader.note(&format!("its layer {note}")));
    for Problem { what, instead, .. } in within.problems {
        reader.problem(format!("its layer `{}` (`{}`) {what}", inner.name, inner.class), instead);
    }
    let mut arguments = vec![step?.text()];
    let mut options = Vec::new();
    match class {
        "Bidirectional" => {
            let mode = reader.given("merge_mode").cloned().unwrap_or_else(|| Value::from("concat"));
            match &mode {
                Value::Null => options.push("merge_mode = None".to_owned()),
                Value::String(mode) if mode == "concat" => {}
                Value::String(mode) => options.push(format!("merge_mode = {}", camel(mode))),
                other => reader.option_problem("merge_mode", other),
            }
            reader.given("backward_layer");
            if !is_the_way_back(reader.layer) {
                reader.problem(
                    "has a `backward_layer` of its own",
                    "two layers, one with `go_backwards`, and `Concatenate`",
                );
            }
        }
        "SpectralNormalization" => {
            let units = ["units", "filters", "output_dim"].iter().find_map(|name| inner.option(name)?.as_i64());
            let Some(units) = units else {
                reader.problem(
                    format!(
                        "its layer is of the class `{}`, of which the file does not say how many it gives",
                        inner.class
                    ),
                    "`SpectralNormalization` of a `Dense`, an `Embedding` or a convolution",
                );
                return None;
            };
            arguments.push(integer(units));
            if let Some(times) = reader.option("power_iterations").and_then(Value::as_i64).filter(|times| *times != 1) {
                options.push(format!("power_iterations = {times}"));
            }
        }
        _ => {}
    }
    Some(Step::Layer { name: class.to_owned(), arguments, options })
}

/// The layer that a layer wraps.
pub(super) fn inner_layer(layer: &Layer) -> Option<Layer> {
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
        let mut options = without_names(layer.option(name)?.get("config")?);
        let turned = options.as_object_mut()?.remove("go_backwards").and_then(|value| value.as_bool());
        Some((options, turned.unwrap_or_default()))
    };
    match (options("layer"), options("backward_layer")) {
        (_, None) => true,
        (Some((forward, there)), Some((backward, back))) => forward == backward && there != back,
        _ => false,
    }
}

/// What an object of Keras's says without what is of this one alone.
fn without_names(value: &Value) -> Value {
    const OF_ONE: [&str; 5] = ["name", "seed", "dtype", "shared_object_id", "zero_output_for_mask"];
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(name, _)| !OF_ONE.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), without_names(value))).collect())
        }
        other => other.clone(),
    }
}
