//! Embeddings, of ids and of places; and the masks that come from them and from `Masking`.

use super::{Entry, Result, Step, masks};
use crate::onnx::write::attributes::int;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[masks("Embedding", embedding), masks("Masking", masking)];

/// A row for each id, and a mask where 0 means nothing.
fn embedding(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let (ids, features) = (step.size("input_dim")?, step.size("output_dim")?);
    if step.option("quantization_config").is_some() {
        return Err(step.refuse("quantization_config", "weights of 32-bit floats"));
    }
    let table = step.weight("embeddings", &[ids, features])?;
    let x = if step.graph.kind(input) == Kind::Int64 {
        step.graph.last(input)
    } else {
        step.graph.of_kind(input, Kind::Int32)
    };
    let rows = step.graph.node("Gather", &[&table, &x], vec![int("axis", 0)]);
    let sides = [shape.clone(), vec![features]].concat();
    let output = step.graph.plain(rows, sides)?;
    if step.flag("mask_zero", false) {
        let x = step.graph.of_kind(input, Kind::Int32);
        let zero = step.graph.integers_of(&[], &[0]);
        let zero = step.graph.cast(&zero, Kind::Int32);
        let is_zero = step.graph.node("Equal", &[&x, &zero], vec![]);
        set_mask(step, output, &is_zero, shape)?;
    }
    Ok(vec![output])
}

/// A mask of what is not so.
fn set_mask(step: &mut Step<'_>, output: Id, hidden: &str, shape: Vec<usize>) -> Result<Name> {
    let name = step.graph.node("Not", &[hidden], vec![]);
    let mask = step.graph.wire(Form::Last, name.clone(), shape, Kind::Bool)?;
    step.graph.wires[output].mask = Some(mask);
    Ok(name)
}

/// Steps whose features are all of one value count no more, and are zeros.
fn masking(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let (x, value, zero) = (step.graph.last(input), step.number("mask_value", 0.0), step.graph.number(0.0));
    let value = step.graph.number(value);
    let equal = step.graph.node("Equal", &[&x, &value], vec![]);
    let equal = step.graph.cast(&equal, Kind::Float);
    let all = step.graph.reduce("ReduceMin", &equal, &[-1], false);
    let hidden = step.graph.cast(&all, Kind::Bool);
    let over = step.graph.unsqueeze(&hidden, &[-1]);
    let name = step.graph.node("Where", &[&over, &zero, &x], vec![]);
    let output = step.graph.plain(name, shape.clone())?;
    set_mask(step, output, &hidden, shape[..shape.len().saturating_sub(1)].to_vec())?;
    Ok(vec![output])
}
