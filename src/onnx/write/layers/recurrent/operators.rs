//! ONNX's own `LSTM`, `GRU` and `RNN`, whose gates stand in another order.

use super::{Activation, Kernel, Result, Run, Spec, Step};
use crate::onnx::write::attributes::{floats, int, signed, text, texts};
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::Kind;

/// What ONNX calls an activation that these operators know, with its parameters.
fn known(activation: &Activation) -> Option<(&'static str, Option<(f32, f32)>)> {
    Some(match activation.name.as_str() {
        "sigmoid" => ("Sigmoid", None),
        "tanh" => ("Tanh", None),
        "softsign" => ("Softsign", None),
        "softplus" => ("Softplus", None),
        "relu" if activation.is_plain() => ("Relu", None),
        "hard_sigmoid" => ("HardSigmoid", Some((1.0 / 6.0, 0.5))),
        _ => return None,
    })
}

/// The activations in ONNX's order.
fn activations(spec: &Spec) -> Vec<&Activation> {
    match spec.kernel {
        Kernel::Lstm => vec![&spec.recurrent, &spec.activation, &spec.activation],
        Kernel::Gru { .. } => vec![&spec.recurrent, &spec.activation],
        Kernel::Simple => vec![&spec.activation],
    }
}

/// Whether an operator computes the same.
pub(super) fn can_say(spec: &Spec) -> bool {
    activations(spec).into_iter().all(|activation| known(activation).is_some())
}

/// Rows of ONNX's gates: columns of Keras's, in ONNX's order.
fn gates(spec: &Spec, values: &[f32]) -> Vec<f32> {
    let (units, count) = (spec.units, spec.gates());
    let width = units * count;
    // Keras has input, forget, candidate, output; ONNX input, output, forget, candidate.
    let order: &[usize] = if spec.kernel == Kernel::Lstm { &[0, 3, 1, 2] } else { &[0, 1, 2][..count] };
    let mut rows = Vec::with_capacity(values.len());
    for gate in order {
        for unit in gate * units..(gate + 1) * units {
            rows.extend(values.chunks(width).map(|row| row[unit]));
        }
    }
    rows
}

/// Both biases of each gate, one behind the other.
fn biases(spec: &Spec, step: &Step<'_>) -> Result<Vec<f32>> {
    let width = spec.units * spec.gates();
    if spec.kernel == (Kernel::Gru { reset_after: true }) {
        let both = step.values("bias", &[2, width])?;
        return Ok(both.chunks(width).flat_map(|bias| gates(spec, bias)).collect());
    }
    let mut first = gates(spec, &step.values("bias", &[width])?);
    first.resize(2 * width, 0.0);
    Ok(first)
}

pub(super) fn run(spec: &Spec, step: &mut Step<'_>, initial: &[Name]) -> Result<Run> {
    let (units, width) = (spec.units, spec.units * spec.gates());
    let kernel = gates(spec, &step.values("kernel", &[spec.features, width])?);
    let recurrent = gates(spec, &step.values("recurrent_kernel", &[units, width])?);
    let bias = if spec.use_bias { Some(biases(spec, step)?) } else { None };
    let kernel = step.keep("kernel", &[1, width, spec.features], kernel);
    let recurrent = step.keep("recurrent_kernel", &[1, width, units], recurrent);
    let bias = bias.map_or(String::new(), |bias| step.keep("bias", &[1, 2 * width], bias));
    let x = step.graph.of_kind(step.inputs[0], Kind::Float);
    let x = step.graph.transpose(&x, &[1, 0, 2]);
    let mut inputs = vec![x, kernel, recurrent, bias, String::new()];
    for state in initial {
        inputs.push(step.graph.unsqueeze(state, &[0]));
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    let (operator, states) = match spec.kernel {
        Kernel::Lstm => ("LSTM", 2),
        Kernel::Gru { .. } => ("GRU", 1),
        Kernel::Simple => ("RNN", 1),
    };
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let outputs = step.graph.node_of(operator, &inputs, 1 + states, attributes(spec));
    let mut run = Run { sequence: String::new(), last: String::new(), states: Vec::new() };
    let order = spec.order;
    if order.return_sequences {
        let squeezed = step.graph.squeeze(&outputs[0], &[1]);
        run.sequence = step.graph.transpose(&squeezed, &[1, 0, 2]);
    }
    if order.return_state {
        run.states = outputs[1..].iter().map(|state| step.graph.squeeze(state, &[0])).collect();
        run.last.clone_from(&run.states[0]);
    } else if !order.return_sequences {
        run.last = step.graph.squeeze(&outputs[1], &[0]);
    }
    Ok(run)
}

fn attributes(spec: &Spec) -> Vec<crate::onnx::proto::AttributeProto> {
    let mut all = vec![int("hidden_size", signed(&[spec.units])[0])];
    if spec.order.backwards {
        all.push(text("direction", "reverse"));
    }
    if spec.kernel == (Kernel::Gru { reset_after: true }) {
        all.push(int("linear_before_reset", 1));
    }
    let known: Vec<_> = activations(spec).into_iter().filter_map(known).collect();
    all.push(texts("activations", known.iter().map(|(name, _)| *name)));
    let parameters: Vec<(f32, f32)> = known.iter().filter_map(|(_, parameters)| *parameters).collect();
    if !parameters.is_empty() {
        all.push(floats("activation_alpha", parameters.iter().map(|(alpha, _)| *alpha)));
        all.push(floats("activation_beta", parameters.iter().map(|(_, beta)| *beta)));
    }
    all
}
