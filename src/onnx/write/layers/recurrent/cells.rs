//! A step of a recurrent layer, written out: where some steps do not count, or with activations that ONNX's operators do
//! not know.

use super::{Kernel, Result, Spec, Step};
use crate::onnx::write::attributes::int;
use crate::onnx::write::graph::{Graph, Name};

/// The weights of a layer, as Keras has them.
struct Arrays {
    kernel: Name,
    recurrent: Name,
    /// That of the input, and that of the state where there are two.
    biases: Vec<Name>,
}

fn arrays(spec: &Spec, step: &mut Step<'_>) -> Result<Arrays> {
    let (units, width) = (spec.units, spec.units * spec.gates());
    let kernel = step.weight("kernel", &[spec.features, width])?;
    let recurrent = step.weight("recurrent_kernel", &[units, width])?;
    let biases = match (spec.use_bias, spec.kernel) {
        (false, _) => Vec::new(),
        (true, Kernel::Gru { reset_after: true }) => {
            let both = step.values("bias", &[2, width])?;
            let names = ["input_bias", "recurrent_bias"];
            both.chunks(width).zip(names).map(|(bias, name)| step.keep(name, &[width], bias.to_vec())).collect()
        }
        (true, _) => vec![step.weight("bias", &[width])?],
    };
    Ok(Arrays { kernel, recurrent, biases })
}

/// The step of this layer.
#[allow(clippy::type_complexity, reason = "the type of a closure has no shorter name")]
pub(super) fn cell<'s>(
    spec: &'s Spec,
    step: &mut Step<'_>,
) -> Result<impl FnMut(&mut Graph, &str, &[Name]) -> Result<Vec<Name>> + use<'s>> {
    let arrays = arrays(spec, step)?;
    Ok(move |graph: &mut Graph, x: &str, states: &[Name]| {
        let product = graph.node("MatMul", &[x, &arrays.kernel], vec![]);
        let input = match arrays.biases.first() {
            Some(bias) => graph.node("Add", &[&product, bias], vec![]),
            None => product,
        };
        match spec.kernel {
            Kernel::Simple => {
                let sum = with_state(graph, &input, &states[0], &arrays.recurrent);
                Ok(vec![spec.activation.write(graph, &sum, 1)?])
            }
            Kernel::Lstm => {
                let sum = with_state(graph, &input, &states[0], &arrays.recurrent);
                lstm(spec, graph, &sum, &states[1])
            }
            Kernel::Gru { reset_after: true } => reset_after(spec, graph, &input, &states[0], &arrays),
            Kernel::Gru { reset_after: false } => reset_before(spec, graph, &input, &states[0], &arrays),
        }
    })
}

fn with_state(graph: &mut Graph, input: &str, state: &str, recurrent: &str) -> Name {
    let product = graph.node("MatMul", &[state, recurrent], vec![]);
    graph.node("Add", &[input, &product], vec![])
}

fn split(graph: &mut Graph, x: &str, parts: i64) -> Vec<Name> {
    let count = usize::try_from(parts).unwrap_or(1);
    graph.node_of("Split", &[x], count, vec![int("axis", 1), int("num_outputs", parts)])
}

/// Of the sums of the four gates, input, forget, candidate, output: the new output and the new carry.
pub(super) fn lstm_gates(
    graph: &mut Graph,
    sums: &str,
    carry: &str,
    activation: &super::Activation,
    recurrent: &super::Activation,
) -> Result<Vec<Name>> {
    let gates = split(graph, sums, 4);
    let [input, forget, output] = [&gates[0], &gates[1], &gates[3]];
    let input = recurrent.write(graph, input, 1)?;
    let forget = recurrent.write(graph, forget, 1)?;
    let output = recurrent.write(graph, output, 1)?;
    let candidate = activation.write(graph, &gates[2], 1)?;
    let kept = graph.node("Mul", &[&forget, carry], vec![]);
    let new = graph.node("Mul", &[&input, &candidate], vec![]);
    let carry = graph.node("Add", &[&kept, &new], vec![]);
    let shown = activation.write(graph, &carry, 1)?;
    Ok(vec![graph.node("Mul", &[&output, &shown], vec![]), carry])
}

fn lstm(spec: &Spec, graph: &mut Graph, sums: &str, carry: &str) -> Result<Vec<Name>> {
    lstm_gates(graph, sums, carry, &spec.activation, &spec.recurrent)
}

/// z h + (1 - z) candidate
fn updated(graph: &mut Graph, z: &str, state: &str, candidate: &str) -> Vec<Name> {
    let one = graph.number(1.0);
    let kept = graph.node("Mul", &[z, state], vec![]);
    let rest = graph.node("Sub", &[&one, z], vec![]);
    let new = graph.node("Mul", &[&rest, candidate], vec![]);
    vec![graph.node("Add", &[&kept, &new], vec![])]
}

fn reset_after(spec: &Spec, graph: &mut Graph, input: &str, state: &str, arrays: &Arrays) -> Result<Vec<Name>> {
    let product = graph.node("MatMul", &[state, &arrays.recurrent], vec![]);
    let inner = match arrays.biases.get(1) {
        Some(bias) => graph.node("Add", &[&product, bias], vec![]),
        None => product,
    };
    let (of_input, of_state) = (split(graph, input, 3), split(graph, &inner, 3));
    let sum = graph.node("Add", &[&of_input[0], &of_state[0]], vec![]);
    let z = spec.recurrent.write(graph, &sum, 1)?;
    let sum = graph.node("Add", &[&of_input[1], &of_state[1]], vec![]);
    let r = spec.recurrent.write(graph, &sum, 1)?;
    let reset = graph.node("Mul", &[&r, &of_state[2]], vec![]);
    let sum = graph.node("Add", &[&of_input[2], &reset], vec![]);
    let candidate = spec.activation.write(graph, &sum, 1)?;
    Ok(updated(graph, &z, state, &candidate))
}

fn reset_before(spec: &Spec, graph: &mut Graph, input: &str, state: &str, arrays: &Arrays) -> Result<Vec<Name>> {
    let (of_input, kernels) = (split(graph, input, 3), split(graph, &arrays.recurrent, 3));
    let sum = with_state(graph, &of_input[0], state, &kernels[0]);
    let z = spec.recurrent.write(graph, &sum, 1)?;
    let sum = with_state(graph, &of_input[1], state, &kernels[1]);
    let r = spec.recurrent.write(graph, &sum, 1)?;
    let reset = graph.node("Mul", &[&r, state], vec![]);
    let sum = with_state(graph, &of_input[2], &reset, &kernels[2]);
    let candidate = spec.activation.write(graph, &sum, 1)?;
    Ok(updated(graph, &z, state, &candidate))
}
