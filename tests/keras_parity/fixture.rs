//! Reads the fixtures and compares with them.

use std::path::{Path, PathBuf};

use safetensors::SafeTensors;

use crate::parity;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keras")
}

/// The bytes of a fixture, which live as long as the tests.
fn bytes(name: &str) -> &'static [u8] {
    let path = root().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).leak()
}

/// Whether there is a fixture `tests/fixtures/keras/NAME.safetensors`.
pub fn exists(name: &str) -> bool {
    root().join(format!("{name}.safetensors")).exists()
}

/// `dense_5/kernel` → `dense/kernel`: Keras has counted a layer within a layer among those of all models before.
fn uncounted(name: &str) -> String {
    let Some((layer, rest)) = name.split_once('/') else { return name.to_owned() };
    match layer.rsplit_once('_') {
        Some((class, count)) if count.parse::<usize>().is_ok() => format!("{class}/{rest}"),
        _ => name.to_owned(),
    }
}

/// The arrays of one fixture file.
pub struct Fixture {
    name: String,
    tensors: SafeTensors<'static>,
}

impl Fixture {
    /// Opens `tests/fixtures/keras/NAME.safetensors`.
    pub fn open(name: &str) -> Self {
        let tensors = SafeTensors::deserialize(bytes(&format!("{name}.safetensors"))).expect(name);
        Self { name: name.to_owned(), tensors }
    }

    /// The names, as ours, and the shapes of the layer's weights.
    pub fn weights(&self) -> Vec<(String, Vec<usize>)> {
        let names = self.tensors.names().into_iter().filter_map(|name| name.strip_prefix("weight/"));
        names.map(|name| (uncounted(name), self.shape(&format!("weight/{name}")))).collect()
    }

    /// Keras's name of a weight.
    pub fn weight(&self, ours: &str) -> String {
        if self.has(&format!("weight/{ours}")) {
            return ours.to_owned();
        }
        let mut names = self.tensors.names().into_iter().filter_map(|name| name.strip_prefix("weight/"));
        // Keras's names of what is within a model within a model do not say so.
        let is_meant = |name: &&str| uncounted(name) == ours || ours.ends_with(&format!("/{name}"));
        names.find(is_meant).unwrap_or_else(|| panic!("{} has no {ours}", self.name)).to_owned()
    }

    /// Whether there is an array of this name.
    pub fn has(&self, tensor: &str) -> bool {
        self.tensors.tensor(tensor).is_ok()
    }

    fn words(&self, tensor: &str) -> impl Iterator<Item = [u8; 4]> {
        let view = self.tensors.tensor(tensor).unwrap_or_else(|error| panic!("{}/{tensor}: {error}", self.name));
        view.data().as_chunks::<4>().0.iter().copied()
    }

    /// An array of numbers, flat.
    pub fn numbers(&self, tensor: &str) -> Vec<f32> {
        self.words(tensor).map(f32::from_le_bytes).collect()
    }

    /// An array of ids, flat.
    pub fn ids(&self, tensor: &str) -> Vec<u32> {
        self.words(tensor).map(u32::from_le_bytes).collect()
    }

    /// The dimensions of an array.
    pub fn shape(&self, tensor: &str) -> Vec<usize> {
        self.tensors.tensor(tensor).expect(tensor).shape().to_vec()
    }

    /// [`assert_close`] to an array, noted as the error of `quantity` of the case that the file is.
    #[track_caller]
    pub fn check(&self, quantity: &'static str, tensor: &str, found: &[f32], tolerance: f32) {
        let case = self.name.rsplit('/').next().expect("a part");
        self.check_case((case, quantity), tensor, found, tolerance);
    }

    /// [`Fixture::check`] where the file has several cases.
    #[track_caller]
    pub fn check_case(&self, (case, quantity): (&str, &'static str), tensor: &str, found: &[f32], tolerance: f32) {
        let error = assert_close(&format!("{}/{tensor}", self.name), found, &self.numbers(tensor), tolerance);
        parity::note(case, quantity, f64::from(error));
    }
}

/// The names of the fixtures in a folder.
pub fn names(folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(root().join(folder)).expect(folder).map(|file| file.expect(folder).path());
    let fixtures = files.filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    fixtures.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

/// A JSON fixture.
pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(bytes(name)).expect(name)
}

/// The worst error of `found`, relative to the largest magnitude expected (at least `floor`).
pub fn worst_error(found: &[f32], expected: &[f32], floor: f32) -> f32 {
    assert_eq!(found.len(), expected.len(), "lengths differ");
    let scale = expected.iter().filter(|x| x.is_finite()).fold(floor, |most, x| most.max(x.abs()));
    found
        .iter()
        .zip(expected)
        .map(|(a, b)| if a == b || (a.is_nan() && b.is_nan()) { 0.0 } else { (a - b).abs() / scale })
        .fold(0.0, |worst, error| if error.is_nan() { f32::INFINITY } else { worst.max(error) })
}

/// Fails unless each number is Keras's within `tolerance`, relative to the array's largest; gives the worst error.
#[track_caller]
pub fn assert_close(what: &str, found: &[f32], expected: &[f32], tolerance: f32) -> f32 {
    let error = worst_error(found, expected, 1e-3);
    assert!(error <= tolerance, "{what}: worst relative error {error:e}\nfound    {found:?}\nexpected {expected:?}");
    error
}
