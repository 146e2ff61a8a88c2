//! Sums over so many samples that one running sum would lose digits.
//!
//! Each addition to a running sum in `f32` rounds it, so that its error grows with the number of terms. Products over
//! samples therefore begin a new sum in registers after [`SAMPLES`] rows, add such sums up beside it, and after
//! [`PART`] rows move what is there into a compensated sum (Knuth, The Art of Computer Programming 2, 4.2.2; Neumaier,
//! 1974), whose error does not grow. Where all terms are one number, which rounds the same way each time, the whole is
//! wrong by at most 1.5 · 10⁻⁶ of itself; where they differ, by less than 5 · 10⁻⁷.

#[cfg(feature = "training")]
use core::ops::Range;

#[cfg(feature = "training")]
use super::dispatch::vectorize;
#[cfg(feature = "training")]
use super::memory::piece;
use super::memory::round_up;

/// Rows of samples that one sum in a register takes in.
pub(super) const SAMPLES: usize = 64;

/// Rows of samples whose sums are added up before they are moved into a compensated sum.
#[cfg(feature = "training")]
pub(crate) const PART: usize = 32 * SAMPLES;

/// Numbers of scratch that sums over samples need, so many side by side.
#[must_use]
pub const fn parts_scratch(sums: usize) -> usize {
    round_up(sums).saturating_mul(2)
}

/// Has `add` add the terms of 0..`length` to `sum`: all at once where there are at most `most`, otherwise so many at a
/// time to zeros in `scratch`, which are then moved into `sum`.
#[cfg(feature = "training")]
pub(crate) fn in_parts(
    length: usize,
    most: usize,
    sum: &mut [f32],
    scratch: &mut [f32],
    mut add: impl FnMut(Range<usize>, &mut [f32]),
) {
    if length <= most {
        return add(0..length, sum);
    }
    let (part, rest) = piece(scratch, sum.len());
    let (carry, _) = piece(rest, sum.len());
    part.fill(0.0);
    carry.fill(0.0);
    for start in (0..length).step_by(most) {
        add(start..length.min(start + most), part);
        fold(part, sum, carry);
    }
    settle(sum, carry);
}

/// Adds `part` to `sum` and what that rounds off to `carry`; sets `part` to zero.
///
/// However often this is done, `sum` + `carry` is wrong by little more than one rounding. [`settle`] ends it.
///
/// # Panics
/// If the slices differ in length.
#[cfg(feature = "training")]
pub fn fold(part: &mut [f32], sum: &mut [f32], carry: &mut [f32]) {
    assert!(part.len() == sum.len() && sum.len() == carry.len(), "{} numbers and {}", part.len(), sum.len());
    vectorize(
        #[inline(always)]
        || {
            for ((part, sum), carry) in part.iter_mut().zip(sum).zip(carry) {
                let total = *sum + *part;
                let added = total - *sum;
                *carry += (*sum - (total - added)) + (*part - added);
                *sum = total;
                *part = 0.0;
            }
        },
    );
}

/// Adds what [`fold`] kept in `carry`, and sets it to zero.
///
/// # Panics
/// If the slices differ in length.
#[cfg(feature = "training")]
pub fn settle(sum: &mut [f32], carry: &mut [f32]) {
    assert!(sum.len() == carry.len(), "{} numbers and {}", sum.len(), carry.len());
    for (sum, carry) in sum.iter_mut().zip(carry) {
        *sum += *carry;
        *carry = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_added_once_and_nothing_is_rounded_off() {
        let mut scratch = [f32::NAN; parts_scratch(2)];
        for (length, most) in [(0, 3), (1, 3), (3, 3), (4, 3), (100_001, 10)] {
            let mut sum = [1e7, 0.5];
            in_parts(length, most, &mut sum, &mut scratch, |range, sum| {
                sum[0] += 0.1 * range.len() as f32;
                sum[1] += range.map(|index| index as f32 / 128.0).sum::<f32>();
            });
            let exact = (length * length.saturating_sub(1) / 2) as f32 / 128.0;
            assert_eq!(sum, [1e7 + 0.1 * length as f32, 0.5 + exact], "{length} in parts of {most}");
        }
    }
}
