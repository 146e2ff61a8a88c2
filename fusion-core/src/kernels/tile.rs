//! The register tile: the one loop that all matrix products run in.
//!
//! A tile is a block of the result, some rows by some vectors, whose sums stay in registers
//! while the loop goes once through the depth. Each step loads the vectors of one row of B and
//! multiplies them with one element of each row of A. How many rows and vectors a tile has is
//! fixed per instruction set ([`strips`](super::strips)) so that sums, B's vectors and one element of A fill the
//! registers. Whole tiles and tiles with a masked last vector are compiled apart.
//!
//! All of it is inlined into one function for each instruction set, except in builds without
//! optimization: there every inlined call would keep its variables on the stack, 200 KB in all.

use super::parts::SAMPLES;
use super::simd::Simd;
use super::strips::{First, Task};

/// A tile of `ROWS` rows by `VECTORS` vectors. If it is not `WHOLE`, only the first `last` lanes
/// of its last vector are read and written.
#[derive(Clone, Copy)]
pub(super) struct Tile<S, const ROWS: usize, const VECTORS: usize, const WHOLE: bool> {
    pub simd: S,
    pub last: usize,
}

/// The sums of a tile.
pub(super) type Sums<S, const ROWS: usize, const VECTORS: usize> = [[<S as Simd>::Vector; VECTORS]; ROWS];

impl<S: Simd, const ROWS: usize, const VECTORS: usize> Tile<S, ROWS, VECTORS, true> {
    #[inline(always)]
    pub fn whole(simd: S) -> Self {
        Self { simd, last: S::LANES }
    }
}

// Pointers step with `wrapping_add`, as the last step of a loop may lead beyond the matrix.
impl<S: Simd, const ROWS: usize, const VECTORS: usize, const WHOLE: bool> Tile<S, ROWS, VECTORS, WHOLE> {
    /// Goes down the rows of the task. Of the last few it takes `HALF` together and then one by
    /// one, with `UNROLL` independent sums each so that additions need not wait for one another.
    ///
    /// # Safety
    /// As [`Strips::strip`](super::strips::Strips::strip).
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn run_down<const HALF: usize, const UNROLL: usize, const ADDED: bool>(self, task: &Task<ADDED>) {
        let mut row = 0;
        // SAFETY: the caller's promise, and the rows of every tile are the task's.
        unsafe {
            while row + ROWS <= task.rows {
                self.run::<1, ADDED>(task, row, 0);
                row += ROWS;
            }
            let Self { simd, last } = self;
            if row + HALF <= task.rows {
                Tile::<S, HALF, VECTORS, WHOLE> { simd, last }.run::<1, ADDED>(task, row, 0);
                row += HALF;
            }
            while row < task.rows {
                Tile::<S, 1, VECTORS, WHOLE> { simd, last }.run::<UNROLL, ADDED>(task, row, 0);
                row += 1;
            }
        }
    }

    /// Computes the tile whose first element is at `row` and `column`.
    ///
    /// # Safety
    /// As [`multiply_strips`](super::strips::multiply_strips), and the tile is inside the task's result.
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn run<const UNROLL: usize, const ADDED: bool>(self, task: &Task<ADDED>, row: usize, column: usize) {
        let c = task.c.wrapping_add(row * task.c_row_stride + column);
        let a = task.a.wrapping_add(row * task.row_stride());
        let b = task.b.wrapping_add(column);
        // SAFETY: the caller's promise.
        unsafe {
            let sums = if ADDED {
                let mut sums = self.sums_of_blocks::<UNROLL, ADDED>(task, a, b);
                self.add_result(task, c, &mut sums);
                sums
            } else {
                self.steps::<UNROLL, ADDED>(task, a, b, task.depth, self.first(task, c, column))
            };
            self.finish(task, c, sums);
        }
    }

    /// The sums of the depth, where each block of it begins at zero.
    ///
    /// # Safety
    /// As [`Tile::run`]; `a` and `b` are the tile's first elements.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn sums_of_blocks<const UNROLL: usize, const ADDED: bool>(
        self,
        task: &Task<ADDED>,
        mut a: *const f32,
        mut b: *const f32,
    ) -> Sums<S, ROWS, VECTORS> {
        let mut rest = task.depth;
        let mut holds = false;
        loop {
            let steps = rest.min(SAMPLES);
            rest -= steps;
            // SAFETY: the caller's promise; the blocks' depths are the task's.
            unsafe {
                let zero = [[self.simd.splat(0.0); VECTORS]; ROWS];
                let mut sums = self.steps::<UNROLL, ADDED>(task, a, b, steps, zero);
                if holds {
                    self.add_held(&mut sums, task.held);
                }
                if rest == 0 {
                    return sums;
                }
                self.hold(&sums, task.held);
            }
            holds = true;
            a = a.wrapping_add(steps * task.column_stride());
            b = b.wrapping_add(steps * task.b_row_stride);
        }
    }

    /// What the sums start from.
    ///
    /// # Safety
    /// As [`Tile::run`]; `c` is the tile's first element, in column `column`.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn first<const ADDED: bool>(
        self,
        task: &Task<ADDED>,
        c: *const f32,
        column: usize,
    ) -> Sums<S, ROWS, VECTORS> {
        let mut sums = [[self.simd.splat(0.0); VECTORS]; ROWS];
        // SAFETY: the caller's promise, as the tile has each row.
        unsafe {
            match task.first {
                First::Zero => {}
                First::Row(first) => sums = [self.load(first.wrapping_add(column)); ROWS],
                First::Result => {
                    for (row, sums) in sums.iter_mut().enumerate() {
                        *sums = self.load(c.wrapping_add(row * task.c_row_stride));
                    }
                }
            }
        }
        sums
    }

    /// `first` and the sums of so many steps.
    ///
    /// # Safety
    /// As [`Tile::run`]; `a` and `b` are the tile's elements at the first step.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn steps<const UNROLL: usize, const ADDED: bool>(
        self,
        task: &Task<ADDED>,
        mut a: *const f32,
        mut b: *const f32,
        steps: usize,
        first: Sums<S, ROWS, VECTORS>,
    ) -> Sums<S, ROWS, VECTORS> {
        let mut sums = [[[self.simd.splat(0.0); VECTORS]; ROWS]; UNROLL];
        sums[0] = first;
        let mut depth = 0;
        // SAFETY: the caller's promise; `a` and `b` are at step `depth`.
        unsafe {
            while depth + UNROLL <= steps {
                for sums in &mut sums {
                    self.step(task, a, b, sums);
                    a = a.wrapping_add(task.column_stride());
                    b = b.wrapping_add(task.b_row_stride);
                }
                depth += UNROLL;
            }
            while UNROLL > 1 && depth < steps {
                self.step(task, a, b, &mut sums[0]);
                a = a.wrapping_add(task.column_stride());
                b = b.wrapping_add(task.b_row_stride);
                depth += 1;
            }
        }
        self.total(sums)
    }

    /// Adds one step of the depth: a column of A times a row of B.
    ///
    /// # Safety
    /// As [`Tile::run`]; `a` and `b` are the tile's first elements at this step.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn step<const ADDED: bool>(
        self,
        task: &Task<ADDED>,
        a: *const f32,
        b: *const f32,
        sums: &mut Sums<S, ROWS, VECTORS>,
    ) {
        // SAFETY: the caller's promise.
        let b = unsafe { self.load(b) };
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, as the tile has this row.
            let a = self.simd.splat(unsafe { a.add(row * task.row_stride()).read() });
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = self.simd.mul_add(b, a, *sum);
            }
        }
    }

    /// Adds up independent sums, in pairs.
    #[cfg_attr(not(unoptimized), inline(always))]
    fn total<const UNROLL: usize>(self, mut sums: [Sums<S, ROWS, VECTORS>; UNROLL]) -> Sums<S, ROWS, VECTORS> {
        let mut count = UNROLL;
        while count > 1 {
            count /= 2;
            let (sums, others) = sums.split_at_mut(count);
            let sums = sums.as_flattened_mut().as_flattened_mut();
            for (sum, other) in sums.iter_mut().zip(others.as_flattened().as_flattened()) {
                *sum = self.simd.add(*sum, *other);
            }
        }
        sums[0]
    }

    /// Adds what the result holds.
    ///
    /// # Safety
    /// As [`Tile::run`]; `c` is the tile's first element.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn add_result<const ADDED: bool>(
        self,
        task: &Task<ADDED>,
        c: *const f32,
        sums: &mut Sums<S, ROWS, VECTORS>,
    ) {
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, as the tile has this row.
            let result = unsafe { self.load(c.wrapping_add(row * task.c_row_stride)) };
            for (sum, result) in sums.iter_mut().zip(result) {
                *sum = self.simd.add(*sum, result);
            }
        }
    }

    /// Rectifies and stores.
    ///
    /// # Safety
    /// As [`Tile::run`]; `c` is the tile's first element.
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn finish<const ADDED: bool>(self, task: &Task<ADDED>, c: *mut f32, sums: Sums<S, ROWS, VECTORS>) {
        // With this floor the maximum changes nothing, and there is no branch.
        let floor = if task.rectify { 0.0 } else { f32::NEG_INFINITY };
        let floor = self.simd.splat(floor);
        for (row, sums) in sums.into_iter().enumerate() {
            let c = c.wrapping_add(row * task.c_row_stride);
            // SAFETY: the caller's promise, as the tile has this row.
            unsafe { self.store(c, sums.map(|sum| self.simd.max(floor, sum))) };
        }
    }

    /// # Safety
    /// The tile's columns from `from` on are valid for reads.
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn load(self, from: *const f32) -> [S::Vector; VECTORS] {
        let mut vectors = [self.simd.splat(0.0); VECTORS];
        for (index, vector) in vectors.iter_mut().enumerate() {
            let from = from.wrapping_add(index * S::LANES);
            // SAFETY: the caller's promise.
            *vector = unsafe {
                if WHOLE || index + 1 < VECTORS { self.simd.load(from) } else { self.simd.load_first(from, self.last) }
            };
        }
        vectors
    }

    /// # Safety
    /// The tile's columns from `to` on are valid for writes.
    #[cfg_attr(not(unoptimized), inline(always))]
    pub unsafe fn store(self, to: *mut f32, vectors: [S::Vector; VECTORS]) {
        for (index, vector) in vectors.into_iter().enumerate() {
            let to = to.wrapping_add(index * S::LANES);
            // SAFETY: the caller's promise.
            unsafe {
                if WHOLE || index + 1 < VECTORS {
                    self.simd.store(to, vector);
                } else {
                    self.simd.store_first(to, vector, self.last);
                }
            }
        }
    }
}
