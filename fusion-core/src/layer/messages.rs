//! The compiler's messages: a layer's words and the user's own tokens in one sentence.

mod parts;

pub use parts::check_parts;

use super::{Found, Inputs, Mistake, Output, Remedy, Wire};
use crate::shape::{Shape, Text, same_bytes};

/// A step as the user wrote it.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// The layer with its generic arguments and its options: `Dense<10, 4, Relu>`.
    layer: &'a str,
    /// Where the input comes from: `` `concatenate(x, y)` ``, ``input `a` ``.
    source: &'a str,
    /// The merge that the input comes straight from, if it does.
    merge: Option<Merged<'a>>,
    /// Whether the merges that its inputs come from go together; otherwise no shape says anything.
    known: bool,
    /// By which uses of blocks it is there: "block `residual`, branch `trunk`".
    uses: Option<&'a str>,
    /// Whether each of its outputs is bound by a name.
    in_parts: bool,
}

/// A step of a program that is being compiled.
pub type WrittenHere = Written<'static>;

/// A layer with its generic arguments and its options, and where its input comes from.
#[must_use]
pub const fn written<'a>(layer: &'a str, source: &'a str) -> Written<'a> {
    Written { layer, source, merge: None, known: true, uses: None, in_parts: false }
}

/// A merge that a step takes its input from.
#[derive(Clone, Copy)]
struct Merged<'a> {
    wires: &'a [Wire],
    /// Whether its operands' features add up.
    adds: bool,
}

impl<'a> Written<'a> {
    /// The same, an input being the output of this merge, or of a step whose several outputs are taken for one.
    #[must_use]
    pub const fn given(mut self, merge: &Output) -> Self {
        self.known = self.known && merge.mistake.is_none() && merge.parts.is_empty();
        self
    }

    /// The same, each of its outputs being bound by a name: [`check_parts`] looks at these.
    #[must_use]
    pub const fn in_parts(mut self) -> Self {
        self.in_parts = true;
        self
    }

    /// The same, the input coming straight from a merge of these wires.
    #[must_use]
    pub const fn after<I: Inputs>(mut self, merge: &Output) -> Self {
        // Where the last dimensions add up to the output's, the message says so.
        let (mut sum, mut i) = (0_usize, 0);
        while i < I::WIRES.len() {
            sum = sum.saturating_add(I::WIRES[i].shape.last());
            i += 1;
        }
        self.merge = Some(Merged { wires: I::WIRES, adds: sum == merge.shape.last() });
        self.given(merge)
    }

    /// The same, made by these uses of blocks and repetitions.
    #[must_use]
    pub const fn used(mut self, uses: &'a str) -> Self {
        self.uses = Some(uses);
        self
    }

    /// The end of a message: which use it is of.
    const fn which_use(&self, text: Text) -> Text {
        match self.uses {
            Some(uses) => text.and(" (").and(uses).and(")"),
            None => text,
        }
    }

    /// The text, cut around the generic argument of this index: what stands before it, the argument, what follows.
    const fn around_argument(&self, index: usize) -> Option<(&'a str, &'a str, &'a str)> {
        let bytes = self.layer.as_bytes();
        let (mut depth, mut found, mut start, mut i) = (0_usize, 0, 0, 0);
        while i < bytes.len() {
            let closes = matches!(bytes[i], b'>' | b']' | b'}' | b')') && !(i > 0 && bytes[i - 1] == b'-');
            let opens = matches!(bytes[i], b'<' | b'[' | b'{' | b'(');
            if depth == 0 && opens && bytes[i] != b'<' {
                return None;
            }
            if depth == 1 && (closes || bytes[i] == b',') {
                if found == index {
                    let (rest, after) = self.layer.split_at(i);
                    let (before, argument) = rest.split_at(start);
                    return Some((before, argument, after));
                }
                found += 1;
            }
            if opens {
                depth += 1;
            } else if closes {
                depth -= 1;
            }
            i += 1;
            // An argument begins after the bracket, or after a comma and its space.
            if depth == 1 && (opens || bytes[i - 1] == b',') {
                start = if i < bytes.len() && bytes[i] == b' ' { i + 1 } else { i };
            }
        }
        None
    }

    /// The layer in backticks, with one argument replaced where `replaced` says so.
    const fn layer(&self, text: Text, replaced: Option<(usize, &str)>) -> Text {
        if let Some((index, with)) = replaced
            && let Some((before, _, after)) = self.around_argument(index)
        {
            return text.and("`").and(before).and(with).and(after).and("`");
        }
        text.and("`").and(self.layer).and("`")
    }

    /// "(x: 4 + y: 4)", where the input is a merge.
    const fn operands(&self, mut text: Text, features: bool) -> Text {
        let Some(Merged { wires, adds, .. }) = self.merge else { return text };
        text = text.and(" (");
        let mut i = 0;
        while i < wires.len() {
            if i > 0 {
                text = text.and(if adds { " + " } else { ", " });
            }
            text = text.and(wires[i].name).and(": ");
            let shape = &wires[i].shape;
            text = if features && shape.rank() <= 1 { text.number(shape.last()) } else { text.shape(shape) };
            i += 1;
        }
        text.and(")")
    }

    /// "takes 128 features (`{ H * 2 }`)": where the number is not written out, where it comes from.
    const fn takes(&self, text: Text, mistake: &Mistake) -> Text {
        let text = text.and(mistake.takes.as_str());
        if let Remedy::Argument { index, .. } = mistake.remedy
            && let Some((_, argument, _)) = self.around_argument(index)
            && !is_number(argument)
        {
            return text.and(" (").and("`").and(argument).and("`)");
        }
        text
    }

    const fn reaches(&self, text: Text, found: Found, input: &Shape) -> Text {
        if matches!(found, Found::Nothing | Found::Irrelevant | Found::Operands) {
            return text;
        }
        let text = text.and(", but ").and(self.source).and(" gives it ");
        match found {
            Found::Features if input.rank() <= 1 => self.operands(text.number(input.last()), true),
            Found::Features => {
                self.operands(text.number(input.last()).and(" (the last of ").shape(input).and(")"), true)
            }
            Found::Shape => self.operands(text.shape(input), false),
            Found::Ids => ids(text, input),
            Found::Numbers if input.rank() == 0 => text.and("a single `f32` number"),
            Found::Numbers => text.and("`f32` numbers, ").shape(input),
            Found::Nothing | Found::Irrelevant | Found::Operands => text,
        }
    }

    const fn remedy(&self, text: Text, remedy: &Remedy) -> Text {
        match remedy {
            // The layer is shared, and what is written says nothing of the number.
            Remedy::Argument { index, .. } if self.is_underscore(*index) => {
                text.and("; its `_` is what its first use gives it, and one set of weights takes the same from all")
            }
            // The type is another name for one with arguments.
            Remedy::Argument { index, value } if self.around_argument(*index).is_none() => {
                text.and("; write ").number(*value).and(" where `").and(self.layer).and("` is declared")
            }
            Remedy::Argument { index, value } => {
                let number = Text::new("").number(*value);
                let text = self.layer(text.and("; write "), Some((*index, number.as_str())));
                self.layer(text.and(" or "), Some((*index, "_")))
            }
            Remedy::Advice(advice) => text.and("; ").and(advice.as_str()),
            Remedy::Nothing => text,
        }
    }

    const fn is_underscore(&self, index: usize) -> bool {
        matches!(self.around_argument(index), Some((_, argument, _)) if same(argument, "_"))
    }

    /// The whole sentence.
    const fn message(&self, mistake: &Mistake, input: &Shape) -> Text {
        let text = if matches!(mistake.found, Found::Operands) {
            mistake.takes
        } else if mistake.option.is_some() {
            self.remedy(self.layer(Text::new(""), None).and(": ").and(mistake.takes.as_str()), &mistake.remedy)
        } else {
            let text = self.takes(self.layer(Text::new(""), None).and(" "), mistake);
            self.remedy(self.reaches(text, mistake.found, input), &mistake.remedy)
        };
        self.which_use(text)
    }
}

/// "`u32` ids, [5]"
pub(crate) const fn ids(text: Text, shape: &Shape) -> Text {
    if shape.rank() == 0 { text.and("a single `u32` id") } else { text.and("`u32` ids, ").shape(shape) }
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
    same_bytes(a.as_bytes(), b.as_bytes())
}

/// Whether what is said of the inputs means anything: a wire without numbers, and a merge that does not go together,
/// were reported where they stand.
const fn are_known<I: Inputs>(written: &Written<'_>) -> bool {
    let mut i = 0;
    while i < I::WIRES.len() {
        if I::WIRES[i].shape.length() == 0 {
            return false;
        }
        i += 1;
    }
    written.known
}

/// Fails the compilation with the layer's message if the input does not fit.
#[track_caller]
pub const fn check_input<I: Inputs>(output: &Output, written: &Written<'_>) {
    if let Some(mistake) = &output.mistake
        && !matches!(mistake.found, Found::Irrelevant | Found::Operands)
    {
        check::<I>(output, written, true);
    }
}

/// Fails the compilation with the layer's message if the inputs do not fit, or the layer is wrong
/// whatever its input.
#[track_caller]
pub const fn check<I: Inputs>(output: &Output, written: &Written<'_>, trains: bool) {
    let irrelevant = matches!(&output.mistake, Some(mistake) if matches!(mistake.found, Found::Irrelevant));
    if !irrelevant && !are_known::<I>(written) {
        return;
    }
    if let Some(mistake) = &output.mistake
        && mistake.option.is_none()
    {
        panic!("{}", written.message(mistake, &I::WIRES[0].shape).as_str());
    }
    if !output.parts.is_empty() && !written.in_parts {
        panic!("{}", written.which_use(parts::several(written.layer(Text::new(""), None), output.parts)).as_str());
    }
    let text = written.layer(Text::new(""), None).and(" gives ").shape(&output.shape);
    if output.mistake.is_none() && output.shape.checked_length().is_none() {
        panic!("{}", written.which_use(text.and(", more numbers than memory can hold")).as_str());
    }
    if !trains {
        let text =
            written.layer(Text::new(""), None).and(" has no way back, so that no model with it can be trained; ");
        let text = text.and("write `impl TrainLayer` for it, or `impl TrainActivation` for its activation, ");
        panic!("{}", text.and("or do without the feature `training`").as_str());
    }
    if output.mistake.is_none() && output.shape.length() == 0 {
        panic!("{}", written.which_use(text.and("; every dimension must be at least 1")).as_str());
    }
}

/// Fails the compilation if a layer that takes what the first use of its block gives it does not take what this one does.
#[track_caller]
pub const fn check_use<I: Inputs>(written: &Written<'_>, first: bool, this: bool) {
    if first && !this {
        let text = written.layer(Text::new(""), None).and(" is no layer of ").shape(&I::WIRES[0].shape);
        panic!("{}", written.which_use(text.and(", although it is one of what another use gives it")).as_str());
    }
}

/// Fails the compilation if an input has a dimension of 0, or more numbers than memory can hold.
#[track_caller]
pub const fn check_sizes(wire: &Wire) {
    if wire.shape.length() == 0 {
        let text = Text::new("input `").and(wire.name).and("` is ").shape(&wire.shape);
        panic!("{}", text.and("; every dimension must be at least 1, and all together fit into memory").as_str());
    }
}

/// Fails the compilation if an output carries ids.
#[track_caller]
pub const fn check_output(wire: &Wire) {
    if !wire.element.is_number() {
        let text = Text::new("an output carries numbers, but `").and(wire.name).and("` carries ");
        panic!("{}", ids(text, &wire.shape).and("; put `Embedding` before it").as_str());
    }
}

/// Fails the compilation if the option `name` has a value that it cannot have. A value written
/// without a name (`name` is empty then) answers for every option that is not in `named`.
#[track_caller]
pub const fn check_option<I: Inputs>(output: &Output, written: &Written<'_>, name: &str, named: &[&str]) {
    let Some(mistake) = &output.mistake else { return };
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
        panic!("{}", written.message(mistake, &I::WIRES[0].shape).as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(layer: &str, index: usize) -> Option<(&str, &str, &str)> {
        written(layer, "").around_argument(index)
    }

    #[test]
    fn arguments_are_found_in_the_text() {
        assert_eq!(argument("Dense<8, 4, Relu>", 0), Some(("Dense<", "8", ", 4, Relu>")));
        assert_eq!(argument("Dense<8, 4, Relu>", 2), Some(("Dense<8, 4, ", "Relu", ">")));
        assert_eq!(argument("Dense<{ 2 * f(1, 2) }, 4>(x = 1)", 1), Some(("Dense<{ 2 * f(1, 2) }, ", "4", ">(x = 1)")));
        assert_eq!(argument("TimeDistributed<Dense<_, 4>>", 0), Some(("TimeDistributed<", "Dense<_, 4>", ">")));
        assert_eq!((argument("Dropout(0.5)", 0), argument("Dense<8>", 1), argument("Flatten", 0)), (None, None, None));
    }
}
