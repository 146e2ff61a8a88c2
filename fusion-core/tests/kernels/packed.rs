//! Products with packed matrices, of numbers, of half of their bits, and of integers.

use std::cell::RefCell;

use super::{Numbers, at_every_level};
use fusion_core::kernels::*;

const DEPTHS: [usize; 6] = [1, 3, 8, 33, 70, 300];
const WIDTHS: [usize; 12] = [1, 2, 3, 4, 7, 16, 17, 31, 64, 70, 130, 257];
const ROWS: [usize; 8] = [1, 2, 3, 4, 5, 7, 13, 48];

/// The product in `f64` of what the weights are, and the sum of its terms' sizes.
fn reference(x: &[f32], weights: &[f32], bias: f32, (row, column): (usize, usize), sizes: Sizes) -> (f64, f64) {
    let term = |d: usize| f64::from(x[row * sizes.inputs + d]) * f64::from(weights[d * sizes.outputs + column]);
    let terms = (0..sizes.inputs).map(term);
    terms.fold((f64::from(bias), f64::from(bias).abs()), |(sum, size), term| (sum + term, size + term.abs()))
}

fn strips_are_products<W: Packable>(within: f32) {
    let mut numbers = Numbers(3);
    for inputs in DEPTHS {
        for outputs in WIDTHS {
            let (kernel, bias) = (numbers.take(inputs * outputs), numbers.take(outputs));
            let mut weights = vec![0.0; kernel.len()];
            let mut packed = vec![W::of(f32::NAN); kernel.len()];
            // As wide as at some level, and as at none.
            for columns in [8, 16, 64, 40] {
                pack(&kernel, [inputs, outputs], columns, &mut packed);
                unpack(&packed, [inputs, outputs], columns, &mut weights);
                let near = kernel.iter().zip(&weights).all(|(a, b)| (a - b).abs() <= within * a.abs());
                assert!(near, "{inputs} × {outputs}");
                for rows in ROWS {
                    let x = numbers.take(rows * inputs);
                    let (sizes, rectify) = (Sizes { rows, inputs, outputs }, (rows + outputs) % 2 == 1);
                    at_every_level(|_| {
                        let mut y = vec![f32::NAN; rows * outputs];
                        let bias = (columns != 16).then_some(&bias[..]);
                        dense_packed(&x, (&packed, columns), bias, &mut y, sizes, rectify);
                        // Of rows those at the ends are enough.
                        for (row, column) in
                            [0, rows - 1].into_iter().flat_map(|row| (0..outputs).map(move |c| (row, c)))
                        {
                            let bias = bias.map_or(0.0, |bias| bias[column]);
                            let (sum, size) = reference(&x, &weights, bias, (row, column), sizes);
                            let sum = if rectify { sum.max(0.0) } else { sum };
                            let allowed = (inputs + 2) as f64 * f64::from(f32::EPSILON) * size;
                            let found = f64::from(y[row * outputs + column]);
                            assert!(
                                (found - sum).abs() <= allowed,
                                "[{row}][{column}] of {sizes:?}: {found}, not {sum}"
                            );
                        }
                    });
                }
            }
        }
    }
}

#[test]
fn strips_of_numbers_are_the_matrix() {
    strips_are_products::<f32>(0.0);
}

#[test]
fn strips_of_16_bits_are_the_matrix_to_a_2048th() {
    strips_are_products::<Half>(1.0 / 2048.0);
}

/// The integers and what one is, in plain words.
fn integers(numbers: &[f32]) -> (Vec<i64>, f32) {
    let scale = 127.0 / (numbers.iter().fold(0.0_f32, |largest, x| largest.max(x.abs())) + 1e-7);
    (numbers.iter().map(|x| (x * scale).round_ties_even() as i64).collect(), scale)
}

#[test]
fn integers_are_exact_and_the_same_bits_at_every_level_for_any_number_of_rows() {
    let mut random = Numbers(4);
    for inputs in DEPTHS {
        for outputs in WIDTHS {
            let (kernel, bias) = (random.take(inputs * outputs), random.take(outputs));
            let mut numbers = vec![1; int8_bytes(inputs, outputs)];
            let (mut steps, mut sums) = (vec![f32::NAN; outputs], vec![1; outputs]);
            Int8Kernel::write(&kernel, [inputs, outputs], &mut numbers, &mut steps, &mut sums);
            let packed = Int8Kernel { numbers: &numbers, steps: &steps, sums: &sums };
            let columns: Vec<_> = (0..outputs)
                .map(|column| integers(&kernel.iter().skip(column).step_by(outputs).copied().collect::<Vec<_>>()))
                .collect();
            let mut weights = vec![0.0; kernel.len()];
            packed.read([inputs, outputs], &mut weights);
            for (index, weight) in weights.iter().enumerate() {
                let (integers, scale) = &columns[index % outputs];
                assert_eq!(*weight, integers[index / outputs] as f32 * (1.0 / scale));
            }
            let x = random.take(48 * inputs);
            let first = RefCell::new(Vec::<u32>::new());
            for rows in ROWS {
                let sizes = Sizes { rows, inputs, outputs };
                at_every_level(|_| {
                    let (mut y, mut scratch) = (vec![f32::NAN; rows * outputs], vec![f32::NAN; inputs]);
                    dense_int8(&x[..rows * inputs], packed, Some(&bias), &mut y, sizes, false, &mut scratch);
                    let bits: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
                    let mut first = first.borrow_mut();
                    let same = first.len().min(bits.len());
                    assert_eq!(bits[..same], first[..same], "{sizes:?}");
                    first.extend_from_slice(&bits[same..]);
                    for (row, x) in x.chunks_exact(inputs).take(rows).enumerate() {
                        let (x, scale) = integers(x);
                        for (column, (weights, step)) in columns.iter().enumerate() {
                            let sum: i64 = x.iter().zip(weights).map(|(x, weight)| x * weight).sum();
                            let expected = sum as f32 / (scale * step) + bias[column];
                            let found = y[row * outputs + column];
                            assert!(
                                (found - expected).abs() <= 1e-5 * (1.0 + expected.abs()),
                                "{found}, not {expected}"
                            );
                        }
                    }
                });
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_not_hidden() {
    let (mut numbers, mut steps, mut sums) = (vec![0; int8_bytes(8, 20)], vec![0.0; 20], vec![0; 20]);
    let mut kernel = vec![0.5; 8 * 20];
    (kernel[3], kernel[20 + 19]) = (f32::NAN, f32::INFINITY);
    Int8Kernel::write(&kernel, [8, 20], &mut numbers, &mut steps, &mut sums);
    let packed = Int8Kernel { numbers: &numbers, steps: &steps, sums: &sums };
    let sizes = Sizes { rows: 1, inputs: 8, outputs: 20 };
    at_every_level(|_| {
        let (mut y, mut scratch) = ([0.0; 20], [0.0; 8]);
        dense_int8(&[1.0; 8], packed, None, &mut y, sizes, true, &mut scratch);
        for (column, y) in y.iter().enumerate() {
            assert_eq!(y.is_finite(), column != 3 && column != 19, "output {column} is {y}");
        }
        for wrong in [f32::NAN, f32::INFINITY] {
            let mut x = [1.0; 8];
            x[5] = wrong;
            dense_int8(&x, packed, None, &mut y, sizes, true, &mut scratch);
            assert!(y.iter().all(|y| !y.is_finite()), "{wrong} gives {y:?}");
        }
    });
}
