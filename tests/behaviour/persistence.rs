//! Weight files of whole models: names, digests, nested models, and refusals that change nothing.

use fusion::prelude::*;

model! {
    /// Two branches, joined.
    struct LeftRight {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<3, 2, Relu>;
        branch y = b => Dense<3, 2, Relu>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

model! {
    /// The same layers, joined the other way round: same names, same shapes.
    struct RightLeft {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<3, 2, Relu>;
        branch y = b => Dense<3, 2, Relu>;
        output z = concatenate(y, x) => Dense<_, 1>;
    }
}

const THREE: usize = 3;

model! {
    /// The first model in other words: the same graph.
    struct Respelled {
        input first: [f32; THREE];
        input second: [f32; 3];
        branch left = first => Dense<_, { 1 + 1 }, Relu>;
        branch right = second => Dense<_, 2, Relu>;
        output out = concatenate(left, right) => Dense<4, 1>;
    }
}

model! {
    /// Another activation.
    struct WithTanh {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<3, 2, Relu>;
        branch y = b => Dense<3, 2, Tanh>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

model! { struct Encoder = [f32; 3] => Dense<3, 2, Tanh>; }
model! {
    /// A model within a model, twice, and a shared layer.
    struct Nested {
        input a: [f32; 3];
        layer shared: Dense<2, 2>;
        branch x = a => Encoder => shared => shared;
        output z = a => code: Encoder => shared => Dense<_, 1>;
        output y = x;
    }
}

#[test]
fn a_file_of_the_same_graph_loads_whatever_the_spelling() {
    let (from, mut to) = (LeftRight::new(1), Respelled::new(2));
    to.load_weights_from_bytes(&from.weights_to_bytes()).unwrap();
    assert_eq!(to.dense_1.kernel, from.dense_1.kernel);
}

#[test]
fn a_file_of_another_graph_is_refused_even_where_names_and_shapes_agree() {
    let file = LeftRight::new(1).weights_to_bytes();
    let mut swapped = RightLeft::new(2);
    let before = swapped.weights_to_bytes();
    let error = swapped.load_weights_from_bytes(&file).unwrap_err().to_string();
    assert!(error.contains("graph"), "{error}");
    assert_eq!(swapped.weights_to_bytes(), before);
    let error = WithTanh::new(2).load_weights_from_bytes(&file).unwrap_err().to_string();
    assert!(error.contains("graph"), "{error}");
}

#[test]
fn nested_models_and_shared_layers_have_paths() {
    let model = Nested::new(1);
    let file = model.weights_to_bytes();
    let tensors = safetensors::SafeTensors::deserialize(&file).unwrap();
    let mut names: Vec<&str> = tensors.names().into_iter().collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "code/dense/bias",
            "code/dense/kernel",
            "dense/bias",
            "dense/kernel",
            "encoder/dense/bias",
            "encoder/dense/kernel",
            "shared/bias",
            "shared/kernel",
        ]
    );
    let mut other = Nested::new(2);
    other.load_weights_from_bytes(&file).unwrap();
    assert_eq!(other.predict(&[0.1, 0.2, 0.3]), model.predict(&[0.1, 0.2, 0.3]));
}

#[test]
fn a_file_on_disk_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let model = LeftRight::new(1);
    model.save_weights(&path).unwrap();
    let mut other = LeftRight::new(2);
    other.load_weights(&path).unwrap();
    assert_eq!(other.weights_to_bytes(), model.weights_to_bytes());
    let error = other.load_weights(directory.path().join("none.safetensors")).unwrap_err().to_string();
    assert!(error.contains("none.safetensors"), "{error}");
}

#[test]
fn what_fits_is_taken_for_transfer_and_the_rest_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("encoder.safetensors");
    let encoder = Encoder::new(7);
    encoder.save_weights(&path).unwrap();
    let mut model = LeftRight::new(1);
    let untouched = model.dense_1.kernel;
    let matching = model.load_matching_weights(&path).unwrap();
    assert_eq!(matching.loaded, ["dense/kernel", "dense/bias"]);
    assert_eq!(model.dense.kernel, encoder.dense.kernel);
    assert_eq!(model.dense_1.kernel, untouched);
    assert!(matching.to_string().contains("dense_1/kernel"), "{matching}");
}

/// A file of the first format: its digest is not compared, and nothing says where its layers stand.
#[test]
fn a_file_of_the_first_format_loads_by_name_and_shape() {
    let file = include_bytes!("../fixtures/weights/format_1.safetensors");
    let tensors = safetensors::SafeTensors::deserialize(file).unwrap();
    let mut model = LeftRight::new(1);
    model.load_weights_from_bytes(file).unwrap();
    let stored = tensors.tensor("dense_1/kernel").unwrap().data().to_vec();
    assert_eq!(
        model.dense_1.kernel.as_flattened(),
        stored.as_chunks().0.iter().map(|x| f32::from_le_bytes(*x)).collect::<Vec<_>>()
    );
    assert_eq!(model.dense_2.bias, [0.5]);
    // Of the same names and shapes, wired another way.
    RightLeft::new(1).load_weights_from_bytes(file).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("format_1.safetensors");
    std::fs::write(&path, file).unwrap();
    assert_eq!(RightLeft::new(1).load_matching_weights(&path).unwrap().loaded.len(), 6);
    let error = Nested::new(1).load_weights_from_bytes(file).unwrap_err().to_string();
    assert!(error.contains("`shared/kernel` is missing"), "{error}");
}
