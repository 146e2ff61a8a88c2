//! Copies of models that never are on the stack.

/// How many bytes of a model may go through the stack: a thread has 2 MB, and a copy is there more than once.
pub const MOST_ON_THE_STACK: usize = 256 * 1024;

/// What generated code asks where `Clone` is derived for a model: where it is too large, the answer is deprecated, of which
/// the compiler warns.
pub struct CloneOf<const TOO_LARGE: bool>;

impl CloneOf<false> {
    /// There is room for it.
    pub const fn fits_the_stack() {}
}

impl CloneOf<true> {
    /// There may be none.
    #[deprecated(
        note = "this model takes more than 256 KB, and a derived `clone()` puts all of it on the stack, which may overflow; without this derive, `clone()` of the boxed model makes the copy on the heap"
    )]
    pub const fn fits_the_stack() {}
}

/// Writes `Clone` of a model's box.
#[cfg(feature = "alloc")]
#[doc(hidden)]
#[macro_export]
macro_rules! clone_of_box {
    ($model:ident) => {
        impl ::core::clone::Clone for $crate::model::Box<$model> {
            fn clone(&self) -> Self {
                $crate::Model::duplicate(self)
            }
            fn clone_from(&mut self, source: &Self) {
                $crate::Model::copy_from(self, source)
            }
        }
    };
}
/// There is no box without a heap.
#[cfg(not(feature = "alloc"))]
#[doc(hidden)]
#[macro_export]
macro_rules! clone_of_box {
    ($model:ident) => {};
}
