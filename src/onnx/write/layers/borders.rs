//! Places put around an image, and cut off.

use serde_json::Value;

use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::signed;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("Cropping1D", |step| cropping(step, 1)),
    entry("Cropping2D", |step| cropping(step, 2)),
    entry("Cropping3D", |step| cropping(step, 3)),
    entry("ZeroPadding1D", |step| padding(step, 1)),
    entry("ZeroPadding2D", |step| padding(step, 2)),
    entry("ZeroPadding3D", |step| padding(step, 3)),
];

/// How many places before and behind each side: 1, `[1, 2]`, or `[[1, 2], [3, 4]]`.
fn borders(step: &Step<'_>, option: &str, count: usize) -> Result<Vec<[usize; 2]>> {
    step.channels_last()?;
    let number =
        |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok()).map(|number| number as usize);
    let pair = |value: &Value| match value {
        Value::Array(pair) if pair.len() == 2 => Some([number(&pair[0])?, number(&pair[1])?]),
        one => number(one).map(|one| [one, one]),
    };
    let borders: Option<Vec<[usize; 2]>> = match step.option(option) {
        Some(Value::Array(pair)) if count == 1 && pair.len() == 2 && !pair[0].is_array() => {
            number(&pair[0]).zip(number(&pair[1])).map(|(before, behind)| vec![[before, behind]])
        }
        Some(Value::Array(all)) => all.iter().map(pair).collect(),
        Some(one) => number(one).map(|one| vec![[one, one]; count]),
        None => Some(vec![[1, 1]; count]),
    };
    borders
        .filter(|borders| borders.len() == count)
        .ok_or_else(|| step.refuse(option, "how many places before and behind each side"))
}

fn padding(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (input, mut shape) = (step.input()?, step.shape_of_rank(count + 1)?);
    if step.word("mode", "constant") != "constant" {
        return Err(step.refuse("mode", "zeros"));
    }
    let borders = borders(step, "padding", count)?;
    let (x, form) = step.graph.as_it_is(input);
    let name = padded(step.graph, &x, &borders, form, "");
    shape.iter_mut().zip(&borders).for_each(|(side, [before, behind])| *side += before + behind);
    Ok(vec![step.graph.wire(form, name, shape, Kind::Float)?])
}

/// With these borders of zeros, or of the number of this name. All dimensions are named: ONNX Runtime loses the operand
/// `axes` when it moves transposes.
pub(super) fn padded(graph: &mut Graph, x: &str, borders: &[[usize; 2]], form: Form, value: &str) -> Name {
    let end = |which: usize| {
        let mut pads = vec![0; borders.len() + 2];
        for (axis, border) in borders.iter().enumerate() {
            pads[form.axis(axis + 1, borders.len() + 2)] = border[which];
        }
        pads
    };
    let pads = graph.integers(&signed(&[end(0), end(1)].concat()));
    let inputs: Vec<&str> = [x, &pads, value].into_iter().filter(|name| !name.is_empty()).collect();
    graph.node("Pad", &inputs, vec![])
}

fn cropping(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (input, mut shape) = (step.input()?, step.shape_of_rank(count + 1)?);
    let borders = borders(step, "cropping", count)?;
    let mut places = Vec::new();
    for (side, [before, behind]) in shape.iter_mut().zip(&borders) {
        let length = side.checked_sub(before + behind).filter(|length| *length > 0);
        let length =
            length.ok_or_else(|| Refusal::new(format!("cuts {} off a side of {side}", before + behind), "less"))?;
        places.push((*before, before + length));
        *side = length;
    }
    cut(step, input, &places, shape)
}

/// The places from one to another of the first sides.
pub(super) fn cut(step: &mut Step<'_>, input: Id, places: &[(usize, usize)], shape: Vec<usize>) -> Result<Vec<Id>> {
    let (x, form) = step.graph.as_it_is(input);
    let first = form.axis(1, shape.len() + 1);
    let axes: Vec<usize> = (first..first + places.len()).collect();
    let starts: Vec<usize> = places.iter().map(|place| place.0).collect();
    let ends: Vec<usize> = places.iter().map(|place| place.1).collect();
    let [starts, ends, axes] = [starts, ends, axes].map(|numbers| step.graph.integers(&signed(&numbers)));
    let name = step.graph.node("Slice", &[&x, &starts, &ends, &axes], vec![]);
    let kind = step.graph.kind(input);
    Ok(vec![step.graph.wire(form, name, shape, kind)?])
}
