//! `ConvLSTM`: an LSTM whose products are convolutions. ONNX has no operator of it; it goes step by step.

use super::cells::lstm_gates;
use super::{Activation, Gone, Order, Result, Step, mask_of_steps};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::layers::convolution::{Window, kernel_first};
use crate::onnx::write::scan::{self, Sequence};

pub(super) fn go(step: &mut Step<'_>, count: usize, both: bool) -> Result<Gone> {
    step.channels_last()?;
    let shape = step.inputs.first().map(|id| step.graph.shape(*id).to_vec()).unwrap_or_default();
    if shape.len() != count + 2 || step.inputs.len() != 1 {
        let what = format!("takes {} wires, the first of the shape {shape:?}", step.inputs.len());
        return Err(Refusal::new(what, format!("a sequence of images of {count} sides, without states")));
    }
    let (order, input, filters) = (Order::of(step, both)?, step.inputs[0], step.size("filters")?);
    let (steps, sides, channels) = (shape[0], &shape[1..=count], shape[count + 1]);
    let size = step.sizes("kernel_size", count, 1)?;
    let (strides, dilation) = (step.sizes("strides", count, 1)?, step.sizes("dilation_rate", count, 1)?);
    let window = Window::over(step, sides, size.clone(), strides, dilation)?;
    let inner = same(&window.sides, &size);
    let kernels = [("kernel", channels), ("recurrent_kernel", filters)].map(|(name, from)| {
        let shape = [size.clone(), vec![from, 4 * filters]].concat();
        let (values, shape) = kernel_first(&step.values(name, &shape)?, &shape, &[1, 0]);
        Ok(step.keep(name, &shape, values))
    });
    let [kernel, recurrent] = kernels;
    let (kernel, recurrent) = (kernel?, recurrent?);
    let bias = if step.flag("use_bias", true) { step.weight("bias", &[4 * filters])? } else { String::new() };
    let activation = Activation::option(step, "activation", "tanh")?;
    let gate = Activation::option(step, "recurrent_activation", "sigmoid")?;

    let x = step.graph.last(input);
    let to_first: Vec<usize> = [0, 1, count + 2].into_iter().chain(2..count + 2).collect();
    let images = step.graph.transpose(&x, &to_first);
    let zeros = step.graph.zeros(&x, &[&[filters], window.sides.as_slice()].concat());
    let mask = step.graph.wires[input].mask;
    let mask = mask_of_steps(step, mask, steps)?;
    let sequence =
        Sequence { name: &images, steps, rank: count + 2, mask, backwards: order.backwards, zeros: order.zeros };
    let mut cell = |graph: &mut Graph, x: &str, states: &[Name]| {
        let inputs: Vec<&str> = [x, &kernel, &bias].into_iter().filter(|name| !name.is_empty()).collect();
        let of_input = graph.node("Conv", &inputs, window.attributes());
        let of_state = graph.node("Conv", &[&states[0], &recurrent], inner.attributes());
        let sums = graph.node("Add", &[&of_input, &of_state], vec![]);
        lstm_gates(graph, &sums, &states[1], &activation, &gate)
    };
    let mut run = scan::run(step.graph, &sequence, &[zeros.clone(), zeros], &mut cell)?;
    let to_last =
        |rank: usize, first: usize| -> Vec<usize> { (0..first).chain(first + 1..rank).chain([first]).collect() };
    if order.return_sequences {
        run.sequence = step.graph.transpose(&run.sequence, &to_last(count + 3, 2));
    } else {
        run.last = step.graph.transpose(&run.last, &to_last(count + 2, 1));
    }
    if order.return_state {
        run.states = run.states.iter().map(|state| step.graph.transpose(state, &to_last(count + 2, 1))).collect();
    }
    let out = [window.sides.clone(), vec![filters]].concat();
    Ok(Gone { run, order, steps, out })
}

/// The convolution of the state, which keeps its sides.
fn same(sides: &[usize], size: &[usize]) -> Window {
    let ones = vec![1; sides.len()];
    Window {
        size: size.to_vec(),
        strides: ones.clone(),
        dilation: ones,
        before: size.iter().map(|size| (size - 1) / 2).collect(),
        behind: size.iter().map(|size| size / 2).collect(),
        sides: sides.to_vec(),
    }
}
