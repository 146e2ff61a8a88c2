//! The outputs of a model as a tuple of tensors.

use crate::shape::{Shape, Tensor};

/// A tuple of output tensors, `([f32; 1], [f32; 4])`.
///
/// Outputs are numbers, as `model!` checks.
pub trait Outputs: 'static {
    /// The batch of each: `(&[[f32; 1]], &[[f32; 4]])`.
    type Slices<'a>: Copy;
    /// The same to write.
    type SlicesMut<'a>;
    /// How many outputs there are.
    const COUNT: usize;
    /// Their shapes.
    const SHAPES: &'static [Shape];
    /// The outputs, asked for by index as flat numbers.
    fn slices<'a>(numbers: impl Fn(usize) -> &'a [f32]) -> Self::Slices<'a>;
    /// The same to write; each is asked for once, in order.
    fn slices_mut<'a>(numbers: impl FnMut(usize) -> &'a mut [f32]) -> Self::SlicesMut<'a>;
}

/// The most outputs that a model may have.
pub const MOST_OUTPUTS: usize = 16;

/// Implements [`Outputs`] for tuples up to the longest.
macro_rules! outputs {
    ($($output:ident $place:literal)+) => {
        outputs!(@ [] $($output $place)+);
    };
    (@ [$($known:ident $known_place:literal)*] $output:ident $place:literal $($rest:tt)*) => {
        outputs!(= $($known $known_place)* $output $place);
        outputs!(@ [$($known $known_place)* $output $place] $($rest)*);
    };
    (@ [$($known:tt)*]) => {};
    (= $($output:ident $place:literal)+) => {
        impl<$($output: Tensor),+> Outputs for ($($output,)+) {
            type Slices<'a> = ($(&'a [$output],)+);
            type SlicesMut<'a> = ($(&'a mut [$output],)+);
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
        }
    };
}
outputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);
