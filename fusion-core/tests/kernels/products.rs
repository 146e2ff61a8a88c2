//! Matrix products of every size.

use super::{Numbers, at_every_level};
use fusion_core::kernels::*;

const WIDTHS: usize = 70;
const DEPTHS: [usize; 9] = [1, 2, 3, 5, 8, 17, 33, 64, 70];
const ROWS: [usize; 12] = [1, 2, 3, 5, 6, 7, 8, 12, 13, 16, 17, 48];
const GUARD: f32 = 7777.0;

/// A product in `f64`, and the sum of its terms' sizes, which rounding errors are held against.
struct Reference {
    columns: usize,
    sums: Vec<(f64, f64)>,
}

impl Reference {
    fn new(rows: usize, depth: usize, columns: usize, a: impl Fn(usize, usize) -> f32, b: &[f32]) -> Self {
        let mut sums = vec![(0.0, 0.0); rows * columns];
        for row in 0..rows {
            for d in 0..depth {
                for column in 0..columns {
                    let term = f64::from(a(row, d)) * f64::from(b[d * columns + column]);
                    let (sum, size) = &mut sums[row * columns + column];
                    *sum += term;
                    *size += term.abs();
                }
            }
        }
        Self { columns, sums }
    }

    #[track_caller]
    fn check(&self, row: usize, column: usize, start: f32, rectify: bool, depth: usize, found: f32) {
        let (sum, size) = self.sums[row * self.columns + column];
        let start = f64::from(start);
        let sum = if rectify { (sum + start).max(0.0) } else { sum + start };
        let allowed = (depth + 2) as f64 * f64::from(f32::EPSILON) * (size + start.abs());
        let found = f64::from(found);
        assert!((found - sum).abs() <= allowed, "[{row}][{column}]: {found} for {sum} in {}", self.columns);
    }
}

/// The first `columns` columns of a matrix with `WIDTHS`.
fn narrow(b: &[f32], columns: usize) -> Vec<f32> {
    b.chunks_exact(WIDTHS).flat_map(|row| &row[..columns]).copied().collect()
}

#[test]
fn dense_and_strided_products_of_every_size() {
    let mut numbers = Numbers(1);
    for depth in DEPTHS {
        let b = numbers.take(depth * WIDTHS);
        let bias = numbers.take(WIDTHS);
        for rows in ROWS {
            let a = numbers.take(rows * depth);
            let reference = Reference::new(rows, depth, WIDTHS, |r, d| a[r * depth + d], &b);
            at_every_level(|_| {
                for columns in 1..=WIDTHS {
                    let kernel = narrow(&b, columns);
                    check_dense(&reference, &a, &kernel, &bias[..columns], rows, depth, columns % 2 == 0);
                    let strided = |strides, start| {
                        check_strided(&reference, (&a, strides), &kernel, [rows, depth, columns], start);
                    };
                    strided((2 * depth + 1, 2), Start::Accumulate);
                    let start = if columns % 2 == 0 { Start::Zero } else { Start::Bias(&bias[..columns]) };
                    strided((1, rows + 1), start);
                }
            });
        }
    }
}

fn check_dense(
    reference: &Reference,
    a: &[f32],
    kernel: &[f32],
    bias: &[f32],
    rows: usize,
    depth: usize,
    rectify: bool,
) {
    let columns = bias.len();
    let sizes = Sizes { rows, inputs: depth, outputs: columns };
    let mut y = vec![f32::NAN; rows * columns];
    dense(a, kernel, Some(bias), &mut y, sizes, rectify);
    for (index, &y) in y.iter().enumerate() {
        reference.check(index / columns, index % columns, bias[index % columns], rectify, depth, y);
    }
}

/// Writes rows with guards before, between and behind them, from an A with strides.
fn check_strided(
    reference: &Reference,
    (a, (row_stride, column_stride)): (&[f32], (usize, usize)),
    b: &[f32],
    [rows, depth, columns]: [usize; 3],
    start: Start<'_>,
) {
    let (gap, before) = (columns % 5, 3);
    let mut spread = vec![f32::NAN; (rows - 1) * row_stride + (depth - 1) * column_stride + 1];
    for row in 0..rows {
        for d in 0..depth {
            spread[row * row_stride + d * column_stride] = a[row * depth + d];
        }
    }
    let c_stride = columns + gap;
    let mut c = vec![GUARD; before + rows * c_stride + 40];
    for row in 0..rows {
        let first = if matches!(start, Start::Accumulate) { 0.5 } else { f32::NAN };
        c[before + row * c_stride..][..columns].fill(first);
    }
    product(
        MatrixRef::with_strides(&spread, (rows, depth), (row_stride, column_stride)),
        MatrixRef::new(b, depth, columns),
        &mut MatrixMut::with_stride(&mut c[before..], (rows, columns), c_stride),
        start,
        false,
    );
    for (index, &found) in c.iter().enumerate() {
        let inside = index.checked_sub(before).map(|index| (index / c_stride, index % c_stride));
        match inside {
            Some((row, column)) if row < rows && column < columns => {
                let first = match start {
                    Start::Zero => 0.0,
                    Start::Bias(bias) => bias[column],
                    Start::Accumulate => 0.5,
                };
                reference.check(row, column, first, false, depth, found);
            }
            _ => assert_eq!(found, GUARD, "written outside at {index}, {rows} rows of {columns}"),
        }
    }
}

#[test]
fn gradients_of_a_dense_layer() {
    for (rows, inputs, outputs) in [(1, 1, 1), (32, 70, 33), (7, 64, 32), (48, 8, 4), (5, 17, 70), (20, 40, 66)] {
        check_gradients(rows, inputs, outputs);
    }
}

#[test]
fn products_on_both_sides_of_what_matrixmultiply_takes() {
    for (rows, depth, columns) in
        [(7, 64, 128), (8, 256, 16), (8, 255, 16), (8, 300, 15), (16, 15, 200), (16, 16, 200), (33, 130, 70)]
    {
        check_gradients(rows, depth, columns);
        at_every_level(|_| {
            super::deep_products::check(rows, depth, columns, true);
            super::deep_products::check(rows, depth, columns, false);
        });
    }
}

/// The gradients of a layer of these sizes, against sums in `f64`.
pub(super) fn check_gradients(rows: usize, inputs: usize, outputs: usize) {
    let mut numbers = Numbers(2);
    let sizes = Sizes { rows, inputs, outputs };
    let (x, dy, kernel) = (numbers.take(rows * inputs), numbers.take(rows * outputs), numbers.take(inputs * outputs));
    let mut transposed = vec![f32::NAN; kernel.len()];
    transpose(inputs, outputs, &kernel, &mut transposed);
    for i in 0..inputs {
        for o in 0..outputs {
            assert_eq!(transposed[o * inputs + i], kernel[i * outputs + o]);
        }
    }
    let of_kernel = Reference::new(inputs, rows, outputs, |i, r| x[r * inputs + i], &dy);
    let of_input = Reference::new(rows, outputs, inputs, |r, o| dy[r * outputs + o], &transposed);
    at_every_level(|_| {
        let mut gradient = vec![0.25; inputs * outputs];
        add_kernel_gradient(&x, &dy, &mut gradient, &mut [], sizes);
        for (index, &found) in gradient.iter().enumerate() {
            of_kernel.check(index / outputs, index % outputs, 0.25, false, rows, found);
        }
        let mut dx = vec![f32::NAN; rows * inputs];
        input_gradient(&dy, &transposed, &mut dx, sizes);
        for (index, &found) in dx.iter().enumerate() {
            of_input.check(index / inputs, index % inputs, 0.0, false, outputs, found);
        }
        let mut sum = vec![1.0; outputs];
        add_rows(&dy, &mut sum);
        for (o, &sum) in sum.iter().enumerate() {
            let plain = dy.iter().skip(o).step_by(outputs).fold(0.0, |sum, value| sum + value);
            assert_eq!(sum, 1.0 + plain);
        }
    });
}

pub(super) fn check_one<const I: usize, const O: usize>() {
    let mut numbers = Numbers(3);
    let x: [f32; I] = std::array::from_fn(|_| numbers.next());
    let kernel: [[f32; O]; I] = std::array::from_fn(|_| std::array::from_fn(|_| numbers.next()));
    let bias: [f32; O] = std::array::from_fn(|_| numbers.next());
    let reference = Reference::new(1, I, O, |_, i| x[i], kernel.as_flattened());
    at_every_level(|_| {
        for (with_bias, rectify) in [(true, false), (true, true), (false, false), (false, true)] {
            let mut y = [[GUARD; O], [f32::NAN; O], [GUARD; O]];
            dense_one(&x, &kernel, with_bias.then_some(&bias), &mut y[1], rectify);
            for (o, &found) in y[1].iter().enumerate() {
                let start = if with_bias { bias[o] } else { 0.0 };
                reference.check(0, o, start, rectify, I, found);
            }
            assert_eq!((y[0], y[2]), ([GUARD; O], [GUARD; O]));
        }
    });
}

#[test]
fn one_sample_with_constant_sizes() {
    check_one::<1, 1>();
    check_one::<2, 1>();
    check_one::<8, 2>();
    check_one::<5, 3>();
    check_one::<32, 8>();
    check_one::<9, 15>();
    check_one::<33, 16>();
    check_one::<3, 17>();
    check_one::<64, 31>();
    check_one::<64, 32>();
    check_one::<17, 48>();
    check_one::<64, 64>();
    check_one::<6, 70>();
    check_one::<3, 150>();
}

#[test]
fn empty_matrices() {
    at_every_level(|_| {
        let mut y = [GUARD; 3];
        dense(&[], &[], Some(&[1.0, -2.0, 3.0]), &mut y, Sizes { rows: 1, inputs: 0, outputs: 3 }, true);
        assert_eq!(y, [1.0, 0.0, 3.0]);
        dense(&[], &[0.0; 6], None, &mut [], Sizes { rows: 0, inputs: 2, outputs: 3 }, false);
        dense(&[0.0; 6], &[], None, &mut [], Sizes { rows: 3, inputs: 2, outputs: 0 }, false);
        add_rows(&[], &mut []);
        transpose(0, 5, &[], &mut []);
    });
}

#[test]
fn rectifying_keeps_not_a_number() {
    at_every_level(|_| {
        for columns in 1..=WIDTHS {
            for rows in [1, 7, 16] {
                let x = &[f32::NAN, -1.0].repeat(rows)[..rows];
                let kernel = vec![1.0; columns];
                let mut y = vec![0.0; rows * columns];
                dense(x, &kernel, None, &mut y, Sizes { rows, inputs: 1, outputs: columns }, true);
                for (index, y) in y.iter().enumerate() {
                    let row = index / columns;
                    assert!(if row % 2 == 0 { y.is_nan() } else { *y == 0.0 }, "{y} in row {row} of {columns}");
                }
            }
        }
        let mut y = [0.0; 2];
        dense_one(&[f32::NAN], &[[1.0, 2.0]], Some(&[0.0; 2]), &mut y, true);
        assert!(y[0].is_nan() && y[1].is_nan());
    });
    let mut dy = [1.0, 2.0, 3.0, 4.0];
    relu_gradient(&[0.0, 1.0, -1.0, f32::NAN], &mut dy);
    assert_eq!(dy, [0.0, 2.0, 0.0, 4.0]);
}

#[test]
fn sizes_have_to_fit_together() {
    let panics = |work: fn()| assert!(std::panic::catch_unwind(work).is_err());
    panics(|| {
        let (a, b) = (MatrixRef::new(&[0.0; 6], 2, 3), MatrixRef::new(&[0.0; 6], 2, 3));
        product(a, b, &mut MatrixMut::new(&mut [0.0; 6], 2, 3), Start::Zero, false);
    });
    panics(|| {
        let (a, b) = (MatrixRef::new(&[0.0; 4], 2, 2), MatrixRef::new(&[0.0; 4], 2, 2));
        product(a, b.transposed(), &mut MatrixMut::new(&mut [0.0; 4], 2, 2), Start::Zero, false);
    });
    panics(|| {
        let (a, b) = (MatrixRef::new(&[0.0; 4], 2, 2), MatrixRef::new(&[0.0; 4], 2, 2));
        product(a, b, &mut MatrixMut::new(&mut [0.0; 4], 2, 2), Start::Bias(&[0.0; 1]), false);
    });
    // Nothing is written before they are found not to fit.
    let mut c = [5.0; 4];
    let wrong = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let (a, b) = (MatrixRef::new(&[0.0; 6], 3, 2), MatrixRef::new(&[0.0; 4], 2, 2));
        product(a.transposed(), b, &mut MatrixMut::new(&mut c, 2, 2), Start::Zero, false);
    }));
    assert!(wrong.is_err() && c == [5.0; 4]);
    let window = [1.0, 2.0, 3.0, 4.0];
    let mut c = [0.0; 3];
    let windows = MatrixRef::with_strides(&window, (3, 2), (1, 1));
    product(windows, MatrixRef::new(&[1.0, 10.0], 2, 1), &mut MatrixMut::new(&mut c, 3, 1), Start::Zero, false);
    assert_eq!(c, [21.0, 32.0, 43.0]);
}

/// The bits of a layer's output, input gradient and kernel gradient on so many threads.
fn of_layer(threads: &Threads, sizes: Sizes) -> Vec<u32> {
    let Sizes { rows, inputs, outputs } = sizes;
    let mut numbers = Numbers(7);
    let (x, dy) = (numbers.take(rows * inputs), numbers.take(rows * outputs));
    let (kernel, bias) = (numbers.take(inputs * outputs), numbers.take(outputs));
    let (mut y, mut dx) = (vec![GUARD; rows * outputs], vec![GUARD; rows * inputs]);
    let mut gradient = numbers.take(inputs * outputs);
    let mut scratch = vec![GUARD; sizes.gradient_scratch()];
    threads.share(|| {
        dense(&x, &kernel, Some(&bias), &mut y, sizes, true);
        input_gradient(&dy, &kernel, &mut dx, sizes);
        add_kernel_gradient(&x, &dy, &mut gradient, &mut scratch, sizes);
    });
    [y, dx, gradient].concat().into_iter().map(f32::to_bits).collect()
}

#[test]
fn threads_change_no_bit() {
    // Wide and narrow results, whose sizes are no multiples of what is computed together.
    for (rows, inputs, outputs) in [(129, 300, 301), (1030, 70, 130), (5000, 97, 13)] {
        let sizes = Sizes { rows, inputs, outputs };
        at_every_level(|level| {
            let one = of_layer(&Threads::one(), sizes);
            for count in [2, 3, 8] {
                assert!(of_layer(&Threads::new(count), sizes) == one, "{sizes:?}, {count} threads, {level:?}");
            }
        });
    }
}
