//! Data that is nothing but its bytes.

use core::marker::PhantomData;

/// Data that may be made of zeroed memory and copied byte by byte.
///
/// `#[derive(Parameters)]` and `model!` implement it for structs whose fields all are `Plain`.
///
/// # Safety
/// Any bytes must be a valid value, those that are all zero and all others, and the type must own nothing: no pointer, no
/// `Drop`.
pub unsafe trait Plain: Sized + Send + Sync + 'static {
    /// Compiles where the field has the type `T`, and not one that only converts to it: derived code asks it of each
    /// field, as an attribute may have changed the struct after it was derived.
    ///
    /// It belongs to the trait that is derived, so that it is this function wherever the derive takes its paths from.
    #[doc(hidden)]
    fn __field<T>(_field: &impl sealed::Is<T>) {}
}
// SAFETY: any bytes are a number, zeros 0.0, and a number owns nothing.
unsafe impl Plain for f32 {}
// SAFETY: any bytes are a number, and a number owns nothing.
unsafe impl Plain for u32 {}
// SAFETY: an array is its elements.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: no bytes at all.
unsafe impl<T: Send + Sync + 'static> Plain for PhantomData<T> {}

/// Copies `from` over `to`, byte by byte, without a copy on the stack.
pub fn copy_plain<T: Plain>(from: &T, to: &mut T) {
    // SAFETY: both are valid for one T, cannot overlap (`to` is exclusive), and a plain type owns nothing.
    unsafe { core::ptr::copy_nonoverlapping(from, to, 1) }
}

/// A value of zeros.
#[must_use]
#[inline]
pub const fn zeroed<T: Plain>() -> T {
    // SAFETY: all-zero bytes are a valid T (T: Plain).
    unsafe { core::mem::zeroed() }
}

/// How many numbers are room enough for a value, wherever they begin.
pub(crate) const fn floats_of<T>() -> usize {
    (size_of::<T>() + align_of::<T>()).div_ceil(size_of::<f32>())
}

/// A value of zeros in memory of numbers, of which there are at least [`floats_of`].
///
/// # Panics
/// If there are fewer.
pub(crate) fn zeroed_in<T: Plain>(memory: &mut [f32]) -> &mut T {
    memory.fill(0.0);
    let start: *mut u8 = memory.as_mut_ptr().cast();
    let offset = start.align_offset(align_of::<T>());
    assert!(offset.saturating_add(size_of::<T>()) <= size_of_val(memory), "the memory is too short");
    // SAFETY: the place is aligned and lies, whole, within `memory`, which is borrowed exclusively for as long; all of its
    // bytes are zero, which is a valid T (T: Plain), and dropping nothing of what was there is right for numbers.
    unsafe { &mut *start.add(offset).cast::<T>() }
}

/// The value that lies at the beginning of memory of numbers.
///
/// # Panics
/// If the memory is too short for one or does not begin where one can.
pub(crate) fn value_in<T: Plain>(memory: &[f32]) -> &T {
    let start: *const T = memory.as_ptr().cast();
    assert!(size_of::<T>() <= size_of_val(memory) && start.is_aligned(), "the memory is no value's");
    // SAFETY: the place is aligned and lies, whole, within `memory`, which is borrowed for as long; any bytes are a valid T
    // (T: Plain), and numbers are bytes without padding.
    unsafe { &*start }
}

/// [`value_in`] to write: field by field, as a value that is written whole leaves bytes of which nothing is known between
/// its fields.
///
/// # Panics
/// As [`value_in`].
pub(crate) fn value_in_mut<T: Plain>(memory: &mut [f32]) -> &mut T {
    let start: *mut T = memory.as_mut_ptr().cast();
    assert!(size_of::<T>() <= size_of_val(memory) && start.is_aligned(), "the memory is no value's");
    // SAFETY: as in `value_in`, borrowed exclusively.
    unsafe { &mut *start }
}

/// So many values of zeros, which never are on the stack.
#[cfg(feature = "alloc")]
#[must_use]
pub fn zeroed_vec<T: Plain>(length: usize) -> alloc::vec::Vec<T> {
    // SAFETY: all-zero bytes are valid `T`s (T: Plain).
    unsafe { alloc::boxed::Box::<[T]>::new_zeroed_slice(length).assume_init() }.into_vec()
}

/// A value of zeros on the heap, made there: it never is on the stack.
#[cfg(feature = "alloc")]
#[must_use]
pub fn zeroed_box<T: Plain>() -> alloc::boxed::Box<T> {
    // SAFETY: all-zero bytes are a valid T (T: Plain).
    unsafe { alloc::boxed::Box::<T>::new_zeroed().assume_init() }
}

/// Nothing outside says that a type is another one.
mod sealed {
    /// A type and itself.
    #[diagnostic::on_unimplemented(
        message = "a field is `{Self}` now, but was declared as `{T}`",
        label = "another macro changed the struct",
        note = "an attribute below the derive, or within `model!`, may not change fields"
    )]
    pub trait Is<T> {}
    impl<T> Is<T> for T {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C, align(64))]
    struct Wide([f32; 3]);
    // SAFETY: as its array.
    unsafe impl Plain for Wide {}

    #[test]
    fn a_value_lies_in_memory_of_numbers_wherever_that_begins() {
        let mut memory = [f32::NAN; 100];
        for start in 0..20 {
            let place = &mut memory[start..start + floats_of::<Wide>()];
            let bounds = place.as_ptr_range();
            let value = zeroed_in::<Wide>(place);
            assert_eq!((value.0, core::ptr::from_ref(value).cast::<f32>().is_aligned()), ([0.0; 3], true));
            let address = core::ptr::from_ref(value).addr();
            assert!(address.is_multiple_of(64) && bounds.start.addr() <= address && address + 64 <= bounds.end.addr());
        }
        assert_eq!(zeroed_in::<PhantomData<f32>>(&mut [0.0]), &PhantomData);
    }

    #[test]
    #[should_panic = "the memory is too short"]
    fn too_little_memory_is_refused() {
        zeroed_in::<Wide>(&mut [0.0; 15]);
    }
}
