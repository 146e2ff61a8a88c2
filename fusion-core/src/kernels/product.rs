//! Matrix products: the checked functions in front of the register tile.

use core::ptr::null_mut;

use super::along::{Along, IsWorth, MOST_ROWS, multiply_along};
#[cfg(feature = "training")]
use super::blocks::Held;
use super::dispatch::{Op, dispatch};
#[cfg(feature = "training")]
use super::gather::add_gathered_gradient;
use super::gather::gathered_product;
use super::matrix::{MatrixMut, MatrixRef};
use super::panel::{self, Panel};
use super::parts::parts_scratch;
#[cfg(feature = "training")]
use super::parts::{PART, in_parts};
#[cfg(all(target_arch = "x86_64", feature = "matrixmultiply"))]
use super::sgemm;
use super::simd::Simd;
use super::strips::{First, Task, multiply_row, multiply_strips};
use super::threads::{self, is_shared};

/// The sizes of a dense layer at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Samples.
    pub rows: usize,
    /// Numbers in a sample of the input.
    pub inputs: usize,
    /// Numbers in a sample of the output.
    pub outputs: usize,
}

impl Sizes {
    /// Numbers of scratch that [`add_kernel_gradient`] needs.
    #[must_use]
    pub const fn gradient_scratch(&self) -> usize {
        parts_scratch(self.inputs.saturating_mul(self.outputs))
    }
}

/// What the sums of a [`product`] start from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// From zero: the result is overwritten with A · B.
    Zero,
    /// From a bias, one number for every column: the result is overwritten with bias + A · B.
    Bias(&'a [f32]),
    /// From what the result holds: A · B is added to it.
    Accumulate,
}

/// C = start + A · B, and then max(0, C) if `rectify`; a NaN stays a NaN.
///
/// A may have any strides, which makes products with a transposed A and convolutions cheap. One whose columns' elements are
/// next to each other is added up in blocks of its depth where there is the feature `training`, as [`add_gradient`] is.
///
/// # Panics
/// If the sizes do not fit together, or B's columns are not next to each other.
pub fn product(a: MatrixRef<'_>, b: MatrixRef<'_>, c: &mut MatrixMut<'_>, start: Start<'_>, rectify: bool) {
    if a.column_stride() == 1 || a.columns() <= 1 {
        return check_and_run(a, b, c, start, rectify);
    }
    #[cfg(feature = "training")]
    if a.row_stride() == 1 || a.rows() <= 1 {
        // Before anything is written.
        check_sizes(a, b, c);
        begin(c, start);
        return add(a, b, c, rectify);
    }
    gathered_product(a.gathered(), b, &mut c.scattered(), start, rectify);
}

/// Writes what the sums start from.
#[cfg(feature = "training")]
fn begin(c: &mut MatrixMut<'_>, start: Start<'_>) {
    match start {
        Start::Zero => c.clear(),
        Start::Bias(bias) => {
            check_bias(bias, c.columns());
            c.each_row().for_each(|row| row.copy_from_slice(bias));
        }
        Start::Accumulate => {}
    }
}

fn check_bias(bias: &[f32], columns: usize) {
    assert!(bias.len() == columns, "the bias has {} numbers, C has {columns} columns", bias.len());
}

/// The gradient of a product's weights, added to `gradient`: gradient += xᵀ · dy, a sum over the rows of both, which
/// are samples. It is added up in blocks, so that its error grows little with their number.
///
/// # Panics
/// If the sizes do not fit together, or the columns of `dy` are not next to each other.
#[cfg(feature = "training")]
pub fn add_gradient(x: MatrixRef<'_>, dy: MatrixRef<'_>, gradient: &mut MatrixMut<'_>) {
    if x.column_stride() == 1 || x.columns() <= 1 {
        add(x.transposed(), dy, gradient, false);
    } else {
        add_gathered_gradient(x.transposed().gathered(), dy, &mut gradient.scattered());
    }
}

/// C += A · B, in blocks of the depth, and then max(0, C) if `rectify`. The elements of A's columns are next to each other.
#[cfg(feature = "training")]
fn add(a: MatrixRef<'_>, b: MatrixRef<'_>, c: &mut MatrixMut<'_>, rectify: bool) {
    // The maker's promise: the matrices' constructors checked that all their elements are inside their slices, and
    // `checked` that the sizes agree. C is borrowed exclusively.
    let mut task = Task { a_stride: a.column_stride(), ..checked::<true>(a, b, c, First::Result, rectify) };
    // Said of the whole product, as parts of it have to be added up in the same order.
    let way = Way::of(&task);
    // Where it lies: a small product would wait for a copy of what has just been written.
    let add = |task: &mut Task<true>| {
        let mut held = Held::new();
        task.held = held.as_mut_ptr();
        multiply(task, way);
    };
    if is_shared(task.multiplications()) { in_shares(task, |mut part| add(&mut part)) } else { add(&mut task) }
}

/// [`product`], inlined into the special forms, so that they check only what is not sure yet.
#[inline(always)]
fn check_and_run(a: MatrixRef<'_>, b: MatrixRef<'_>, c: &mut MatrixMut<'_>, start: Start<'_>, rectify: bool) {
    let columns = c.columns();
    let first = match start {
        Start::Zero => First::Zero,
        Start::Bias(bias) => {
            check_bias(bias, columns);
            First::Row(bias.as_ptr())
        }
        Start::Accumulate => First::Result,
    };
    let task = checked(a, b, c, first, rectify);
    // SAFETY: the matrices' constructors checked that all their elements are inside their
    // slices, and above is checked that the sizes agree. C is borrowed exclusively.
    unsafe { run(&task) }
}

/// Fails unless the matrices fit together.
#[inline(always)]
fn check_sizes(a: MatrixRef<'_>, b: MatrixRef<'_>, c: &MatrixMut<'_>) {
    let (rows, columns, depth) = (c.rows(), c.columns(), a.columns());
    assert!(a.rows() == rows, "A has {} rows, C has {rows}", a.rows());
    assert!(b.columns() == columns, "B has {} columns, C has {columns}", b.columns());
    assert!(b.rows() == depth, "A has {depth} columns, B has {} rows", b.rows());
    assert!(b.column_stride() == 1 || columns <= 1, "B's columns are not next to each other");
}

/// The product of matrices that fit together, with the stride of A's rows.
#[inline(always)]
fn checked<const ADDED: bool>(
    a: MatrixRef<'_>,
    b: MatrixRef<'_>,
    c: &mut MatrixMut<'_>,
    first: First,
    rectify: bool,
) -> Task<ADDED> {
    check_sizes(a, b, c);
    Task {
        rows: c.rows(),
        columns: c.columns(),
        depth: a.columns(),
        a: a.as_ptr(),
        a_stride: a.row_stride(),
        b: b.as_ptr(),
        b_row_stride: b.row_stride(),
        first,
        rectify,
        c: c.as_mut_ptr(),
        c_row_stride: c.row_stride(),
        held: null_mut(),
        panel: null_mut(),
    }
}

/// # Safety
/// As [`multiply_strips`].
#[inline(always)]
unsafe fn run(task: &Task) {
    if task.rows == 1 {
        dispatch(MultiplyRow(task));
        return;
    }
    // Rows first: most products have more, and need not ask at their level.
    let is_along = task.rows <= MOST_ROWS && dispatch(IsWorth(task));
    // As above.
    let way = Way::of(task);
    let multiply = |task: &Task| if is_along { dispatch(Along(task)) } else { multiply(task, way) };
    if is_shared(task.multiplications()) { in_shares(*task, |part| multiply(&part)) } else { multiply(task) }
}

/// How a product of several rows is computed.
#[derive(Clone, Copy)]
enum Way {
    /// With B as it lies.
    Strips,
    /// With the help of a [`Panel`].
    Panels,
    /// By `matrixmultiply`.
    #[cfg(all(target_arch = "x86_64", feature = "matrixmultiply"))]
    Sgemm,
}

impl Way {
    #[inline]
    fn of<const ADDED: bool>(task: &Task<ADDED>) -> Self {
        #[cfg(all(target_arch = "x86_64", feature = "matrixmultiply"))]
        if sgemm::is_worth(task) {
            return Self::Sgemm;
        }
        if packs(task) { Self::Panels } else { Self::Strips }
    }
}

/// Runs a task of several rows; whoever makes one promises what [`multiply_strips`] asks for.
#[inline]
fn multiply<const ADDED: bool>(task: &Task<ADDED>, way: Way) {
    match way {
        Way::Strips => dispatch(Multiply(task)),
        Way::Panels => multiply_with_panel(task),
        // SAFETY: the maker's promise.
        #[cfg(all(target_arch = "x86_64", feature = "matrixmultiply"))]
        Way::Sgemm => unsafe { sgemm::multiply(task) },
    }
}

/// A function of its own, as each call of it touches the memory of the panel on the stack.
#[inline(never)]
fn multiply_with_panel<const ADDED: bool>(task: &Task<ADDED>) {
    dispatch(Multiply(&Task { panel: Panel::new().as_mut_ptr(), ..*task }));
}

/// Whether it is worth it to copy B's strips, where there is anything to be gained: B is larger than the first cache, its
/// rows lie far apart or are used often. Measured on Zen 4.
#[inline]
fn packs<const ADDED: bool>(task: &Task<ADDED>) -> bool {
    let is_large = task.depth >= 32 && task.columns.saturating_mul(task.depth) >= 1 << 14;
    is_large && (task.rows >= 96 && task.columns >= 64 || task.rows >= 32 && task.columns >= 256)
}

/// A task of which each thread takes other columns, or rows.
struct Shared<const ADDED: bool>(Task<ADDED>);

// SAFETY: A, B and the first row are only read. Each thread reads and writes other elements of C, as `in_shares` gives
// each its own columns or rows.
unsafe impl<const ADDED: bool> Sync for Shared<ADDED> {}

/// Calls `run` with all of the task, or on several threads with parts of it: with columns from a whole strip on, or where
/// there are few, with rows from a whole tile on, so that the parts' sums are added as those of the task.
fn in_shares<const ADDED: bool>(task: Task<ADDED>, run: impl Fn(Task<ADDED>) + Sync) {
    /// Columns of the widest strip, and a multiple of all tiles' rows.
    const COLUMNS: usize = 64;
    const ROWS: usize = 48;
    let (shared, work) = (Shared(task), task.multiplications());
    if task.columns >= 2 * COLUMNS {
        threads::in_shares(task.columns, COLUMNS, work, &|columns| {
            let Shared(task) = &shared;
            run(task.columns(columns));
        });
    } else {
        threads::in_shares(task.rows, ROWS, work, &|rows| {
            let Shared(task) = &shared;
            run(task.rows(rows));
        });
    }
}

/// Whoever makes one promises what [`multiply_strips`] asks for.
struct Multiply<'a, const ADDED: bool>(&'a Task<ADDED>);

impl<const ADDED: bool> Op for Multiply<'_, ADDED> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // A copy, because the compiler cannot know that the product does not write to it.
        let (mut task, block) = (*self.0, panel::block::<S, ADDED>(self.0));
        if block.is_none() {
            task.panel = null_mut();
        }
        let mut done = 0;
        loop {
            let part = task.depth(done..task.depth.min(done.saturating_add(block.unwrap_or(usize::MAX))));
            done += part.depth;
            // SAFETY: the maker's promise, as the part's depth is the task's.
            unsafe { multiply_strips(simd, &part) };
            if done == task.depth {
                return;
            }
        }
    }
}

/// As [`Multiply`], for one row: a function of its own, which has less to set up.
struct MultiplyRow<'a>(&'a Task);

impl Op for MultiplyRow<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let task = *self.0;
        let task = Task { rows: 1, ..task };
        // SAFETY: the maker's promise; the numbers are the same.
        unsafe {
            if IsWorth(&task).run(simd) {
                multiply_along(simd, &task);
            } else {
                multiply_row(simd, &task);
            }
        }
    }
}

/// A dense layer: y\[r\]\[o\] = bias\[o\] + Σ_i x\[r\]\[i\] · kernel\[i\]\[o\], and then
/// max(0, y) if `rectify`; a NaN stays a NaN.
///
/// # Panics
/// If a slice's length does not fit `sizes`.
pub fn dense(x: &[f32], kernel: &[f32], bias: Option<&[f32]>, y: &mut [f32], sizes: Sizes, rectify: bool) {
    let Sizes { rows, inputs, outputs } = sizes;
    check_and_run(
        MatrixRef::new(x, rows, inputs),
        MatrixRef::new(kernel, inputs, outputs),
        &mut MatrixMut::new(y, rows, outputs),
        bias.map_or(Start::Zero, Start::Bias),
        rectify,
    );
}

/// [`dense`] for one sample and sizes known at compile time.
///
/// It is compiled anew for every pair of sizes, which pays up to about 4096 weights.
#[inline(always)]
pub fn dense_one<const I: usize, const O: usize>(
    x: &[f32; I],
    kernel: &[[f32; O]; I],
    bias: Option<&[f32; O]>,
    y: &mut [f32; O],
    rectify: bool,
) {
    // Two calls, so that each knows at compile time where its sums start.
    match bias {
        Some(bias) => dispatch(One { x, kernel, first: First::Row(bias.as_ptr()), y, rectify }),
        None => dispatch(One { x, kernel, first: First::Zero, y, rectify }),
    }
}

/// `first` is none or a row of `O` numbers that outlives this.
struct One<'a, const I: usize, const O: usize> {
    x: &'a [f32; I],
    kernel: &'a [[f32; O]; I],
    first: First,
    y: &'a mut [f32; O],
    rectify: bool,
}

impl<const I: usize, const O: usize> Op for One<'_, I, O> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let task = Task {
            rows: 1,
            columns: O,
            depth: I,
            a: self.x.as_ptr(),
            a_stride: I,
            b: self.kernel.as_flattened().as_ptr(),
            b_row_stride: O,
            first: self.first,
            rectify: self.rectify,
            c: self.y.as_mut_ptr(),
            c_row_stride: O,
            held: null_mut(),
            panel: null_mut(),
        };
        // SAFETY: the arrays have these sizes, and `y` is borrowed exclusively.
        unsafe { multiply_row(simd, &task) }
    }
}

/// The gradient of a dense layer's kernel, added to `gradient`:
/// gradient\[i\]\[o\] += Σ_r x\[r\]\[i\] · dy\[r\]\[o\].
///
/// Its error hardly grows with the number of rows; for that, large batches need the scratch.
///
/// # Panics
/// If a slice's length does not fit `sizes`, or the scratch is smaller than [`Sizes::gradient_scratch`].
#[cfg(feature = "training")]
pub fn add_kernel_gradient(x: &[f32], dy: &[f32], gradient: &mut [f32], scratch: &mut [f32], sizes: Sizes) {
    let Sizes { rows, inputs, outputs } = sizes;
    let (x, dy) = (MatrixRef::new(x, rows, inputs), MatrixRef::new(dy, rows, outputs));
    if rows <= PART {
        return add_gradient(x, dy, &mut MatrixMut::new(gradient, inputs, outputs));
    }
    in_parts(rows, PART, gradient, scratch, |rows, gradient| {
        add_gradient(x.only(rows.clone()), dy.only(rows), &mut MatrixMut::new(gradient, inputs, outputs));
    });
}

/// The gradient of a dense layer's input:
/// dx\[r\]\[i\] = Σ_o dy\[r\]\[o\] · kernel_transposed\[o\]\[i\].
///
/// The kernel comes [transposed](super::transpose()), once for a whole batch.
///
/// # Panics
/// If a slice's length does not fit `sizes`.
#[cfg(feature = "training")]
pub fn input_gradient(dy: &[f32], kernel_transposed: &[f32], dx: &mut [f32], sizes: Sizes) {
    let Sizes { rows, inputs, outputs } = sizes;
    check_and_run(
        MatrixRef::new(dy, rows, outputs),
        MatrixRef::new(kernel_transposed, outputs, inputs),
        &mut MatrixMut::new(dx, rows, inputs),
        Start::Zero,
        false,
    );
}
