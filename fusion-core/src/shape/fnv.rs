//! A hash that constants can compute.

use super::{ElementType, Shape};

/// FNV-1a of 128 bits, by Fowler, Noll and Vo: <https://datatracker.ietf.org/doc/draft-eastlake-fnv>.
///
/// It guards against mistakes; who wants to can make a file with any hash.
#[derive(Clone, Copy)]
pub struct Fnv(pub u128);

impl Fnv {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    /// Ends a text: a byte that UTF-8 does not have.
    const END: u8 = 0xff;

    /// Of what is called so.
    #[must_use]
    pub const fn of(what: &str) -> Self {
        let mut hash = Self(Self::OFFSET_BASIS);
        hash.text(what);
        hash
    }

    /// Goes on with these bytes.
    pub const fn bytes(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() {
            self.0 = (self.0 ^ bytes[i] as u128).wrapping_mul(Self::PRIME);
            i += 1;
        }
    }

    /// Goes on with a text, and where it ends.
    pub const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[Self::END]);
    }

    /// Goes on with a number in eight bytes, whatever the size of a `usize`.
    pub const fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_le_bytes());
    }

    /// Goes on with another hash.
    pub const fn hash(&mut self, hash: u128) {
        self.bytes(&hash.to_le_bytes());
    }

    /// Goes on with what a wire carries.
    pub const fn wire(&mut self, shape: &Shape, element: ElementType) {
        self.number(shape.rank());
        let mut i = 0;
        while i < shape.rank() {
            self.number(shape.dim(i));
            i += 1;
        }
        self.text(element.name());
    }
}

impl core::fmt::Write for Fnv {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        self.bytes(piece.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Fnv;

    /// The test vectors of the draft.
    #[test]
    fn fnv_1a_has_its_published_values() {
        let hash = |text: &str| {
            let mut hash = Fnv(Fnv::OFFSET_BASIS);
            hash.bytes(text.as_bytes());
            hash.0
        };
        assert_eq!(hash(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(hash("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(hash("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
