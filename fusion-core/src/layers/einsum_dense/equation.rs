//! What an equation says of shapes: `abc,cd->abd`, of what goes in, the kernel and what comes out.

use crate::kernels::{Loop, Moves};
use crate::layer::Mistake;
use crate::layers::rearranging::stride;
use crate::shape::{Shape, Text};

mod written;

use written::{Dots, MOST, Word, Written, parse, with_dots};

/// An equation of a sample: its words without the batch, dimensions without letters among them.
#[derive(Clone, Copy)]
pub(super) struct Equation {
    input: Word,
    kernel: Word,
    output: Word,
    /// How many dimensions without letters there are behind the others.
    behind: usize,
}

impl Equation {
    const NONE: Self = Self { input: Word::EMPTY, kernel: Word::EMPTY, output: Word::EMPTY, behind: 0 };

    /// Of a sample of this shape and a kernel of that one; or what is wrong, in words.
    #[expect(clippy::result_large_err, reason = "constants have no heap to box a text in")]
    pub(super) const fn of(equation: &str, input: &Shape, kernel: &Shape) -> Result<Self, Text> {
        let Written { words, dots } = match parse(equation) {
            Ok(written) => written,
            Err(words) => return Err(Text::new(words)),
        };
        let named = words[0].count - if matches!(dots, Dots::Before) { 0 } else { 1 };
        let fits = if matches!(dots, Dots::Nowhere) { input.rank() == named } else { input.rank() >= named };
        if !fits {
            let text = Text::new("the equation is of samples of ").number(named);
            let text = text.and(if matches!(dots, Dots::Nowhere) { "" } else { " or more" });
            return Err(text.and(" dimensions beside the batch, and a sample is ").shape(input));
        }
        if words[1].count != kernel.rank() {
            let text = Text::new("the kernel has ").number(words[1].count).and(" letters, and is ").shape(kernel);
            return Err(text.and(", the layer's first argument"));
        }
        let more = input.rank() - named;
        let (input_word, output) = (with_dots(&words[0], dots, more), with_dots(&words[2], dots, more));
        let (Some(input_word), Some(output)) = (input_word, output) else {
            return Err(Text::new("a sample has at most six dimensions"));
        };
        let behind = if matches!(dots, Dots::Behind) { more } else { 0 };
        let equation = Self { input: input_word, kernel: words[1], output, behind };
        match equation.unless_matched(input, kernel) {
            Some(words) => Err(words),
            None => Ok(equation),
        }
    }

    /// The same where nothing is wrong; otherwise of nothing.
    pub(super) const fn or_none(equation: Option<&'static str>, input: &Shape, kernel: &Shape) -> Self {
        let Some(equation) = equation else { return Self::NONE };
        match Self::of(equation, input, kernel) {
            Ok(equation) => equation,
            Err(_) => Self::NONE,
        }
    }

    /// A letter that is there alone, or of two sizes.
    const fn unless_matched(&self, input: &Shape, kernel: &Shape) -> Option<Text> {
        let Self { input: of_input, kernel: of_kernel, output, .. } = self;
        let mut i = 0;
        while i < of_input.count {
            let letter = of_input.letters[i];
            if !of_kernel.has(letter) && !output.has(letter) {
                return Some(quoted(letter).and(" of the input is neither in the kernel nor in the output"));
            }
            let (found, of_kernel) = (input.dim(i), of_kernel.dim(letter, kernel));
            if self.kernel.has(letter) && found != of_kernel {
                let text = quoted(letter).and(" is ").number(found).and(" in the input, which is ").shape(input);
                return Some(text.and(", and ").number(of_kernel).and(" in the kernel, which is ").shape(kernel));
            }
            i += 1;
        }
        let mut i = 0;
        while i < of_kernel.count {
            let letter = of_kernel.letters[i];
            if !of_input.has(letter) && !output.has(letter) {
                return Some(quoted(letter).and(" of the kernel is neither in the input nor in the output"));
            }
            i += 1;
        }
        let mut i = 0;
        while i < output.count {
            let letter = output.letters[i];
            if !of_input.has(letter) && !of_kernel.has(letter) {
                return Some(quoted(letter).and(" of the output is neither in the input nor in the kernel"));
            }
            i += 1;
        }
        if output.count > Shape::MAXIMUM_RANK {
            return Some(Text::new("the output would have 7 dimensions; six are the most"));
        }
        None
    }

    /// The shape of what comes out.
    pub(super) const fn output(&self, input: &Shape, kernel: &Shape) -> Shape {
        let (mut shape, mut i) = (Shape::SCALAR, 0);
        while i < self.output.count {
            let letter = self.output.letters[i];
            let dim =
                if self.input.has(letter) { self.input.dim(letter, input) } else { self.kernel.dim(letter, kernel) };
            if let Some(longer) = shape.append(dim) {
                shape = longer;
            }
            i += 1;
        }
        shape
    }

    /// The shape of a bias along these axes: from the first of them on, 1 along the others. None if one of them is no letter
    /// of the output.
    pub(super) const fn bias(&self, axes: &str, output: &Shape) -> Option<Shape> {
        let axes = axes.as_bytes();
        let (mut first, mut i) = (self.output.count, 0);
        while i < axes.len() {
            let Some(place) = self.output.place(axes[i]) else { return None };
            first = if place < first { place } else { first };
            i += 1;
        }
        let (mut shape, mut i) = (Shape::SCALAR, first);
        while i < self.output.count {
            let (mut along, mut axis) = (false, 0);
            while axis < axes.len() {
                along = along || axes[axis] == self.output.letters[i];
                axis += 1;
            }
            let along = along && i < self.output.count - self.behind;
            if let Some(longer) = shape.append(if along { output.dim(i) } else { 1 }) {
                shape = longer;
            }
            i += 1;
        }
        Some(shape)
    }

    /// The equation as products of matrices.
    pub(super) const fn products(&self, input: &Shape, kernel: &Shape) -> Products {
        let [shared, rows] = [self.among_input(true, true), self.among_input(false, true)];
        let (inputs, outputs) = (self.among_input(true, false), self.of_kernel_alone());
        let output = self.output(input, kernel);
        Products {
            shared: length(&shared, &self.input, input),
            rows: length(&rows, &self.input, input),
            inputs: length(&inputs, &self.input, input),
            outputs: length(&outputs, &self.kernel, kernel),
            input: order(&self.input, input, &[shared, rows, inputs]),
            kernel: order(&self.kernel, kernel, &[shared, inputs, outputs]),
            output: order(&self.output, &output, &[shared, rows, outputs]),
        }
    }

    /// The input's letters that are, or are not, in the kernel and in the output.
    const fn among_input(&self, in_kernel: bool, in_output: bool) -> Word {
        let (mut word, mut i) = (Word::EMPTY, 0);
        while i < self.input.count {
            let letter = self.input.letters[i];
            if self.kernel.has(letter) == in_kernel
                && self.output.has(letter) == in_output
                && let Some(longer) = word.and(letter)
            {
                word = longer;
            }
            i += 1;
        }
        word
    }

    const fn of_kernel_alone(&self) -> Word {
        let (mut word, mut i) = (Word::EMPTY, 0);
        while i < self.kernel.count {
            if !self.input.has(self.kernel.letters[i])
                && let Some(longer) = word.and(self.kernel.letters[i])
            {
                word = longer;
            }
            i += 1;
        }
        word
    }
}

/// For each sample `shared` products of a matrix of rows × inputs and one of inputs × outputs; where the dimensions lie
/// otherwise, how their numbers are moved to lie so.
pub(super) struct Products {
    pub(super) shared: usize,
    pub(super) rows: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) input: Option<Moves>,
    pub(super) kernel: Option<Moves>,
    pub(super) output: Option<Moves>,
}

/// "`c`"
const fn quoted(letter: u8) -> Text {
    let letter = [letter];
    let Ok(letter) = core::str::from_utf8(&letter) else { return Text::new("a dimension of `...`") };
    Text::new("`").and(letter).and("`")
}

/// How many numbers lie along these letters, as a word has them in a shape.
const fn length(letters: &Word, word: &Word, shape: &Shape) -> usize {
    let (mut length, mut i) = (1_usize, 0);
    while i < letters.count {
        length = length.saturating_mul(word.dim(letters.letters[i], shape));
        i += 1;
    }
    length
}

/// Moves the dimensions of a shape into this order; nothing where they are in it.
const fn order(word: &Word, shape: &Shape, wanted: &[Word; 3]) -> Option<Moves> {
    let (mut all, mut part) = (Word::EMPTY, 0);
    while part < wanted.len() {
        let mut i = 0;
        while i < wanted[part].count {
            if let Some(longer) = all.and(wanted[part].letters[i]) {
                all = longer;
            }
            i += 1;
        }
        part += 1;
    }
    if all.equals(word) {
        return None;
    }
    let (mut loops, mut to, mut i) = ([Loop { count: 1, from: 0, to: 0 }; MOST], 1_usize, all.count);
    while i > 0 {
        i -= 1;
        let Some(place) = word.place(all.letters[i]) else { continue };
        loops[i] = Loop { count: shape.dim(place), from: stride(shape, place), to };
        to = to.saturating_mul(shape.dim(place));
    }
    Some(Moves::new([0, 0], &loops))
}

/// The mistake of an equation.
pub(super) const fn mistake(words: Text) -> Mistake {
    Mistake::option("equation", words)
}

#[cfg(test)]
mod tests {
    use super::written::FORM;
    use super::*;

    fn of(equation: &str, input: &[usize], kernel: &[usize]) -> Result<Shape, String> {
        let (input, kernel) = (Shape::new(input), Shape::new(kernel));
        match Equation::of(equation, &input, &kernel) {
            Ok(equation) => Ok(equation.output(&input, &kernel)),
            Err(words) => Err(words.as_str().to_owned()),
        }
    }

    #[test]
    fn the_output_has_the_dimensions_of_its_letters() {
        assert_eq!(of("ab,bc->ac", &[3], &[3, 5]), Ok(Shape::new(&[5])));
        assert_eq!(of("abc,cde->abde", &[4, 3], &[3, 2, 5]), Ok(Shape::new(&[4, 2, 5])));
        assert_eq!(of("...x,xy->...y", &[4, 7, 3], &[3, 5]), Ok(Shape::new(&[4, 7, 5])));
        assert_eq!(of("...x,xy->...y", &[3], &[3, 5]), Ok(Shape::new(&[5])));
        assert_eq!(of("ab...,bc->ac...", &[3, 4, 7], &[3, 5]), Ok(Shape::new(&[5, 4, 7])));
        assert_eq!(of("abc,bd->acd", &[4, 3], &[4, 5]), Ok(Shape::new(&[3, 5])));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let says = |equation: &str, input: &[usize], kernel: &[usize]| of(equation, input, kernel).unwrap_err();
        for form in
            ["abc", "ab,bc", "ab,bc->", "ab, bc->ac", "...ab,bc->ac", "ab,...bc->ac", "a...b,bc->ac", "ab,bc>ac"]
        {
            assert_eq!(says(form, &[3], &[3, 5]), FORM, "{form}");
        }
        assert!(says("abb,bc->ac", &[3, 3], &[3, 5]).starts_with("a letter stands once"));
        assert!(says("ab,bc->ca", &[3], &[3, 5]).starts_with("the first letter of the input is the batch"));
        assert_eq!(
            says("abc,cd->abd", &[3], &[3, 5]),
            "the equation is of samples of 2 dimensions beside the batch, and a sample is [3]"
        );
        assert_eq!(
            says("...bc,cd->...bd", &[3], &[3, 5]),
            "the equation is of samples of 2 or more dimensions beside the batch, and a sample is [3]"
        );
        assert_eq!(says("ab,bc->ac", &[3], &[3]), "the kernel has 2 letters, and is [3], the layer's first argument");
        assert_eq!(
            says("abc,cd->abd", &[4, 6], &[3, 5]),
            "`c` is 6 in the input, which is [4, 6], and 3 in the kernel, which is [3, 5]"
        );
        assert_eq!(says("abc,cd->ad", &[4, 3], &[3, 5]), "`b` of the input is neither in the kernel nor in the output");
        assert_eq!(says("ab,bcd->ac", &[3], &[3, 5, 2]), "`d` of the kernel is neither in the input nor in the output");
        assert_eq!(says("ab,bc->acd", &[3], &[3, 5]), "`d` of the output is neither in the input nor in the kernel");
    }

    #[test]
    fn a_bias_lies_along_its_axes() {
        let (input, kernel) = (Shape::new(&[4, 3]), Shape::new(&[3, 2, 5]));
        let Ok(equation) = Equation::of("abc,cde->abde", &input, &kernel) else { panic!("it fits") };
        let output = equation.output(&input, &kernel);
        let bias = |axes| equation.bias(axes, &output);
        assert_eq!(bias("e"), Some(Shape::new(&[5])));
        assert_eq!(bias("de"), Some(Shape::new(&[2, 5])));
        assert_eq!(bias("d"), Some(Shape::new(&[2, 1])));
        assert_eq!(bias("be"), Some(Shape::new(&[4, 1, 5])));
        assert_eq!(bias("c"), None);
    }
}
