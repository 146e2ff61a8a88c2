//! Which tensors a model's weight file has, and how large the file can be.

use std::collections::HashSet;

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
        let layout = Self { parameters };
        let distinct = layout.names().len();
        assert_eq!(distinct, layout.parameters.len(), "two parameters of the model have one name");
        layout
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

    /// The largest file of this model.
    pub fn file_limit(&self) -> usize {
        LENGTH_BYTES + self.header_limit() + self.data_bytes()
    }
}
