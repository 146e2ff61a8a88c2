//! The compiler's messages: a layer's words and the user's own tokens in one sentence.

use crate::fit::{Fit, Gives, Mend, Mistake};
use crate::merges::MergeFit;
use crate::tensor::Element;
use crate::{Shape, Tensor, Text};

/// One operand of a merge.
#[derive(Clone, Copy)]
pub struct Part {
    /// The wire's name.
    pub name: &'static str,
    /// What it carries.
    pub shape: Shape,
    /// Whether it carries numbers, not ids.
    pub numbers: bool,
}

impl Part {
    /// A wire of this name and type.
    #[must_use]
    pub const fn of<T: Tensor>(name: &'static str) -> Self {
        Self { name, shape: T::SHAPE, numbers: T::Element::IS_NUMBER }
    }
}

/// A step as the user wrote it.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The layer without its generic arguments: `Dense`.
    pub layer: &'a str,
    /// The generic arguments: `["10", "4", "Relu"]`.
    pub arguments: &'a [&'a str],
    /// The options with their parentheses, or nothing.
    pub options: &'a str,
    /// Where the input comes from: `` `concatenate(x, y)` ``, ``input `a` ``.
    pub source: &'a str,
    /// The operands, if the input comes straight from a merge.
    pub parts: &'a [Part],
    /// Which sign joins the operands' features: `+` for a concatenation, nothing for others.
    pub sign: &'a str,
}

impl Site<'_> {
    /// The layer in backticks, with one argument replaced where `replaced` says so.
    const fn layer(&self, text: Text, replaced: Option<(usize, &str)>) -> Text {
        let mut text = text.and("`").and(self.layer);
        let mut i = 0;
        while i < self.arguments.len() {
            text = text.and(if i == 0 { "<" } else { ", " });
            text = match replaced {
                Some((index, with)) if index == i => text.and(with),
                _ => text.and(self.arguments[i]),
            };
            i += 1;
        }
        if !self.arguments.is_empty() {
            text = text.and(">");
        }
        text.and(self.options).and("`")
    }

    /// "(x: 4 + y: 4)", where the input is a merge.
    const fn parts(&self, mut text: Text, features: bool) -> Text {
        if self.parts.is_empty() {
            return text;
        }
        text = text.and(" (");
        let mut i = 0;
        while i < self.parts.len() {
            if i > 0 {
                text = text.and(self.sign);
            }
            text = text.and(self.parts[i].name).and(": ");
            let shape = &self.parts[i].shape;
            text = if features && shape.rank <= 1 { text.number(shape.last()) } else { text.shape(shape) };
            i += 1;
        }
        text.and(")")
    }

    /// "takes 128 features (`{ H * 2 }`)": where the number is not written out, where it comes from.
    const fn takes(&self, text: Text, mistake: &Mistake) -> Text {
        let text = text.and(mistake.takes.as_str());
        if let Mend::Argument { index, .. } = mistake.mend
            && index < self.arguments.len()
            && !is_number(self.arguments[index])
        {
            return text.and(" (").and("`").and(self.arguments[index]).and("`)");
        }
        text
    }

    const fn gives(&self, text: Text, gives: Gives, input: &Shape) -> Text {
        if matches!(gives, Gives::Nothing | Gives::Irrelevant) {
            return text;
        }
        let text = text.and(", but ").and(self.source).and(" gives it ");
        match gives {
            Gives::Features if input.rank <= 1 => self.parts(text.number(input.last()), true),
            Gives::Features => self.parts(text.number(input.last()).and(" (the last of ").shape(input).and(")"), true),
            Gives::Shape => self.parts(text.shape(input), false),
            Gives::Ids => text.and("`u32` ids, ").shape(input),
            Gives::Numbers => text.and("`f32` numbers, ").shape(input),
            Gives::Nothing | Gives::Irrelevant => text,
        }
    }

    const fn mend(&self, text: Text, mend: &Mend) -> Text {
        match mend {
            // The layer is shared, and what is written says nothing of the number.
            Mend::Argument { index, .. } if *index < self.arguments.len() && same(self.arguments[*index], "_") => {
                text.and("; its `_` is what its first use gives it, and one set of weights takes the same from all")
            }
            Mend::Argument { index, value } => {
                let number = Text::new("").number(*value);
                let text = self.layer(text.and("; write "), Some((*index, number.as_str())));
                self.layer(text.and(" or "), Some((*index, "_")))
            }
            Mend::Advice(advice) => text.and("; ").and(advice.as_str()),
            Mend::Nothing => text,
        }
    }

    /// The whole sentence.
    const fn message(&self, mistake: &Mistake, input: &Shape) -> Text {
        if mistake.option.is_some() {
            return self.mend(self.layer(Text::new(""), None).and(": ").and(mistake.takes.as_str()), &mistake.mend);
        }
        let text = self.takes(self.layer(Text::new(""), None).and(" "), mistake);
        self.mend(self.gives(text, mistake.gives, input), &mistake.mend)
    }
}

const fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() && bytes[i] != b'_' {
            return false;
        }
        i += 1;
    }
    true
}

pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
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

/// Fails the compilation with the layer's message if the input does not fit.
#[track_caller]
pub const fn check_input(fit: &Fit, input: &Shape, site: &Site<'_>) {
    if let Some(mistake) = &fit.mistake
        && !matches!(mistake.gives, Gives::Irrelevant)
    {
        check(fit, input, site);
    }
}

/// Fails the compilation with the layer's message if the input does not fit, or the layer is wrong
/// whatever its input.
#[track_caller]
pub const fn check(fit: &Fit, input: &Shape, site: &Site<'_>) {
    if let Some(mistake) = &fit.mistake
        && mistake.option.is_none()
    {
        panic!("{}", site.message(mistake, input).as_str());
    }
    if fit.mistake.is_none() && fit.output.length() == 0 && input.length() > 0 {
        let text = site.layer(Text::new(""), None).and(" gives ").shape(&fit.output);
        panic!("{}", text.and("; every dimension must be at least 1").as_str());
    }
}

/// Fails the compilation if an input has a dimension of 0, or more numbers than memory can hold.
#[track_caller]
pub const fn check_sizes(shape: &Shape, name: &str) {
    let (mut length, mut i) = (1_usize, 0);
    while i < shape.rank {
        length = match length.checked_mul(shape.dims[i]) {
            Some(length) => length,
            None => 0,
        };
        i += 1;
    }
    if length == 0 {
        let text = Text::new("input `").and(name).and("` is ").shape(shape);
        panic!("{}", text.and("; every dimension must be at least 1, and all together fit into memory").as_str());
    }
}

/// Fails the compilation if an output carries ids.
#[track_caller]
pub const fn check_output(part: &Part) {
    if !part.numbers {
        let text = Text::new("an output carries numbers, but `").and(part.name).and("` carries `u32` ids, ");
        panic!("{}", text.shape(&part.shape).and("; put `Embedding` before it").as_str());
    }
}

/// Fails the compilation if the option `name` has a value that it cannot have. A value written
/// without a name (`name` is empty then) answers for every option that is not in `named`.
#[track_caller]
pub const fn check_option(fit: &Fit, input: &Shape, site: &Site<'_>, name: &str, named: &[&str]) {
    let Some(mistake) = &fit.mistake else { return };
    let Some(option) = mistake.option else { return };
    let mut at_fault = same(option, name);
    if name.is_empty() {
        at_fault = true;
        let mut i = 0;
        while i < named.len() {
            at_fault = at_fault && !same(named[i], option);
            i += 1;
        }
    }
    if at_fault {
        panic!("{}", site.message(mistake, input).as_str());
    }
}

/// Fails the compilation if the operands of a merge do not fit, or its option `name` has a value
/// that it cannot have.
#[track_caller]
pub const fn check_merge(fit: &MergeFit, name: &str) {
    let Some(mistake) = &fit.mistake else { return };
    let at_fault = match fit.option {
        Some(option) => same(option, name),
        None => name.is_empty(),
    };
    if at_fault {
        panic!("{}", mistake.as_str());
    }
}
