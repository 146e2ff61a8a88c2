//! What training moves: the weights of a layer or a model, each under its Keras name.

use core::fmt;
use core::marker::PhantomData;

use crate::initializers::Initializer;
use crate::{Shape, Tensor};

/// Data that may be made of zeroed memory and copied byte by byte.
///
/// `#[derive(Parameters)]` and `model!` implement it for structs whose fields all are `Plain`.
///
/// # Safety
/// All-zero bytes must be a valid value, and the type must own nothing: no pointer, no `Drop`.
pub unsafe trait Plain: Sized + Send + Sync + 'static {}
// SAFETY: zero bytes are 0.0, and a number owns nothing.
unsafe impl Plain for f32 {}
// SAFETY: an array is its elements.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: no bytes at all.
unsafe impl<T: Send + Sync + 'static> Plain for PhantomData<T> {}

/// Copies `from` over `to`, byte by byte, without a copy on the stack.
pub fn copy_plain<T: Plain>(from: &T, to: &mut T) {
    // SAFETY: both are valid for one T, cannot overlap (`to` is exclusive), and a plain type owns nothing.
    unsafe { core::ptr::copy_nonoverlapping(from, to, 1) }
}

/// A value of zeros on the heap, made there: it never is on the stack.
#[cfg(feature = "alloc")]
#[must_use]
pub fn zeroed_box<T: Plain>() -> alloc::boxed::Box<T> {
    // SAFETY: all-zero bytes are a valid T (T: Plain).
    unsafe { alloc::boxed::Box::<T>::new_zeroed().assume_init() }
}

/// So many values of zeros on the heap, made there.
#[cfg(feature = "alloc")]
#[must_use]
pub fn zeroed_vec<T: Plain>(length: usize) -> alloc::vec::Vec<T> {
    // SAFETY: all-zero bytes are a valid T (T: Plain).
    unsafe { alloc::boxed::Box::<[T]>::new_zeroed_slice(length).assume_init() }.into_vec()
}

/// Where a parameter stands: the names of the models and the layer around it.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'static str,
    frozen: bool,
}

impl Path<'_> {
    /// The path of the outermost model, whose own name does not count.
    pub const ROOT: Path<'static> = Path { parent: None, name: "", frozen: false };

    /// The path of a layer of this name.
    #[must_use]
    pub const fn layer(&self, name: &'static str) -> Path<'_> {
        Path { parent: Some(self), name, frozen: self.frozen }
    }

    /// The same path, all below it left alone by training.
    #[must_use]
    pub const fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent
            && !parent.name.is_empty()
        {
            write!(f, "{parent}/")?;
        }
        f.write_str(self.name)
    }
}

/// One array of weights, as [`Parameters::walk`] shows it. Displays as Keras's path, `dense/kernel`.
pub struct Parameter<'a> {
    /// The layer it belongs to.
    pub path: &'a Path<'a>,
    /// Its own name, `kernel`.
    pub name: &'static str,
    /// Its shape in Keras's layout.
    pub shape: Shape,
    /// Whether an optimizer may move it.
    pub trainable: bool,
    /// Whether its gradient comes in rows, one for each use of an id, which Keras squares apart:
    /// [`Layer::add_squares`](crate::Layer::add_squares).
    pub sparse: bool,
    /// What it is before training.
    pub initializer: Initializer,
}

impl<'a> Parameter<'a> {
    /// A trainable parameter, unless it stands below something frozen.
    #[must_use]
    pub const fn new(path: &'a Path<'a>, name: &'static str, shape: Shape, initializer: Initializer) -> Self {
        Self { path, name, shape, trainable: !path.frozen, sparse: false, initializer }
    }

    /// State that training keeps but no optimizer moves, such as a moving average.
    #[must_use]
    pub const fn state(path: &'a Path<'a>, name: &'static str, shape: Shape, initializer: Initializer) -> Self {
        Self { path, name, shape, trainable: false, sparse: false, initializer }
    }

    /// The same parameter, its gradient in rows: see [`Parameter::sparse`](Self#structfield.sparse).
    #[must_use]
    pub const fn in_rows(mut self) -> Self {
        self.sparse = true;
        self
    }
}

impl fmt::Display for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.path, self.name)
    }
}

/// What [`Parameters::walk`] calls for each parameter.
pub type Visit<'v, const K: usize> = dyn FnMut(&Parameter<'_>, [&mut [f32]; K]) + 'v;

/// The weights of a layer or a model, one after the other.
///
/// `#[derive(Parameters)]` writes this for a struct of arrays and of other layers.
pub trait Parameters: Plain {
    /// How many numbers there are.
    const COUNT: usize;
    /// How many of them no optimizer moves.
    const NON_TRAINABLE: usize = 0;
    /// Whether any parameter is [`Parameter::sparse`].
    const SPARSE: bool = false;

    /// Shows every parameter of `K` values of this type side by side, such as a model, its gradient
    /// and an optimizer's moments.
    fn walk<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>);

    /// Shows every parameter of one value, to read.
    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32]));
}

/// A struct's field that [`Parameters`] can walk: an array of numbers.
pub trait ParameterArray: Tensor<Element = f32> {
    /// Visits this array in `K` structs.
    fn visit<const K: usize>(these: [&mut Self; K], parameter: &Parameter<'_>, visit: &mut Visit<'_, K>) {
        visit(parameter, these.map(|array| Self::flat_mut(core::slice::from_mut(array))));
    }
    /// Visits this array to read.
    fn visit_ref(&self, parameter: &Parameter<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        visit(parameter, Self::flat(core::slice::from_ref(self)));
    }
}
impl<T: Tensor<Element = f32>> ParameterArray for T {}
