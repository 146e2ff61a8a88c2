//! `EinsumDense`, whose kernel is as large as the letters say.

use serde_json::Value;

use super::special::{input, nested};
use super::values::regularizer;
use super::{Reader, Step, activation_of, array_options, facts};
use crate::config::Layer;

pub(super) fn einsum(reader: &mut Reader<'_>) -> Option<Step> {
    let equation = reader.option("equation")?.as_str()?;
    let bias_axes = reader.option("bias_axes").map_or(Some(""), Value::as_str)?;
    reader.given("output_shape");
    let shapes = input(reader).and_then(|input| einsum_shapes(reader.layer, equation, bias_axes, input));
    let Some((kernel, bias)) = shapes else {
        reader.problem(
            format!("its equation {equation:?} and the shapes do not say how large the kernel is"),
            "write letters in place of `...`",
        );
        return None;
    };
    let mut arguments = vec![nested(&kernel)];
    let mut options = vec![format!("equation = {equation:?}")];
    if !bias.is_empty() {
        arguments.push(nested(&bias));
        options.push(format!("bias_axes = {bias_axes:?}"));
    }
    if let Some(value) = reader.option("activation") {
        let name = activation_of(reader, value)?;
        options.extend((name != "Linear").then(|| format!("activation = {name}")));
    }
    if let Some(value) = reader.option("activity_regularizer") {
        match regularizer(value) {
            Some(text) => options.push(format!("activity_regularizer = {text}")),
            None => reader.option_problem("activity_regularizer", value),
        }
    }
    array_options(reader, facts("EinsumDense")?, &mut options);
    Some(Step::Layer { name: "EinsumDense".to_owned(), arguments, options })
}

/// The sizes of the letters of the kernel, and of the bias.
fn einsum_shapes(
    layer: &Layer,
    equation: &str,
    bias_axes: &str,
    input: &[Option<usize>],
) -> Option<(Vec<usize>, Vec<usize>)> {
    let (left, output) = equation.split_once("->")?;
    let (of_input, kernel) = left.split_once(',')?;
    let shape = match layer.option("output_shape")? {
        Value::Array(shape) => {
            shape.iter().map(|side| side.as_u64().and_then(|side| usize::try_from(side).ok())).collect()
        }
        one => vec![one.as_u64().and_then(|side| usize::try_from(side).ok())],
    };
    // The shape is without the batch, from the end.
    let size = |letter: char| {
        let from_input = of_input.chars().position(|known| known == letter).and_then(|place| *input.get(place)?);
        let place = output.chars().rev().position(|known| known == letter);
        from_input.or_else(|| *shape.iter().rev().nth(place?)?)
    };
    let kernel = kernel.chars().map(size).collect::<Option<Vec<_>>>()?;
    // The bias lies along its letters in the order of the output, with 1 behind the first where others are.
    let first = output.chars().position(|letter| bias_axes.contains(letter));
    let bias = match first {
        Some(first) => output
            .chars()
            .skip(first)
            .map(|letter| if bias_axes.contains(letter) { size(letter) } else { Some(1) })
            .collect::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    Some((kernel, bias))
}
