//! The loader of programs without a standard library, on files that the other one wrote.

use fusion::prelude::*;
use fusion_core::persistence::{self, STRUCTURE_KEY, Structure, WeightsError};

use super::models::{Two, bits, two};
use super::{Entry, FITTING, digest, file_with, raw};

fn load(model: &mut Two, bytes: &[u8]) -> Result<(), WeightsError> {
    persistence::WeightFiles::load_weights_from_bytes(model, bytes)
}

/// What is said of these bytes; the model must be as it was.
fn refusal(bytes: &[u8]) -> String {
    let mut model = two();
    let error = load(&mut model, bytes).expect_err("a damaged file");
    assert_eq!(bits(&*model), bits(&*two()));
    error.to_string().strip_prefix("the weight file ").expect("a subject").to_owned()
}

/// What is said of a file with this tensor in place of that of the same index.
fn refusal_of(index: usize, tensor: Entry) -> String {
    let mut tensors = FITTING;
    tensors[index] = tensor;
    refusal(&file_with("", &tensors))
}

#[test]
fn a_models_own_file_loads_to_the_bit() {
    let mut model = Two::new(5);
    load(&mut model, &two().weights_to_bytes()).expect("the model's file");
    assert_eq!(bits(&*model), bits(&*two()));
}

#[test]
fn tensors_in_any_order_load_by_name() {
    let mut model = Two::new(5);
    load(&mut model, &file_with("", &FITTING)).expect("a file without metadata");
    assert!(super::fitting_is_loaded(&model));
    let mut reversed = FITTING;
    reversed.reverse();
    let mut model = Two::new(5);
    load(&mut model, &file_with("", &reversed)).expect("a file in another order");
    assert!(super::fitting_is_loaded(&model));
}

#[test]
fn names_may_be_written_with_escapes() {
    let bytes = file_with("", &FITTING);
    let text = String::from_utf8_lossy(&bytes[8..]).split_once("}}").expect("a header").0.to_owned() + "}}";
    let data = &bytes[8 + text.len()..];
    let mut model = Two::new(5);
    load(&mut model, &raw(&text.replace("dense/bias", r"d\u0065nse\/bias"), data)).expect("the same names");
    assert!(super::fitting_is_loaded(&model));
}

#[test]
fn what_does_not_fit_is_named() {
    let fit = "does not fit the model: ";
    let text = format!("{fit}`dense/kernel` has shape [2, 3] in the file, but shape [3, 2] in the model");
    assert_eq!(refusal_of(1, ("dense/kernel", "F32", &[2, 3], &[0.0; 6])), text);
    let text = format!("{fit}`dense/bias` has dtype U32 in the file, but must have F32");
    assert_eq!(refusal_of(0, ("dense/bias", "U32", &[2], &[0.0; 2])), text);
    let text =
        format!("{fit}`dense/bias` is missing in the file, which has a `dense/offset` that the model does not have");
    assert_eq!(refusal_of(0, ("dense/offset", "F32", &[2], &[0.0; 2])), text);
    let text = "cannot be used: `dense/kernel` is NaN or infinite at position 3";
    assert_eq!(refusal_of(1, ("dense/kernel", "F32", &[3, 2], &[1.0, 1.0, 1.0, f32::NAN, 1.0, 1.0])), text);
    let text = format!("{fit}`dense/bias` is missing in the file");
    assert_eq!(refusal(&file_with("", &FITTING[1..])), text);
    let more = [&FITTING[..], &[("extra", "F32", &[1], &[0.0])]].concat();
    assert_eq!(refusal(&file_with("", &more)), format!("{fit}`extra` is in the file, but not in the model"));
    assert_eq!(refusal(&file_with("", &[&FITTING[..], &FITTING[..1]].concat())), "has two tensors of one name");
}

#[test]
fn what_is_no_file_says_why() {
    let text = "is not a safetensors file: it has not even the length of a header (byte 5)";
    assert_eq!(refusal(b"short"), text);
    let text = "is not a safetensors file: it does not begin with the length of a header (byte 0)";
    assert_eq!(refusal(b"import keras"), text);
    let whole = two().weights_to_bytes();
    let text = format!("is cut off: its header accounts for {0} bytes, but it has {1}", whole.len(), whole.len() - 4);
    assert_eq!(refusal(&whole[..whole.len() - 4]), text);
    let json = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    let text = "is not a safetensors file: tensors overlap, or there are bytes between them (byte 63)";
    assert_eq!(refusal(&raw(json, &[0; 16])), text);
    let json = r#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#;
    assert!(refusal(&raw(json, &[0; 8])).starts_with("is not a safetensors file: a number is too large"));
}

#[test]
fn a_file_of_another_graph_is_refused() {
    model! { struct Other = [f32; 3] => Dense<3, 2, Tanh> => Dense<2, 2>; }
    let text = refusal(&Other::new(1).weights_to_bytes());
    assert!(text.starts_with("was saved by a model with another graph"), "{text}");
    let format = format!(r#""fusion.format":"2","fusion.graph":"{}""#, digest(Two::graph()));
    let text = "is of another version of fusion: load it with `load_weights` and save it again";
    assert_eq!(refusal(&file_with(&format, &FITTING)), text);
    assert_eq!(refusal(&file_with(&format!(r#"{format},"{STRUCTURE_KEY}":"9:0""#), &FITTING)), text);
    assert_eq!(refusal(&file_with(&format.replace(":\"2\"", ":\"3\""), &FITTING)), text);
}

#[test]
fn inputs_in_another_order_are_refused() {
    model! { struct Here { input a: [f32; 2]; input b: [f32; 2]; output z = concatenate(a, b) => Dense<_, 1>; } }
    model! { struct There { input b: [f32; 2]; input a: [f32; 2]; output z = concatenate(b, a) => Dense<_, 1>; } }
    let mut here = Here::new(1);
    let file = There::new(2).weights_to_bytes();
    let error = persistence::WeightFiles::load_weights_from_bytes(&mut here, &file).expect_err("another order");
    assert!(error.to_string().contains("whose inputs come in another order: `a` stands elsewhere there"), "{error}");
}

#[test]
fn the_structure_covers_what_a_graph_computes_from_its_weights() {
    model! { struct Own { input a: [f32; 2]; branch x = a => Dense<_, 3, Relu>; branch y = a => Dense<_, 3>;
    output z = concatenate(x, y) => Dense<_, 1>; } }
    model! { struct Renamed { input b: [f32; 2]; branch v = b => Dense<_, 3, Relu>; branch w = b => Dense<_, 3>;
    output u = concatenate(v, w) => Dense<_, 1>; } }
    model! { struct Rewired { input a: [f32; 2]; branch x = a => Dense<_, 3, Relu>; branch y = a => Dense<_, 3>;
    output z = concatenate(y, x) => Dense<_, 1>; } }
    model! { struct Within = [f32; 2] => Own; }
    model! { struct WithinRewired = [f32; 2] => Rewired; }
    let structures =
        [Own::graph(), Renamed::graph(), Rewired::graph(), Within::graph(), WithinRewired::graph()].map(Structure::of);
    let texts = structures.map(|structure| structure.as_str().to_owned());
    assert_eq!(texts[0], texts[1]);
    for (i, j) in [(0, 2), (0, 3), (3, 4)] {
        assert_ne!(texts[i], texts[j]);
    }
    // A promise to later versions: files carry it.
    assert_eq!(Structure::of(Two::graph()).as_str(), "1:2fef5b9e7d1defac7df55e4c9f086e77");
}
