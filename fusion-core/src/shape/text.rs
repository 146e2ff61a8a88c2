//! Text built inside constants, for the messages that the compiler prints.

use super::Shape;

/// A message in a fixed buffer, so that a `const fn` can write it; what does not fit is cut off.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::Text;
/// const SENTENCE: Text = Text::new("takes ").number(8).and(" features");
/// assert_eq!(SENTENCE.as_str(), "takes 8 features");
/// ```
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; CAPACITY],
    length: usize,
}

const CAPACITY: usize = 1024;

impl Text {
    /// A text that begins so.
    #[must_use]
    pub const fn new(start: &str) -> Self {
        Self { bytes: [0; CAPACITY], length: 0 }.and(start)
    }

    /// Appends a piece of text.
    #[must_use]
    pub const fn and(mut self, piece: &str) -> Self {
        let piece = piece.as_bytes();
        let mut i = 0;
        while i < piece.len() && self.length < CAPACITY {
            self.bytes[self.length] = piece[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    /// Appends a number in decimal.
    #[must_use]
    pub const fn number(mut self, number: usize) -> Self {
        let mut power = 1;
        while number / power >= 10 {
            power *= 10;
        }
        while power > 0 && self.length < CAPACITY {
            self.bytes[self.length] = b'0' + ((number / power) % 10) as u8;
            self.length += 1;
            power /= 10;
        }
        self
    }

    /// Appends a shape as its user writes it, `[28, 28, 1]`; in words where it has no dimension.
    #[must_use]
    pub const fn shape(mut self, shape: &Shape) -> Self {
        if shape.rank() == 0 {
            return self.and("a single number");
        }
        self = self.and("[");
        let mut i = 0;
        while i < shape.rank() {
            if i > 0 {
                self = self.and(", ");
            }
            self = self.number(shape.dim(i));
            i += 1;
        }
        self.and("]")
    }

    /// The text so far.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Only a text cut off within a character ends here.
            Err(_) => "(a message too long to show)",
        }
    }

    /// Whether nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Whether these are the same bytes.
pub(crate) const fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
