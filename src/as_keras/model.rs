//! A whole model: its layers in Keras's order, and its calls.

use std::collections::HashSet;

use fusion_core::layer::{From, Graph, StepNode};
use serde_json::{Map, Value, json};

use super::calls::Calls;
use super::layer::{Layer, Wire, dtype, with_batch};
use super::operations;
use crate::keras::KerasError;
use crate::order::{Nodes, Order};

/// Whether a layer of this class is a model.
pub(super) fn is_model(class: &str) -> bool {
    matches!(class, "Functional" | "Sequential")
}

/// Whether Keras can have a model as a `Sequential`, whose layers are no operations.
pub(crate) fn is_sequential(graph: &'static Graph) -> bool {
    let is_operation = |step: &StepNode| {
        let layer = step.layer.map(|layer| Layer::of(&graph.layers[layer], Vec::new(), step.output.shape));
        layer.is_some_and(|layer| operations::is_operation(&layer))
    };
    graph.sequential && !graph.steps.iter().any(is_operation)
}

/// The object of a layer that is a model, without the calls.
pub(super) fn of_layer(graph: &'static Graph, layer: &Layer) -> Result<Map<String, Value>, KerasError> {
    object(graph, &layer.name, !layer.frozen)
}

/// The object of a model of this name.
pub(super) fn object(graph: &'static Graph, name: &str, trainable: bool) -> Result<Map<String, Value>, KerasError> {
    let (nodes, mut layers) = (Nodes::of(graph), Vec::new());
    let order = Order::new(&nodes);
    let sequential = is_sequential(graph);
    let calls = Calls::new(graph, &nodes, &order);
    // A `Sequential` has its input here, otherwise than among its layers.
    let inputs = if graph.sequential { 0..nodes.inputs } else { 0..0 };
    let mut names = HashSet::new();
    for index in inputs.chain(order.layers().map(|(index, _)| index)) {
        let (mut object, inbound) = match index.checked_sub(nodes.inputs) {
            None => (input(graph, index), json!([])),
            Some(layer) => (of_node(graph, layer, &calls)?, calls.of(layer)?),
        };
        if !names.insert(nodes.all[index].name) {
            return Err(KerasError::NotInKeras {
                layer: nodes.all[index].name.to_owned(),
                class: nodes.all[index].class.to_owned(),
                problem: "has the name of an input, and Keras tells both apart by their names: give one another name"
                    .to_owned(),
            });
        }
        if !sequential {
            object.insert("name".to_owned(), nodes.all[index].name.into());
            object.insert("inbound_nodes".to_owned(), inbound);
        }
        layers.push(Value::Object(object));
    }
    Ok(around(graph, name, trainable, layers, calls.outputs()))
}

/// The model around these layers.
fn around(
    graph: &'static Graph,
    name: &str,
    trainable: bool,
    layers: Vec<Value>,
    outputs: Vec<Value>,
) -> Map<String, Value> {
    let sequential = is_sequential(graph);
    let mut config = Map::new();
    config.insert("name".to_owned(), name.into());
    config.insert("trainable".to_owned(), trainable.into());
    config.insert("layers".to_owned(), Value::Array(layers));
    let mut object = Map::new();
    if sequential {
        let shape = graph.inputs.first().map_or(Value::Null, |input| with_batch(&input.shape));
        config.insert("dtype".to_owned(), "float32".into());
        config.insert("build_input_shape".to_owned(), shape.clone());
        object.insert("module".to_owned(), "keras".into());
        object.insert("class_name".to_owned(), "Sequential".into());
        object.insert("registered_name".to_owned(), Value::Null);
        object.insert("build_config".to_owned(), json!({ "input_shape": shape }));
    } else {
        config
            .insert("input_layers".to_owned(), one_or_all(graph.inputs.iter().map(|input| json!([input.name, 0, 0]))));
        config.insert("output_layers".to_owned(), one_or_all(outputs.into_iter()));
        object.insert("module".to_owned(), "keras.src.models.functional".into());
        object.insert("class_name".to_owned(), "Functional".into());
        object.insert("registered_name".to_owned(), "Functional".into());
    }
    object.insert("config".to_owned(), Value::Object(config));
    object
}

/// A list, but for that of one, which is this.
fn one_or_all(mut values: impl ExactSizeIterator<Item = Value>) -> Value {
    if values.len() == 1 { values.next().unwrap_or_default() } else { values.collect() }
}

fn input(graph: &Graph, index: usize) -> Map<String, Value> {
    let input = &graph.inputs[index];
    let config = json!({ "name": input.name, "batch_shape": with_batch(&input.shape), "dtype": dtype(input.element) });
    let mut object = Map::new();
    object.insert("module".to_owned(), "keras.layers".into());
    object.insert("class_name".to_owned(), "InputLayer".into());
    object.insert("config".to_owned(), config);
    object.insert("registered_name".to_owned(), Value::Null);
    object
}

fn of_node(graph: &'static Graph, index: usize, calls: &Calls<'_>) -> Result<Map<String, Value>, KerasError> {
    let layer = calls.layer(index);
    match graph.layers[index].nested {
        Some(nested) if is_model(&layer.class) => of_layer(nested, &layer),
        _ if operations::is_operation(&layer) => operations::object(&layer),
        _ => layer.object(),
    }
}

/// What a wire carries.
pub(super) fn wire(graph: &Graph, from: From) -> Wire {
    match from {
        From::Input(input) => Wire { shape: graph.inputs[input].shape, element: graph.inputs[input].element },
        From::Step(step) => {
            let output = &graph.steps[step].output;
            Wire { shape: output.parts.first().map_or(output.shape, |part| part.shape), element: output.element }
        }
    }
}
