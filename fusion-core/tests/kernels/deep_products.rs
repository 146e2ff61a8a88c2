//! Products so deep that the kernels go through their depth in parts.

use super::{at_every_level, numbers};
use fusion_core::kernels::{MatrixMut, MatrixRef, Sizes, Start, add_kernel_gradient, product};

/// Checks one product with each start, A row by row or column by column.
pub(super) fn check(rows: usize, depth: usize, columns: usize, by_column: bool) {
    let (a, b, bias) = (numbers(1, rows * depth), numbers(2, depth * columns), numbers(3, columns));
    let strides = if by_column { (1, rows) } else { (depth, 1) };
    let exact: Vec<f64> = (0..rows * columns)
        .map(|index| {
            let (row, column) = (index / columns, index % columns);
            let a = |d: usize| f64::from(a[row * strides.0 + d * strides.1]);
            (0..depth).map(|d| a(d) * f64::from(b[d * columns + column])).sum()
        })
        .collect();
    let matrices = (MatrixRef::with_strides(&a, (rows, depth), strides), MatrixRef::new(&b, depth, columns));
    for (start, rectify) in [(Start::Zero, false), (Start::Bias(&bias), true), (Start::Accumulate, true)] {
        let mut c = vec![0.5; rows * columns];
        product(matrices.0, matrices.1, &mut MatrixMut::new(&mut c, rows, columns), start, rectify);
        for (index, (exact, found)) in exact.iter().zip(c).enumerate() {
            let first = match start {
                Start::Zero => 0.0,
                Start::Bias(bias) => f64::from(bias[index % columns]),
                Start::Accumulate => 0.5,
            };
            let exact = if rectify { (exact + first).max(0.0) } else { exact + first };
            let error = (f64::from(found) - exact).abs();
            assert!(error < 1e-3, "{found} for {exact} at {index} of {rows} · {depth} · {columns}, {start:?}");
        }
    }
}

#[test]
fn the_parts_of_a_deep_product_add_up() {
    at_every_level(|_| {
        for depth in [190, 500, 2100] {
            for (rows, columns) in [(17, 1), (33, 30), (18, 64), (40, 70), (16, 33)] {
                check(rows, depth, columns, true);
                check(rows, depth, columns, false);
            }
        }
    });
}

#[test]
fn one_row_goes_along_a_wide_matrix() {
    at_every_level(|_| {
        // On both sides of the sizes from which it does, with and without what is left of a vector and of eight rows.
        for (depth, columns) in [(255, 128), (256, 128), (300, 131), (1031, 47), (64, 1027), (517, 1025)] {
            check(1, depth, columns, false);
        }
    });
}

#[test]
fn strips_of_a_wide_matrix_are_copied_part_by_part() {
    at_every_level(|_| {
        // With and without what is left of a strip, of six rows and of a panel.
        for (rows, depth, columns) in [(96, 256, 64), (101, 300, 131), (40, 513, 256), (33, 64, 270)] {
            check(rows, depth, columns, true);
            check(rows, depth, columns, false);
        }
        // The second is so large that all strips take the same part of the depth, also where strips are narrow.
        for (rows, depth, columns) in [(37, 601, 523), (33, 1029, 1030)] {
            check(rows, depth, columns, true);
            check(rows, depth, columns, false);
        }
    });
}

#[test]
fn so_are_those_of_a_gradient() {
    at_every_level(|_| {
        for (rows, inputs, outputs) in [(256, 96, 64), (300, 101, 131), (64, 40, 270), (1100, 97, 65)] {
            let (x, dy) = (numbers(1, rows * inputs), numbers(2, rows * outputs));
            let mut gradient = vec![0.5; inputs * outputs];
            let sizes = Sizes { rows, inputs, outputs };
            add_kernel_gradient(&x, &dy, &mut gradient, &mut vec![9.0; sizes.gradient_scratch()], sizes);
            for (index, found) in gradient.into_iter().enumerate() {
                let (input, output) = (index / outputs, index % outputs);
                let term = |row: usize| f64::from(x[row * inputs + input]) * f64::from(dy[row * outputs + output]);
                let exact = 0.5 + (0..rows).map(term).sum::<f64>();
                assert!((f64::from(found) - exact).abs() < 1e-3, "{found} for {exact} at {index} of {sizes:?}");
            }
        }
    });
}

#[test]
fn a_few_rows_of_wide_matrices() {
    at_every_level(|_| {
        for rows in [1, 2, 3, 4, 5, 8, 9, 17] {
            for (depth, columns) in [(257, 1003), (37, 2051), (150, 259)] {
                check(rows, depth, columns, false);
            }
        }
    });
}
