//! Products so deep that the kernels go through their depth in parts.

use fusion_core::kernels::{Level, MatrixMut, MatrixRef, Start, available, force, product};

/// Numbers in −1..1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut bits = seed;
    let mut next = || {
        bits ^= bits << 13;
        bits ^= bits >> 17;
        bits ^= bits << 5;
        (bits >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Checks one product with each start, A row by row or column by column.
fn check(rows: usize, depth: usize, columns: usize, by_column: bool) {
    let (a, b, bias) = (numbers(rows * depth, 1), numbers(depth * columns, 2), numbers(columns, 3));
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
    for level in [Level::Portable, Level::Avx2, Level::Avx512] {
        if level <= available() {
            force(Some(level));
            for depth in [190, 500, 2100] {
                for (rows, columns) in [(17, 1), (33, 30), (18, 64), (40, 70), (16, 33)] {
                    check(rows, depth, columns, true);
                    check(rows, depth, columns, false);
                }
            }
        }
    }
    force(None);
}
