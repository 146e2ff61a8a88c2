//! A sequence there and back.

use super::{Order, Result, Spec, Step};
use crate::keras::model::Layer;
use crate::onnx::write::attributes::int;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::step::inner_layer;
use crate::onnx::write::wires::Id;

/// What one of the two layers gives: what comes out in the order of the sequence, and its states.
struct Way {
    output: Name,
    states: Vec<Name>,
    units: usize,
    steps: usize,
    order: Order,
}

pub(super) fn bidirectional(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let there = inner_layer(step.layer, "layer");
    let there =
        there.ok_or_else(|| Refusal::new("wraps what is no layer that can be read", "a layer of Keras's own"))?;
    let back = inner_layer(step.layer, "backward_layer").unwrap_or_else(|| turned(&there));
    let states = step.inputs[1..].to_vec();
    let (of_there, of_back) = states.split_at(states.len() / 2);
    let prefix = prefix(step, &back);
    let first = way(step, &there, "forward_", of_there, false)?;
    let second = way(step, &back, &prefix, of_back, true)?;
    if first.order.return_sequences != second.order.return_sequences || first.units != second.units {
        return Err(Refusal::new("wraps two layers that give different shapes", "layers with the same options"));
    }
    let mut outputs = merged(step, &first, &second)?;
    if first.order.return_state {
        for state in first.states.iter().chain(&second.states) {
            outputs.push(step.graph.plain(state.clone(), vec![first.units])?);
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

fn way(step: &mut Step<'_>, layer: &Layer, prefix: &str, states: &[Id], back: bool) -> Result<Way> {
    let (call, input) = (step.call, step.inputs[0]);
    let mut within = step.within(layer, call, input, prefix.to_owned());
    within.inputs.extend(states);
    let mut spec = Spec::of(&within)?;
    // As Keras sets it, whatever was given.
    spec.order.zeros = spec.order.return_sequences;
    let run = spec.run(&mut within)?;
    let output = if spec.order.return_sequences {
        // Each layer gives its own order; that of the way back is turned round behind it.
        if spec.order.backwards == back { run.sequence } else { within.graph.reverse(&run.sequence, 1) }
    } else {
        run.last
    };
    Ok(Way { output, states: run.states, units: spec.units, steps: spec.steps, order: spec.order })
}

fn merged(step: &mut Step<'_>, first: &Way, second: &Way) -> Result<Vec<Id>> {
    let rank = if first.order.return_sequences { 3 } else { 2 };
    let shape = |units: usize| if rank == 3 { vec![first.steps, units] } else { vec![units] };
    let mode = step.layer.options.get("merge_mode").cloned().unwrap_or_else(|| "concat".into());
    let (a, b) = (first.output.as_str(), second.output.as_str());
    let (name, units) = match mode.as_str() {
        Some("concat") => (step.graph.node("Concat", &[a, b], vec![int("axis", rank - 1)]), 2 * first.units),
        Some("sum") => (step.graph.node("Add", &[a, b], vec![]), first.units),
        Some("mul") => (step.graph.node("Mul", &[a, b], vec![]), first.units),
        Some("ave") => {
            let (sum, two) = (step.graph.node("Add", &[a, b], vec![]), step.graph.number(2.0));
            (step.graph.node("Div", &[&sum, &two], vec![]), first.units)
        }
        None if mode.is_null() => {
            let both = [a, b].map(|name| step.graph.plain(name.to_owned(), shape(first.units)));
            return both.into_iter().collect();
        }
        _ => return Err(step.refuse("merge_mode", "`concat`, `sum`, `mul`, `ave` or None")),
    };
    let output = step.graph.plain(name, shape(units))?;
    if first.order.return_sequences {
        step.graph.wires[output].mask = step.graph.wires[step.inputs[0]].mask;
    }
    Ok(vec![output])
}
