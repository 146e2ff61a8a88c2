//! What is no model of Keras's, and what has no counterpart, is an error in words.

mod unread;

use serde_json::{Value, json};

use crate::import::module;
use crate::network::Lengths;

fn error(config: &Value) -> String {
    module(config, "net", &Lengths::default()).unwrap_err()
}

fn input(name: &str) -> Value {
    json!({"class_name": "InputLayer", "config": {"name": name, "batch_shape": [null, 4], "dtype": "float32"}, "inbound_nodes": []})
}

fn wire(layer: &str) -> Value {
    json!({"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "dtype": "float32", "keras_history": [layer, 0, 0]}})
}

/// A layer of one call, with these options.
fn layer(class: &str, name: &str, options: Value, from: &[&str]) -> Value {
    let mut config = options;
    config["name"] = json!(name);
    let wires: Vec<Value> = from.iter().map(|layer| wire(layer)).collect();
    let arguments = if wires.len() == 1 { json!(wires) } else { json!([wires]) };
    json!({"module": "keras.layers", "class_name": class, "config": config, "inbound_nodes": [{"args": arguments, "kwargs": {}}]})
}

fn functional(layers: Vec<Value>, output: &str) -> Value {
    let config =
        json!({"name": "net", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [[output, 0, 0]]});
    json!({"class_name": "Functional", "config": config})
}

fn dense(name: &str, from: &str) -> Value {
    layer("Dense", name, json!({"units": 3, "activation": "relu", "use_bias": true}), &[from])
}

#[test]
fn all_that_has_no_counterpart_is_said_at_once() {
    let crop = layer("Fancy", "fancy_one", json!({}), &["x"]);
    let odd = layer("Dense", "hidden", json!({"units": 3, "activation": "wave", "use_bias": true}), &["fancy_one"]);
    let noted = layer("Dense", "last", json!({"units": 3, "lora_rank": 4}), &["hidden"]);
    let error = error(&functional(vec![input("x"), crop, odd, noted], "last"));
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "3 things in the model have no counterpart, and nothing is written:");
    assert_eq!(lines[1], "  fancy_one (Fancy): `Fancy` has no counterpart");
    assert_eq!(lines[3], "  hidden (Dense): the activation `wave` has no counterpart");
    assert_eq!(lines[5], "  last (Dense): `lora_rank = 4` has no counterpart");
    assert!(lines[2].starts_with("      instead: "), "{error}");
}

#[test]
fn names_that_are_keras_s_own_are_left_out() {
    let text = module(
        &functional(vec![input("x"), dense("dense_7", "x"), dense("Last-one", "dense_7")], "Last-one"),
        "net",
        &Lengths::default(),
    )
    .unwrap();
    assert!(text.contains("        input x: [f32; 4];\n        output last_one = x => Dense<_, 3, Relu> => last_one: Dense<_, 3, Relu>;\n"), "{text}");
}

#[test]
fn a_cycle_is_an_error() {
    let of_itself = functional(vec![input("x"), dense("dense", "dense")], "dense");
    assert_eq!(error(&of_itself), "in the model `net` the layer `dense` needs what is made of its own output");
    let of_two = functional(vec![input("x"), dense("a", "b"), dense("b", "a")], "b");
    assert!(error(&of_two).ends_with("needs what is made of its own output"), "{}", error(&of_two));
}

#[test]
fn wires_from_nowhere_are_errors() {
    assert_eq!(
        error(&functional(vec![input("x"), dense("a", "ghost")], "a")),
        "the model `net` has no layer `ghost`, which another layer takes from"
    );
    let mut of_another_call = functional(vec![input("x"), dense("a", "x")], "a");
    of_another_call["config"]["output_layers"] = json!([["a", 7, 0]]);
    assert!(error(&of_another_call).contains("call 7 of the layer `a`"), "{}", error(&of_another_call));
    let mut no_output = functional(vec![input("x")], "x");
    no_output["config"]["output_layers"] = json!([]);
    assert_eq!(error(&no_output), "the model `net` has no output");
}

#[test]
fn an_output_that_no_layer_gives_is_an_error() {
    let mut config = functional(vec![input("x"), dense("a", "x")], "a");
    config["config"]["output_layers"] = json!([["a", 0, 9]]);
    assert_eq!(error(&config), "output 9 of the layer `a` of the model `net` is asked for, but it gives 1");
}

#[test]
fn values_of_wrong_types_are_errors() {
    for config in [
        json!(null),
        json!([]),
        json!({"class_name": 3}),
        json!({"class_name": "Functional"}),
        json!({"class_name": "Functional", "config": {"layers": 3}}),
    ] {
        assert!(!error(&config).is_empty());
    }
    let good = functional(vec![input("x"), dense("a", "x")], "a");
    let places = [
        "/config/layers/1/config",
        "/config/layers/1/config/units",
        "/config/layers/1/class_name",
        "/config/layers/1/inbound_nodes",
        "/config/layers/1/inbound_nodes/0",
        "/config/layers/1/inbound_nodes/0/args",
        "/config/layers/1/config/name",
        "/config/input_layers",
        "/config/output_layers",
        "/config/layers/0/config/batch_shape",
    ];
    for place in places {
        for wrong in [json!(-1), json!(null), json!("x"), json!([[[]]]), json!({"a": []}), json!(1e300), json!(true)] {
            let mut config = good.clone();
            *config.pointer_mut(place).unwrap() = wrong;
            // Said or taken, but not a panic.
            let _ = module(&config, "net", &Lengths::default());
        }
    }
}

#[test]
fn a_class_whose_layers_are_not_listed_is_an_error() {
    assert!(
        error(&json!({"class_name": "MyModel", "config": {}}))
            .starts_with("the file's model is of the class `MyModel`")
    );
}

#[test]
fn long_chains_are_read_and_too_long_ones_are_not() {
    let chain = |count: usize| {
        let mut layers = vec![input("x")];
        for index in 0..count {
            let from = if index == 0 { "x".to_owned() } else { format!("l{}", index - 1) };
            layers.push(dense(&format!("l{index}"), &from));
        }
        functional(layers, &format!("l{}", count - 1))
    };
    assert!(module(&chain(1000), "net", &Lengths::default()).unwrap().contains("l999: Dense<_, 3, Relu>"));
    assert!(error(&chain(5000)).contains("5001 layers"), "{}", error(&chain(5000)));
}

#[test]
fn sums_within_sums_are_written_to_the_end() {
    let mut layers = vec![input("x")];
    for index in 0..600 {
        let from = if index == 0 { "x".to_owned() } else { format!("add_{}", index - 1) };
        layers.push(layer("Add", &format!("add_{index}"), json!({}), &[&from, "x"]));
    }
    let text = module(&functional(layers, "add_599"), "net", &Lengths::default()).unwrap();
    assert!(text.contains("output y = "), "{text}");
}

#[test]
fn a_length_that_varies_is_asked_for() {
    let mut varying = input("x");
    varying["config"]["batch_shape"] = json!([null, null, 4]);
    let config = functional(vec![varying, dense("a", "x")], "a");
    assert_eq!(error(&config), "the input `x` varies in length, which here is fixed: say which, `--length x=50`");
    let lengths = Lengths::from([("x".to_owned(), vec![50])]);
    assert!(module(&config, "net", &lengths).unwrap().contains("input x: [f32; 50, 4];"));
    let unknown = Lengths::from([("x".to_owned(), vec![50]), ("y".to_owned(), vec![3])]);
    assert_eq!(
        module(&config, "net", &unknown).unwrap_err(),
        "`--length y=…` names no input of the model; its inputs are x"
    );
}

#[test]
fn what_keras_2_wrote_is_read() {
    let dense = json!({"class_name": "Dense", "name": "out", "config": {"name": "out", "units": 2, "activation": "softmax", "use_bias": false}, "inbound_nodes": [[["join", 0, 0, {}]]]});
    let join = json!({"class_name": "Concatenate", "name": "join", "config": {"name": "concatenate", "axis": -1}, "inbound_nodes": [[["input_1", 0, 0, {}], ["input_2", 0, 0, {}]]]});
    let input = |name: &str| json!({"class_name": "InputLayer", "name": name, "config": {"name": name, "batch_input_shape": [null, 4], "dtype": "float32"}, "inbound_nodes": []});
    let config = json!({"name": "model", "layers": [input("input_1"), input("input_2"), join, dense], "input_layers": [["input_1", 0, 0], ["input_2", 0, 0]], "output_layers": [["out", 0, 0]]});
    let text = module(&json!({"class_name": "Model", "config": config}), "two towers", &Lengths::default()).unwrap();
    assert!(text.contains("pub struct TwoTowers {\n        input a: [f32; 4];\n        input b: [f32; 4];\n        output out = join: concatenate(a, b) => out: Dense<_, 2, Softmax>(use_bias = false);\n"), "{text}");
}
