//! Parts of wires: `x[..., 0]`, `split`, `unstack`.

use serde_json::Value;

use super::arithmetic::argument;
use super::operations::axis_of;
use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::{int, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id};

pub(super) const OPERATIONS: &[Entry] = &[entry("GetItem", get_item), entry("Split", split), entry("Unstack", unstack)];

/// More parts of one wire than anyone names.
const MOST_PARTS: usize = 4096;

/// What stands in brackets for one dimension.
enum Item {
    /// One place, without its dimension.
    Place(i64),
    /// From one place to another, in steps.
    Range { start: Option<i64>, end: Option<i64>, step: i64 },
    /// A new dimension.
    New,
    /// All dimensions that are not named.
    Rest,
}

impl Item {
    fn of(value: &Value) -> Option<Self> {
        if let Some(place) = value.as_i64() {
            return Some(Self::Place(place));
        }
        let class = value.get("class_name").and_then(Value::as_str);
        match (value, class) {
            (Value::Null, _) => Some(Self::New),
            (Value::String(text), _) if text == "..." => Some(Self::Rest),
            (_, Some("__ellipsis__")) => Some(Self::Rest),
            (_, Some("__slice__")) => {
                let bound = |name: &str| match value.pointer(&format!("/config/{name}")) {
                    None | Some(Value::Null) => Some(None),
                    Some(bound) => Some(Some(bound.as_i64()?)),
                };
                let step = bound("step")?.unwrap_or(1);
                (step != 0).then_some(Self::Range { start: bound("start")?, end: bound("stop")?, step })
            }
            _ => None,
        }
    }

    fn is_all(&self) -> bool {
        matches!(self, Self::Rest | Self::Range { start: None, end: None, step: 1 })
    }
}

fn get_item(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let key = argument(step, 1, "key").cloned().unwrap_or_default();
    let wrong =
        || Refusal::new(format!("takes the part `{key}`"), "places and ranges of the dimensions behind the batch");
    let list = if let Value::Array(list) = &key { list.clone() } else { vec![key.clone()] };
    let items: Vec<Item> = list.iter().map(Item::of).collect::<Option<_>>().ok_or_else(wrong)?;
    let (input, shape) = (step.input()?, step.shape()?);
    let (batch, items) = items.split_first().filter(|(batch, _)| batch.is_all()).ok_or_else(wrong)?;
    let named = items.iter().filter(|item| matches!(item, Item::Place(_) | Item::Range { .. })).count();
    let rest = shape.len().checked_sub(named).ok_or_else(wrong)?;
    let mut part = Part { name: step.graph.last(input), shape: Vec::new(), axis: 1 };
    let mut sides = shape.iter().copied();
    if matches!(batch, Item::Rest) {
        part.keep(sides.by_ref().take(rest));
    }
    for item in items {
        match item {
            Item::Rest => part.keep(sides.by_ref().take(rest)),
            Item::New => part.add(step),
            Item::Place(place) => part.place(step, *place, sides.next().ok_or_else(wrong)?).ok_or_else(wrong)?,
            Item::Range { start, end, step: by } => {
                let side = sides.next().ok_or_else(wrong)?;
                part.range(step, [*start, *end], *by, side).ok_or_else(wrong)?;
            }
        }
    }
    part.keep(sides);
    let kind = step.graph.kind(input);
    Ok(vec![step.graph.wire(Form::Last, part.name, part.shape, kind)?])
}

/// What is left of a wire, from the front.
struct Part {
    name: Name,
    shape: Vec<usize>,
    axis: i64,
}

impl Part {
    fn keep(&mut self, sides: impl Iterator<Item = usize>) {
        for side in sides {
            self.shape.push(side);
            self.axis += 1;
        }
    }

    fn add(&mut self, step: &mut Step<'_>) {
        self.name = step.graph.unsqueeze(&self.name, &[self.axis]);
        self.keep(std::iter::once(1));
    }

    fn place(&mut self, step: &mut Step<'_>, place: i64, side: usize) -> Option<()> {
        let place = signed(&[super::super::step::place(place, side)?])[0];
        let index = step.graph.integers_of(&[], &[place]);
        self.name = step.graph.node("Gather", &[&self.name, &index], vec![int("axis", self.axis)]);
        Some(())
    }

    fn range(&mut self, step: &mut Step<'_>, bounds: [Option<i64>; 2], by: i64, side: usize) -> Option<()> {
        let length = i64::try_from(side).ok()?;
        let (least, most) = if by > 0 { (0, length) } else { (-1, length - 1) };
        let bound = |bound: Option<i64>, default: i64| match bound {
            None => default,
            Some(bound) if bound < 0 => bound.saturating_add(length).clamp(least, most),
            Some(bound) => bound.clamp(least, most),
        };
        let (first, last) = if by > 0 { (0, length) } else { (length - 1, -1) };
        let (start, end) = (bound(bounds[0], first), bound(bounds[1], last));
        let reach = if by > 0 { end - start } else { start - end };
        let count = usize::try_from(reach).ok()?.div_ceil(usize::try_from(by.unsigned_abs()).ok()?);
        if (start, end, by) != (0, length, 1) {
            // An end before the first place is none for ONNX, which counts -1 from behind.
            let end = if end < 0 { i64::MIN + 1 } else { end };
            self.name = step.graph.slice(&self.name, self.axis, start, end, by);
        }
        self.keep(std::iter::once(count));
        Some(())
    }
}

/// Into so many parts, or at these places.
fn split(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let axis = axis_of(step, 2, shape.len() + 1, 0)?;
    let side = shape[axis - 1];
    let given = argument(step, 1, "indices_or_sections").cloned().unwrap_or_default();
    let wrong =
        || Refusal::new(format!("splits {side} places at `{given}`"), "parts of the same size, or places in order");
    let sizes: Vec<usize> = match &given {
        Value::Array(places) => {
            let places: Option<Vec<usize>> = places.iter().map(|place| usize::try_from(place.as_u64()?).ok()).collect();
            let places = [vec![0], places.ok_or_else(wrong)?, vec![side]].concat();
            let sizes = places.windows(2).map(|pair| pair[1].checked_sub(pair[0]));
            sizes.collect::<Option<_>>().ok_or_else(wrong)?
        }
        one => {
            let parts = one.as_u64().and_then(|parts| usize::try_from(parts).ok()).ok_or_else(wrong)?;
            if parts == 0 || parts > MOST_PARTS || !side.is_multiple_of(parts) {
                return Err(wrong());
            }
            vec![side / parts; parts]
        }
    };
    parts(step, input, axis, &sizes)
}

fn parts(step: &mut Step<'_>, input: Id, axis: usize, sizes: &[usize]) -> Result<Vec<Id>> {
    if sizes.len() > MOST_PARTS {
        return Err(Refusal::new(format!("makes {} parts", sizes.len()), format!("at most {MOST_PARTS}")));
    }
    let shape = step.graph.shape(input).to_vec();
    let (x, form) = step.graph.as_it_is(input);
    let place = signed(&[form.axis(axis, shape.len() + 1)])[0];
    let lengths = step.graph.integers(&signed(sizes));
    let names = step.graph.node_of("Split", &[&x, &lengths], sizes.len(), vec![int("axis", place)]);
    let kind = step.graph.kind(input);
    let wires = names.into_iter().zip(sizes).map(|(name, size)| {
        let mut part = shape.clone();
        part[axis - 1] = *size;
        step.graph.wire(form, name, part, kind)
    });
    wires.collect()
}

/// Each place along an axis alone.
fn unstack(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let axis = axis_of(step, 2, shape.len() + 1, 0)?;
    let count = shape[axis - 1].min(MOST_PARTS + 1);
    let wires = parts(step, input, axis, &vec![1; count])?;
    let mut rest = shape;
    rest.remove(axis - 1);
    let kind = step.graph.kind(input);
    let mut outputs = Vec::new();
    for wire in wires {
        let x = step.graph.last(wire);
        let name = step.graph.squeeze(&x, &signed(&[axis]));
        outputs.push(step.graph.wire(Form::Last, name, rest.clone(), kind)?);
    }
    Ok(outputs)
}
