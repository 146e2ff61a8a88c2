//! What is written, read again.

mod hostile;
mod listing;

use prost::Message;
use serde_json::{Value, json};

use super::{ExportError, Lengths, from_archive};
use crate::keras::Archive;
use crate::onnx::proto::{DimensionValue, GraphProto, ModelProto, ValueInfoProto};
use crate::prelude::*;

/// A file as text: its inputs and outputs, and a line for each node.
fn text(bytes: &[u8]) -> String {
    let file = ModelProto::decode(bytes).unwrap();
    assert_eq!((file.producer_name.as_str(), file.ir_version), ("fusion", super::IR_VERSION));
    let graph = file.graph.unwrap();
    let ends = |what: &str, ends: &[ValueInfoProto]| {
        ends.iter().map(|end| format!("{what} {}\n", end_text(end))).collect::<String>()
    };
    ends("input", &graph.input) + &nodes(&graph, "") + &ends("output", &graph.output)
}

/// `image [batch, 8, 8, 1]`
fn end_text(end: &ValueInfoProto) -> String {
    let tensor = end.r#type.clone().unwrap().tensor_type.unwrap();
    let sides = tensor.shape.unwrap().dim.into_iter().map(|side| match side.value.unwrap() {
        DimensionValue::Length(length) => length.to_string(),
        DimensionValue::Name(name) => name,
    });
    format!("{} [{}]", end.name, sides.collect::<Vec<_>>().join(", "))
}

/// `  Gemm(x, dense/kernel, dense/bias) → y`
fn nodes(graph: &GraphProto, indent: &str) -> String {
    let mut text = String::new();
    for node in &graph.node {
        text += &format!("  {indent}{}({}) → {}\n", node.op_type, node.input.join(", "), node.output.join(", "));
        for body in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
            text += &nodes(body, &format!("{indent}  "));
        }
    }
    text
}

/// An archive of a configuration, with weights that are not its own.
fn of_config(config: Value) -> Archive {
    model! { struct Any = [f32; 2] => Dense<_, 1>; }
    Archive::of(&*Any::new(1)).unwrap().with_config(&config.to_string()).unwrap()
}

/// A model of one layer without weights, on an input of this shape.
fn of_layer(class: &str, options: Value, shape: Value) -> Value {
    let mut options = options;
    options["name"] = "it".into();
    let wire = json!({"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}});
    json!({"class_name": "Functional", "config": {"name": "model",
        "layers": [
            {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
             "config": {"name": "x", "batch_shape": shape, "dtype": "float32"}},
            {"class_name": class, "name": "it", "module": "keras.layers", "config": options,
             "inbound_nodes": [{"args": [wire], "kwargs": {}}]},
        ],
        "input_layers": [["x", 0, 0]], "output_layers": [["it", 0, 0]]}})
}

/// What a model of one layer is refused with.
fn refusal(class: &str, options: Value, shape: Value) -> String {
    from_archive(&of_config(of_layer(class, options, shape)), &Lengths::new()).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_said_names_the_layer_its_class_the_option_and_what_to_do() {
    let all = [
        refusal("Hashing", json!({"num_bins": 7}), json!([null, 3])),
        refusal("GroupNormalization", json!({"groups": 2, "axis": 1}), json!([null, 3, 4])),
        refusal(
            "Conv2D",
            json!({"filters": 2, "kernel_size": [3, 3], "data_format": "channels_first"}),
            json!([null, 3, 4, 4]),
        ),
        refusal("LSTM", json!({"units": 2, "stateful": true}), json!([null, 3, 4])),
        refusal("RNN", json!({"cell": {"class_name": "Mine", "config": {"name": "mine"}}}), json!([null, 3, 4])),
        refusal("MaxPooling1D", json!({"pool_size": [9]}), json!([null, 3, 4])),
        refusal("Activation", json!({"activation": "mine"}), json!([null, 3])),
        refusal("Mine", json!({}), json!([null, 3])),
        refusal(
            "TimeDistributed",
            json!({"layer": {"class_name": "Hashing", "config": {"name": "hash"}}}),
            json!([null, 3, 2]),
        ),
        refusal("Flatten", json!({}), json!([null, null, 3])),
    ];
    let expected = "\
ONNX cannot say the layer `it` (`Hashing`): it computes a 64-bit hash of what it takes, for which ONNX has no operators; instead: compute the ids before the model, and make them its input
ONNX cannot say the layer `it` (`GroupNormalization`): it has `axis = 1`; instead: `axis=-1`
ONNX cannot say the layer `it` (`Conv2D`): it has `data_format = \"channels_first\"`; instead: `channels_last`
ONNX cannot say the layer `it` (`LSTM`): it has `stateful = true`; instead: `return_state` and `initial_state`: states as outputs and inputs of the model
ONNX cannot say the layer `it` (`RNN`): it goes along a sequence with a cell of the class `Mine`; instead: `LSTM`, `GRU` or `SimpleRNN`, or several of them one after the other
ONNX cannot say the layer `it` (`MaxPooling1D`): it has a window of 9 over a side of 3; instead: a smaller window, or `padding=\"same\"`
ONNX cannot say the layer `it` (`Activation`): it has the activation `mine`, which is not written; instead: an activation of Keras's own
ONNX cannot say the layer `it` (`Mine`): it is of a class that is not written; instead: layers of Keras's own that do the same
ONNX cannot say the layer `it` (`TimeDistributed`): it wraps the layer `hash` (`Hashing`), which computes a 64-bit hash of what it takes, for which ONNX has no operators; instead: compute the ids before the model, and make them its input
ONNX cannot say the layer `x` (`InputLayer`): it has 1 dimension without a length, and none is given; instead: say how long it is: `--length x=50`";
    assert_eq!(all.join("\n"), expected);
}

#[test]
fn a_length_that_varies_is_given() {
    let archive = of_config(of_layer("Flatten", json!({}), json!([null, null, 3])));
    let lengths = Lengths::from([("x".to_owned(), vec![4])]);
    assert!(text(&from_archive(&archive, &lengths).unwrap()).ends_with("output it [batch, 12]\n"));
    let error = from_archive(&archive, &Lengths::from([("x".to_owned(), vec![4, 5])])).unwrap_err();
    assert!(error.to_string().contains("has 1 dimension without a length, and 2 are given"), "{error}");
}

#[test]
fn a_file_of_weights_alone_is_none() {
    model! { struct Line = [f32; 2] => Dense<_, 1>; }
    let path = std::env::temp_dir().join(format!("fusion-onnx-{}.weights.h5", std::process::id()));
    Line::new(1).save_weights(&path).unwrap();
    let archive = Archive::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(from_archive(&archive, &Lengths::new()), Err(ExportError::NoConfig)));
}
