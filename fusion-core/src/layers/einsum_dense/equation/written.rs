//! The letters of an equation as it is written: `abc,cd->abd`.

use crate::shape::Shape;

/// The most letters of a word: those of a sample of six dimensions, and the batch.
pub(super) const MOST: usize = Shape::MAXIMUM_RANK + 1;

/// The letters of one of the three, each a dimension.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) letters: [u8; MOST],
    pub(super) count: usize,
}

impl Word {
    pub(super) const EMPTY: Self = Self { letters: [0; MOST], count: 0 };

    /// The same with one more letter; nothing where there is no room.
    pub(super) const fn and(mut self, letter: u8) -> Option<Self> {
        if self.count == MOST {
            return None;
        }
        self.letters[self.count] = letter;
        self.count += 1;
        Some(self)
    }

    /// Where a letter stands.
    pub(super) const fn place(&self, letter: u8) -> Option<usize> {
        let mut i = 0;
        while i < self.count {
            if self.letters[i] == letter {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    pub(super) const fn has(&self, letter: u8) -> bool {
        self.place(letter).is_some()
    }

    /// The dimension that a letter is in this shape; 1 for none.
    pub(super) const fn dim(&self, letter: u8, shape: &Shape) -> usize {
        match self.place(letter) {
            Some(place) => shape.dim(place),
            None => 1,
        }
    }

    pub(super) const fn equals(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < MOST {
            if self.letters[i] != other.letters[i] {
                return false;
            }
            i += 1;
        }
        self.count == other.count
    }
}

/// Where dimensions stand that have no letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dots {
    Nowhere,
    Before,
    Behind,
}

/// An equation as it is written, the batch among its letters.
pub(super) struct Written {
    pub(super) words: [Word; 3],
    pub(super) dots: Dots,
}

/// What is wrong with how it is written.
pub(super) const FORM: &str = "an equation is `[input],[kernel]->[output]` with a letter for each dimension, the batch too, as in `abc,cd->abd`; `...` may stand before or behind the letters of both input and output";

/// Cuts an equation into its words.
pub(super) const fn parse(equation: &str) -> Result<Written, &'static str> {
    let bytes = equation.as_bytes();
    let (mut words, mut dots, mut word, mut i) = ([Word::EMPTY; 3], [Dots::Nowhere; 3], 0, 0);
    while i < bytes.len() {
        let letter = bytes[i];
        i += 1;
        match letter {
            b',' if word == 0 => word = 1,
            b'-' if word == 1 && i < bytes.len() && bytes[i] == b'>' => (word, i) = (2, i + 1),
            b'.' if i + 1 < bytes.len() && bytes[i] == b'.' && bytes[i + 1] == b'.' => {
                if !matches!(dots[word], Dots::Nowhere) {
                    return Err(FORM);
                }
                dots[word] = if words[word].count == 0 { Dots::Before } else { Dots::Behind };
                i += 2;
            }
            letter if letter.is_ascii_alphabetic() => {
                if matches!(dots[word], Dots::Behind) {
                    return Err(FORM);
                }
                if words[word].has(letter) {
                    return Err("a letter stands once in each of input, kernel and output");
                }
                words[word] = match words[word].and(letter) {
                    Some(longer) => longer,
                    None => return Err("a sample has at most six dimensions"),
                };
            }
            _ => return Err(FORM),
        }
    }
    let [input, kernel, output] = words;
    if word != 2 || input.count == 0 || kernel.count == 0 || output.count == 0 {
        return Err(FORM);
    }
    let both = matches!(
        (dots[0], dots[2]),
        (Dots::Nowhere, Dots::Nowhere) | (Dots::Before, Dots::Before) | (Dots::Behind, Dots::Behind)
    );
    if !both || !matches!(dots[1], Dots::Nowhere) {
        return Err(FORM);
    }
    let batch = input.letters[0];
    if !matches!(dots[0], Dots::Before) && (batch != output.letters[0] || kernel.has(batch)) {
        return Err(
            "the first letter of the input is the batch: it is the first of the output too, and none of the kernel",
        );
    }
    Ok(Written { words, dots: dots[0] })
}

/// A word without the batch, with so many dimensions that have no letters, which get digits.
pub(super) const fn with_dots(word: &Word, dots: Dots, more: usize) -> Option<Word> {
    let (mut all, mut i) = (Word::EMPTY, if matches!(dots, Dots::Before) { 0 } else { 1 });
    if matches!(dots, Dots::Before) {
        let Some(longer) = digits(all, more) else { return None };
        all = longer;
    }
    while i < word.count {
        let Some(longer) = all.and(word.letters[i]) else { return None };
        all = longer;
        i += 1;
    }
    if matches!(dots, Dots::Behind) { digits(all, more) } else { Some(all) }
}

const fn digits(mut word: Word, count: usize) -> Option<Word> {
    let mut i = 0;
    while i < count {
        let Some(longer) = word.and(b'0' + i as u8) else { return None };
        word = longer;
        i += 1;
    }
    Some(word)
}
