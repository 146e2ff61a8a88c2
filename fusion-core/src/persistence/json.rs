//! As much of JSON as a header of safetensors has, in constants: objects, texts and natural numbers.

use super::name::Name;

/// What is wrong with a header, and at which of its bytes.
pub(super) struct Problem {
    pub problem: &'static str,
    pub at: usize,
}

/// Goes on with what is there, or gives up with the error: `?` cannot be used in constants.
macro_rules! go_on {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}
pub(super) use go_on;

/// A header, read from its first byte to its last.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    pub bytes: &'a [u8],
    /// The next byte.
    pub at: usize,
}

impl<'a> Json<'a> {
    pub const fn problem(&self, problem: &'static str) -> Problem {
        Problem { problem, at: self.at }
    }

    /// The next byte that is no space; 0 at the end.
    pub const fn peek(&mut self) -> u8 {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return byte,
            }
        }
        0
    }

    /// Goes past this byte.
    pub const fn take(&mut self, byte: u8, problem: &'static str) -> Result<(), Problem> {
        if self.peek() != byte {
            return Err(self.problem(problem));
        }
        self.at += 1;
        Ok(())
    }

    /// Goes past a comma, or past the end of a list: whether it goes on.
    pub const fn goes_on(&mut self, end: u8) -> Result<bool, Problem> {
        let next = self.peek();
        if next != b',' && next != end {
            return Err(self.problem("a `,` or an end is missing"));
        }
        self.at += 1;
        Ok(next == b',')
    }

    /// A text as it is written, its escapes too.
    pub const fn raw_text(&mut self) -> Result<&'a [u8], Problem> {
        go_on!(self.take(b'"', "a text in quotes is missing"));
        let start = self.at;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(self.bytes.split_at(self.at - 1).0.split_at(start).1);
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        Err(self.problem("a text does not end"))
    }

    /// A text, its escapes read.
    pub const fn text(&mut self) -> Result<Name, Problem> {
        let (mut name, start) = (Name::EMPTY, *self);
        let raw = go_on!(self.raw_text());
        let mut i = 0;
        while i < raw.len() {
            if raw[i] != b'\\' {
                name.push(raw[i]);
                i += 1;
                continue;
            }
            // There is a byte behind each backslash: the quote at the end was none.
            match raw[i + 1] {
                byte @ (b'"' | b'\\' | b'/') => name.push(byte),
                b'u' if i + 6 <= raw.len() => {
                    let Some(code) = ascii(raw.split_at(i + 2).1) else {
                        return Err(start.problem("a text has an escape that no name of a tensor has"));
                    };
                    name.push(code);
                    i += 4;
                }
                _ => return Err(start.problem("a text has an escape that no name of a tensor has")),
            }
            i += 2;
        }
        Ok(name)
    }

    /// A natural number.
    pub const fn number(&mut self) -> Result<usize, Problem> {
        let (mut number, start) = (0_usize, self.peek());
        if !start.is_ascii_digit() {
            return Err(self.problem("a natural number is missing"));
        }
        while self.at < self.bytes.len() && self.bytes[self.at].is_ascii_digit() {
            let digit = (self.bytes[self.at] - b'0') as usize;
            number = match number.checked_mul(10) {
                Some(tens) if tens <= usize::MAX - digit => tens + digit,
                _ => return Err(self.problem("a number is too large")),
            };
            self.at += 1;
        }
        Ok(number)
    }
}

/// The character of ASCII that four hexadecimal digits stand for.
const fn ascii(digits: &[u8]) -> Option<u8> {
    let (mut code, mut i) = (0_u32, 0);
    while i < 4 {
        let digit = match digits[i] {
            byte @ b'0'..=b'9' => byte - b'0',
            byte @ b'a'..=b'f' => byte - b'a' + 10,
            byte @ b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        };
        code = code * 16 + digit as u32;
        i += 1;
    }
    if code < 0x80 { Some(code as u8) } else { None }
}
