//! A layer's weights in a prepared model: of which kind, how many bytes they take, and where they lie.

use core::marker::PhantomData;

use crate::kernels::memory::{ALIGNMENT, round_up};
use crate::shape::value_in_mut;
use crate::weights::{OptionsOf, Parameters, copy_arrays};

/// What the weights of a [`Prepared`](crate::Prepared) model are: [`F32`], [`F16`] or [`Int8`].
///
/// The other kinds are those of kernels of [`Dense`](crate::layers::Dense); all other weights are `f32` as they are.
pub trait WeightKind: sealed::Sealed + Send + Sync + 'static {
    /// Which.
    #[doc(hidden)]
    const KIND: Kind;
}

/// Weights of 32 bits, as they are trained.
#[derive(Clone, Copy, Debug)]
pub struct F32;
/// Weights of 16 bits, IEEE 754's binary16: each within 1 / 2048 of itself. Beyond ±65504 it is that. What is computed with
/// them is `f32`.
#[doc(alias("float16", "half"))]
#[derive(Clone, Copy, Debug)]
pub struct F16;
/// Weights of 8 bits, as Keras's `model.quantize("int8")` makes them: of each output the largest magnitude becomes 127. Each
/// sample that comes to such a layer becomes integers in the same way when it comes.
#[doc(alias("quantize", "quantization"))]
#[derive(Clone, Copy, Debug)]
pub struct Int8;

impl WeightKind for F32 {
    const KIND: Kind = Kind::F32;
}
impl WeightKind for F16 {
    const KIND: Kind = Kind::F16;
}
impl WeightKind for Int8 {
    const KIND: Kind = Kind::Int8;
}

/// A [`WeightKind`] as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`F32`]
    F32,
    /// [`F16`]
    F16,
    /// [`Int8`]
    Int8,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::F32 {}
    impl Sealed for super::F16 {}
    impl Sealed for super::Int8 {}
}

/// Whether a layer may become one with another one in a prepared model.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Folding {
    /// It stays as it is.
    Nothing,
    /// What it gives is linear in its weights, so that a scale and an offset of each feature may go into them:
    /// [`Layer::fold`](super::Layer::fold).
    Linear,
    /// In inference it is nothing but a scale and an offset of each feature on the last axis, and these are its prepared
    /// weights.
    Scales,
}

/// How many bytes a layer's weights take in a prepared model, of each kind.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreparedBytes {
    pub f32: usize,
    pub f16: usize,
    pub int8: usize,
}

impl PreparedBytes {
    /// None.
    pub const NONE: Self = Self { f32: 0, f16: 0, int8: 0 };

    /// Those of the layer itself, whatever the kind.
    #[must_use]
    pub const fn as_it_is<L>() -> Self {
        Self { f32: size_of::<L>(), f16: size_of::<L>(), int8: size_of::<L>() }
    }

    /// Those of a scale and an offset of each feature, whatever the kind.
    #[must_use]
    pub(crate) const fn of_scale_and_offset(features: usize) -> Self {
        let bytes = floats_for::<f32>(features).saturating_mul(2 * size_of::<f32>());
        Self { f32: bytes, f16: bytes, int8: bytes }
    }

    /// Those of one kind, in whole lines of the cache.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> usize {
        const LINE: usize = ALIGNMENT * size_of::<f32>();
        let bytes = match kind {
            Kind::F32 => self.f32,
            Kind::F16 => self.f16,
            Kind::Int8 => self.int8,
        };
        bytes.div_ceil(LINE).saturating_mul(LINE)
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: &Self) -> Self {
        Self {
            f32: self.f32.saturating_add(other.of(Kind::F32)),
            f16: self.f16.saturating_add(other.of(Kind::F16)),
            int8: self.int8.saturating_add(other.of(Kind::Int8)),
        }
    }
}

/// Where weights lie, which a layer has written in its `prepare`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct PreparedWeights<'a> {
    /// The memory, from a whole line of the cache on.
    pub memory: &'a [f32],
    /// How many columns packed strips have.
    pub strip_columns: usize,
    /// What is added to each feature instead of the layer's bias, where another layer is folded into it.
    pub offset: Option<&'a [f32]>,
}

impl<'a> PreparedWeights<'a> {
    /// Weights in memory, packed in strips of so many columns.
    #[must_use]
    pub const fn new(memory: &'a [f32], strip_columns: usize) -> Self {
        Self { memory, strip_columns, offset: None }
    }

    /// What so many features are multiplied by, and what is added to them: the weights of a layer that does nothing else.
    pub(crate) fn scale_and_offset(&self, features: usize) -> [&'a [f32]; 2] {
        let (scale, rest) = bits(self.memory, features);
        [scale, &rest[..features]]
    }

    /// The same, which are of this kind.
    #[must_use]
    pub const fn of_kind<K: WeightKind>(self) -> PreparedOfKind<'a, K> {
        PreparedOfKind { weights: self, kind: PhantomData }
    }
}

/// Weights of a kind.
#[doc(hidden)]
pub struct PreparedOfKind<'a, K> {
    pub(crate) weights: PreparedWeights<'a>,
    kind: PhantomData<K>,
}

/// Copies a layer as it is to the beginning of memory of zeros.
pub(crate) fn copy_in<L: Parameters<O>, O: OptionsOf<L>>(layer: &L, memory: &mut [f32]) {
    copy_arrays::<L, O>(layer, value_in_mut(memory));
}

/// [`PreparedWeights::scale_and_offset`] to write.
pub(crate) fn scale_and_offset_mut(memory: &mut [f32], features: usize) -> [&mut [f32]; 2] {
    let (scale, rest) = bits_mut(memory, features);
    [scale, &mut rest[..features]]
}

/// Numbers that any bytes are, of which several may take the place of an `f32`.
///
/// # Safety
/// Any bytes must be a valid value, without padding, and the alignment must be at most that of an `f32`.
pub(crate) unsafe trait Bits: Copy {}
// SAFETY: any bytes are an integer.
unsafe impl Bits for i8 {}
// SAFETY: as above, aligned as an `f32`.
unsafe impl Bits for i32 {}
// SAFETY: any bytes are a number.
unsafe impl Bits for f32 {}
// SAFETY: it is an integer of 16 bits.
unsafe impl Bits for crate::kernels::Half {}

/// The first so many of these numbers that lie in memory, and the memory from the next whole line on.
pub(crate) fn bits<T: Bits>(memory: &[f32], count: usize) -> (&[T], &[f32]) {
    let (here, rest) = memory.split_at(floats_for::<T>(count));
    // SAFETY: the memory has room for so many, and any bytes are such numbers (T: Bits), aligned no more than an `f32`.
    (unsafe { core::slice::from_raw_parts(here.as_ptr().cast(), count) }, rest)
}

/// [`bits`] to write.
pub(crate) fn bits_mut<T: Bits>(memory: &mut [f32], count: usize) -> (&mut [T], &mut [f32]) {
    let (here, rest) = memory.split_at_mut(floats_for::<T>(count));
    // SAFETY: as in `bits`, borrowed exclusively; any bytes that are written are `f32`s.
    (unsafe { core::slice::from_raw_parts_mut(here.as_mut_ptr().cast(), count) }, rest)
}

/// How many `f32`, in whole lines, have room for so many of these numbers.
pub(crate) const fn floats_for<T>(count: usize) -> usize {
    round_up(count.saturating_mul(size_of::<T>()).div_ceil(size_of::<f32>()))
}
