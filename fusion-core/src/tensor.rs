//! Plain nested arrays as tensors: `[f32; 32]`, `[[[f32; 3]; 28]; 28]`, `[u32; 100]`.

use crate::{Plain, Shape};

/// What a tensor is made of: `f32` numbers or `u32` ids.
pub trait Element: Tensor<Element = Self> + Copy + Default + PartialEq + core::fmt::Debug + Send + Sync {
    /// Rust's name of the type.
    const NAME: &'static str;
    /// Whether these are numbers; ids have no gradient.
    const IS_NUMBER: bool;
    /// These elements as numbers; nothing where they are ids.
    fn as_numbers(elements: &[Self]) -> &[f32];
    /// These elements as numbers to write; nothing where they are ids.
    fn as_numbers_mut(elements: &mut [Self]) -> &mut [f32];
    /// These elements as ids; nothing where they are numbers.
    fn as_ids(elements: &[Self]) -> &[u32];
    /// The slice of the two that is of this type.
    fn choose<'a>(numbers: &'a [f32], ids: &'a [u32]) -> &'a [Self];
    /// Numbers as this type; nothing where this type is ids.
    fn of_numbers_mut(numbers: &mut [f32]) -> &mut [Self];
}

/// The value of one sample on a wire: an array, nested up to four deep, of `f32` or `u32`.
///
/// A batch is a slice of these. The methods view a batch as flat elements and back, without
/// copying.
///
/// ```
/// use fusion_core::{Shape, Tensor};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(Image::SHAPE, Shape::new(&[28, 28, 1]));
/// assert_eq!(<[f32; 2]>::flat(&[[1.0, 2.0], [3.0, 4.0]]), [1.0, 2.0, 3.0, 4.0]);
/// ```
pub trait Tensor: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static {
    /// `f32` or `u32`.
    type Element: Element;
    /// Class ids for an array of `N` of these.
    type IdsOf<const N: usize>: Copy + Send + Sync + 'static;
    /// Class ids for this tensor of scores: one `u32` for each vector of scores.
    type ClassIds: Copy + Send + Sync + 'static;
    /// What is left without the first dimension, such as one step of a sequence; a scalar is its own.
    type Step: Tensor<Element = Self::Element>;
    /// The dimensions of one sample.
    const SHAPE: Shape;
    /// The sample that is zero everywhere.
    const ZERO: Self;
    /// The batch as one flat slice.
    fn flat(rows: &[Self]) -> &[Self::Element];
    /// The batch as one flat slice to write.
    fn flat_mut(rows: &mut [Self]) -> &mut [Self::Element];
    /// Flat elements as samples; a rest that fills no sample is left out.
    fn rows(flat: &[Self::Element]) -> &[Self];
    /// Flat elements as samples to write; a rest that fills no sample is left out.
    fn rows_mut(flat: &mut [Self::Element]) -> &mut [Self];
    /// Class ids as one flat slice.
    fn flat_ids<const N: usize>(ids: &[Self::IdsOf<N>]) -> &[u32];
    /// The class ids of a batch as one flat slice.
    fn class_ids(ids: &[Self::ClassIds]) -> &[u32];

    /// The batch as flat numbers; nothing where these are ids.
    fn numbers(rows: &[Self]) -> &[f32] {
        Self::Element::as_numbers(Self::flat(rows))
    }
    /// The batch as flat numbers to write; nothing where these are ids.
    fn numbers_mut(rows: &mut [Self]) -> &mut [f32] {
        Self::Element::as_numbers_mut(Self::flat_mut(rows))
    }
    /// The batch as flat ids; nothing where these are numbers.
    fn ids(rows: &[Self]) -> &[u32] {
        Self::Element::as_ids(Self::flat(rows))
    }
}

impl Element for f32 {
    const NAME: &'static str = "f32";
    const IS_NUMBER: bool = true;
    fn as_numbers(elements: &[f32]) -> &[f32] {
        elements
    }
    fn as_numbers_mut(elements: &mut [f32]) -> &mut [f32] {
        elements
    }
    fn as_ids(_: &[f32]) -> &[u32] {
        &[]
    }
    fn choose<'a>(numbers: &'a [f32], _: &'a [u32]) -> &'a [f32] {
        numbers
    }
    fn of_numbers_mut(numbers: &mut [f32]) -> &mut [f32] {
        numbers
    }
}

impl Element for u32 {
    const NAME: &'static str = "u32";
    const IS_NUMBER: bool = false;
    fn as_numbers(_: &[u32]) -> &[f32] {
        &[]
    }
    fn as_numbers_mut(_: &mut [u32]) -> &mut [f32] {
        &mut []
    }
    fn as_ids(elements: &[u32]) -> &[u32] {
        elements
    }
    fn choose<'a>(_: &'a [f32], ids: &'a [u32]) -> &'a [u32] {
        ids
    }
    fn of_numbers_mut(_: &mut [f32]) -> &mut [u32] {
        &mut []
    }
}

/// A single number or id is the tensor of rank 0 that the nested arrays are built on.
macro_rules! scalar {
    ($scalar:ty, $zero:literal) => {
        impl Tensor for $scalar {
            type Element = $scalar;
            type IdsOf<const N: usize> = u32;
            type ClassIds = u32;
            type Step = $scalar;
            const SHAPE: Shape = Shape::new(&[]);
            const ZERO: Self = $zero;
            fn flat(rows: &[Self]) -> &[$scalar] {
                rows
            }
            fn flat_mut(rows: &mut [Self]) -> &mut [$scalar] {
                rows
            }
            fn rows(flat: &[$scalar]) -> &[Self] {
                flat
            }
            fn rows_mut(flat: &mut [$scalar]) -> &mut [Self] {
                flat
            }
            fn flat_ids<const N: usize>(ids: &[u32]) -> &[u32] {
                ids
            }
            fn class_ids(ids: &[u32]) -> &[u32] {
                ids
            }
        }
    };
}
scalar!(f32, 0.0);
scalar!(u32, 0);

impl<T: Tensor, const N: usize> Tensor for [T; N] {
    type Element = T::Element;
    type IdsOf<const M: usize> = [T::IdsOf<N>; M];
    type ClassIds = T::IdsOf<N>;
    type Step = T;
    const SHAPE: Shape = T::SHAPE.prepend(N);
    const ZERO: Self = [T::ZERO; N];
    fn flat(rows: &[Self]) -> &[T::Element] {
        T::flat(rows.as_flattened())
    }
    fn flat_mut(rows: &mut [Self]) -> &mut [T::Element] {
        T::flat_mut(rows.as_flattened_mut())
    }
    fn rows(flat: &[T::Element]) -> &[Self] {
        T::rows(flat).as_chunks().0
    }
    fn rows_mut(flat: &mut [T::Element]) -> &mut [Self] {
        T::rows_mut(flat).as_chunks_mut().0
    }
    fn flat_ids<const M: usize>(ids: &[Self::IdsOf<M>]) -> &[u32] {
        T::flat_ids::<N>(ids.as_flattened())
    }
    fn class_ids(ids: &[Self::ClassIds]) -> &[u32] {
        T::flat_ids::<N>(ids)
    }
}

/// The array type of a shape: `<f32 as OfShape<2, 7, 6, 1, 1>>::Tensor` is `[[f32; 6]; 7]`.
pub trait OfShape<const RANK: usize, const A: usize, const B: usize, const C: usize, const D: usize> {
    /// The nested array.
    type Tensor: Tensor<Element = f32> + Plain;
}
impl<const A: usize, const B: usize, const C: usize, const D: usize> OfShape<1, A, B, C, D> for f32 {
    type Tensor = [f32; A];
}
impl<const A: usize, const B: usize, const C: usize, const D: usize> OfShape<2, A, B, C, D> for f32 {
    type Tensor = [[f32; B]; A];
}
impl<const A: usize, const B: usize, const C: usize, const D: usize> OfShape<3, A, B, C, D> for f32 {
    type Tensor = [[[f32; C]; B]; A];
}
impl<const A: usize, const B: usize, const C: usize, const D: usize> OfShape<4, A, B, C, D> for f32 {
    type Tensor = [[[[f32; D]; C]; B]; A];
}
