//! A sequence there and back.

use super::{Gone, Result, Step, go};
use crate::keras::model::Layer;
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::step::inner_layer;
use crate::onnx::write::wires::Id;

pub(super) fn bidirectional(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let there = inner_layer(step.layer, "layer");
    let there =
        there.ok_or_else(|| Refusal::new("wraps what is no layer that can be read", "a layer of Keras's own"))?;
    let back = inner_layer(step.layer, "backward_layer").unwrap_or_else(|| turned(&there));
    if step.inputs.is_empty() {
        return Err(Refusal::new("is called without a sequence", "call it with one"));
    }
    let states = step.inputs[1..].to_vec();
    let (of_there, of_back) = states.split_at(states.len() / 2);
    let prefix = prefix(step, &back);
    let first = way(step, &there, "forward_", of_there, false)?;
    let second = way(step, &back, &prefix, of_back, true)?;
    if first.order.return_sequences != second.order.return_sequences || first.out != second.out {
        return Err(Refusal::new("wraps two layers that give different shapes", "layers with the same options"));
    }
    let mut outputs = merged(step, &first, &second)?;
    if first.order.return_state {
        for state in first.run.states.iter().chain(&second.run.states) {
            outputs.push(step.graph.plain(state.clone(), first.out.clone())?);
        }
    }
    Ok(outputs)
}

/// The layer of the way back, as Keras makes it.
fn turned(there: &Layer) -> Layer {
    let mut back = there.clone();
    let backwards = there.option("go_backwards").and_then(serde_json::Value::as_bool).unwrap_or(false);
    back.options.insert("go_backwards".to_owned(), (!backwards).into());
    back
}

/// What the names of the weights of the way back begin with: one that was given has a name of its own.
fn prefix(step: &Step<'_>, back: &Layer) -> String {
    let own = format!("{}/", back.name);
    let weights = step.weights.get(&step.path);
    let has =
        |prefix: &str| weights.is_some_and(|layer| layer.weights.iter().any(|weight| weight.name.starts_with(prefix)));
    if has(&own) { own } else { "backward_".to_owned() }
}

/// One of the two ways: what comes out in the order of the sequence stands in `last` too where all of it comes out.
fn way(step: &mut Step<'_>, layer: &Layer, prefix: &str, states: &[Id], back: bool) -> Result<Gone> {
    let (call, input) = (step.call, step.inputs[0]);
    let mut within = step.within(layer, call, input, prefix.to_owned());
    within.inputs.extend(states);
    let mut gone = go(&mut within, true)?;
    if gone.order.return_sequences {
        // Each layer gives its own order; that of the way back is turned round behind it.
        let turned = gone.order.backwards != back;
        let sequence = gone.run.sequence.clone();
        gone.run.last = if turned { within.graph.reverse(&sequence, 1) } else { sequence };
    }
    Ok(gone)
}

fn merged(step: &mut Step<'_>, first: &Gone, second: &Gone) -> Result<Vec<Id>> {
    let mut shape = first.out.clone();
    if first.order.return_sequences {
        shape.insert(0, first.steps);
    }
    let mode = step.layer.options.get("merge_mode").cloned().unwrap_or_else(|| "concat".into());
    let (a, b) = (first.run.last.as_str(), second.run.last.as_str());
    let name = match mode.as_str() {
        Some("concat") => {
            let last = shape.len();
            shape[last - 1] *= 2;
            step.graph.node("Concat", &[a, b], vec![int("axis", -1)])
        }
        Some("sum") => step.graph.node("Add", &[a, b], vec![]),
        Some("mul") => step.graph.node("Mul", &[a, b], vec![]),
        Some("ave") => {
            let (sum, two) = (step.graph.node("Add", &[a, b], vec![]), step.graph.number(2.0));
            step.graph.node("Div", &[&sum, &two], vec![])
        }
        None if mode.is_null() => {
            let both = [a, b].map(|name| step.graph.plain(name.to_owned(), shape.clone()));
            let both: Vec<Id> = both.into_iter().collect::<Result<_>>()?;
            both.iter().for_each(|output| keep_mask(step, first, *output));
            return Ok(both);
        }
        _ => return Err(step.refuse("merge_mode", "`concat`, `sum`, `mul`, `ave` or None")),
    };
    let output = step.graph.plain(name, shape)?;
    keep_mask(step, first, output);
    Ok(vec![output])
}

/// What comes out of each step counts where the step does.
fn keep_mask(step: &mut Step<'_>, way: &Gone, output: Id) {
    if way.order.return_sequences {
        step.graph.wires[output].mask = step.graph.wires[step.inputs[0]].mask;
    }
}
