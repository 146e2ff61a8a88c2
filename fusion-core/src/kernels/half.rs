//! Numbers of 16 bits, IEEE 754's binary16: how they become `f32` and how they are made.

/// The largest finite number of 16 bits.
pub const LARGEST_HALF: f32 = 65504.0;

/// The number of 16 bits that is nearest, of two the even one. What is finite stays finite: beyond [`LARGEST_HALF`] it is
/// that.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::kernels::{half, half_to_f32};
/// assert_eq!(half_to_f32(half(0.1)), 0.099_975_586);
/// assert_eq!(half_to_f32(half(-1e9)), -65504.0);
/// ```
#[must_use]
pub const fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let (sign, magnitude) = ((bits >> 16) as u16 & 0x8000, bits & 0x7fff_ffff);
    if magnitude > 0x7f80_0000 {
        return sign | 0x7e00;
    }
    if magnitude == 0x7f80_0000 {
        return sign | 0x7c00;
    }
    // Half of the last place above the largest one, and all beyond.
    if magnitude >= 0x477f_f000 {
        return sign | 0x7bff;
    }
    if magnitude < 0x3880_0000 {
        // Below the normal ones: units of 2^-24, rounded by the addition, whose last place that is.
        let units = f32::from_bits(magnitude) + 0.5;
        return sign | (units.to_bits() - 0x3f00_0000) as u16;
    }
    let even = (magnitude >> 13) & 1;
    sign | ((magnitude - 0x3800_0000 + 0xfff + even) >> 13) as u16
}

/// The same number as an `f32`, in every bit.
#[must_use]
#[inline(always)]
pub const fn half_to_f32(half: u16) -> f32 {
    let sign = (half as u32 & 0x8000) << 16;
    let magnitude = (half as u32 & 0x7fff) << 13;
    // The exponent's bias differs by 112: a product by 2^112 is exact, for those below the normal ones too.
    let number = f32::from_bits(magnitude) * f32::from_bits(0x7780_0000);
    let bits = if magnitude >= 0x0f80_0000 { magnitude | 0x7f80_0000 } else { number.to_bits() };
    f32::from_bits(sign | bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_16_bits_comes_back() {
        for bits in 0..=u16::MAX {
            let number = half_to_f32(bits);
            if bits & 0x7fff > 0x7c00 {
                assert!(number.is_nan() && half_to_f32(half(number)).is_nan(), "{bits:04x}");
            } else {
                assert_eq!(half(number), bits, "{bits:04x} is {number}");
            }
        }
    }

    #[test]
    fn what_lies_between_goes_to_the_nearest_and_in_the_middle_to_the_even_one() {
        for bits in 0..0x7bff_u16 {
            let (low, high) = (f64::from(half_to_f32(bits)), f64::from(half_to_f32(bits + 1)));
            let at = |part: f64| half((low + part * (high - low)) as f32);
            assert_eq!((at(0.49), at(0.51)), (bits, bits + 1));
            assert_eq!(at(0.5), bits + (bits & 1), "{bits:04x}");
        }
    }

    #[test]
    fn what_is_too_large_is_the_largest() {
        for (number, bits) in [(65519.9, 0x7bff), (65520.0, 0x7bff), (1e30, 0x7bff), (f32::INFINITY, 0x7c00)] {
            assert_eq!((half(number), half(-number)), (bits, bits | 0x8000));
        }
    }
}
