//! The weights of a layer or a model: a constant table of arrays, and the one walk over it.

mod constraints;
mod initializers;
mod mistakes;
#[doc(hidden)]
pub mod names;
mod options;
#[cfg(feature = "training")]
mod penalties;
mod random;
mod regularizers;
mod walk;

pub use constraints::{Axes, Constraint};
pub use initializers::{Distribution, Fan, Initializer};
pub(crate) use mistakes::{mistake, of_activity};
pub use options::{
    ArrayOptions, Configured, Defaults, NoOptions, Options, OptionsOf, OptionsWithin, Show, ShownOption,
};
#[cfg(feature = "training")]
pub use penalties::{add_penalty_gradient, constrain, penalty};
pub use random::Random;
pub use regularizers::{Regularizer, Vectors};
#[cfg(feature = "training")]
pub(crate) use walk::walk_entries;
pub use walk::{Parameter, Path, Visit, walk, walk_ref};
pub(crate) use walk::{copy_arrays, walk_places, walk_ref_with, walk_with, write_array};

use crate::shape::{Plain, Shape, Tensor};

/// The weights of a layer or a model, as a table that everything reads: initial values, optimizers, files, digests,
/// the summary.
///
/// `#[derive(Parameters)]` writes this for a struct of arrays and of other layers, and `model!` for a model. The
/// options `O` reach every entry, such as its initializer.
///
/// # Safety
/// Every entry lies within `Self` at its offset, no two overlap, an array is as many `f32` as its shape says, and the
/// entries of a layer are those of a layer at that place.
pub unsafe trait Parameters<O: OptionsOf<Self> = Defaults>: Plain + Configured {
    /// The arrays and the layers, in the order of the fields.
    const ENTRIES: &'static [Entry];
    /// How many numbers there are.
    const COUNT: usize = count(Self::ENTRIES);
    /// How many of them no optimizer moves.
    const NON_TRAINABLE: usize = non_trainable(Self::ENTRIES);
    /// Whether any array is [sparse](Array#structfield.sparse).
    const SPARSE: bool = has(Self::ENTRIES, Asked::Sparse);
    /// Whether any array has a [regularizer](Array#structfield.regularizer).
    const REGULARIZED: bool = has(Self::ENTRIES, Asked::Regularizer);
    /// Whether any array has a [constraint](Array#structfield.constraint).
    const CONSTRAINED: bool = has(Self::ENTRIES, Asked::Constraint);
}

/// One field of the struct of a layer or a model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The field's name in Keras, `kernel` or `dense_1`.
    pub name: &'static str,
    pub(crate) offset: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a field is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An array of numbers.
    Array(Array),
    /// A layer with weights of its own.
    Layer {
        /// They are.
        entries: &'static [Entry],
        /// Whether no optimizer moves them here.
        frozen: bool,
    },
}

/// What is known of one array of weights.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Array {
    /// Its shape in Keras's layout.
    pub shape: Shape,
    /// Whether an optimizer may move it.
    pub trainable: bool,
    /// Whether its gradient comes in rows, one for each use of an id, which Keras squares apart: see
    /// [`Backward::squares`](crate::layer::Backward#structfield.squares).
    pub sparse: bool,
    /// Whether it is to be taken from data before training, by the layer's `adapt`.
    pub adapted: bool,
    /// What it is before training.
    pub initializer: Initializer,
    /// What it adds to the loss.
    pub regularizer: Option<Regularizer>,
    /// What it is held to after each step.
    pub constraint: Option<Constraint>,
    /// The options by which these are given.
    options: [&'static str; 3],
}

impl Entry {
    /// A field that is an array: its offset, its shape in Keras's layout, which may be another of as many numbers, and
    /// what it begins with.
    ///
    /// # Panics
    /// When the shape has another number of numbers than the array: in a constant, an error of compilation.
    // So that the error shows no line of the standard library, which depends on whether its source is installed.
    #[must_use]
    #[track_caller]
    pub const fn array<T: Tensor<Element = f32>>(
        name: &'static str,
        offset: usize,
        shape: Shape,
        initializer: Initializer,
    ) -> Self {
        assert!(shape.length() == T::SHAPE.length(), "the shape of a parameter has as many numbers as its array");
        let (regularizer, constraint) = (None, None);
        let array = Array {
            shape,
            trainable: true,
            sparse: false,
            adapted: false,
            initializer,
            regularizer,
            constraint,
            options: [""; 3],
        };
        Self { name, offset, kind: Kind::Array(array) }
    }

    /// A field that is a layer, or a group of fields under a name of their own at the offset 0.
    #[must_use]
    pub const fn layer(name: &'static str, offset: usize, entries: &'static [Self]) -> Self {
        Self { name, offset, kind: Kind::Layer { entries, frozen: false } }
    }

    /// The same under a name, at this offset.
    #[must_use]
    pub const fn at(mut self, name: &'static str, offset: usize) -> Self {
        (self.name, self.offset) = (name, offset);
        self
    }

    /// The same, moved by no optimizer.
    #[must_use]
    pub const fn frozen(mut self) -> Self {
        match &mut self.kind {
            Kind::Array(array) => array.trainable = false,
            Kind::Layer { frozen, .. } => *frozen = true,
        }
        self
    }

    /// The same, its gradient in rows: see [`Array::sparse`](Array#structfield.sparse).
    #[must_use]
    pub const fn in_rows(mut self) -> Self {
        if let Kind::Array(array) = &mut self.kind {
            array.sparse = true;
        }
        self
    }

    /// The same, to be taken from data before training: see [`Array::adapted`](Array#structfield.adapted).
    #[must_use]
    pub const fn adapted(mut self) -> Self {
        if let Kind::Array(array) = &mut self.kind {
            array.adapted = true;
        }
        self
    }

    /// The same with what a user gave by a layer's options.
    #[must_use]
    pub const fn given(mut self, options: ArrayOptions) -> Self {
        if let Kind::Array(array) = &mut self.kind {
            if let Some(initializer) = options.initializer {
                array.initializer = initializer;
            }
            (array.regularizer, array.constraint) = (options.regularizer, options.constraint);
            array.options = options.names;
            // A penalty's gradient is one of the whole array, and Keras adds the rows to it.
            array.sparse &= options.regularizer.is_none();
        }
        self
    }
}

/// What may be asked of a table.
#[derive(Clone, Copy)]
enum Asked {
    Sparse,
    Regularizer,
    Constraint,
}

/// How many numbers these entries have; as many as a `usize` can say where there are more.
#[must_use]
pub const fn count(entries: &[Entry]) -> usize {
    let (mut total, mut i) = (0_usize, 0);
    while i < entries.len() {
        total = total.saturating_add(match &entries[i].kind {
            Kind::Array(array) => array.shape.length(),
            Kind::Layer { entries, .. } => count(entries),
        });
        i += 1;
    }
    total
}

/// How many of them no optimizer moves.
#[must_use]
pub const fn non_trainable(entries: &[Entry]) -> usize {
    let (mut total, mut i) = (0_usize, 0);
    while i < entries.len() {
        total = total.saturating_add(match &entries[i].kind {
            Kind::Array(Array { trainable: true, .. }) => 0,
            Kind::Array(array) => array.shape.length(),
            Kind::Layer { entries, frozen: true } => count(entries),
            Kind::Layer { entries, .. } => non_trainable(entries),
        });
        i += 1;
    }
    total
}

/// Whether any array of these entries is that, or has it.
const fn has(entries: &[Entry], asked: Asked) -> bool {
    let mut i = 0;
    while i < entries.len() {
        let found = match (&entries[i].kind, asked) {
            (Kind::Array(array), Asked::Sparse) => array.sparse,
            (Kind::Array(array), Asked::Regularizer) => array.regularizer.is_some(),
            (Kind::Array(array), Asked::Constraint) => array.constraint.is_some(),
            (Kind::Layer { entries, .. }, _) => has(entries, asked),
        };
        if found {
            return true;
        }
        i += 1;
    }
    false
}

/// Fails the compilation of weights that may lie anywhere, as those of a packed struct do.
#[doc(hidden)]
#[track_caller]
pub const fn assert_aligned<P: Parameters>() {
    assert!(
        P::COUNT == 0 || align_of::<P>() >= align_of::<f32>(),
        "weights cannot be packed: leave out `#[repr(packed)]`"
    );
}
