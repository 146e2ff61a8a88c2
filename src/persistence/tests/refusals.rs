//! One damaged file for each error, and the whole message.

use super::super::*;
use fusion::prelude::*;

use super::super::places::{Places, to_text};
use super::models::{Two, bits, two};
use super::{Entry, FITTING, file, file_with, metadata, raw};

/// What is said of these bytes; the model must be as it was.
fn refusal(bytes: &[u8]) -> String {
    let mut model = two();
    let error = model.load_weights_from_bytes(bytes).expect_err("a damaged file");
    assert_eq!(bits(&*model), bits(&*two()));
    let text = error.to_string();
    text.strip_prefix("the weight file's content ").unwrap_or(&text).to_owned()
}

/// What is said of a file with these tensors in place of those of the same index.
fn refusal_of(changes: &[(usize, Entry)]) -> String {
    let mut tensors = FITTING.to_vec();
    for (index, tensor) in changes {
        tensors[*index] = *tensor;
    }
    refusal(&file(&tensors))
}

#[test]
fn the_file_that_is_damaged_below_is_fine() {
    assert!(two().load_weights_from_bytes(&file(&FITTING)).is_ok());
}

#[test]
fn not_a_safetensors_file() {
    assert_eq!(refusal(b""), "is empty");
    assert_eq!(refusal(b"short"), "is not a safetensors file: 5 bytes are too few for the length of a header");
    let text = "is not a safetensors file: it does not begin with the length of a header";
    assert_eq!(refusal(b"import keras"), text);
    assert_eq!(refusal(&[0xff; 100]), text);
}

#[cfg(not(feature = "keras"))]
#[test]
fn without_the_feature_no_file_of_kerass_is_written() {
    let path = std::env::temp_dir().join("fusion-without-the-feature.weights.h5");
    let error = two().save_weights(&path).expect_err("no such file").to_string();
    let text = "cannot be written as a file of Keras's: that takes fusion's feature `keras`; a path with another ending gets \
        safetensors";
    assert!(error.ends_with(text), "{error}");
    assert!(!path.exists());
}

/// Without the feature these are not read, and the message says which it is.
#[test]
fn kerass_own_kinds() {
    for (start, kind) in [
        (b"\x89HDF\r\n\x1a\n\0\0\0\0".as_slice(), "it is an HDF5 file, such as Keras's `.weights.h5`"),
        (b"PK\x03\x04\x14\0\0\0".as_slice(), "it is a ZIP archive, such as Keras's `.keras`"),
    ] {
        let text = if cfg!(feature = "keras") {
            "cannot be read as a file of Keras's: it is not a whole ".to_owned()
        } else {
            format!("is not a safetensors file: {kind}, which is read with fusion's feature `keras`")
        };
        let refusal = refusal(start);
        assert!(refusal.starts_with(&text), "{refusal}");
    }
}

#[test]
fn damaged_header() {
    let text = "is not a safetensors file: its header: EOF while parsing a value at line 1 column 0";
    assert_eq!(refusal(&[0; 8]), text);
    let text = "is not a safetensors file: its header: EOF while parsing a string at line 1 column 3";
    assert_eq!(refusal(&raw(r#"{"a"#, &[])), text);
    let json = r#"{"dense/bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    let text = "is not a safetensors file: its header: invalid offset for tensor `dense/bias`";
    assert_eq!(refusal(&raw(json, &[0; 16])), text);
    let json = r#"{"dense/bias":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#;
    let text = "is not a safetensors file: its header: invalid shape, data type, or offset for tensor";
    assert_eq!(refusal(&raw(json, &[0; 12])), text);
    let text = "is not a safetensors file: its header nests too deep";
    assert_eq!(refusal(&raw(&"[".repeat(50_000), &[])), text);
}

#[test]
fn long_header() {
    let mut bytes = file(&FITTING);
    bytes[..8].copy_from_slice(&70_000u64.to_le_bytes());
    assert_eq!(refusal(&bytes), "has a header of 70000 bytes, but at most 67936 are accepted");
}

#[test]
fn wrong_length() {
    let bytes = file(&FITTING);
    let all = bytes.len();
    let text = format!("is cut off: its header asks for {all} bytes in all, but there are only {}", all - 1);
    assert_eq!(refusal(&bytes[..all - 1]), text);
    let header = 8 + usize::from(bytes[0]) + 256 * usize::from(bytes[1]);
    let text = format!("is cut off: its header asks for {header} bytes in all, but there are only 100");
    assert_eq!(refusal(&bytes[..100]), text);
    let text = format!("has {} bytes, but its header accounts for only {all}", all + 3);
    assert_eq!(refusal(&[&bytes[..], b"abc"].concat()), text);
    let text = "has 100000 bytes, but the weights of this model take at most 69304";
    assert_eq!(refusal(&[&bytes[..], &vec![0; 100_000 - all]].concat()), text);
}

/// Sizes whose sum overflows, in the file's own arithmetic and in that of the reader.
#[test]
fn sizes_that_overflow() {
    let entry = |index: u64| {
        let (begin, end) = (index * (u64::MAX / 8), (index + 1) * (u64::MAX / 8));
        format!(r#""t{index}":{{"dtype":"U8","shape":[{}],"data_offsets":[{begin},{end}]}}"#, end - begin)
    };
    let entries: Vec<String> = (0..8).map(entry).collect();
    let json = format!("{{{}}}", entries.join(","));
    let found = 8 + json.len();
    let text = format!("is cut off: its header asks for {} bytes in all, but there are only {found}", u64::MAX);
    assert_eq!(refusal(&raw(&json, &[])), text);
    let json = format!(r#"{{"t":{{"dtype":"F32","shape":[{0},{0}],"data_offsets":[0,8]}}}}"#, u64::MAX);
    let text = "is not a safetensors file: its header: overflow computing buffer size from shape and/or element type";
    assert_eq!(refusal(&raw(&json, &[0; 8])), text);
}

#[test]
fn other_graph() {
    let places = to_text(&Places::of(Two::graph()));
    let bytes = file_with(&metadata("2:0123456789abcdef", &places), &FITTING);
    let text = format!(
        "was saved by a model with another graph, even though the names and shapes of all tensors fit: a layer's kind, \
         activation or options, or the wiring between the layers must differ (digest of the model's graph: `{}`, of the \
         file's: `2:0123456789abcdef`)",
        digest(Two::graph())
    );
    assert_eq!(refusal(&bytes), text);
}

#[test]
fn other_format() {
    let bytes = file_with(r#""fusion.format":"3","fusion.graph":"0123""#, &FITTING);
    assert_eq!(refusal(&bytes), "is of format `3`, but this version of fusion knows only the formats `1` and `2`");
    let text = "is not a safetensors file: its metadata must have both `fusion.format` and `fusion.graph`, or neither";
    assert_eq!(refusal(&file_with(r#""fusion.format":"1""#, &FITTING)), text);
    assert_eq!(refusal(&file_with(r#""fusion.graph":"0123""#, &FITTING)), text);
}

#[test]
fn other_digest() {
    let text = "has `3:0123` as the digest of its graph, but this version of fusion compares only those that begin \
                with `2:`; `load_matching_weights` takes what fits";
    assert_eq!(refusal(&file_with(&metadata("3:0123", ""), &FITTING)), text);
}

#[test]
fn metadata_that_contradict_each_other() {
    let text = "is not a safetensors file: its metadata of format `2` must have `fusion.inputs`";
    assert_eq!(refusal(&file_with(r#""fusion.format":"2","fusion.graph":"2:0123""#, &FITTING)), text);
    let (digest, own) = (digest(Two::graph()), to_text(&Places::of(Two::graph())));
    let text = "is not a safetensors file: its `fusion.places` cannot be that of any model of its `fusion.graph`";
    let (first, second) = own.split_once(',').expect("two layers");
    for places in ["dense", "dense=0", &own.to_uppercase(), &format!("{own}0"), "", first, second] {
        assert_eq!(refusal(&file_with(&metadata(&digest, places), &FITTING)), text, "{places}");
    }
}

#[test]
fn missing_tensor() {
    let text = "does not fit the model:\n  `dense_1/kernel` is missing in the file";
    assert_eq!(refusal(&file(&FITTING[..3])), text);
    let renamed = ("dense_2/kernel", "F32", &[2, 2][..], &[0.0; 4][..]);
    let text = "does not fit the model:\n  \
        `dense_1/kernel` is missing in the file, which has a `dense_2/kernel` that the model does not have\n  \
        `dense_2/kernel` is in the file, but not in the model";
    assert_eq!(refusal_of(&[(3, renamed)]), text);
}

#[test]
fn unknown_tensor() {
    let mut tensors = FITTING.to_vec();
    tensors.push(("head/kernel", "F32", &[1], &[0.0]));
    assert_eq!(
        refusal(&file(&tensors)),
        "does not fit the model:\n  `head/kernel` is in the file, but not in the model"
    );
}

#[test]
fn wrong_shape() {
    let text = "does not fit the model:\n  `dense/kernel` has shape [2, 3] in the file, but [3, 2] in the model";
    assert_eq!(refusal_of(&[(1, ("dense/kernel", "F32", &[2, 3], &[0.0; 6]))]), text);
    let text = "does not fit the model:\n  \
        `dense/bias` has shape [1, 1, 1, 1, 1, 1, 1, 1] and 2 more dimensions in the file, but [2] in the model";
    assert_eq!(refusal_of(&[(0, ("dense/bias", "F32", &[1; 10], &[0.0]))]), text);
}

#[test]
fn wrong_dtype() {
    let text = "does not fit the model:\n  `dense/bias` has dtype F64 in the file, but must have F32";
    assert_eq!(refusal_of(&[(0, ("dense/bias", "F64", &[2], &[0.0; 4]))]), text);
    let text = "does not fit the model:\n  `dense/bias` has dtype I32 in the file, but must have F32";
    assert_eq!(refusal_of(&[(0, ("dense/bias", "I32", &[2], &[0.0; 2]))]), text);
}

#[test]
fn values_that_are_not_finite() {
    let kernel = ("dense/kernel", "F32", &[3, 2][..], &[0.0, 0.0, 0.0, f32::NAN, 0.0, f32::NAN][..]);
    let bias = ("dense_1/bias", "F32", &[2][..], &[f32::NEG_INFINITY, 0.0][..]);
    let text = "does not fit the model:\n  `dense/kernel` has the value NaN at [1, 1]\n  `dense_1/bias` has the value -inf at [0]";
    assert_eq!(refusal_of(&[(1, kernel), (2, bias)]), text);
}

#[test]
fn many_mismatches_are_counted() {
    let mut tensors: Vec<Entry> =
        vec![("a", "F32", &[1], &[0.0]), ("b", "F32", &[1], &[0.0]), ("c", "F32", &[1], &[0.0])];
    tensors.push(("dense/bias", "F32", &[1], &[0.0]));
    let text = "does not fit the model:\n  \
        `dense/kernel` is missing in the file\n  \
        `dense/bias` has shape [1] in the file, but [2] in the model\n  \
        `dense_1/kernel` is missing in the file\n  \
        `dense_1/bias` is missing in the file\n  \
        `a` is in the file, but not in the model\n  \
        and 2 more";
    assert_eq!(refusal(&file(&tensors)), text);
}

/// A name from the file must not be able to write to the terminal.
#[test]
fn odd_names_are_shown_safely() {
    let mut tensors = FITTING.to_vec();
    tensors.push(("\\u001b[2J\\n`é", "F32", &[1], &[0.0]));
    let text = "does not fit the model:\n  `\\u{1b}[2J\\n`é` is in the file, but not in the model";
    assert_eq!(refusal(&file(&tensors)), text);
    let long: &'static str = "x".repeat(1000).leak();
    tensors[4].0 = long;
    let text = format!("does not fit the model:\n  `{}…` is in the file, but not in the model", "x".repeat(100));
    assert_eq!(refusal(&file(&tensors)), text);
    let json = format!(r#"{{"a":{{"dtype":"\u001b[2J{}","shape":[],"data_offsets":[0,0]}}}}"#, "x".repeat(1000));
    let text = refusal(&raw(&json, &[]));
    assert!(text.starts_with("is not a safetensors file: its header: unknown variant `\\u{1b}[2Jxxx"), "{text}");
    assert!(text.len() < 400 && !text.contains('\u{1b}'), "{text}");
}

/// In files of the same format that say nothing of them, any names may stand for the model's own.
#[test]
fn damaged_names_of_inputs_and_outputs() {
    let own = to_text(&Places::of(Two::graph()));
    let whole = metadata(&digest(Two::graph()), &own);
    let text = "is not a safetensors file: its `fusion.inputs` and `fusion.outputs` are not those that its \
        `fusion.places` were written with";
    for (from, to) in [(r#""input""#, r#""inpux""#), (r#""output""#, r#""outpu""#), (r#""input""#, r#""""#)] {
        let damaged = whole.replace(from, to);
        assert_ne!(damaged, whole);
        assert_eq!(refusal(&file_with(&damaged, &FITTING)), text);
    }
    let (before, _) = own.rsplit_once(",=").expect("a hash of the names");
    let before = metadata(&digest(Two::graph()), before);
    assert!(two().load_weights_from_bytes(&file_with(&before, &FITTING)).is_ok());
    let renamed = before.replace(r#""input""#, r#""first""#);
    assert!(two().load_weights_from_bytes(&file_with(&renamed, &FITTING)).is_ok());
}
