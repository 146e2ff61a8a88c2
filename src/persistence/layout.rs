//! Which tensors a model's weight file has, and how large the file can be.

use std::collections::HashSet;

use fusion_core::model::Network;
use fusion_core::persistence::MOST_GOLDEN;
use fusion_core::shape::Shape;
use fusion_core::weights::{Parameters, walk_ref};
use safetensors::Dtype;

/// Bytes of the header's length, at the beginning of every safetensors file.
pub(super) const LENGTH_BYTES: usize = size_of::<u64>();

/// What the header may have besides what is of its tensors: other metadata, padding.
const HEADER_ALLOWANCE: usize = 64 * 1024;
/// What a tensor's entry may have besides its name: dtype, six dimensions, offsets, spaces; and where its layer stands.
const ENTRY_ALLOWANCE: usize = 384;
/// The most bytes that JSON takes for one byte of a name, `\u0001`, and as much again for a `Sequential`'s name and for
/// the name of its layer.
const NAME_ALLOWANCE: usize = 18;

/// What a file of Keras's may have besides weights, for each of them, and how often it may have a number for each.
#[cfg(feature = "keras")]
const ARCHIVE_ALLOWANCE: usize = 16 * 1024 * 1024;
#[cfg(feature = "keras")]
const GROUP_ALLOWANCE: usize = 64 * 1024;
#[cfg(feature = "keras")]
const OPTIMIZER_ALLOWANCE: usize = 8;

/// One parameter of the model.
pub(super) struct Expected {
    /// Its Keras path, `dense/kernel`.
    pub name: String,
    pub shape: Shape,
    /// Of which numbers it is.
    pub dtype: Dtype,
}

impl Expected {
    /// How many bytes its values have in the file.
    pub fn bytes(&self) -> usize {
        self.shape.length() * self.dtype.bitsize() / 8
    }
}

/// The model's parameters, in the order of the walk.
pub(super) struct Layout {
    pub parameters: Vec<Expected>,
    /// The most bytes of golden samples and ranges.
    extra_bytes: usize,
}

impl Layout {
    /// The layout of this model.
    ///
    /// # Panics
    /// If two parameters have one name.
    pub fn of<P: Parameters>(model: &P) -> Self {
        let mut parameters = Vec::new();
        walk_ref(model, &mut |parameter, _| {
            let (name, shape) = (parameter.to_string(), parameter.array.shape);
            parameters.push(Expected { name, shape, dtype: Dtype::F32 });
        });
        Self::of_tensors(parameters)
    }

    /// The layout of these tensors.
    ///
    /// # Panics
    /// If two of them have one name.
    pub fn of_tensors(parameters: Vec<Expected>) -> Self {
        let layout = Self { parameters, extra_bytes: 0 };
        let distinct = layout.names().len();
        assert_eq!(distinct, layout.parameters.len(), "two parameters of the model have one name");
        layout
    }

    /// The same for a file of the model, which may have more in it.
    pub fn with_extras<N: Network>(model: &N) -> Self {
        let lengths = |shapes: &mut dyn Iterator<Item = Shape>| shapes.map(|shape| shape.length()).sum::<usize>();
        let inputs = lengths(&mut N::GRAPH.inputs.iter().map(|input| input.shape));
        let outputs = lengths(&mut N::GRAPH.outputs.iter().map(|(_, step)| N::GRAPH.steps[*step].output.shape));
        let numbers = MOST_GOLDEN.saturating_mul(inputs.saturating_add(outputs)).saturating_add(2 * inputs);
        Self { extra_bytes: numbers.saturating_mul(size_of::<f32>()), ..Self::of(model) }
    }

    /// The names of all parameters.
    pub fn names(&self) -> HashSet<&str> {
        self.parameters.iter().map(|expected| expected.name.as_str()).collect()
    }

    /// How many bytes the values of all parameters have.
    pub fn data_bytes(&self) -> usize {
        self.parameters.iter().map(Expected::bytes).sum()
    }

    /// The longest header that a file of this model can have.
    ///
    /// It is what keeps a hostile file from making the JSON parser allocate much.
    pub fn header_limit(&self) -> usize {
        let entry = |expected: &Expected| ENTRY_ALLOWANCE + NAME_ALLOWANCE * expected.name.len();
        HEADER_ALLOWANCE + self.parameters.iter().map(entry).sum::<usize>()
    }

    /// The largest file of Keras's of this model: an optimizer keeps up to three numbers for each weight, and HDF5 takes some
    /// thousand bytes for each layer.
    #[cfg(feature = "keras")]
    pub fn archive_limit(&self) -> usize {
        let groups = ARCHIVE_ALLOWANCE + self.parameters.len() * GROUP_ALLOWANCE;
        groups + OPTIMIZER_ALLOWANCE * self.data_bytes()
    }

    /// The largest file of this model.
    pub fn file_limit(&self) -> usize {
        (LENGTH_BYTES + self.header_limit() + self.data_bytes()).saturating_add(self.extra_bytes)
    }
}
