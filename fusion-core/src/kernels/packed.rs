//! Products with a matrix that was packed once: strips of its columns lie one after the other, so that one row and many
//! read it from the first number to the last.

use core::ptr::{null, null_mut};

use super::dispatch::{Op, dispatch};
use super::half::{half, half_to_f32};
use super::panel::{Panel, ROWS};
use super::product::Sizes;
use super::simd::{Scalar, Simd};
use super::strips::{First, Strips, Task, multiply_strips, widest};

/// A weight as it lies in memory: an `f32` or a [`Half`].
pub trait Packable: sealed::Sealed + Copy + Send + Sync + 'static {
    /// Whether it is an `f32`; if not, it has the 16 bits of a [`Half`].
    const IS_NUMBER: bool;
    /// The nearest one.
    fn of(number: f32) -> Self;
    /// The number that it is.
    fn number(self) -> f32;
}

impl Packable for f32 {
    const IS_NUMBER: bool = true;
    #[inline(always)]
    fn of(number: f32) -> Self {
        number
    }
    #[inline(always)]
    fn number(self) -> f32 {
        self
    }
}

/// A number of 16 bits, as [`half`] makes it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Half(pub u16);

impl Packable for Half {
    const IS_NUMBER: bool = false;
    fn of(number: f32) -> Self {
        Self(half(number))
    }
    #[inline(always)]
    fn number(self) -> f32 {
        half_to_f32(self.0)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for super::Half {}
}

/// How many columns a packed strip has at the level in use: those of its widest tile.
#[must_use]
pub fn strip_columns() -> usize {
    struct Columns;
    impl Op for Columns {
        type Output = usize;
        #[inline(always)]
        fn run<S: Simd>(self, _: S) -> usize {
            widest::<S>() * S::LANES
        }
    }
    dispatch(Columns)
}

/// The range of each strip's columns.
fn strips(outputs: usize, columns: usize) -> impl Iterator<Item = core::ops::Range<usize>> {
    (0..outputs).step_by(columns).map(move |start| start..outputs.min(start + columns))
}

/// Packs a matrix of `inputs` rows and `outputs` columns into strips of so many columns.
///
/// # Panics
/// If there is not one place for each number.
pub fn pack<W: Packable>(matrix: &[f32], [inputs, outputs]: [usize; 2], columns: usize, packed: &mut [W]) {
    assert!(matrix.len() == inputs * outputs && packed.len() == matrix.len(), "a place for each number");
    for strip in strips(outputs, columns) {
        let to = packed[strip.start * inputs..strip.end * inputs].chunks_exact_mut(strip.len());
        for (row, to) in matrix.chunks_exact(outputs).zip(to) {
            to.iter_mut().zip(&row[strip.clone()]).for_each(|(to, number)| *to = W::of(*number));
        }
    }
}

/// The matrix that was packed.
///
/// # Panics
/// If there is not one place for each number.
pub fn unpack<W: Packable>(packed: &[W], [inputs, outputs]: [usize; 2], columns: usize, matrix: &mut [f32]) {
    assert!(matrix.len() == inputs * outputs && packed.len() == matrix.len(), "a place for each number");
    for strip in strips(outputs, columns) {
        let from = packed[strip.start * inputs..strip.end * inputs].chunks_exact(strip.len());
        for (row, from) in matrix.chunks_exact_mut(outputs).zip(from) {
            row[strip.clone()].iter_mut().zip(from).for_each(|(number, from)| *number = from.number());
        }
    }
}

/// [`dense`](super::dense) with a kernel that was [packed](pack) in strips of so many columns.
///
/// # Panics
/// If a slice's length does not fit `sizes`.
pub fn dense_packed<W: Packable>(
    x: &[f32],
    (kernel, columns): (&[W], usize),
    bias: Option<&[f32]>,
    y: &mut [f32],
    sizes: Sizes,
    rectify: bool,
) {
    let Sizes { rows, inputs, outputs } = sizes;
    assert!(x.len() == rows * inputs && y.len() == rows * outputs, "the batch is of these sizes");
    assert!(kernel.len() == inputs * outputs && columns > 0, "the kernel is of these sizes");
    assert!(bias.is_none_or(|bias| bias.len() == outputs), "the bias is of these sizes");
    let task = Task {
        rows,
        columns: outputs,
        depth: inputs,
        a: x.as_ptr(),
        a_stride: inputs,
        b: null(),
        b_row_stride: 0,
        first: bias.map_or(First::Zero, |bias| First::Row(bias.as_ptr())),
        rectify,
        c: y.as_mut_ptr(),
        c_row_stride: outputs,
        held: null_mut(),
        panel: null_mut(),
    };
    let all = All { task, kernel: kernel.as_ptr(), columns };
    if W::IS_NUMBER || rows == 1 { dispatch(all) } else { multiply_with_panel(all) }
}

/// A function of its own, as each call of it touches the memory of the panel on the stack.
#[inline(never)]
fn multiply_with_panel<W: Packable>(all: All<W>) {
    let task = Task { panel: Panel::new().as_mut_ptr(), ..all.task };
    dispatch(All { task, ..all });
}

/// Rows of A from which all strips of a matrix take the same rows of it before the next ones, as with a
/// [panel](super::panel::block), and the numbers of such a matrix.
const MANY: usize = 32;
const LARGE: usize = 1 << 18;

/// A product with a packed matrix: the task's B is not given. Whoever makes one promises that all elements of the task
/// and of the matrix are valid, and the task's panel, where several rows have weights of 16 bits, a [`Panel`]'s.
struct All<W> {
    task: Task,
    kernel: *const W,
    columns: usize,
}

impl<W: Packable> Op for All<W> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { task: all, kernel, columns } = self;
        // One part has no end of its own: a depth of zero is gone through once.
        let most = if all.rows >= MANY && all.columns.saturating_mul(all.depth) >= LARGE { ROWS } else { usize::MAX };
        let mut done = 0_usize;
        loop {
            let depth = done..all.depth.min(done.saturating_add(most));
            for start in (0..all.columns).step_by(columns) {
                let end = all.columns.min(start + columns);
                let b = kernel.wrapping_add(start * all.depth + depth.start * (end - start));
                let part = Task { b: null(), ..all.columns(start..end).depth(depth.clone()) };
                let task = Task { b_row_stride: end - start, ..part };
                // SAFETY: the maker's promise; the strip's numbers begin at `b`, in rows of its columns.
                unsafe {
                    if task.rows == 1 {
                        multiply_strips(simd, &One { task, b });
                    } else if const { W::IS_NUMBER } {
                        multiply_strips(simd, &Task { b: b.cast(), ..task });
                    } else {
                        multiply_strips(simd, &Many { task, b });
                    }
                }
            }
            done = depth.end;
            if done == all.depth {
                return;
            }
        }
    }
}

/// One row, whose elements are next to each other, times a strip.
struct One<W> {
    task: Task,
    b: *const W,
}

impl<W: Packable> Strips for One<W> {
    #[inline(always)]
    fn columns(&self) -> usize {
        self.task.columns
    }

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            match const { widest::<S>() } {
                4 => match vectors {
                    4 => self.sums::<S, 4, 2, WHOLE>(simd, column, last),
                    3 => self.sums::<S, 3, 2, WHOLE>(simd, column, last),
                    2 => self.sums::<S, 2, 4, WHOLE>(simd, column, last),
                    _ => self.sums::<S, 1, 4, WHOLE>(simd, column, last),
                },
                2 if vectors == 2 => self.sums::<S, 2, 4, WHOLE>(simd, column, last),
                _ => self.sums::<S, 1, 4, WHOLE>(simd, column, last),
            }
        }
    }
}

impl<W: Packable> One<W> {
    /// So many vectors of sums, each in several independent ones.
    ///
    /// # Safety
    /// As [`Strips::strip`].
    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn sums<S: Simd, const VECTORS: usize, const CHAINS: usize, const WHOLE: bool>(
        &self,
        simd: S,
        column: usize,
        last: usize,
    ) {
        let task = self.task;
        let (mut a, mut b) = (task.a, self.b.wrapping_add(column));
        let mut sums = [[simd.splat(0.0); VECTORS]; CHAINS];
        let whole = task.depth - task.depth % CHAINS;
        // SAFETY: the caller's promise: `a` and `b` are at each step of the depth.
        unsafe {
            for _ in (0..whole).step_by(CHAINS) {
                for sums in &mut sums {
                    step::<S, W, VECTORS, WHOLE>(simd, (a, b), last, sums);
                    (a, b) = (a.wrapping_add(1), b.wrapping_add(task.b_row_stride));
                }
            }
            for _ in whole..task.depth {
                step::<S, W, VECTORS, WHOLE>(simd, (a, b), last, &mut sums[0]);
                (a, b) = (a.wrapping_add(1), b.wrapping_add(task.b_row_stride));
            }
            for vector in 0..VECTORS {
                let at = column + vector * S::LANES;
                let part = if WHOLE || vector + 1 < VECTORS { S::LANES } else { last };
                let mut sum = sums[0][vector];
                for sums in &sums[1..] {
                    sum = simd.add(sum, sums[vector]);
                }
                if let First::Row(row) = task.first {
                    let row = row.wrapping_add(at);
                    sum = simd.add(sum, if part == S::LANES { simd.load(row) } else { simd.load_first(row, part) });
                }
                if task.rectify {
                    // In this order a NaN stays one.
                    sum = simd.max(simd.splat(0.0), sum);
                }
                let c = task.c.wrapping_add(at);
                if part == S::LANES { simd.store(c, sum) } else { simd.store_first(c, sum, part) }
            }
        }
    }
}

/// Adds a row of weights, times its element of A.
///
/// # Safety
/// `a` is valid for a read and `b` for reads of the row.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn step<S: Simd, W: Packable, const VECTORS: usize, const WHOLE: bool>(
    simd: S,
    (a, b): (*const f32, *const W),
    last: usize,
    sums: &mut [S::Vector; VECTORS],
) {
    // SAFETY: the caller's promise.
    unsafe {
        let factor = simd.splat(a.read());
        for (vector, sum) in sums.iter_mut().enumerate() {
            let part = if WHOLE || vector + 1 < VECTORS { S::LANES } else { last };
            *sum = simd.mul_add(load_first(simd, b.wrapping_add(vector * S::LANES), part), factor, *sum);
        }
    }
}

/// So many weights, zeros in the lanes after them.
///
/// # Safety
/// `from` is valid for reads of so many, which are at most a vector's.
#[cfg_attr(not(unoptimized), inline(always))]
unsafe fn load_first<S: Simd, W: Packable>(simd: S, from: *const W, count: usize) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe {
        match (W::IS_NUMBER, count == S::LANES) {
            (true, true) => simd.load(from.cast()),
            (true, false) => simd.load_first(from.cast(), count),
            (false, true) => simd.load_16_bits(from.cast()),
            (false, false) => simd.load_first_16_bits(from.cast(), count),
        }
    }
}

/// Several rows times a strip, whose weights become numbers part by part.
struct Many<W> {
    task: Task,
    b: *const W,
}

impl<W: Packable> Strips for Many<W> {
    #[inline(always)]
    fn columns(&self) -> usize {
        self.task.columns
    }

    #[cfg_attr(not(unoptimized), inline(always))]
    unsafe fn strip<S: Simd, const WHOLE: bool>(&self, simd: S, column: usize, vectors: usize, last: usize) {
        let (task, stride) = (self.task, vectors * S::LANES);
        // Few rows do not pay for numbers that go through memory.
        if task.rows <= const { if S::LANES > 8 { 2 } else { 4 } } {
            for row in 0..task.rows {
                let one = One { task: task.rows(row..row + 1), b: self.b };
                // SAFETY: the caller's promise, of one of the rows.
                unsafe { one.strip::<S, WHOLE>(simd, column, vectors, last) };
            }
            return;
        }
        let columns = stride - S::LANES + if WHOLE { S::LANES } else { last };
        for start in (0..task.depth.max(1)).step_by(ROWS) {
            let depth = start..task.depth.min(start + ROWS);
            // SAFETY: the caller's promise; the panel has room for so many rows.
            unsafe {
                for row in depth.clone() {
                    let from = self.b.wrapping_add(row * task.b_row_stride + column);
                    let to = task.panel.wrapping_add((row - start) * stride);
                    for vector in (0..stride).step_by(S::LANES) {
                        let count = S::LANES.min(columns - vector);
                        simd.store(to.wrapping_add(vector), load_first(simd, from.wrapping_add(vector), count));
                    }
                }
                let part = task.columns(column..column + columns).depth(depth);
                let part = Task { b: task.panel, b_row_stride: stride, panel: null_mut(), ..part };
                if const { S::LANES > 1 } {
                    part.strip::<S, WHOLE>(simd, 0, vectors, last);
                } else {
                    part.strip::<Scalar, true>(Scalar, 0, 1, 1);
                }
            }
        }
    }
}
