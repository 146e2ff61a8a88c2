//! Weight files of two small models, whole and damaged; files damaged at random are in the package `fusion-tests`.

mod digests;
mod extras;
mod files;
mod models;
mod places;
mod prepared;
mod refusals;
mod without_a_heap;

use fusion::prelude::*;
use fusion::shape::zeroed_box;
use fusion::weights::walk_ref;
use fusion_core::persistence::Structure;
use safetensors::{Dtype, SafeTensors};

use super::places::{Places, to_text};
use super::*;
use models::{Big, Two, bits, two};

/// A file with metadata as the model's own, and these tensors.
fn file(tensors: &[(&str, &str, &[usize], &[f32])]) -> Vec<u8> {
    file_with(&metadata(&digest(Two::graph()), &to_text(&Places::of(Two::graph()))), tensors)
}

/// Metadata of the newest format, with this digest and these places.
fn metadata(digest: &str, places: &str) -> String {
    let (format, ends) = (r#""fusion.format":"2""#, r#""fusion.inputs":"input","fusion.outputs":"output""#);
    format!(r#"{format},"fusion.graph":"{digest}",{ends},"fusion.places":"{places}""#)
}

fn file_with(metadata: &str, tensors: &[(&str, &str, &[usize], &[f32])]) -> Vec<u8> {
    let (mut json, mut data) = (format!(r#"{{"__metadata__":{{{metadata}}}"#), Vec::new());
    for (name, dtype, shape, values) in tensors {
        let begin = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        json +=
            &format!(r#","{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{begin},{}]}}"#, data.len());
    }
    raw(&(json + "}"), &data)
}

/// A file with this header and these data.
fn raw(json: &str, data: &[u8]) -> Vec<u8> {
    [&(json.len() as u64).to_le_bytes(), json.as_bytes(), data].concat()
}

/// A tensor of a file, as [`file`] takes it.
type Entry = (&'static str, &'static str, &'static [usize], &'static [f32]);

/// The tensors of a file that fits [`Two`], in Keras's order.
const FITTING: [Entry; 4] = [
    ("dense/bias", "F32", &[2], &[1.0, 2.0]),
    ("dense/kernel", "F32", &[3, 2], &[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]),
    ("dense_1/bias", "F32", &[2], &[3.0, 4.0]),
    ("dense_1/kernel", "F32", &[2, 2], &[7.5, 8.5, 9.5, 10.5]),
];

fn fitting_is_loaded(model: &Two) -> bool {
    model.dense.bias == [1.0, 2.0]
        && model.dense.kernel == [[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]
        && model.dense_1.bias == [3.0, 4.0]
        && model.dense_1.kernel == [[7.5, 8.5], [9.5, 10.5]]
}

#[test]
fn every_bit_comes_back() {
    let mut saved = two();
    saved.dense.kernel = [[0.0, -0.0], [f32::MIN_POSITIVE / 2.0, f32::MAX], [f32::MIN, 1.0 / 3.0]];
    let bytes = saved.weights_to_bytes();
    let mut loaded = two();
    loaded.load_weights_from_bytes(&bytes).expect("the model's own file");
    assert_eq!(bits(&*loaded), bits(&*saved));
    assert_eq!(loaded.weights_to_bytes(), bytes);
}

#[test]
fn the_file_has_kerass_names_and_layout() {
    let mut model = two();
    model.dense.kernel[2][1] = 7.0;
    let bytes = model.weights_to_bytes();
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let mut names = file.names();
    names.sort_unstable();
    assert_eq!(names, ["dense/bias", "dense/kernel", "dense_1/bias", "dense_1/kernel"]);
    let kernel = file.tensor("dense/kernel").expect("a kernel");
    assert_eq!((kernel.dtype(), kernel.shape()), (Dtype::F32, &[3, 2][..]));
    assert_eq!(kernel.data()[20..], 7.0f32.to_le_bytes());
    let (header, metadata) = SafeTensors::read_metadata(&bytes).expect("a header");
    assert_eq!(header % 8, 0);
    let metadata = metadata.metadata().as_ref().expect("metadata");
    assert_eq!(metadata["fusion.format"], "2");
    assert_eq!(metadata["fusion.graph"], digest(Two::graph()));
}

/// The layout is a promise to later versions.
#[test]
fn the_bytes_are_always_the_same() {
    let header = concat!(
        r#"{"__metadata__":{"fusion.format":"2","fusion.graph":"DIGEST","#,
        r#""fusion.inputs":"input","fusion.outputs":"output","#,
        r#""fusion.places":"PLACES","fusion.structure":"STRUCTURE"},"#,
        r#""dense/kernel":{"dtype":"F32","shape":[3, 2],"data_offsets":[0,24]},"#,
        r#""dense/bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]},"#,
        r#""dense_1/kernel":{"dtype":"F32","shape":[2, 2],"data_offsets":[32,48]},"#,
        r#""dense_1/bias":{"dtype":"F32","shape":[2],"data_offsets":[48,56]}}"#,
    )
    .replace("DIGEST", &digest(Two::graph()))
    .replace("PLACES", &to_text(&Places::of(Two::graph())))
    .replace("STRUCTURE", Structure::of(Two::graph()).as_str());
    let header = format!("{header:0$}", header.len().next_multiple_of(8));
    let mut values = Vec::new();
    walk_ref(&*two(), &mut |_, numbers| values.extend_from_slice(numbers));
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(two().weights_to_bytes(), raw(&header, &data));
}

#[test]
fn kerass_own_file_loads_by_name_and_shape() {
    let mut model = two();
    model.load_weights_from_bytes(&file_with("", &FITTING)).expect("a file without a digest");
    assert!(fitting_is_loaded(&model));
}

/// Keras writes how many rows were adapted to, as an id, and never reads it.
#[test]
fn the_count_of_kerass_normalization_is_left_out() {
    model! { struct Scaled = [f32; 2] => Normalization<_> => Dense<_, 1>; }
    let tensors: [Entry; 5] = [
        ("normalization_3/count", "I32", &[], &[0.0]),
        ("normalization_3/mean", "F32", &[2], &[1.0, 2.0]),
        ("normalization_3/variance", "F32", &[2], &[3.0, 4.0]),
        ("dense_7/bias", "F32", &[1], &[0.0]),
        ("dense_7/kernel", "F32", &[2, 1], &[5.0, 6.0]),
    ];
    let mut model = Scaled::new(1);
    model.load_weights_from_bytes(&file_with("", &tensors)).expect("Keras's file");
    assert_eq!((model.normalization.mean, model.normalization.variance), ([1.0, 2.0], [3.0, 4.0]));
    // A count that is a weight is one.
    let mut model = Scaled::new(1);
    let mut of_numbers = tensors;
    of_numbers[0].1 = "F32";
    assert!(model.load_weights_from_bytes(&file_with("", &of_numbers)).is_err());
    assert!(model.load_weights_from_bytes(&file_with("", &[&tensors[..1], &tensors[3..]].concat())).is_err());
}

#[test]
fn the_name_of_a_sequential_is_left_out() {
    let names = ["my_model/dense/bias", "my_model/dense/kernel", "my_model/dense_1/bias", "my_model/dense_1/kernel"];
    let mut tensors = FITTING;
    for (tensor, name) in tensors.iter_mut().zip(names) {
        tensor.0 = name;
    }
    let mut model = two();
    model.load_weights_from_bytes(&file_with("", &tensors)).expect("a Sequential's file");
    assert!(fitting_is_loaded(&model));
    // Only Keras puts it there.
    assert!(model.load_weights_from_bytes(&file(&tensors)).is_err());
    tensors[0].0 = "dense/bias";
    assert!(model.load_weights_from_bytes(&file_with("", &tensors)).is_err());
}

/// A model of 60 MB, in a debug build as well.
#[test]
fn a_large_model_needs_no_large_stack() {
    let work = || {
        let mut model = zeroed_box::<Big>();
        model.dense.kernel[1999][1] = 0.5;
        let directory = files::Directory::new();
        let path = directory.join("big.safetensors");
        model.save_weights(&path).expect("a temporary directory");
        let bytes = model.weights_to_bytes();
        model.dense.kernel[1999][1] = 0.0;
        model.load_weights_from_bytes(&bytes).expect("the model's bytes");
        assert_eq!(model.dense.kernel[1999][1], 0.5);
        drop(bytes);
        for matching in [false, true] {
            model.dense.kernel[1999][1] = 0.0;
            if matching {
                let _ = model.load_matching_weights(&path).expect("the model's file");
            } else {
                model.load_weights(&path).expect("the model's file");
            }
            assert_eq!(model.dense.kernel[1999][1], 0.5);
        }
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(work).expect("a thread").join().expect("no panic");
}

/// Two parameters of one name.
#[derive(Parameters)]
#[repr(C, align(64))]
struct Twins {
    #[parameter(name = "same")]
    first: [f32; 2],
    #[parameter(name = "same")]
    second: [f32; 2],
}

#[test]
#[should_panic(expected = "two parameters of the model have one name")]
fn equal_names_are_a_mistake_of_the_layer() {
    let twins = zeroed_box::<Twins>();
    assert_eq!(twins.first, twins.second);
    let _ = layout::Layout::of(&*twins);
}
