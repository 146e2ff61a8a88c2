//! Merges of several wires.

use serde_json::Value;

use super::statistics::signed_batch;
use super::{Entry, Result, Step, masks};
use crate::onnx::write::attributes::{int, signed, text};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::step::place;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    masks("Add", |step| merge(step, "Add")),
    masks("Average", average),
    masks("Concatenate", concatenate),
    masks("Dot", dot),
    masks("Maximum", |step| merge(step, "Max")),
    masks("Minimum", |step| merge(step, "Min")),
    masks("Multiply", |step| merge(step, "Mul")),
    masks("Subtract", |step| merge(step, "Sub")),
];

/// Wires laid over each other: their tensors, in which form, and the shape of what comes out. One of fewer dimensions
/// lies along all of the first that it has not.
fn laid_over(step: &mut Step<'_>) -> Result<(Vec<Name>, Form, Vec<usize>)> {
    let ids = step.inputs.clone();
    if ids.is_empty() {
        return Err(Refusal::new("merges no wires", "at least one"));
    }
    let shapes: Vec<Vec<usize>> = ids.iter().map(|id| step.graph.shape(*id).to_vec()).collect();
    let rank = shapes.iter().map(Vec::len).max().unwrap_or_default();
    let padded: Vec<Vec<usize>> =
        shapes.iter().map(|shape| [vec![1; rank - shape.len()], shape.clone()].concat()).collect();
    let out = broadcast(&padded)?;
    let form = common_form(step.graph, &ids);
    let names = ids.iter().zip(&shapes).zip(&padded).map(|((id, shape), padded)| {
        let name = step.graph.name(*id, form);
        if shape.len() == rank { name } else { step.graph.reshape(&name, &signed_batch(padded)) }
    });
    Ok((names.collect(), form, out))
}

/// The shape of all of these, each of whose sides is 1 or that of the others.
pub(super) fn broadcast(shapes: &[Vec<usize>]) -> Result<Vec<usize>> {
    let rank = shapes.first().map_or(0, Vec::len);
    let side = |axis: usize| {
        let side = shapes.iter().map(|shape| shape[axis]).max().unwrap_or(1);
        shapes.iter().all(|shape| shape[axis] == 1 || shape[axis] == side).then_some(side)
    };
    let wrong =
        || Refusal::new(format!("merges the shapes {shapes:?}"), "shapes that are the same, or 1 where they differ");
    (0..rank).map(side).collect::<Option<_>>().ok_or_else(wrong)
}

/// Channels first where one wire is so already and the others have as many dimensions.
pub(super) fn common_form(graph: &Graph, ids: &[Id]) -> Form {
    let rank = ids.first().map_or(0, |id| graph.rank(*id));
    let alike = ids.iter().all(|id| graph.rank(*id) == rank) && rank > 2;
    if alike && ids.iter().any(|id| graph.form(*id) == Form::First) { Form::First } else { Form::Last }
}

fn merge(step: &mut Step<'_>, operator: &str) -> Result<Vec<Id>> {
    if operator == "Sub" && step.inputs.len() != 2 {
        return Err(Refusal::new(format!("takes {} wires", step.inputs.len()), "two"));
    }
    let (names, form, shape) = laid_over(step)?;
    let name = combined(step.graph, operator, &names);
    let output = step.graph.wire(form, name, shape, Kind::Float)?;
    any_mask(step, output)?;
    Ok(vec![output])
}

/// One behind the other; `Max` and `Min` take all at once.
fn combined(graph: &mut Graph, operator: &str, names: &[Name]) -> Name {
    if matches!(operator, "Max" | "Min") && names.len() > 1 {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        return graph.node(operator, &names, vec![]);
    }
    let mut all = names.iter();
    let first = all.next().cloned().unwrap_or_default();
    all.fold(first, |sum, name| graph.node(operator, &[&sum, name], vec![]))
}

fn average(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (names, form, shape) = laid_over(step)?;
    let sum = combined(step.graph, "Add", &names);
    #[allow(clippy::cast_precision_loss, reason = "how many wires")]
    let count = step.graph.number(names.len() as f32);
    let name = step.graph.node("Div", &[&sum, &count], vec![]);
    let output = step.graph.wire(form, name, shape, Kind::Float)?;
    any_mask(step, output)?;
    Ok(vec![output])
}

/// A step counts where it does in any wire; without a mask in one, all do.
fn any_mask(step: &mut Step<'_>, output: Id) -> Result<()> {
    let found = step.inputs.iter().map(|id| step.graph.wires[*id].mask);
    let Some(masks) = found.collect::<Option<Vec<Id>>>() else { return Ok(()) };
    let shape = step.graph.shape(masks[0]).to_vec();
    if masks.iter().any(|mask| step.graph.shape(*mask) != shape) {
        return Err(Refusal::new("merges wires whose masks have different shapes", "masks of the same steps"));
    }
    let names: Vec<Name> = masks.iter().map(|mask| step.graph.last(*mask)).collect();
    let name = combined(step.graph, "Or", &names);
    let mask = step.graph.wire(Form::Last, name, shape, Kind::Bool)?;
    step.graph.wires[output].mask = Some(mask);
    Ok(())
}

fn concatenate(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let rank = step.inputs.first().map_or(0, |id| step.graph.rank(*id));
    let axis = step.axis("axis", -1, rank.max(1))?;
    let output = joined(step, axis)?;
    if step.inputs.iter().any(|id| step.graph.wires[*id].mask.is_some()) {
        let mask = joined_mask(step, axis)?;
        step.graph.wires[output].mask = Some(mask);
    }
    Ok(vec![output])
}

/// Wires one behind the other along an axis.
pub(super) fn joined(step: &mut Step<'_>, axis: usize) -> Result<Id> {
    let ids = step.inputs.clone();
    let first = ids
        .first()
        .map(|id| step.graph.shape(*id).to_vec())
        .ok_or_else(|| Refusal::new("joins no wires", "at least one"))?;
    let mut shape = first.clone();
    shape[axis - 1] = 0;
    for id in &ids {
        let other = step.graph.shape(*id);
        let fits =
            other.len() == first.len() && (0..other.len()).all(|side| side + 1 == axis || other[side] == first[side]);
        if !fits || step.graph.kind(*id) != step.graph.kind(ids[0]) {
            return Err(Refusal::new(
                format!("joins the shapes {first:?} and {other:?}"),
                "shapes that differ along the axis alone",
            ));
        }
        shape[axis - 1] += other[axis - 1];
    }
    let form = common_form(step.graph, &ids);
    let names: Vec<Name> = ids.iter().map(|id| step.graph.name(*id, form)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = signed(&[form.axis(axis, first.len() + 1)])[0];
    let name = step.graph.node("Concat", &names, vec![int("axis", place)]);
    let kind = step.graph.kind(ids[0]);
    step.graph.wire(form, name, shape, kind)
}

/// Along the steps, the masks one behind the other; else a step counts where it does in any wire.
fn joined_mask(step: &mut Step<'_>, axis: usize) -> Result<Id> {
    let first = step.graph.shape(step.inputs[0]).to_vec();
    let steps = first.len().saturating_sub(1);
    let (mut names, mut length) = (Vec::new(), 0);
    for id in step.inputs.clone() {
        let own = step.graph.shape(id)[..steps].to_vec();
        length += own.get(axis - 1).copied().unwrap_or_default();
        names.push(match step.graph.wires[id].mask {
            Some(mask) if step.graph.shape(mask) == own => step.graph.last(mask),
            Some(_) => return Err(Refusal::new("joins wires with masks of other dimensions", "masks of steps")),
            None => {
                let zeros = {
                    let like = step.graph.last(id);
                    step.graph.zeros(&like, &own)
                };
                let hidden = step.graph.cast(&zeros, Kind::Bool);
                step.graph.node("Not", &[&hidden], vec![])
            }
        });
    }
    if axis > steps {
        // Some of the features of such a step count.
        let name = combined(step.graph, "Or", &names);
        return step.graph.wire(Form::Last, name, first[..steps].to_vec(), Kind::Bool);
    }
    let mut shape = first[..steps].to_vec();
    shape[axis - 1] = length;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let name = step.graph.node("Concat", &names, vec![int("axis", signed(&[axis])[0])]);
    step.graph.wire(Form::Last, name, shape, Kind::Bool)
}

/// Sums of products along an axis of each.
fn dot(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let [a, b] = step.inputs[..] else {
        return Err(Refusal::new(format!("takes {} wires", step.inputs.len()), "two"));
    };
    let ranks = [step.graph.rank(a), step.graph.rank(b)];
    let given = match step.option("axes") {
        Some(Value::Array(axes)) if axes.len() == 2 => [axes[0].as_i64(), axes[1].as_i64()],
        Some(axis) => [axis.as_i64(); 2],
        None => return Err(step.refuse("axes", "an axis of each wire")),
    };
    let axis = |index: usize| place(given[index]?, ranks[index]).filter(|axis| *axis > 0);
    let (x, y) = axis(0).zip(axis(1)).ok_or_else(|| step.refuse("axes", "axes of the wires, not the batch"))?;
    let shapes = [step.graph.shape(a).to_vec(), step.graph.shape(b).to_vec()];
    if shapes[0][x - 1] != shapes[1][y - 1] {
        return Err(Refusal::new(
            format!("multiplies {} numbers with {}", shapes[0][x - 1], shapes[1][y - 1]),
            "as many of each",
        ));
    }
    let mut names = [step.graph.last(a), step.graph.last(b)];
    if step.flag("normalize", false) {
        for (name, axis) in names.iter_mut().zip([x, y]) {
            let least = step.graph.number(1e-12);
            let length = step.graph.reduce("ReduceL2", name, &signed(&[axis]), true);
            let length = step.graph.node("Max", &[&length, &least], vec![]);
            *name = step.graph.node("Div", &[name, &length], vec![]);
        }
    }
    let equation = equation(ranks, x, y).ok_or_else(|| Refusal::new("has too many dimensions", "fewer"))?;
    let mut name = step.graph.node("Einsum", &[&names[0], &names[1]], vec![text("equation", &equation)]);
    let mut shape: Vec<usize> = Vec::new();
    for (sides, axis) in shapes.iter().zip([x, y]) {
        shape.extend(sides.iter().enumerate().filter(|(side, _)| side + 1 != axis).map(|(_, side)| *side));
    }
    if shape.is_empty() {
        name = step.graph.unsqueeze(&name, &[1]);
        shape.push(1);
    }
    Ok(vec![step.graph.plain(name, shape)?])
}

/// `abc,adc->abd` of axes 2 and 2.
fn equation(ranks: [usize; 2], x: usize, y: usize) -> Option<String> {
    let mut letters = 'b'..='y';
    let mut of = |rank: usize, shared: usize| -> Option<Vec<char>> {
        (0..rank)
            .map(|axis| match axis {
                0 => Some('a'),
                axis if axis == shared => Some('z'),
                _ => letters.next(),
            })
            .collect()
    };
    let (first, second) = (of(ranks[0], x)?, of(ranks[1], y)?);
    let rest = |all: &[char]| all[1..].iter().filter(|letter| **letter != 'z').collect::<String>();
    let text = |all: &[char]| all.iter().collect::<String>();
    Some(format!("{},{}->a{}{}", text(&first), text(&second), rest(&first), rest(&second)))
}
