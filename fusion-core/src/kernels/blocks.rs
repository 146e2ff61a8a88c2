//! A tile whose depth is samples: it is added up in blocks, see [`parts`](super::parts).

#[cfg(feature = "training")]
use core::mem::MaybeUninit;

#[cfg(feature = "training")]
use super::simd::MOST_LANES;
use super::simd::Simd;
use super::tile::{Sums, Tile};

/// Vectors in the largest tile.
const MOST_VECTORS: usize = 24;

/// Memory where the sums of a tile wait while its next block is added up, whole vectors side by side.
///
/// It belongs to whoever dispatches, so that the compiler knows nothing of it where the loop is: sums that it knew it
/// would keep in the registers that the tile needs.
#[cfg(feature = "training")]
#[repr(align(64))]
pub(super) struct Held(MaybeUninit<[[f32; MOST_LANES]; MOST_VECTORS]>);

#[cfg(feature = "training")]
impl Held {
    pub fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// Valid for reads and writes of all of it.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

/// The blocks of a depth of three nested loops: each is one run of the inner loop or a part of it, or several runs.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    counts: [usize; 3],
    most: [usize; 2],
    next: [usize; 3],
}

/// Where a block begins, and how many runs it has and how many steps in each.
pub(super) struct Block {
    pub begin: [usize; 3],
    pub counts: [usize; 2],
}

impl Blocks {
    /// Blocks of at most `steps` steps, which is not zero. There has to be depth.
    #[inline(always)]
    pub fn new(counts: [usize; 3], steps: usize) -> Self {
        Self { counts, most: [(steps / counts[2]).max(1), steps], next: [0; 3] }
    }

    #[inline(always)]
    pub fn next(&mut self) -> Block {
        let [outer, middle, inner] = self.counts;
        let begin @ [i, j, k] = self.next;
        let counts @ [runs, steps] = [self.most[0].min(middle - j), self.most[1].min(inner - k)];
        self.next = match (k + steps < inner, j + runs < middle) {
            (true, _) => [i, j, k + steps],
            (false, true) => [i, j + runs, 0],
            (false, false) => [i + 1, 0, 0],
        };
        debug_assert!(i < outer, "a block after the last");
        Block { begin, counts }
    }

    /// Whether there was the last.
    #[inline(always)]
    pub fn ended(&self) -> bool {
        self.next[0] == self.counts[0]
    }
}

impl<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool> Tile<S, ROWS, VECTORS, WHOLE> {
    /// Writes the sums to `held`.
    ///
    /// # Safety
    /// `held` is that of a [`Held`].
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn hold(self, sums: &Sums<S, ROWS, VECTORS>, held: *mut f32) {
        const { assert!(ROWS * VECTORS <= MOST_VECTORS) };
        for (index, sum) in sums.as_flattened().iter().enumerate() {
            // SAFETY: the caller's promise, as there is room for so many vectors.
            unsafe { self.simd.store(held.add(index * S::LANES), *sum) };
        }
    }

    /// Adds what `held` has to the sums.
    ///
    /// # Safety
    /// `held` is where a tile of this size was written by [`Tile::hold`].
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn add_held(self, sums: &mut Sums<S, ROWS, VECTORS>, held: *const f32) {
        for (index, sum) in sums.as_flattened_mut().iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *sum = self.simd.add(unsafe { self.simd.load(held.add(index * S::LANES)) }, *sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn blocks_are_the_depth_in_its_order() {
        for (counts, steps) in
            [([1, 1, 1], 4), ([1, 26, 26], 64), ([2, 3, 5], 10), ([2, 3, 5], 11), ([3, 2, 9], 4), ([1, 1, 130], 64)]
        {
            let mut found = Vec::new();
            let mut blocks = Blocks::new(counts, steps);
            while !blocks.ended() {
                let Block { begin: [i, j, k], counts: [runs, across] } = blocks.next();
                assert!(0 < runs * across && runs * across <= steps, "{counts:?} in blocks of {steps}");
                assert!(runs == 1 || across == counts[2], "several runs are whole");
                found.extend((j..j + runs).flat_map(|j| (k..k + across).map(move |k| [i, j, k])));
            }
            let [outer, middle, inner] = counts;
            let all = (0..outer).flat_map(|i| (0..middle).flat_map(move |j| (0..inner).map(move |k| [i, j, k])));
            assert!(found.into_iter().eq(all), "{counts:?} in blocks of {steps}");
        }
    }
}
