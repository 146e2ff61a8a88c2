//! Functions that go through slices once.

use super::{Numbers, at_every_level};
use fusion_core::kernels::*;

#[test]
fn elementary_functions_are_the_same_bits_at_every_level() {
    let mut numbers = Numbers(5);
    let values: Vec<f32> = (0..20_001)
        .map(|index| if index % 2 == 0 { f32::from_bits(numbers.bits()) } else { numbers.next() * 20.0 })
        .collect();
    type Case = (fn(&mut [f32]), fn(f32) -> f32);
    let cases: [Case; 3] = [(exp_in_place, math::exp), (tanh_in_place, math::tanh), (sigmoid_in_place, math::sigmoid)];
    for (in_place, function) in cases {
        let one_by_one: Vec<f32> = values.iter().map(|&x| std::hint::black_box(function)(x)).collect();
        at_every_level(|level| {
            let mut found = values.clone();
            in_place(&mut found);
            for ((found, expected), x) in found.iter().zip(&one_by_one).zip(&values) {
                let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                assert!(same, "{found} for {expected} at {x:e}, {level:?}");
            }
        });
    }
}

#[test]
fn the_first_number_that_is_not_finite_is_found_wherever_it_is() {
    at_every_level(|_| {
        let mut values = vec![f32::MAX; 2500];
        assert_eq!(first_not_finite(&values), None);
        assert_eq!(first_not_finite(&[]), None);
        for index in [0, 15, 16, 1023, 1024, 2047, 2499] {
            for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                values.fill(f32::MAX);
                values[2499] = wrong;
                values[index] = wrong;
                assert_eq!(first_not_finite(&values), Some(index));
            }
        }
    });
}
