//! The hashes by which TensorFlow, and so Keras, spreads ids over bins.

use core::hash::Hasher as _;

/// An id as its decimal digits.
pub(super) struct Decimal {
    digits: [u8; 10],
    first: usize,
}

impl Decimal {
    pub(super) fn of(mut id: u32) -> Self {
        let mut decimal = Self { digits: [b'0'; 10], first: 10 };
        loop {
            decimal.first -= 1;
            decimal.digits[decimal.first] += (id % 10) as u8;
            id /= 10;
            if id == 0 {
                return decimal;
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.digits[self.first..]
    }
}

const K0: u64 = 0xC3A5_C85C_97CB_3127;
const K2: u64 = 0x9AE1_6A3B_2F90_404F;

const fn shift_mix(value: u64) -> u64 {
    value ^ (value >> 47)
}

/// The little-endian number of so many bytes.
fn fetch(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// FarmHash64 of at most 16 bytes (Google, `farmhashna::Hash64`), `to_hash_bucket_fast` in TensorFlow.
pub(super) fn farm(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    assert!(length <= 16, "longer texts have another formula");
    let factor = K2.wrapping_add(2 * length as u64);
    let mix = |a: u64, b: u64| {
        let first = shift_mix((a ^ b).wrapping_mul(factor));
        shift_mix((b ^ first).wrapping_mul(factor)).wrapping_mul(factor)
    };
    match length {
        0 => K2,
        1..4 => {
            let [first, middle, last] = [0, length / 2, length - 1].map(|at| u64::from(bytes[at]));
            let (a, b) = (first + (middle << 8), length as u64 + (last << 2));
            shift_mix(a.wrapping_mul(K2) ^ b.wrapping_mul(K0)).wrapping_mul(K2)
        }
        4..8 => mix(length as u64 + (fetch(&bytes[..4]) << 3), fetch(&bytes[length - 4..])),
        _ => {
            let (first, last) = (fetch(&bytes[..8]).wrapping_add(K2), fetch(&bytes[length - 8..]));
            let a = last.rotate_right(37).wrapping_mul(factor).wrapping_add(first);
            mix(a, first.rotate_right(25).wrapping_add(last).wrapping_mul(factor))
        }
    }
}

/// SipHash-2-4 under a key, `to_hash_bucket_strong` in TensorFlow.
#[expect(deprecated, reason = "what stands in its place says nothing of which hash it is")]
pub(super) fn sip((first, second): (u64, u64), bytes: &[u8]) -> u64 {
    let mut hasher = core::hash::SipHasher::new_with_keys(first, second);
    hasher.write(bytes);
    hasher.finish()
}

/// Two fingerprints as one: TensorFlow's `FingerprintCat64`.
pub(super) const fn together(first: u64, second: u64) -> u64 {
    const FACTOR: u64 = 0xC6A4_A793_5BD1_E995;
    let both = (first ^ FACTOR) ^ shift_mix(second.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
    shift_mix(shift_mix(both.wrapping_mul(FACTOR)).wrapping_mul(FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_people_do() {
        let text = |id| String::from_utf8(Decimal::of(id).bytes().to_vec()).unwrap();
        assert_eq!([0, 7, 10, 1138, u32::MAX].map(text), ["0", "7", "10", "1138", "4294967295"]);
    }

    /// The vector of the paper's appendix: the bytes 0 to 14 under the key of the bytes 0 to 15.
    #[test]
    fn sip_is_that_of_the_paper() {
        let bytes: Vec<u8> = (0..15).collect();
        assert_eq!(sip((0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908), &bytes), 0xA129_CA61_49BE_45E5);
    }
}
