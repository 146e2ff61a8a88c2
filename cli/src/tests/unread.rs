//! What a config says is written, is known to change nothing, or is said: nothing is lost in silence.

use serde_json::{Value, json};

use super::{dense, error, functional, input, layer, wire};
use crate::import::module;
use crate::network::Lengths;

fn text(config: &Value) -> String {
    module(config, "net", &Lengths::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A model of one layer.
fn of_layer(class: &str, options: Value) -> Value {
    functional(vec![input("x"), layer(class, "only", options, &["x"])], "only")
}

/// A model of one operation on an input of this shape, with further arguments.
fn of_operation(class: &str, options: Value, shape: Value, arguments: Value) -> Value {
    let mut config = of_layer(class, options);
    config["config"]["layers"][0]["config"]["batch_shape"] = shape.clone();
    let operation = &mut config["config"]["layers"][1];
    operation["module"] = json!("keras.src.ops.numpy");
    operation["inbound_nodes"][0]["args"][0]["config"]["shape"] = shape;
    operation["inbound_nodes"][0]["kwargs"] = arguments;
    config
}

#[test]
fn a_key_that_nobody_reads_is_said() {
    for value in [json!(3), json!(false), json!("word"), json!([1]), json!({"class_name": "Zeros"})] {
        let said = error(&of_layer("Dense", json!({"units": 3, "mystery": value})));
        assert!(said.contains(&format!("only (Dense): `mystery = {value}` has no counterpart")), "{said}");
    }
    // What is not given, and what changes no number.
    let quiet = json!({"units": 3, "mystery": null, "seed": 5, "quantization_config": null, "dtype": "float32"});
    assert!(text(&of_layer("Dense", quiet)).contains("only: Dense<_, 3>;"));
    let said = error(&of_layer("LSTM", json!({"units": 3, "time_major": true})));
    assert!(said.contains("`time_major = true`"), "{said}");
    let said = error(&of_layer("Add", json!({"mystery": 1})));
    assert!(said.contains("only (Add): `mystery = 1`"), "{said}");
    let said = error(&of_layer("Reshape", json!({"target_shape": [2, 2], "mystery": 1})));
    assert!(said.contains("only (Reshape): `mystery = 1`"), "{said}");
}

#[test]
fn a_key_of_a_layer_within_another_is_said() {
    let inner = |options: Value| json!({"class_name": "Dense", "config": options});
    let options = json!({"layer": inner(json!({"name": "inner", "units": 3, "mystery": 1}))});
    let said = error(&of_layer("TimeDistributed", options));
    assert!(said.contains("its layer `inner` (`Dense`) `mystery = 1` has no counterpart"), "{said}");
    let recurrent = |regularizer: Value, backwards: bool| {
        let options = json!({"name": "l", "units": 2, "go_backwards": backwards, "kernel_regularizer": regularizer});
        json!({"class_name": "LSTM", "config": options})
    };
    let l2 = json!({"class_name": "L2", "config": {"l2": 0.5}});
    let same = json!({"layer": recurrent(l2.clone(), false), "backward_layer": recurrent(l2.clone(), true)});
    assert!(text(&of_layer("Bidirectional", same)).contains("Bidirectional<Lstm<_, 2>(kernel_regularizer = L2(0.5))>"));
    let other = json!({"layer": recurrent(l2, false), "backward_layer": recurrent(json!(null), true)});
    let said = error(&of_layer("Bidirectional", other));
    assert!(said.contains("has a `backward_layer` of its own"), "{said}");
}

#[test]
fn an_argument_of_a_call_that_nobody_reads_is_said() {
    let mut config = of_layer("Dense", json!({"units": 3}));
    config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = json!({"depth": 2, "training": null});
    let said = error(&config);
    assert!(said.contains("is called with `depth` as 2, which has no counterpart"), "{said}");
    config["config"]["layers"][1]["inbound_nodes"][0] = json!({"args": [[wire("x"), 3.0]], "kwargs": {}});
    let said = error(&config);
    assert!(said.contains("is called with `0[1]` as 3.0, which has no counterpart"), "{said}");
    let attention = json!({"num_heads": 2, "key_dim": 2});
    let mut config = functional(vec![input("x"), layer("MultiHeadAttention", "only", attention, &["x"])], "only");
    for (name, words) in
        [("attention_mask", "an `attention_mask`"), ("query_mask", "a `query_mask` that no `mask_zero`")]
    {
        let call = json!({"args": [wire("x"), wire("x")], "kwargs": {name: wire("x")}});
        config["config"]["layers"][1]["inbound_nodes"][0] = call;
        let said = error(&config);
        assert!(said.contains(&format!("is given {words}")), "{said}");
    }
    let call = json!({"args": [wire("x"), wire("x")], "kwargs": {"return_attention_scores": true}});
    config["config"]["layers"][1]["inbound_nodes"][0] = call;
    assert!(error(&config).contains("`return_attention_scores` as true"), "{}", error(&config));
}

#[test]
fn operations_keep_the_batch() {
    let reshape = |shape: Value, input: Value| of_operation("Reshape", json!({"newshape": shape}), input, json!({}));
    let sample = json!([null, 200, 100]);
    assert!(text(&reshape(json!([-1, 20_000]), sample.clone())).contains("Reshape([20_000])"));
    assert!(text(&reshape(json!([null, 2, -1]), sample.clone())).contains("Reshape([2, Reshape::REST])"));
    for shape in [json!([2, -1]), json!([-1, 10_000]), json!([-1]), json!([0, 20_000])] {
        let said = error(&reshape(shape.clone(), sample.clone()));
        assert!(said.contains(&format!("makes another batch: its shape is {shape}")), "{said}");
    }
    let sample = json!([null, 3, 4]);
    let refused = [
        ("Softmax", json!({"axis": 0})),
        ("Softmax", json!({"axis": -3})),
        ("ExpandDims", json!({"axis": 0})),
        ("ExpandDims", json!({"axis": -4})),
        ("Squeeze", json!({"axis": null})),
        ("Transpose", json!({"axes": [1, 0, 2]})),
        ("Transpose", json!({"axes": null})),
        ("Stack", json!({"axis": 0})),
        ("Mean", json!({"axis": 1, "keepdims": false})),
    ];
    for (class, options) in refused {
        let said = error(&of_operation(class, options.clone(), sample.clone(), json!({})));
        assert!(said.contains("has no counterpart as it is used here"), "{class} {options}: {said}");
    }
    let transposed = of_operation("Transpose", json!({"axes": [0, -1, 1]}), sample.clone(), json!({}));
    assert!(text(&transposed).contains("Permute([2, 1])"));
    let odd = error(&of_operation("Softmax", json!({"axis": 1, "mystery": 2}), sample, json!({})));
    assert!(odd.contains("`mystery = 2` has no counterpart"), "{odd}");
}

#[test]
fn activations_of_operations_have_their_parameters() {
    let of = |class: &str, options: Value| {
        module(&of_operation(class, options, json!([null, 3, 4]), json!({})), "net", &Lengths::default())
    };
    assert!(of("Gelu", json!({"approximate": true})).unwrap().contains("Activation<Gelu(approximate = true)>"));
    assert!(of("Elu", json!({"alpha": 0.5})).unwrap().contains("Activation<Elu(0.5)>"));
    assert!(of("Softmax", json!({"axis": 2})).unwrap().contains("Activation<Softmax>"));
    assert!(of("Softmax", json!({"axis": 1})).unwrap().contains("=> Softmax(axis = 1)"));
    let said = of("LogSoftmax", json!({"axis": 1})).unwrap_err();
    assert!(said.contains("the activation `LogSoftmax` with `axis = 1` has no counterpart"), "{said}");
}

#[test]
fn what_cannot_be_written_is_said_and_never_a_module_that_does_not_compile() {
    let missing = "has an option that is missing, or is not what Keras writes";
    for (class, options) in [
        ("Permute", json!({"dims": null})),
        ("Reshape", json!({"target_shape": null})),
        ("Activation", json!({"activation": null})),
        ("MultiHeadAttention", json!({"num_heads": 2})),
        ("EinsumDense", json!({"equation": 3})),
    ] {
        let said = error(&of_layer(class, options));
        assert!(said.contains(missing), "{class}: {said}");
    }
    let depthwise = json!({"class_name": "DepthwiseConv2D", "config": {"name": "d", "kernel_size": [3, 3]}});
    let said = error(&of_layer("SpectralNormalization", json!({"layer": depthwise})));
    assert!(said.contains("its layer is of the class `DepthwiseConv2D`"), "{said}");
    let said = error(&of_layer("Dropout", json!({"rate": 0.5, "noise_shape": [1, 4]})));
    assert!(said.contains("`noise_shape = [1,4]` has no counterpart"), "{said}");
    let wave = json!({"units": 3, "activation": "wave"});
    assert!(
        error(&of_layer("EinsumDense", json!({"equation": "ab,bc->ac", "output_shape": 3, "activation": "wave"})))
            .contains("the activation `wave` has no counterpart")
    );
    assert!(error(&of_layer("Dense", wave)).contains("the activation `wave` has no counterpart"));
}

#[test]
fn what_arrays_are_given_is_written_or_said() {
    let einsum = |options: Value| {
        let mut all = json!({"equation": "ab,bc->ac", "output_shape": 3});
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        of_layer("EinsumDense", all)
    };
    let l2 = json!({"class_name": "L2", "config": {"l2": 0.5}});
    assert!(text(&einsum(json!({"kernel_regularizer": l2}))).contains("kernel_regularizer = L2(0.5)"));
    let mine = json!({"class_name": "Mine", "config": {}});
    for (class, array) in [("EinsumDense", "kernel"), ("Dense", "bias"), ("PReLU", "alpha")] {
        let options = json!({
            "equation": "ab,bc->ac", "output_shape": 3, "units": 3,
            format!("{array}_regularizer"): mine
        });
        let said = error(&of_layer(class, options));
        assert!(said.contains(&format!("`{array}_regularizer = {{")), "{class}: {said}");
    }
    // What weights began with is no reason to refuse them.
    assert!(text(&einsum(json!({"kernel_initializer": mine}))).contains("EinsumDense<"));
}

#[test]
fn a_model_within_has_the_lengths_of_what_goes_in() {
    let mut varying = input("steps");
    varying["config"]["batch_shape"] = json!([null, null, 4]);
    let inner = json!({
        "name": "encoder", "layers": [varying.clone(), dense("inside", "steps")],
        "input_layers": [["steps", 0, 0]], "output_layers": [["inside", 0, 0]]
    });
    let call = json!([{"args": [wire("x")], "kwargs": {}}]);
    let encoder = json!({"class_name": "Functional", "name": "encoder", "config": inner, "inbound_nodes": call});
    let mut outer = input("x");
    outer["config"]["batch_shape"] = json!([null, 7, 4]);
    let known = text(&functional(vec![outer.clone(), encoder.clone()], "encoder"));
    assert!(known.contains("input steps: [f32; 7, 4];"), "{known}");

    // Behind a layer the file says none.
    let mut between = dense("between", "x");
    between["inbound_nodes"][0]["args"][0]["config"]["shape"] = json!([null, null, 4]);
    let mut behind = encoder;
    behind["inbound_nodes"][0]["args"][0] = wire("between");
    behind["inbound_nodes"][0]["args"][0]["config"]["shape"] = json!([null, null, 4]);
    let config = functional(vec![outer, between, behind], "encoder");
    assert!(error(&config).contains("say which, `--length encoder/steps=50`"), "{}", error(&config));
    for name in ["encoder/steps", "steps"] {
        let lengths = Lengths::from([(name.to_owned(), vec![9])]);
        assert!(module(&config, "net", &lengths).unwrap().contains("input steps: [f32; 9, 4];"));
    }
    let lengths = Lengths::from([("y".to_owned(), vec![9])]);
    let said = module(&config, "net", &lengths).unwrap_err();
    assert!(said.contains("encoder/steps"), "{said}");
}

#[test]
fn names_that_stand_for_something_else_are_refused() {
    let config = of_layer("Dense", json!({"units": 3}));
    let said = |name: &str| module(&config, name, &Lengths::default()).unwrap_err();
    assert_eq!(
        said("main"),
        "`--name main`, whose file would be `main.rs`, which a package has for something else; take another one, such as `--name MyMain`"
    );
    for name in ["Main", "lib", "Fusion", "mod"] {
        assert!(said(name).contains("which a package has for something else"), "{name}: {}", said(name));
    }
    for name in ["self", "Self", "crate", "Match", "try"] {
        assert!(said(name).contains("a word that Rust keeps for itself"), "{name}: {}", said(name));
    }
    for name in ["Dense", "dense", "Model", "relu", "L2", "option"] {
        assert!(said(name).contains("has a meaning in a program with `fusion`"), "{name}: {}", said(name));
    }
    assert!(said("---").contains("no letters"), "{}", said("---"));
    assert!(module(&config, "MyMain", &Lengths::default()).is_ok());
}

#[test]
fn large_kernels_are_written_whole() {
    let mut config = of_layer("Conv3D", json!({"filters": 8, "kernel_size": [3, 3, 5], "groups": 1}));
    config["config"]["layers"][0]["config"]["batch_shape"] = json!([null, 5, 5, 5, 2]);
    assert!(text(&config).contains("Conv3d<_, 8, 3, Linear, UseBias, 3, 5>"), "{}", text(&config));
    for (size, written) in [([3, 3, 3], "Conv3d<_, 8, 3>"), ([3, 5, 3], "Conv3d<_, 8, 3, Linear, UseBias, 5>")] {
        config["config"]["layers"][1]["config"]["kernel_size"] = json!(size);
        assert!(text(&config).contains(written), "{}", text(&config));
    }
}

#[test]
fn a_convolution_in_groups_has_the_channels_of_one() {
    let mut config = of_layer("Conv1D", json!({"filters": 8, "kernel_size": [3], "groups": 2}));
    assert!(text(&config).contains("Conv1d<2, 8, 3>(groups = 2)"), "{}", text(&config));
    config["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["shape"] = json!([null, 5, null]);
    let said = error(&config);
    assert!(said.contains("has groups, and the file does not say of how many channels"), "{said}");
}

#[test]
fn layers_that_are_not_trained_are_not_repeated_with_those_that_are() {
    let frozen = |name: &str, from: &str, trainable: bool| {
        let options = json!({"units": 4, "activation": "relu", "trainable": trainable});
        layer("Dense", name, options, &[from])
    };
    let layers = vec![
        input("x"),
        frozen("dense", "x", false),
        frozen("dense_1", "dense", true),
        frozen("dense_2", "dense_1", true),
        frozen("dense_3", "dense_2", true),
    ];
    let text = text(&functional(layers, "dense_3"));
    assert!(text.contains("x => #[frozen] Dense<_, 4, Relu> => repeat 3 { Dense<_, 4, Relu> };"), "{text}");
}
