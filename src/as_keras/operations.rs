//! What is a layer here and an operation of `keras.ops` in Keras, which has no place in a `Sequential`.

use serde_json::{Map, Value, json};

use super::layer::Layer;
use crate::keras::KerasError;

/// The layers that are operations, and Keras's modules of them. The arithmetic of a wire and a constant comes to these.
pub(super) const OPERATIONS: &[(&str, &str)] = &[
    ("ExpandDims", "keras.src.ops.numpy"),
    ("GetItem", "keras.src.ops.numpy"),
    ("Split", "keras.src.ops.numpy"),
    ("Squeeze", "keras.src.ops.numpy"),
    ("Stack", "keras.src.ops.numpy"),
    ("Unstack", "keras.src.ops.core"),
];

/// Whether a layer is one of them.
pub(super) fn is_operation(layer: &Layer) -> bool {
    OPERATIONS.iter().any(|(class, _)| *class == layer.class) || constant(layer).is_some()
}

/// A constant of its arithmetic, and whether it stands before the wire.
fn constant(layer: &Layer) -> Option<(Value, bool)> {
    let given = |name: &str| layer.option(name).filter(|constant| !constant.is_null());
    given("constant").map(|constant| (constant, false)).or_else(|| Some((given("from_constant")?, true)))
}

/// Its object in the file, without the calls.
pub(super) fn object(layer: &Layer) -> Result<Map<String, Value>, KerasError> {
    let module =
        OPERATIONS.iter().find(|(class, _)| *class == layer.class).map_or("keras.src.ops.numpy", |known| known.1);
    let mut config = Map::new();
    config.insert("name".to_owned(), layer.name.clone().into());
    if let Some(axis) = layer.option("axis") {
        config.insert("axis".to_owned(), axis);
    }
    match layer.class.as_str() {
        "Split" => {
            let sections = layer.option("sections").filter(|sections| !sections.is_null());
            let parts = sections.or_else(|| layer.option("indices")).unwrap_or_default();
            config.insert("indices_or_sections".to_owned(), parts);
        }
        "Unstack" => drop(config.insert("num".to_owned(), Value::Null)),
        _ => {}
    }
    let mut object = Map::new();
    object.insert("module".to_owned(), module.into());
    object.insert("class_name".to_owned(), layer.class.clone().into());
    object.insert("config".to_owned(), Value::Object(config));
    object.insert("registered_name".to_owned(), layer.class.clone().into());
    Ok(object)
}

/// What it is called with.
pub(super) fn arguments(layer: &Layer, mut wires: Vec<Value>) -> Result<Vec<Value>, KerasError> {
    if let Some((constant, before)) = constant(layer) {
        wires.insert(if before { 0 } else { wires.len() }, constant);
        return Ok(wires);
    }
    match layer.class.as_str() {
        "Stack" => Ok(vec![Value::Array(wires)]),
        "GetItem" => {
            let items = layer.option_text("items").and_then(items);
            wires.push(items.ok_or_else(|| layer.problem("has a slice that no file of Keras's can hold"))?);
            Ok(wires)
        }
        _ => Ok(wires),
    }
}

/// `[1:3, ..., -1]`, with the batch before it.
fn items(text: &str) -> Option<Value> {
    let list = text.strip_prefix('[')?.strip_suffix(']')?;
    let items = list.split(", ").filter(|item| !item.is_empty()).map(item);
    std::iter::once(item(":")).chain(items).collect()
}

fn item(text: &str) -> Option<Value> {
    if text == "..." {
        return Some(json!({ "class_name": "__ellipsis__", "config": {} }));
    }
    let bound = |text: Option<&str>| match text {
        None | Some("") => Some(Value::Null),
        Some(number) => Some(Value::from(number.parse::<i64>().ok()?)),
    };
    let mut bounds = text.split(':');
    let (start, stop) = (bounds.next(), bounds.next());
    if stop.is_none() {
        return bound(start).filter(|index| !index.is_null());
    }
    let (start, stop, step) = (bound(start)?, bound(stop)?, bound(bounds.next())?);
    Some(json!({ "class_name": "__slice__", "config": { "start": start, "stop": stop, "step": step } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_those_of_keras() {
        let all = json!({ "class_name": "__slice__", "config": { "start": null, "stop": null, "step": null } });
        let some = json!({ "class_name": "__slice__", "config": { "start": 1, "stop": null, "step": 2 } });
        let rest = json!({ "class_name": "__ellipsis__", "config": {} });
        assert_eq!(items("[1::2, -1, ...]"), Some(json!([all, some, -1, rest])));
        assert_eq!((items("[a]"), items("1")), (None, None));
    }
}
