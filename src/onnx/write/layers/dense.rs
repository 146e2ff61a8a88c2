//! `Dense` and `EinsumDense`.

use std::collections::HashMap;

use super::activations::Activation;
use super::{Entry, Result, Step, steps};
use crate::onnx::write::attributes::text;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::Id;

pub(super) const LAYERS: &[Entry] = &[steps("Dense", dense), steps("EinsumDense", einsum)];

/// `Gemm` of vectors, `MatMul` and `Add` of all else.
fn dense(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, mut shape, units) = (step.input()?, step.shape()?, step.size("units")?);
    let features = last(&shape)?;
    let kernel = step.weight("kernel", &[features, units])?;
    let bias = if step.flag("use_bias", true) { Some(step.weight("bias", &[units])?) } else { None };
    let x = step.graph.last(input);
    let name = match (shape.len(), bias) {
        (1, Some(bias)) => step.graph.node("Gemm", &[&x, &kernel, &bias], vec![]),
        (_, bias) => {
            let product = step.graph.node("MatMul", &[&x, &kernel], vec![]);
            bias.map_or(product.clone(), |bias| step.graph.node("Add", &[&product, &bias], vec![]))
        }
    };
    if let Some(last) = shape.last_mut() {
        *last = units;
    }
    finish(step, name, shape)
}

pub(super) fn last(shape: &[usize]) -> Result<usize> {
    shape.last().copied().ok_or_else(|| Refusal::new("takes samples of one number alone", "a wire with features"))
}

/// The activation of what was computed.
fn finish(step: &mut Step<'_>, name: Name, shape: Vec<usize>) -> Result<Vec<Id>> {
    let output = step.graph.plain(name, shape)?;
    let activation = Activation::option(step, "activation", "linear")?;
    Ok(vec![activation.on(step, output)?])
}

fn einsum(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let given = step.word("equation", "");
    let wrong = || Refusal::new(format!("has `equation = {given:?}`"), "an equation like \"abc,cd->abd\"");
    let equation = written_out(&given, shape.len() + 1).ok_or_else(wrong)?;
    let (left, output) = equation.split_once("->").ok_or_else(wrong)?;
    let (of_input, of_kernel) = left.split_once(',').ok_or_else(wrong)?;
    let kernel = step.shape_of_weight("kernel")?;
    let mut sizes = HashMap::new();
    let known = of_input.chars().skip(1).zip(&shape).chain(of_kernel.chars().zip(&kernel));
    let agree = known.into_iter().all(|(letter, side)| *sizes.entry(letter).or_insert(*side) == *side);
    let all = of_input.chars().count() == shape.len() + 1 && of_kernel.chars().count() == kernel.len();
    if !agree || !all || output.chars().next() != of_input.chars().next() {
        return Err(wrong());
    }
    let sides = output.chars().skip(1).map(|letter| sizes.get(&letter).copied());
    let sides: Vec<usize> = sides.collect::<Option<_>>().ok_or_else(wrong)?;
    let kernel = step.weight("kernel", &kernel)?;
    let x = step.graph.last(input);
    let mut name = step.graph.node("Einsum", &[&x, &kernel], vec![text("equation", &equation)]);
    if step.option("bias_axes").is_some() {
        // Keras gives it the sides that it is added along.
        let bias = step.shape_of_weight("bias")?;
        let bias = step.weight("bias", &bias)?;
        name = step.graph.node("Add", &[&name, &bias], vec![]);
    }
    finish(step, name, sides)
}

/// The equation with letters in place of `...`.
fn written_out(equation: &str, rank: usize) -> Option<String> {
    if !equation.contains("...") {
        return Some(equation.to_owned());
    }
    let of_input = equation.split(',').next()?;
    let missing = rank.checked_sub(of_input.replace("...", "").chars().count())?;
    let free: String = ('a'..='z').filter(|letter| !equation.contains(*letter)).take(missing).collect();
    (free.len() == missing).then(|| equation.replace("...", &free))
}
