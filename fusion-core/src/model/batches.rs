//! How users hand batches to a model.

use super::Network;
use crate::layer::Wire;

/// Many samples of `T` in a row: a slice, an array, a `Vec`, a boxed slice. Plain `f32`s are samples of `[f32; 1]` too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch of samples of type `{T}`",
    label = "expected samples of type `{T}`",
    note = "a batch is a slice, an array or a `Vec` of samples; flat data becomes one by `rows::<{T}>(&flat)?`"
)]
pub trait Samples<T> {
    /// The samples.
    fn samples(&self) -> &[T];
}
impl<T> Samples<T> for [T] {
    fn samples(&self) -> &[T] {
        self
    }
}
impl<T, const N: usize> Samples<T> for [T; N] {
    fn samples(&self) -> &[T] {
        self
    }
}
#[cfg(feature = "alloc")]
impl<T> Samples<T> for alloc::vec::Vec<T> {
    fn samples(&self) -> &[T] {
        self
    }
}
/// Plain numbers are samples of one number each, as labels often come. The compiler does not propose them where something
/// else is given.
#[diagnostic::do_not_recommend]
impl Samples<[f32; 1]> for [f32] {
    fn samples(&self) -> &[[f32; 1]] {
        self.as_chunks().0
    }
}
#[diagnostic::do_not_recommend]
impl<const N: usize> Samples<[f32; 1]> for [f32; N] {
    fn samples(&self) -> &[[f32; 1]] {
        self.as_chunks().0
    }
}
#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl Samples<[f32; 1]> for alloc::vec::Vec<f32> {
    fn samples(&self) -> &[[f32; 1]] {
        self.as_chunks().0
    }
}
impl<T, S: Samples<T> + ?Sized> Samples<T> for &S {
    fn samples(&self) -> &[T] {
        (**self).samples()
    }
}
#[cfg(feature = "alloc")]
impl<T, S: Samples<T> + ?Sized> Samples<T> for alloc::boxed::Box<S> {
    fn samples(&self) -> &[T] {
        (**self).samples()
    }
}

/// What `predict_batch`, `fit` and `evaluate` accept as the inputs of a model.
#[diagnostic::on_unimplemented(
    message = "these are not the inputs of `{N}`",
    label = "`{N}` does not take `{Self}`",
    note = "give one batch for each input: `&rows` for a single input, a tuple `(&a_rows, &b_rows)` in their order, or the struct of the model's name and `Inputs {{ a: &a_rows, b: &b_rows }}`"
)]
pub trait IntoInputs<'a, N: Network> {
    /// The inputs by name.
    fn into_inputs(self) -> N::Inputs<'a>;
}

/// What [`Prepared::predict`](crate::Prepared::predict) accepts as one sample of a model.
#[diagnostic::on_unimplemented(
    message = "this is not a sample of `{N}`",
    label = "`{N}` does not take `{Self}`",
    note = "give one sample of each input: `&x` for a single input, a tuple `(&a, &b)` in their order, or the struct of the model's name and `Input {{ a: &a, b: &b }}`"
)]
pub trait IntoInput<'a, N: Network> {
    /// The inputs by name.
    fn into_input(self) -> N::Input<'a>;
}

impl<'a, N: SingleInput, S: SampleOf<N::Sample>> IntoInput<'a, N> for &'a S {
    fn into_input(self) -> N::Input<'a> {
        N::one_sample(self.sample())
    }
}

/// One sample of the only input.
#[diagnostic::on_unimplemented(
    message = "this is not a sample of the model's input",
    label = "expected `&{T}`, found `&{Self}`",
    note = "one sample goes to `predict`, many go to `predict_batch`"
)]
pub trait SampleOf<T> {
    /// It.
    fn sample(&self) -> &T;
}
impl<T> SampleOf<T> for T {
    fn sample(&self) -> &T {
        self
    }
}

/// A model with one input, which needs no name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has several inputs, but this is one batch",
    label = "one batch for several inputs",
    note = "give a batch for each input: a tuple `(&a_rows, &b_rows)` in their order, or `{Self}Inputs {{ a: &a_rows, b: &b_rows }}`"
)]
pub trait SingleInput: Network {
    /// One sample of the input.
    type Sample: 'static;
    /// A batch as the model's inputs.
    fn single(samples: &[Self::Sample]) -> Self::Inputs<'_>;
    /// One sample as the model's input.
    fn one_sample(sample: &Self::Sample) -> Self::Input<'_>;
}

impl<'a, N: SingleInput, S: Samples<N::Sample> + ?Sized> IntoInputs<'a, N> for &'a S {
    fn into_inputs(self) -> N::Inputs<'a> {
        N::single(self.samples())
    }
}

/// Whether the inputs of a model differ in shape, carried into a bound.
pub struct InputsDiffer<const HOLDS: bool>;

/// Inputs may go by position only where no two have one shape.
#[diagnostic::on_unimplemented(
    message = "two inputs of `{N}` have the same shape, so they must be given by name",
    label = "which input is which cannot be told by their shapes",
    note = "write `predict_named({N}Input {{ .. }})` for one sample and `{N}Inputs {{ .. }}` for many, with each input's name"
)]
pub trait ByPosition<N> {}
// Through a second trait, so that the compiler does not explain the condition beside the message.
#[diagnostic::do_not_recommend]
impl<N, C: Holds> ByPosition<N> for C {}

#[doc(hidden)]
pub trait Holds {}
impl Holds for InputsDiffer<true> {}

/// Whether no two of the inputs have the same shape and element; for [`InputsDiffer`].
#[must_use]
pub const fn all_differ(inputs: &[Wire]) -> bool {
    let mut i = 0;
    while i < inputs.len() {
        let mut j = i + 1;
        while j < inputs.len() {
            if inputs[i].carries(&inputs[j]) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}
