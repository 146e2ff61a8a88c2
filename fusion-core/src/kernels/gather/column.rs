//! A gathered product of a single column: its depth lies in the lanes of vectors.

use super::{Place, Task};
use crate::kernels::blocks::{Block, Blocks};
use crate::kernels::grid::Grid;
use crate::kernels::parts::SAMPLES;
use crate::kernels::simd::{MOST_LANES, Scalar, Simd};
use crate::kernels::strips::First;

impl<const ADDED: bool> Task<ADDED> {
    /// Adds the product of a single column block by block, where each lane has a sum of its own.
    ///
    /// # Safety
    /// As [`Task::multiply_column`], and there is depth.
    #[cfg_attr(not(unoptimized), inline(always))]
    pub(super) unsafe fn add_column<S: Simd>(&self, simd: S) {
        let [[far, near, _], [_, middle, inner]] = [self.depths.strides, self.depths.counts];
        let mut blocks = Blocks::new(self.depths.counts, SAMPLES * S::LANES);
        while !blocks.ended() {
            let Block { begin: [i, j, k], counts: [runs, steps] } = blocks.next();
            let block = Self {
                depths: Grid { counts: [1, runs, steps], ..self.depths },
                a: self.a.wrapping_add(i * far + j * near + k),
                b: self.b.wrapping_add((i * middle + j) * inner + k),
                ..*self
            };
            // SAFETY: the caller's promise, as the blocks are the task's depth.
            unsafe { block.multiply_column(simd) };
        }
    }

    /// The product of a single column, with the depth in lanes.
    ///
    /// # Safety
    /// As [`multiply_strips`](crate::kernels::strips::multiply_strips), and A's and B's depth lies in runs of neighbours.
    #[cfg_attr(not(unoptimized), inline(always))]
    pub(super) unsafe fn multiply_column<S: Simd>(&self, simd: S) {
        const ROWS: usize = 8;
        let rows = self.places[0] * self.places[1] * self.places[2];
        let [outer, middle, run] = self.depths.counts;
        let floor = if self.rectify { 0.0 } else { f32::NEG_INFINITY };
        let mut place = Place::default();
        for _ in 0..rows.div_ceil(ROWS) {
            let offsets = self.take::<ROWS>(&mut place);
            let mut sums = [simd.splat(0.0); ROWS];
            for (i, j) in (0..outer).flat_map(|i| (0..middle).map(move |j| (i, j))) {
                let a = self.a.wrapping_add(i * self.depths.strides[0] + j * self.depths.strides[1]);
                let b = self.b.wrapping_add((i * middle + j) * run);
                // SAFETY: the caller's promise; a run has so many numbers in a row.
                unsafe { add_run(simd, &mut sums, |row| a.wrapping_add(offsets[row].0), b, run) };
            }
            // SAFETY: the caller's promise. All is read before anything is written, as a row may come twice.
            unsafe {
                let firsts = offsets.map(|(_, c)| match self.first {
                    First::Zero => 0.0,
                    First::Row(row) => row.read(),
                    First::Result => self.c.wrapping_add(c).read(),
                });
                for ((sum, first), (_, c)) in sums.into_iter().zip(firsts).zip(offsets) {
                    self.c.wrapping_add(c).write(Scalar.max(floor, first + total(simd, sum)));
                }
            }
        }
    }
}

/// Adds the products of a run of `count` numbers of each row with those of `b`, lane by lane.
///
/// # Safety
/// `count` numbers are valid for reads from `b` and from each row on.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn add_run<S: Simd, const ROWS: usize>(
    simd: S,
    sums: &mut [S::Vector; ROWS],
    row: impl Fn(usize) -> *const f32,
    b: *const f32,
    count: usize,
) {
    let whole = count - count % S::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        for at in (0..whole).step_by(S::LANES) {
            let b = simd.load(b.add(at));
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum = simd.mul_add(simd.load(row(index).add(at)), b, *sum);
            }
        }
        if whole < count {
            let b = simd.load_first(b.add(whole), count - whole);
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum = simd.mul_add(simd.load_first(row(index).add(whole), count - whole), b, *sum);
            }
        }
    }
}

/// The sum of a vector's lanes.
#[cfg_attr(not(unoptimized), inline(always))]
fn total<S: Simd>(simd: S, vector: S::Vector) -> f32 {
    let mut lanes = [0.0; MOST_LANES];
    // SAFETY: no vector has more lanes.
    unsafe { simd.store(lanes.as_mut_ptr(), vector) };
    let mut count = S::LANES;
    while count > 1 {
        count /= 2;
        for lane in 0..count {
            lanes[lane] += lanes[lane + count];
        }
    }
    lanes[0]
}
