//! Memory that begins on whole lines of the cache.

/// Every wire begins at a multiple of so many `f32`, 64 bytes.
pub const ALIGNMENT: usize = 16;

/// An array that begins at a multiple of 64 bytes.
#[repr(C, align(64))]
pub struct Aligned<T>(pub T);

/// Rounds a number of floats up to whole lines of 64 bytes.
#[must_use]
#[inline]
pub const fn round_up(floats: usize) -> usize {
    floats.div_ceil(ALIGNMENT).saturating_mul(ALIGNMENT)
}

/// The product of sizes that a user chose; as many as a `usize` can say where there are more, which no memory holds.
#[must_use]
#[inline]
pub(super) const fn product_of(sizes: &[usize]) -> usize {
    let (mut product, mut i) = (1_usize, 0);
    while i < sizes.len() {
        product = product.saturating_mul(sizes[i]);
        i += 1;
    }
    product
}

/// Cuts a piece of this length off `memory`; the rest begins at the next line.
///
/// # Panics
/// When the memory is too short: the caller sized it by the same lengths.
#[inline]
pub fn piece(memory: &mut [f32], length: usize) -> (&mut [f32], &mut [f32]) {
    let (piece, rest) = memory.split_at_mut(round_up(length));
    (piece.split_at_mut(length).0, rest)
}

/// [`piece`] to read.
///
/// # Panics
/// When the memory is too short.
#[must_use]
#[inline]
pub fn piece_ref(memory: &[f32], length: usize) -> (&[f32], &[f32]) {
    let (piece, rest) = memory.split_at(round_up(length));
    (piece.split_at(length).0, rest)
}

/// The most floats that a pass of one sample takes from the stack, 64 KB.
#[cfg(feature = "alloc")]
const STACK_LIMIT: usize = 16 * 1024;

/// Calls back with `N` zeros, on the stack where that is at most 64 KB, otherwise on the heap.
///
/// Without the feature `alloc` it is always the stack.
pub fn with_floats<const N: usize, R>(call: impl FnOnce(&mut [f32]) -> R) -> R {
    #[cfg(feature = "alloc")]
    if N > STACK_LIMIT {
        return call(AlignedVec::zeroed(N).as_mut_slice());
    }
    on_stack::<N, R>(call)
}

fn on_stack<const N: usize, R>(call: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut floats = Aligned([0.0; N]);
    call(&mut floats.0)
}

/// A buffer on the heap that begins at a multiple of 64 bytes.
#[cfg(feature = "alloc")]
#[derive(Default)]
pub struct AlignedVec {
    lines: alloc::vec::Vec<Aligned<[f32; ALIGNMENT]>>,
}

#[cfg(feature = "alloc")]
impl AlignedVec {
    /// A buffer of at least so many zeros.
    #[must_use]
    pub fn zeroed(floats: usize) -> Self {
        let mut buffer = Self::default();
        buffer.grow(floats);
        buffer
    }

    /// Makes it hold at least so many numbers; does nothing if it does already.
    pub fn grow(&mut self, floats: usize) {
        let lines = floats.div_ceil(ALIGNMENT);
        if lines > self.lines.len() {
            self.lines.resize_with(lines, || Aligned([0.0; ALIGNMENT]));
        }
    }

    /// All of it, to read.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        let floats = self.lines.len() * ALIGNMENT;
        // SAFETY: as in `as_mut_slice`, with a shared borrow.
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), floats) }
    }

    /// All of it.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        let floats = self.lines.len() * ALIGNMENT;
        // SAFETY: `Aligned<[f32; 16]>` is 16 floats (64 bytes, its alignment) without padding, so
        // the lines are that many floats in a row, borrowed as long as `self` is.
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), floats) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_aligned_and_apart() {
        let mut memory = AlignedVec::zeroed(64);
        let (a, rest) = piece(memory.as_mut_slice(), 3);
        let (b, rest) = piece(rest, 17);
        let (c, rest) = piece(rest, 0);
        assert_eq!(rest.len(), 16);
        assert_eq!((a.len(), b.len(), c.len()), (3, 17, 0));
        assert!(a.as_ptr().addr().is_multiple_of(64) && b.as_ptr().addr().is_multiple_of(64));
        a.fill(1.0);
        assert!(b.iter().all(|x| *x == 0.0));
    }

    #[test]
    fn an_aligned_buffer_shows_all_of_its_lines_and_no_more() {
        let mut buffer = AlignedVec::zeroed(17);
        let slice = buffer.as_mut_slice();
        assert_eq!(slice.len(), 32);
        slice.fill(2.0);
        buffer.grow(33);
        assert_eq!(buffer.as_mut_slice().len(), 48);
        assert_eq!(buffer.as_mut_slice()[31..33], [2.0, 0.0]);
    }
}
