//! What is computed step by step along a sequence, where ONNX has no operator of its own for it.

use super::attributes::{int, ints};
use super::error::Result;
use super::graph::{Graph, Name};
use super::wires::Kind;

/// What a layer gives that goes along a sequence.
pub(super) struct Run {
    /// What came out of each step, in the order of the sequence, `[batch, steps, …]`.
    pub sequence: Name,
    /// What came out of the last step that was taken.
    pub last: Name,
    pub states: Vec<Name>,
}

/// A sequence to go along.
pub(super) struct Sequence<'s> {
    /// `[batch, steps, …]`
    pub name: &'s str,
    pub steps: usize,
    /// Dimensions of a step, with the batch.
    pub rank: usize,
    /// Which steps count, `[batch, steps]`.
    pub mask: Option<Name>,
    pub backwards: bool,
    /// Whether nothing comes out of steps that do not count, and not what came out before.
    pub zeros: bool,
}

/// A step: what goes in and the states before it to the states behind it, of which the first comes out.
pub(super) type Cell<'c> = &'c mut dyn FnMut(&mut Graph, &str, &[Name]) -> Result<Vec<Name>>;

/// Goes along a sequence, from these states.
pub(super) fn run(graph: &mut Graph, sequence: &Sequence<'_>, states: &[Name], cell: Cell<'_>) -> Result<Run> {
    let scope = graph.scope.clone();
    let rank = sequence.rank;
    // With a mask what came out before is kept beside the states: it begins as zeros.
    let carried = sequence.mask.is_some() && !sequence.zeros;
    let kept = states.len() + usize::from(carried);
    let mut inputs: Vec<(Name, Kind, usize)> =
        (0..kept).map(|index| (graph.unique(&format!("{scope}/state.{index}")), Kind::Float, rank)).collect();
    inputs.push((graph.unique(&format!("{scope}/step")), Kind::Float, rank));
    if sequence.mask.is_some() {
        inputs.push((graph.unique(&format!("{scope}/counts")), Kind::Bool, 1));
    }
    let names: Vec<Name> = inputs.iter().map(|(name, ..)| name.clone()).collect();
    let attribute = graph.body(&inputs, |graph| {
        let before = &names[..states.len()];
        let after = cell(graph, &names[kept], before)?;
        let mut outputs = match sequence.mask {
            None => after.iter().map(|state| graph.node("Identity", &[state], vec![])).collect(),
            Some(_) => masked(graph, &names, before, &after, rank, carried),
        };
        let out = match (sequence.mask.is_some(), carried) {
            (false, _) => outputs[0].clone(),
            (true, true) => outputs[kept - 1].clone(),
            (true, false) => outputs.remove(kept),
        };
        let out = graph.node("Identity", &[&out], vec![]);
        outputs.push(out);
        Ok(outputs.into_iter().map(|name| (name, Kind::Float, rank)).collect())
    })?;
    let mut given: Vec<Name> = states.to_vec();
    if carried {
        let zero = graph.number(0.0);
        given.push(graph.node("Mul", &[&states[0], &zero], vec![]));
    }
    given.push(sequence.name.to_owned());
    given.extend(sequence.mask.clone());
    let scanned = 1 + usize::from(sequence.mask.is_some());
    let direction = i64::from(sequence.backwards);
    let attributes = vec![
        attribute,
        int("num_scan_inputs", if sequence.mask.is_some() { 2 } else { 1 }),
        ints("scan_input_axes", vec![1; scanned]),
        ints("scan_input_directions", vec![direction; scanned]),
        ints("scan_output_axes", [1]),
        ints("scan_output_directions", [direction]),
    ];
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let mut outputs = graph.node_of("Scan", &given, kept + 1, attributes);
    let all = outputs.pop().unwrap_or_default();
    let last = match (&sequence.mask, carried) {
        (None, _) => outputs[0].clone(),
        (Some(_), true) => outputs[kept - 1].clone(),
        (Some(_), false) => {
            let place = if sequence.backwards { 0 } else { i64::try_from(sequence.steps).unwrap_or(1) - 1 };
            let place = graph.integers_of(&[], &[place]);
            graph.node("Gather", &[&all, &place], vec![int("axis", 1)])
        }
    };
    outputs.truncate(states.len());
    Ok(Run { sequence: all, last, states: outputs })
}

/// The states behind a step, or those before it where the step does not count; and what comes out, last.
fn masked(graph: &mut Graph, names: &[Name], before: &[Name], after: &[Name], rank: usize, carried: bool) -> Vec<Name> {
    let axes: Vec<i64> = (1..).take(rank - 1).collect();
    let counts = graph.unsqueeze(&names[names.len() - 1], &axes);
    let mut outputs: Vec<Name> =
        after.iter().zip(before).map(|(new, old)| graph.node("Where", &[&counts, new, old], vec![])).collect();
    let otherwise = if carried { names[before.len()].clone() } else { graph.number(0.0) };
    outputs.push(graph.node("Where", &[&counts, &after[0], &otherwise], vec![]));
    outputs
}
