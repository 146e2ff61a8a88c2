//! Files with Keras's own paths, as it gives them to models with layers within layers: `names.json`.

use std::fs;
use std::path::Path;

use fusion::persistence::{Refusal, WeightsError};
use fusion::prelude::*;
use fusion::weights::{Parameters, walk, walk_ref};

/// The paths of a model's weights in Keras, in its order.
fn paths(model: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keras/names.json");
    let names: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let weights = names["models"][model]["weights"].as_array().unwrap_or_else(|| panic!("no {model}"));
    weights.iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// Names and shapes of the model's weights.
fn parameters<P: Parameters>(model: &P) -> Vec<(String, Vec<usize>)> {
    let mut parameters = vec![];
    walk_ref(model, &mut |parameter, _| {
        parameters.push((parameter.to_string(), parameter.array.shape.dimensions().to_vec()));
    });
    parameters
}

/// A file of tensors under these names, each full of its number, sorted as Python's `save_file` does.
fn file(paths: &[impl AsRef<str>], shapes: &[Vec<usize>]) -> Vec<u8> {
    assert_eq!(paths.len(), shapes.len());
    let mut tensors: Vec<_> = paths.iter().map(AsRef::as_ref).zip(shapes).zip(1_u8..).collect();
    tensors.sort();
    let (mut header, mut data) = (vec![], vec![]);
    for ((path, shape), number) in tensors {
        let begin = data.len();
        let length: usize = shape.iter().product();
        data.extend([f32::from(number).to_le_bytes()].repeat(length).concat());
        header.push(format!(r#""{path}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{begin},{}]}}"#, data.len()));
    }
    let header = format!("{{{}}}", header.join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

fn shapes<P: Parameters>(model: &P) -> Vec<Vec<usize>> {
    parameters(model).into_iter().map(|(_, shape)| shape).collect()
}

/// The number that each array is full of.
fn numbers<P: Parameters>(model: &P) -> Vec<f32> {
    let mut numbers = vec![];
    walk_ref(model, &mut |parameter, values| {
        assert!(values.iter().all(|value| *value == values[0]), "{parameter}");
        numbers.push(values[0]);
    });
    numbers
}

/// Loads a file by both loaders: each array must be that of its place among all.
#[track_caller]
fn loads<M: Model>(model: &mut M, bytes: &[u8]) {
    let count = parameters(model.network()).len();
    let expected: Vec<f32> = (1_u8..).take(count).map(f32::from).collect();
    model.load_weights_from_bytes(bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(numbers(model.network()), expected);

    let mut tensors = vec![];
    walk([model.network_mut()], &mut |parameter, [values]| {
        values.fill(0.0);
        tensors.push(parameter.to_string());
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keras.safetensors");
    fs::write(&path, bytes).unwrap();
    let matching = model.load_matching_weights(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((numbers(model.network()), &matching.loaded), (expected, &tensors));
    assert_eq!(matching.to_string(), format!("loaded {count} tensors, 0 missing, 0 unmatched"));
}

/// Declares the models of `names.json` in our words, and a test for each.
macro_rules! models {
    ($($name:ident: { $($model:tt)+ })+) => {
        $(#[test]
        fn $name() {
            model! { struct Net $($model)+ }
            let mut net = Net::new(1);
            let bytes = file(&paths(stringify!($name)), &shapes(&*net));
            loads(&mut *net, &bytes);
            super::keras_files::loads(&mut net, stringify!($name));
        })+

        const LOADED: &[&str] = &[$(stringify!($name)),+];
    };
}

// Functional models.
model! { struct Coder { input x: [f32; 3]; output y = x => Dense<_, 4> => Dense<_, 3>; } }
model! { struct Middle { input x: [f32; 3]; output y = x => Dense<_, 3> => Coder; } }
model! { struct Named { input x: [f32; 3]; output y = x => code: Dense<_, 4>; } }
// Sequential ones.
model! { struct Stack = [f32; 3] => Dense<_, 4> => Dense<_, 3>; }
model! { struct Four = [f32; 3] => Dense<_, 4>; }

models! {
    time_distributed: { = [f32; 5, 3] => Dense<_, 4> => TimeDistributed<Dense<_, 4>> => Dense<_, 2>; }
    time_distributed_first: { = [f32; 5, 3] => TimeDistributed<Dense<_, 4>> => Dense<_, 2>; }
    time_distributed_twice: { = [f32; 5, 3] => TimeDistributed<Dense<_, 4>> => TimeDistributed<Dense<_, 2>>; }
    time_distributed_functional: { = [f32; 5, 3] => Dense<_, 4> => TimeDistributed<Dense<_, 4>> => Dense<_, 2>; }
    time_distributed_named: { = [f32; 5, 3] => steps: TimeDistributed<Dense<_, 4>> => Dense<_, 2>; }
    time_distributed_named_inside: { = [f32; 5, 3] => TimeDistributed<Dense<_, 4>> => Dense<_, 2>; }
    time_distributed_of_itself: { = [f32; 6, 5, 3] => TimeDistributed<TimeDistributed<Dense<_, 4>>> => Dense<_, 2>; }
    time_distributed_of_no_weights: { = [f32; 5, 4, 3] => TimeDistributed<Flatten> => Flatten => Dense<_, 1>; }
    time_distributed_of_functional: { = [f32; 5, 3] => Dense<_, 3> => TimeDistributed<Coder> => Dense<_, 2>; }
    time_distributed_of_sequential: { = [f32; 5, 3] => TimeDistributed<Four> => Dense<_, 2>; }
    bidirectional: { = [f32; 5, 3] => Bidirectional<Lstm<_, 2>> => Dense<_, 1>; }
    bidirectional_functional: { = [f32; 5, 3] => Bidirectional<Lstm<_, 2>> => Dense<_, 1>; }
    bidirectional_between: { = [f32; 5, 3]
        => Lstm<_, 3>(return_sequences = true) => Bidirectional<Lstm<_, 2>(return_sequences = true)> => Lstm<_, 2>; }
    bidirectional_twice: { = [f32; 5, 3]
        => Bidirectional<Gru<_, 2>(return_sequences = true)> => Bidirectional<Gru<_, 2>>; }
    bidirectional_named: { = [f32; 5, 3] => both: Bidirectional<Lstm<_, 2>> => Dense<_, 1>; }
    bidirectional_named_inside: { = [f32; 5, 3] => Bidirectional<Lstm<_, 2>> => Dense<_, 1>; }
    bidirectional_in_time_distributed: { = [f32; 6, 5, 3]
        => TimeDistributed<Bidirectional<Lstm<_, 2>>> => Lstm<_, 1>; }
    functional: { = [f32; 3] => Dense<_, 3> => Coder => Dense<_, 1>; }
    functional_made_before: { = [f32; 3] => Dense<_, 3> => Coder => Dense<_, 1>; }
    functional_named: { = [f32; 3] => Dense<_, 3> => coder: Coder => Dense<_, 1>; }
    functional_two: { = [f32; 3] => Coder => Coder => Dense<_, 1>; }
    functional_used_twice: { {
        input a: [f32; 3];
        input b: [f32; 3];
        layer nested: Coder;
        branch x = a => nested;
        branch y = b => nested;
        output z = add(x, y) => Dense<_, 1>;
    } }
    functional_in_functional: { = [f32; 3] => Dense<_, 3> => Middle => Dense<_, 1>; }
    functional_in_sequential: { = [f32; 3] => Dense<_, 3> => Coder => Dense<_, 1>; }
    functional_of_named: { = [f32; 3] => Dense<_, 3> => Named => Dense<_, 1>; }
    sequential: { = [f32; 3] => Dense<_, 3> => Stack => Dense<_, 1>; }
    sequential_named: { = [f32; 3] => Dense<_, 3> => coder: Four => Dense<_, 1>; }
    sequential_no_input: { = [f32; 3] => Dense<_, 3> => Stack => Dense<_, 1>; }
    sequential_no_input_named: { = [f32; 3] => Dense<_, 3> => coder: Stack => Dense<_, 1>; }
    sequential_in_functional: { = [f32; 3] => Dense<_, 3> => Four => Dense<_, 1>; }
    sequential_no_input_in_functional: { = [f32; 3] => Dense<_, 3> => Stack => Dense<_, 1>; }
    multi_head_attention: { {
        input x: [f32; 5, 4];
        output z = (query = x, value = x) => MultiHeadAttention<_, 2, 3>;
    } }
    spelled_otherwise: { {
        input x: [f32; 5, 4];
        output z = (query = x, value = x) => GroupQueryAttention<_, 3, 2, 1> => Relu => PRelu<[[f32; 4]; 1]>;
    } }
}

/// What this crate has no layers for yet.
const NOT_THERE: [&str; 2] = ["cells", "spectral_normalization"];

#[test]
fn every_model_of_keras_is_loaded() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keras/names.json");
    let names: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    for model in names["models"].as_object().unwrap().keys() {
        let not_there = NOT_THERE.iter().any(|layer| model.starts_with(layer));
        assert_ne!(LOADED.contains(&model.as_str()), not_there, "{model}");
    }
}

model! { struct Pair = [f32; 3] => Dense<_, 3> => Dense<_, 3>; }
model! { struct Alike = [f32; 3] => Dense<_, 3> => Pair => Dense<_, 3>; }

/// Keras's paths of so many layers `dense`, counted on from this number.
fn dense(from: usize, count: usize) -> Vec<String> {
    let name = |number| if number == 0 { "dense".to_owned() } else { format!("dense_{number}") };
    (from..from + count)
        .flat_map(|number| ["kernel", "bias"].map(|weight| format!("{}/{weight}", name(number))))
        .collect()
}

#[test]
fn a_model_made_after_others_counts_on() {
    let mut net = Pair::new(1);
    let bytes = file(&dense(9, 2), &shapes(&*net));
    loads(&mut *net, &bytes);
    // Of the names that are in the model none means the same layer.
    let bytes = file(&dense(1, 2), &shapes(&*net));
    loads(&mut *net, &bytes);
    let bytes =
        file(&dense(1, 2).iter().map(|path| format!("sequential_1/{path}")).collect::<Vec<_>>(), &shapes(&*net));
    loads(&mut *net, &bytes);
}

#[test]
fn what_could_be_several_layers_is_refused() {
    let mut net = Alike::new(1);
    let bytes = file(&dense(0, 4), &shapes(&*net));
    let error = net.load_weights_from_bytes(&bytes).unwrap_err();
    let refused = matches!(&error, WeightsError::Refused { reason: Refusal::Ambiguous { .. }, .. });
    let text = "the weight file's content has Keras's own paths, and layers alike, so that nothing says which is which: \
        `dense` may be `dense` or `pair/dense` of this model; `.rename(\"dense\", \"dense\")` of `matching_weights` says \
        that it is the one";
    assert_eq!((refused, error.to_string()), (true, text.to_owned()));

    // So is what would take some by their names, unless the user says enough.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("alike.safetensors");
    fs::write(&path, &bytes).unwrap();
    let before = net.weights_to_bytes();
    assert!(net.load_matching_weights(&path).unwrap_err().to_string().contains("has Keras's own paths"));
    assert_eq!(net.weights_to_bytes(), before);
    let _ = net.matching_weights(&path).rename("dense", "dense").load().unwrap();
    assert_eq!(numbers(&*net), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let _ = net.matching_weights(&path).rename("dense", "pair/dense").load().unwrap();
    assert_eq!(numbers(&*net), [5.0, 6.0, 1.0, 2.0, 3.0, 4.0, 7.0, 8.0]);
}

#[test]
fn names_of_models_tell_which_is_which() {
    model! {
        struct Sides {
            input a: [f32; 3];
            input b: [f32; 3];
            branch x = a => left: Pair;
            branch y = b => right: Pair;
            output z = add(x, y);
        }
    }
    let mut net = Sides::new(1);
    let path = |scope: &str, from| dense(from, 2).iter().map(|path| format!("{scope}/{path}")).collect::<Vec<_>>();
    let bytes = file(&[path("left", 2), path("right", 0)].concat(), &shapes(&*net));
    // Made in the other order.
    assert!(net.load_weights_from_bytes(&bytes).is_err());
    let bytes = file(&[path("left", 0), path("right", 2)].concat(), &shapes(&*net));
    loads(&mut *net, &bytes);
}

/// A model of another's layers is no less another one.
#[test]
fn what_does_not_fit_is_said_as_of_any_file() {
    let mut net = Alike::new(1);
    let bytes = file(&dense(0, 3), &shapes(&*net)[..6]);
    let error = net.load_weights_from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.contains("`pair/dense/kernel` is missing in the file"), "{error}");
    let mut other = shapes(&*net);
    other[2] = vec![3, 5];
    let error = net.load_weights_from_bytes(&file(&dense(0, 4), &other)).unwrap_err().to_string();
    assert!(error.contains("`pair/dense/kernel` is missing in the file"), "{error}");
}

/// Where any could be any but for the order, no more is tried than has to be.
#[test]
fn many_models_alike_are_told_soon() {
    model! { struct Head = [f32; 3] => Dense<_, 3> => Dense<_, 3> => Dense<_, 3>; }
    model! {
        struct Ensemble {
            input x: [f32; 3];
            branch a = x => Head;
            branch b = x => Head;
            branch c = x => Head;
            branch d = x => Head;
            branch e = x => Head;
            branch f = x => Head;
            branch g = x => Head;
            branch h = x => Head;
            output y = average(a, b, c, d, e, f, g, h);
        }
    }
    let mut net = Ensemble::new(1);
    let bytes = file(&dense(0, 24), &shapes(&*net));
    loads(&mut *net, &bytes);
}
