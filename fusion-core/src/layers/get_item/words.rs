//! What is wrong with items, in words.

use super::selection::ends;
use super::{Item, Items};
use crate::layer::Mistake;
use crate::shape::{Shape, Text};

/// What is wrong with these items of a sample, if anything.
pub(super) const fn mistake(items: &Items, shape: &Shape) -> Option<Mistake> {
    if items.rests() > 1 {
        let text = "has `...` twice; it stands for all dimensions that are not written, and can do so once";
        return Some(Mistake::sentence(Text::new(text)));
    }
    let dimensions = items.count - items.rests();
    if dimensions > shape.rank() {
        return Some(Mistake::sentence(too_many(dimensions, shape)));
    }
    let mut axis = 0;
    while axis < shape.rank() {
        let text = of_dimension(items.of_dimension(axis, shape.rank()), axis, shape);
        if !text.is_empty() {
            return Some(Mistake::sentence(text));
        }
        axis += 1;
    }
    None
}

const fn too_many(dimensions: usize, shape: &Shape) -> Text {
    if shape.rank() == 0 {
        return Text::new("takes a part of a sample that is a single number already");
    }
    let text = Text::new("is of ").number(dimensions).and(if dimensions == 1 { " dimension" } else { " dimensions" });
    let text = text.and(", but a sample of ").shape(shape).and(" has ").number(shape.rank());
    text.and("; the batch is none of them: Keras's `x[:, 0]` is `x[0]`")
}

/// What is wrong with the item of a dimension; nothing where it is as it should be.
const fn of_dimension(item: Item, axis: usize, shape: &Shape) -> Text {
    let length = shape.dim(axis);
    match item {
        Item::At(index) if index >= 0 && index.unsigned_abs() >= length || index.unsigned_abs() > length => {
            let text = integer(Text::new("asks for index "), index);
            let text = dimension(text.and(", but "), axis, shape).and(" has ");
            if length <= 1 {
                return text.and("index 0 alone, or -1");
            }
            text.and("the indices 0 to ").number(length - 1).and(", or -").number(length).and(" to -1")
        }
        Item::Range { step, .. } if step < 1 => {
            integer(Text::new("has a step of "), step).and("; a step is at least 1")
        }
        Item::Range { from, to, .. } => {
            let (start, end) = ends(from, to, length);
            if start < end { Text::new("") } else { nothing(from, to, axis, shape) }
        }
        Item::At(_) | Item::All | Item::Rest => Text::new(""),
    }
}

const fn nothing(from: Option<isize>, to: Option<isize>, axis: usize, shape: &Shape) -> Text {
    let mut text = Text::new("takes nothing: no index of ");
    text = dimension(text, axis, shape).and(", 0 to ").number(shape.dim(axis).saturating_sub(1)).and(", is");
    if let Some(from) = from {
        text = integer(text.and(" at or after "), from);
    }
    if let Some(to) = to {
        text = integer(text.and(if from.is_some() { " and before " } else { " before " }), to);
    }
    text
}

const fn integer(text: Text, number: isize) -> Text {
    text.and(if number < 0 { "-" } else { "" }).number(number.unsigned_abs())
}

/// "the last dimension of [5, 3]", or "[3]" where there is no other.
const fn dimension(text: Text, axis: usize, shape: &Shape) -> Text {
    const NAMES: [&str; Shape::MAXIMUM_RANK] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    if shape.rank() == 1 {
        return text.shape(shape);
    }
    let name = if axis + 1 == shape.rank() { "last" } else { NAMES[axis] };
    text.and("the ").and(name).and(" dimension of ").shape(shape)
}
