//! Whole models as Keras loads them, `model.save("model.keras")`: together they have every class of Keras's that there is
//! here too.
//!
//! `FUSION_KERAS_FILES=DIRECTORY cargo test -p fusion-tests --test behaviour keras_files::whole` leaves them in a directory,
//! with their outputs, for `tools/keras/whole.py`, which loads them with Keras and notes those that it has loaded.

mod models;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use fusion::keras::Archive;
use fusion::prelude::*;
use fusion::weights::walk;
use models::*;
use safetensors::tensor::{Dtype, TensorView};

use super::fixtures;
use super::writing::{FILES, hash};

/// How many samples go through a model.
const SAMPLES: usize = 3;

/// A model of one input and one output each, and the numbers or ids that it is given.
macro_rules! whole {
    ($($name:ident: $model:ident of $numbers:ident $input:ty;)+) => {
        $(#[test]
        fn $name() {
            let model = filled($model::new(7));
            let flat = $numbers(SAMPLES * <$input as Tensor>::SHAPE.length());
            let outputs = model.predict_batch(rows::<$input>(&flat).unwrap()).unwrap();
            let flat = flat.iter().flat_map(|number| number.to_le_bytes()).collect();
            check(&*model, stringify!($name), flat, Tensor::numbers(&outputs));
        })+

        /// The names of all of them.
        const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// The configurations of all of them.
        fn configurations() -> Vec<String> {
            vec![$($model::new(1).to_json().unwrap()),+]
        }
    };
}

whole! {
    whole_vectors: Vectors of numbers [f32; 8];
    whole_adapted: Adapted of numbers [[f32; 5]; 4];
    whole_activations: Activations of numbers [f32; 8];
    whole_sequences: Sequences of numbers [[f32; 4]; 8];
    whole_recurrent: Recurrent of numbers [[f32; 4]; 6];
    whole_states: States of numbers [[f32; 4]; 6];
    whole_convolved_states: ConvolvedStates of numbers [[[[f32; 2]; 6]; 6]; 3];
    whole_convolved_volumes: ConvolvedVolumes of numbers [[[[[f32; 1]; 4]; 4]; 4]; 2];
    whole_images: Images of numbers [[[f32; 3]; 12]; 12];
    whole_random_images: RandomImages of numbers [[[f32; 3]; 12]; 12];
    whole_volumes: Volumes of numbers [[[[f32; 2]; 6]; 6]; 6];
    whole_merges: Merges of numbers [[f32; 4]; 6];
    whole_operations: Operations of numbers [[f32; 4]; 6];
    whole_short_operations: ShortOperations of numbers [[f32; 4]; 6];
    whole_attentions: Attentions of numbers [[f32; 4]; 6];
    whole_wrappers: Wrappers of numbers [[f32; 4]; 6];
    whole_nested: Nested of numbers [f32; 4];
    whole_masks: Masks of ids [u32; 6];
    whole_ids: Ids of ids [u32; 6];
    whole_crossed: Crossed of ids [u32; 1];
    whole_shared: Shared of numbers [f32; 8];
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| number(i, 29)).collect()
}

fn ids(count: usize) -> Vec<u32> {
    (0..count).map(|i| (i * i + 2 * i) as u32 % 5).collect()
}

/// From −0.5 to 0.5, the same on every machine.
fn number(index: usize, step: usize) -> f32 {
    (index * step % 101) as f32 / 101.0 - 0.5
}

/// The model with other numbers in all of its weights; a variance is not negative.
fn filled<M: Model>(mut model: M) -> M {
    let mut index = 0;
    walk([model.network_mut()], &mut |parameter, [values]| {
        for value in values {
            index += 1;
            let number = number(index, 37);
            *value = if parameter.name().ends_with("variance") { number + 1.0 } else { number };
        }
    });
    model
}

/// Saves a model and reads it back: the same weights to the last bit, and the file is one that Keras has loaded.
fn check<M: Model<Network = M>>(model: &M, name: &str, input: Vec<u8>, outputs: &[f32]) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(format!("{name}.keras"));
    model.save(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let bytes = fs::read(&path).unwrap();
    let mut loaded = M::new(1);
    loaded.load_weights(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(loaded.weights_to_bytes() == model.weights_to_bytes(), "{name}: other weights");
    let (read, made) = (Archive::open(&path).unwrap(), Archive::of(model).unwrap());
    assert_eq!((read.config(), read.layers()), (made.config(), made.layers()), "{name}");
    if let Some(files) = env::var_os(FILES) {
        fs::copy(&path, Path::new(&files).join(format!("{name}.keras"))).unwrap();
        leave::<M>(Path::new(&files), name, &input, outputs);
        return;
    }
    let loaded: BTreeMap<String, String> =
        serde_json::from_slice(&fs::read(fixtures().join("whole.json")).unwrap()).unwrap();
    let hash = format!("{:016x}", hash(&bytes));
    assert_eq!(loaded.get(name), Some(&hash), "{name} is not what Keras has loaded: tools/keras/whole.py");
}

/// Writes what Keras is given and has to give, and the summary that it has to print.
fn leave<M: Model>(files: &Path, name: &str, input: &[u8], outputs: &[f32]) {
    let wire = &M::graph().inputs[0];
    let shape: Vec<usize> = std::iter::once(SAMPLES).chain(wire.shape.dimensions().iter().copied()).collect();
    let dtype = if wire.element.is_number() { Dtype::F32 } else { Dtype::U32 };
    let bytes: Vec<u8> = outputs.iter().flat_map(|number| number.to_le_bytes()).collect();
    let views = [
        ("input0", TensorView::new(dtype, shape, input).unwrap()),
        ("output0", TensorView::new(Dtype::F32, vec![outputs.len()], &bytes).unwrap()),
    ];
    let path = files.join(format!("{name}.io.safetensors"));
    safetensors::serialize_to_file(views, None, &path).unwrap();
    fs::write(files.join(format!("{name}.summary.txt")), M::summary().terminal_width(80).to_string()).unwrap();
}

#[test]
fn what_keras_has_not_is_an_error_that_names_it() {
    model! { struct Approximate = [f32; 4] => gate: Dense<_, 3, Gelu(approximate = true)>; }
    model! { struct Places = [f32; 4, 3] => PositionEmbedding<_, 4>; }
    let error = Approximate::new(1).to_json().unwrap_err().to_string();
    assert!(error.starts_with("`gate` (Dense) gives the activation `gelu` parameters, for which a file"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let places = Places::new(1);
    let error = places.save(folder.path().join("places.keras")).unwrap_err().to_string();
    assert!(error.contains("`position_embedding` (PositionEmbedding) is no layer that Keras has: load"), "{error}");
    let error = places.save(folder.path().join("places.safetensors")).unwrap_err().to_string();
    assert!(error.contains("the path of a whole model ends in `.keras`"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The classes of Keras's that a layer here has, by the table of all layers of the macro.
#[test]
fn every_class_of_kerass_is_in_a_model() {
    let all = configurations().concat();
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/src/layers/table.rs")).unwrap();
    let classes = table.lines().filter_map(|line| line.trim().strip_prefix("Facts { class: \"")?.split('"').next());
    let missing: Vec<&str> = classes.filter(|class| !all.contains(&format!("\"class_name\":\"{class}\""))).collect();
    // Those have no place there: Keras's own has cells of the user's, and one is not in Keras but in its hub. One is
    // exported under another name.
    assert_eq!(missing, ["GroupedQueryAttention", "PositionEmbedding", "RNN"]);
    assert!(all.contains("\"class_name\":\"GroupQueryAttention\""));
}

/// The page names every model that Keras has loaded.
#[test]
fn every_model_is_on_the_page() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/keras-files.md")).unwrap();
    let missing: Vec<&&str> = NAMES.iter().filter(|name| !page.contains(&format!("| {name} | "))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let imported = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/keras")).unwrap();
    for name in imported.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let Some(name) = name.strip_suffix(".keras") else { continue };
        // Layers that are still to be written, and activations with parameters, do not go back; the table is older than
        // the others.
        if ["gaps", "operations", "frozen", "lengths", "masks", "settings"].contains(&name) {
            continue;
        }
        assert!(page.contains(&format!("| {name} | ")), "{name} is not on the page");
    }
}
