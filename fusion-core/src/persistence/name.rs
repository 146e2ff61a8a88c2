//! Names of tensors, without a heap.

use core::fmt;

use crate::shape::{Shape, same_bytes as same};
use crate::weights::{Array, Entry, Kind};

/// A tensor's name, such as `dense/kernel`, or another word of a file: at most 120 bytes of it.
#[derive(Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; CAPACITY],
    length: usize,
    /// Whether it goes on.
    cut: bool,
}

const CAPACITY: usize = 120;

impl Name {
    pub const EMPTY: Self = Self { bytes: [0; CAPACITY], length: 0, cut: false };

    pub const fn push(&mut self, byte: u8) {
        if self.length < CAPACITY {
            self.bytes[self.length] = byte;
            self.length += 1;
        } else {
            self.cut = true;
        }
    }

    pub const fn push_text(&mut self, text: &str) {
        let mut i = 0;
        while i < text.len() {
            self.push(text.as_bytes()[i]);
            i += 1;
        }
    }

    /// The path of what stands at this one.
    pub const fn below(mut self, name: &str) -> Self {
        if self.length > 0 {
            self.push(b'/');
        }
        self.push_text(name);
        self
    }

    /// Its bytes, as far as they are here.
    pub const fn bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }

    /// Whether both are the same name; one that is cut off is none.
    pub const fn equals(&self, other: &Self) -> bool {
        !self.cut && !other.cut && same(self.bytes(), other.bytes())
    }

    pub const fn begins_with(&self, start: &str) -> bool {
        self.length >= start.len() && same(self.bytes.split_at(start.len()).0, start.as_bytes())
    }

    /// The name for a message.
    pub const fn shown(&self) -> TensorName {
        let (mut shown, mut i) = (TensorName { bytes: [0; SHOWN], length: 0 }, 0);
        while i < self.length && i < SHOWN {
            // What a hostile file may have there goes to a terminal.
            shown.bytes[i] = if self.bytes[i].is_ascii_control() { b'?' } else { self.bytes[i] };
            i += 1;
        }
        shown.length = i as u8;
        shown
    }
}

/// The name of a tensor in a file, or its first 80 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TensorName {
    bytes: [u8; SHOWN],
    length: u8,
}

const SHOWN: usize = 80;

impl TensorName {
    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        let bytes = self.bytes.split_at(self.length as usize).0;
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => match core::str::from_utf8(bytes.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

impl fmt::Debug for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of a model's parameters: the array so far in the order of the walk.
#[derive(Clone, Copy)]
pub struct ParameterOf {
    pub(super) entries: &'static [Entry],
    pub(super) index: usize,
}

impl ParameterOf {
    /// Its path, and what is known of it; nothing past the last one.
    pub(super) const fn find(&self) -> Option<(Name, &'static Array)> {
        find(self.entries, Name::EMPTY, &mut { self.index })
    }

    /// Its path in Keras, `dense/kernel`, or the first 80 bytes of it.
    #[must_use]
    pub const fn name(&self) -> TensorName {
        match self.find() {
            Some((name, _)) => name.shown(),
            None => Name::EMPTY.shown(),
        }
    }

    /// Its shape in Keras's layout.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        match self.find() {
            Some((_, array)) => array.shape,
            None => Shape::SCALAR,
        }
    }
}

impl PartialEq for ParameterOf {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.name() == other.name()
    }
}

const fn find(entries: &'static [Entry], around: Name, left: &mut usize) -> Option<(Name, &'static Array)> {
    let mut i = 0;
    while i < entries.len() {
        match &entries[i].kind {
            Kind::Array(array) if *left == 0 => return Some((around.below(entries[i].name), array)),
            Kind::Array(_) => *left -= 1,
            Kind::Layer { entries: within, .. } => {
                if let Some(found) = find(within, around.below(entries[i].name), left) {
                    return Some(found);
                }
            }
        }
        i += 1;
    }
    None
}
