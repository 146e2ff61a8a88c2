//! Each kernel at a few sizes around the width of a vector, with slices of exactly their length: soon done where each
//! access is interpreted (`docs/unsafe.md`).

use super::recurrent::{gru, lstm};
use super::{at_every_level, convolution, deep_products, numbers, products};
use fusion_core::kernels::{Convolution, add_rows_by_id};

#[test]
fn products() {
    at_every_level(|_| {
        for (rows, depth, columns) in [(1, 5, 1), (1, 2, 23), (2, 3, 4), (7, 5, 9), (13, 1, 17), (3, 70, 5)] {
            deep_products::check(rows, depth, columns, false);
            deep_products::check(rows, depth, columns, true);
        }
    });
    products::check_one::<3, 1>();
    products::check_one::<5, 23>();
    products::check_gradients(2, 3, 5);
    products::check_gradients(9, 5, 17);
}

#[test]
fn convolutions() {
    at_every_level(|_| {
        let (same, strided) = (convolution::axis(3, 3, 1, 1, (1, 1)), convolution::axis(5, 2, 2, 2, (0, 1)));
        for (channels, filters, groups) in [(1, 1, 1), (3, 5, 1), (5, 1, 1), (2, 6, 3)] {
            let sizes = Convolution {
                depth: fusion_core::kernels::Axis::ONE,
                height: same,
                width: strided,
                channels,
                filters,
                groups,
            };
            convolution::check(&format!("{sizes:?}"), &sizes);
        }
    });
}

#[test]
fn steps_of_recurrent_layers() {
    at_every_level(|_| {
        // Two samples of half as many units fill a vector.
        for (units, samples) in [(1, 1), (2, 3), (4, 1), (5, 2), (8, 3), (17, 1)] {
            lstm::check(units, samples);
            gru::check(units, samples);
        }
    });
}

#[test]
fn rows_by_their_ids() {
    at_every_level(|_| {
        let (ids, rows) = ([2, 0, 2, 1, 2], numbers(1, 5 * 7));
        let mut sums = vec![0.0; 3 * 7];
        add_rows_by_id(&ids, &rows, 7, &mut sums);
        for (index, sum) in sums.iter().enumerate() {
            let of_id = ids.iter().zip(rows.chunks_exact(7)).filter(|(id, _)| **id as usize == index / 7);
            let exact: f32 = of_id.map(|(_, row)| row[index % 7]).sum();
            assert!((sum - exact).abs() < 1e-6, "{sum} for {exact}");
        }
    });
}
