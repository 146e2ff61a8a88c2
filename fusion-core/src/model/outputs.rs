//! The outputs of a model as a tuple of tensors, and batches of them.

use core::marker::PhantomData;

#[cfg(feature = "alloc")]
use crate::shape::zeroed_vec;
use crate::shape::{Shape, Tensor};

/// A batch of predictions of one output, on the heap.
#[cfg(feature = "alloc")]
pub type Rows<T> = alloc::vec::Vec<T>;
/// Without a heap there is room for no sample.
#[cfg(not(feature = "alloc"))]
pub type Rows<T> = [T; 0];

/// A tuple of output tensors, `([f32; 1], [f32; 4])`.
///
/// Outputs are numbers, as `model!` checks.
pub trait Outputs: 'static {
    /// The batch of each: `(&[[f32; 1]], &[[f32; 4]])`.
    type Slices<'a>: Copy;
    /// The same to write.
    type SlicesMut<'a>: Send;
    /// Batches that own their samples: `(Vec<[f32; 1]>, Vec<[f32; 4]>)`.
    type Rows;
    /// How many outputs there are.
    const COUNT: usize;
    /// Their shapes.
    const SHAPES: &'static [Shape];
    /// The outputs, asked for by index as flat numbers.
    fn slices<'a>(numbers: impl Fn(usize) -> &'a [f32]) -> Self::Slices<'a>;
    /// The same to write; each is asked for once, in order.
    fn slices_mut<'a>(numbers: impl FnMut(usize) -> &'a mut [f32]) -> Self::SlicesMut<'a>;
    /// Zeros for so many samples.
    #[cfg(feature = "alloc")]
    fn rows(samples: usize) -> Self::Rows;
    /// The rows to write.
    fn rows_mut(rows: &mut Self::Rows) -> Self::SlicesMut<'_>;
    /// For how many samples there is room for each output, in order.
    fn room(slices: &Self::SlicesMut<'_>, room: &mut dyn FnMut(usize));
    /// Calls back with the numbers of each output, in order.
    fn numbers(slices: Self::Slices<'_>, each: &mut dyn FnMut(&[f32]));
    /// Calls back with the numbers of each output in two batches.
    fn pairs(one: &Self::SlicesMut<'_>, other: &Self::SlicesMut<'_>, pair: &mut dyn FnMut(&[f32], &[f32]));
    /// The first so many samples of each, and the others.
    fn split_at_mut(slices: Self::SlicesMut<'_>, samples: usize) -> (Self::SlicesMut<'_>, Self::SlicesMut<'_>);
    /// Copies the outputs of some samples to those from `start` on.
    fn copy(from: Self::Slices<'_>, to: &mut Self::SlicesMut<'_>, start: usize);
}

/// Whether no two outputs of a model have the same shape, carried into a bound.
pub struct OutputsDiffer<const HOLDS: bool>;

/// Whether no two of these shapes are the same; for [`OutputsDiffer`].
#[must_use]
pub const fn shapes_differ(shapes: &[Shape]) -> bool {
    let mut i = 0;
    while i < shapes.len() {
        let mut j = i + 1;
        while j < shapes.len() {
            if shapes[i].equals(&shapes[j]) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// The outputs of a model whose declaration has a mistake: whatever is given for them is right, so that only the
/// mistake is reported.
pub struct Broken<O>(PhantomData<O>);

/// The most outputs that a model may have.
pub const MOST_OUTPUTS: usize = 16;

/// Implements [`Outputs`] for tuples up to the longest.
macro_rules! outputs {
    ($($output:ident $place:tt)+) => {
        outputs!(@ [] $($output $place)+);
    };
    (@ [$($known:ident $known_place:tt)*] $output:ident $place:tt $($rest:tt)*) => {
        outputs!(= $($known $known_place)* $output $place);
        outputs!(@ [$($known $known_place)* $output $place] $($rest)*);
    };
    (@ [$($known:tt)*]) => {};
    (= $($output:ident $place:tt)+) => {
        impl<$($output: Tensor),+> Outputs for ($($output,)+) {
            type Slices<'a> = ($(&'a [$output],)+);
            type SlicesMut<'a> = ($(&'a mut [$output],)+);
            type Rows = ($(Rows<$output>,)+);
            const COUNT: usize = [$($place),+].len();
            const SHAPES: &'static [Shape] = &[$($output::SHAPE),+];
            #[inline]
            fn slices<'a>(numbers: impl Fn(usize) -> &'a [f32]) -> Self::Slices<'a> {
                ($($output::of_memory(numbers($place)),)+)
            }
            #[inline]
            fn slices_mut<'a>(mut numbers: impl FnMut(usize) -> &'a mut [f32]) -> Self::SlicesMut<'a> {
                ($($output::of_memory_mut(numbers($place)),)+)
            }
            #[cfg(feature = "alloc")]
            fn rows(samples: usize) -> Self::Rows {
                ($(zeroed_vec::<$output>(samples),)+)
            }
            fn rows_mut(rows: &mut Self::Rows) -> Self::SlicesMut<'_> {
                ($(&mut rows.$place[..],)+)
            }
            fn room(slices: &Self::SlicesMut<'_>, room: &mut dyn FnMut(usize)) {
                $(room(slices.$place.len());)+
            }
            fn numbers(slices: Self::Slices<'_>, each: &mut dyn FnMut(&[f32])) {
                $(each($output::numbers(slices.$place));)+
            }
            fn pairs(one: &Self::SlicesMut<'_>, other: &Self::SlicesMut<'_>, pair: &mut dyn FnMut(&[f32], &[f32])) {
                $(pair($output::numbers(&*one.$place), $output::numbers(&*other.$place));)+
            }
            fn split_at_mut(slices: Self::SlicesMut<'_>, samples: usize) -> (Self::SlicesMut<'_>, Self::SlicesMut<'_>) {
                let parts = ($(slices.$place.split_at_mut(samples),)+);
                (($(parts.$place.0,)+), ($(parts.$place.1,)+))
            }
            fn copy(from: Self::Slices<'_>, to: &mut Self::SlicesMut<'_>, start: usize) {
                $(to.$place[start..][..from.$place.len()].copy_from_slice(from.$place);)+
            }
        }
    };
}
outputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);

impl<O: Outputs> Outputs for Broken<O> {
    type Slices<'a> = O::Slices<'a>;
    type SlicesMut<'a> = O::SlicesMut<'a>;
    type Rows = O::Rows;
    const COUNT: usize = O::COUNT;
    const SHAPES: &'static [Shape] = O::SHAPES;
    fn slices<'a>(numbers: impl Fn(usize) -> &'a [f32]) -> O::Slices<'a> {
        O::slices(numbers)
    }
    fn slices_mut<'a>(numbers: impl FnMut(usize) -> &'a mut [f32]) -> O::SlicesMut<'a> {
        O::slices_mut(numbers)
    }
    #[cfg(feature = "alloc")]
    fn rows(samples: usize) -> O::Rows {
        O::rows(samples)
    }
    fn rows_mut(rows: &mut O::Rows) -> O::SlicesMut<'_> {
        O::rows_mut(rows)
    }
    fn room(slices: &O::SlicesMut<'_>, room: &mut dyn FnMut(usize)) {
        O::room(slices, room);
    }
    fn numbers(slices: O::Slices<'_>, each: &mut dyn FnMut(&[f32])) {
        O::numbers(slices, each);
    }
    fn pairs(one: &O::SlicesMut<'_>, other: &O::SlicesMut<'_>, pair: &mut dyn FnMut(&[f32], &[f32])) {
        O::pairs(one, other, pair);
    }
    fn split_at_mut(slices: O::SlicesMut<'_>, samples: usize) -> (O::SlicesMut<'_>, O::SlicesMut<'_>) {
        O::split_at_mut(slices, samples)
    }
    fn copy(from: O::Slices<'_>, to: &mut O::SlicesMut<'_>, start: usize) {
        O::copy(from, to, start);
    }
}
