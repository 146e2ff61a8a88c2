//! Plain nested arrays as tensors: `[f32; 32]`, `[[[f32; 3]; 28]; 28]`, `[u32; 100]`.

use super::{Plain, Shape};

/// What a tensor is made of, as a value: numbers or ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ElementType {
    /// `f32` numbers.
    F32,
    /// `u32` ids, which have no gradient.
    U32,
}

impl ElementType {
    /// Whether these are numbers.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::F32)
    }

    /// Rust's name of the type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::U32 => "u32",
        }
    }
}

/// Nothing outside implements tensors: what is read and written through them rests on their shapes.
mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for u32 {}
    impl<T: Sealed, const N: usize> Sealed for [T; N] {}
}

/// What a tensor is made of: `f32` numbers or `u32` ids.
pub trait Element: Tensor<Element = Self> + Copy + Default + PartialEq + core::fmt::Debug + Send + Sync {
    /// Which of the two.
    const TYPE: ElementType;
    /// Whether these are numbers; ids have no gradient.
    const IS_NUMBER: bool = Self::TYPE.is_number();
    /// These elements as numbers; nothing where they are ids.
    fn as_numbers(elements: &[Self]) -> &[f32];
    /// These elements as numbers to write; nothing where they are ids.
    fn as_numbers_mut(elements: &mut [Self]) -> &mut [f32];
    /// These elements as ids; nothing where they are numbers.
    fn as_ids(elements: &[Self]) -> &[u32];
    /// These elements as the memory of a wire.
    fn as_memory(elements: &[Self]) -> &[f32];
    /// The same to write.
    fn as_memory_mut(elements: &mut [Self]) -> &mut [f32];
    /// The memory of a wire as these elements.
    fn from_memory(memory: &[f32]) -> &[Self];
    /// The same to write.
    fn from_memory_mut(memory: &mut [f32]) -> &mut [Self];
}

/// The value of one sample on a wire: an array, nested up to six deep, of `f32` or `u32`.
///
/// A batch is a slice of these. The methods view a batch as flat elements and back, without
/// copying.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::{Shape, Tensor};
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(Image::SHAPE, Shape::new(&[28, 28, 1]));
/// assert_eq!(<[f32; 2]>::flat(&[[1.0, 2.0], [3.0, 4.0]]), [1.0, 2.0, 3.0, 4.0]);
/// ```
pub trait Tensor: sealed::Sealed + Plain + Copy + PartialEq + core::fmt::Debug {
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
    #[inline]
    fn numbers(rows: &[Self]) -> &[f32] {
        Self::Element::as_numbers(Self::flat(rows))
    }
    /// The batch as flat numbers to write; nothing where these are ids.
    #[inline]
    fn numbers_mut(rows: &mut [Self]) -> &mut [f32] {
        Self::Element::as_numbers_mut(Self::flat_mut(rows))
    }
    /// The batch as flat ids; nothing where these are numbers.
    #[inline]
    fn ids(rows: &[Self]) -> &[u32] {
        Self::Element::as_ids(Self::flat(rows))
    }
    /// The batch as the memory of a wire, whatever its element, to copy it as it is.
    #[inline]
    fn memory(rows: &[Self]) -> &[f32] {
        Self::Element::as_memory(Self::flat(rows))
    }
    /// The same to write.
    #[inline]
    fn memory_mut(rows: &mut [Self]) -> &mut [f32] {
        Self::Element::as_memory_mut(Self::flat_mut(rows))
    }
    /// The memory of a wire as samples.
    #[inline]
    fn of_memory(memory: &[f32]) -> &[Self] {
        Self::rows(Self::Element::from_memory(memory))
    }
    /// The same to write.
    #[inline]
    fn of_memory_mut(memory: &mut [f32]) -> &mut [Self] {
        Self::rows_mut(Self::Element::from_memory_mut(memory))
    }
}

impl Element for f32 {
    const TYPE: ElementType = ElementType::F32;
    fn as_numbers(elements: &[f32]) -> &[f32] {
        elements
    }
    fn as_numbers_mut(elements: &mut [f32]) -> &mut [f32] {
        elements
    }
    fn as_ids(_: &[f32]) -> &[u32] {
        &[]
    }
    fn as_memory(elements: &[f32]) -> &[f32] {
        elements
    }
    fn as_memory_mut(elements: &mut [f32]) -> &mut [f32] {
        elements
    }
    fn from_memory(memory: &[f32]) -> &[f32] {
        memory
    }
    fn from_memory_mut(memory: &mut [f32]) -> &mut [f32] {
        memory
    }
}

impl Element for u32 {
    const TYPE: ElementType = ElementType::U32;
    fn as_numbers(_: &[u32]) -> &[f32] {
        &[]
    }
    fn as_numbers_mut(_: &mut [u32]) -> &mut [f32] {
        &mut []
    }
    fn as_ids(elements: &[u32]) -> &[u32] {
        elements
    }
    fn as_memory(elements: &[u32]) -> &[f32] {
        // SAFETY: `u32` and `f32` have one size and alignment, any bits are a value of each, and the borrow stays.
        unsafe { core::slice::from_raw_parts(elements.as_ptr().cast(), elements.len()) }
    }
    fn as_memory_mut(elements: &mut [u32]) -> &mut [f32] {
        // SAFETY: as in `as_memory`; the borrow is exclusive as before.
        unsafe { core::slice::from_raw_parts_mut(elements.as_mut_ptr().cast(), elements.len()) }
    }
    fn from_memory(memory: &[f32]) -> &[u32] {
        // SAFETY: as in `as_memory`, the other way round.
        unsafe { core::slice::from_raw_parts(memory.as_ptr().cast(), memory.len()) }
    }
    fn from_memory_mut(memory: &mut [f32]) -> &mut [u32] {
        // SAFETY: as in `as_memory`, the other way round; the borrow is exclusive as before.
        unsafe { core::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), memory.len()) }
    }
}

/// The numbers of a constant array, in a constant.
pub(crate) const fn numbers_of<T: Tensor<Element = f32>>(array: &'static T) -> &'static [f32] {
    // SAFETY: a tensor of numbers is as many `f32` as its shape says, one after the other, and the borrow stays.
    unsafe { core::slice::from_raw_parts(core::ptr::from_ref(array).cast(), T::SHAPE.length()) }
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
    const SHAPE: Shape = match T::SHAPE.prepend(N) {
        Some(shape) => shape,
        None => panic!("a tensor has at most six dimensions"),
    };
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

/// The array type of a shape: `<f32 as OfShape<2, 7, 6, 1, 1, 1, 1>>::Tensor` is `[[f32; 6]; 7]`.
///
/// `ELEMENT` 0 makes an array of numbers, 1 one of ids: an [`ElementType`] as a `usize`.
pub trait OfShape<
    const ELEMENT: usize,
    const RANK: usize,
    const A: usize,
    const B: usize,
    const C: usize,
    const D: usize,
    const E: usize,
    const F: usize,
>
{
    /// The nested array.
    type Tensor: Tensor;
}

/// Implements [`OfShape`] for a rank.
macro_rules! of_shape {
    ($element:literal $rank:literal $tensor:ty) => {
        impl<
            const A: usize,
            const B: usize,
            const C: usize,
            const D: usize,
            const E: usize,
            const F: usize,
        > OfShape<$element, $rank, A, B, C, D, E, F> for f32
        {
            type Tensor = $tensor;
        }
    };
    ($($rank:literal $number:ty, $id:ty;)*) => {
        $(of_shape!(0 $rank $number);
        of_shape!(1 $rank $id);)*
    };
}
of_shape! {
    0 f32, u32;
    1 [f32; A], [u32; A];
    2 [[f32; B]; A], [[u32; B]; A];
    3 [[[f32; C]; B]; A], [[[u32; C]; B]; A];
    4 [[[[f32; D]; C]; B]; A], [[[[u32; D]; C]; B]; A];
    5 [[[[[f32; E]; D]; C]; B]; A], [[[[[u32; E]; D]; C]; B]; A];
    6 [[[[[[f32; F]; E]; D]; C]; B]; A], [[[[[[u32; F]; E]; D]; C]; B]; A];
}
