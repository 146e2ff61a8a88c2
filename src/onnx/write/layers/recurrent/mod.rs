//! Recurrent layers: by ONNX's own operators, or step by step where they cannot say it.

mod bidirectional;
mod cells;
mod conv_lstm;
mod operators;

use serde_json::Value;

use super::activations::Activation;
use super::{Entry, Result, Step, masks};
use crate::keras::model::Layer;
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::scan::{self, Run, Sequence};
use crate::onnx::write::step::inner_layer;
use crate::onnx::write::wires::{Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    masks("Bidirectional", bidirectional::bidirectional),
    masks("ConvLSTM1D", recurrent),
    masks("ConvLSTM2D", recurrent),
    masks("ConvLSTM3D", recurrent),
    masks("GRU", recurrent),
    masks("LSTM", recurrent),
    masks("RNN", recurrent),
    masks("SimpleRNN", recurrent),
];

/// Which formula.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kernel {
    Lstm,
    Gru { reset_after: bool },
    Simple,
}

/// A recurrent layer's options.
struct Spec {
    kernel: Kernel,
    features: usize,
    units: usize,
    steps: usize,
    activation: Activation,
    recurrent: Activation,
    use_bias: bool,
    order: Order,
}

/// What the options say that all layers along sequences have.
#[derive(Clone, Copy)]
struct Order {
    return_sequences: bool,
    return_state: bool,
    backwards: bool,
    zeros: bool,
}

impl Order {
    /// Of a layer; `both` is whether it is one of two that go there and back.
    fn of(step: &Step<'_>, both: bool) -> Result<Self> {
        if step.flag("stateful", false) {
            return Err(step
                .refuse("stateful", "`return_state` and `initial_state`: states as outputs and inputs of the model"));
        }
        Ok(Self {
            return_sequences: step.flag("return_sequences", false),
            return_state: step.flag("return_state", false),
            backwards: step.flag("go_backwards", false),
            // As `Bidirectional` sets it, whatever was given.
            zeros: if both { step.flag("return_sequences", false) } else { step.flag("zero_output_for_mask", false) },
        })
    }
}

impl Spec {
    fn of(step: &Step<'_>, both: bool) -> Result<Self> {
        let kernel = match step.layer.class.as_str() {
            "LSTM" => Kernel::Lstm,
            "GRU" => Kernel::Gru { reset_after: step.flag("reset_after", true) },
            "SimpleRNN" => Kernel::Simple,
            other => {
                return Err(Refusal::new(
                    format!("is along a sequence with a `{other}`"),
                    "`LSTM`, `GRU` or `SimpleRNN`",
                ));
            }
        };
        let shape = step.inputs.first().map(|id| step.graph.shape(*id).to_vec());
        let Some([steps, features]) = shape.as_deref() else {
            return Err(Refusal::new(format!("takes samples of the shape {shape:?}"), "sequences of features"));
        };
        Ok(Self {
            kernel,
            features: *features,
            units: step.size("units")?,
            steps: *steps,
            activation: Activation::option(step, "activation", "tanh")?,
            recurrent: Activation::option(step, "recurrent_activation", "sigmoid")?,
            use_bias: step.flag("use_bias", true),
            order: Order::of(step, both)?,
        })
    }

    fn gates(&self) -> usize {
        match self.kernel {
            Kernel::Lstm => 4,
            Kernel::Gru { .. } => 3,
            Kernel::Simple => 1,
        }
    }

    fn states(&self) -> usize {
        if self.kernel == Kernel::Lstm { 2 } else { 1 }
    }

    /// Goes along the sequence.
    fn run(&self, step: &mut Step<'_>) -> Result<Run> {
        let initial = step.inputs[1..].to_vec();
        if !initial.is_empty() && initial.len() != self.states() {
            return Err(Refusal::new(format!("is given {} states", initial.len()), format!("{}", self.states())));
        }
        let input = step.inputs[0];
        let initial: Vec<Name> = initial.iter().map(|id| step.graph.last(*id)).collect();
        let mask = step.graph.wires[input].mask;
        if mask.is_none() && operators::can_say(self) {
            return operators::run(self, step, &initial);
        }
        let x = step.graph.of_kind(input, Kind::Float);
        let states = if initial.is_empty() {
            let zeros = step.graph.zeros(&x, &[self.units]);
            vec![zeros; self.states()]
        } else {
            initial
        };
        let mask = mask_of_steps(step, mask, self.steps)?;
        let Order { backwards, zeros, .. } = self.order;
        let sequence = Sequence { name: &x, steps: self.steps, rank: 2, mask, backwards, zeros };
        let mut cell = cells::cell(self, step)?;
        scan::run(step.graph, &sequence, &states, &mut cell)
    }
}

/// The mask's tensor, if it is one of the steps.
fn mask_of_steps(step: &mut Step<'_>, mask: Option<Id>, steps: usize) -> Result<Option<Name>> {
    let Some(mask) = mask else { return Ok(None) };
    if step.graph.shape(mask) != [steps] {
        return Err(Refusal::new("is given a mask of other dimensions than steps", "a mask of the sequence's steps"));
    }
    Ok(Some(step.graph.last(mask)))
}

/// A layer that went along its sequence.
struct Gone {
    run: Run,
    order: Order,
    steps: usize,
    /// The shape of what comes out of a step.
    out: Vec<usize>,
}

/// Goes along the sequence with a layer of any of these classes.
fn go(step: &mut Step<'_>, both: bool) -> Result<Gone> {
    match step.layer.class.as_str() {
        "ConvLSTM1D" => conv_lstm::go(step, 1, both),
        "ConvLSTM2D" => conv_lstm::go(step, 2, both),
        "ConvLSTM3D" => conv_lstm::go(step, 3, both),
        "RNN" => {
            let (layer, call, inputs) = (of_cell(step)?, step.call, step.inputs.clone());
            let prefix = step.prefix.clone();
            let mut within = step.within(&layer, call, inputs[0], prefix);
            within.inputs = inputs;
            go(&mut within, both)
        }
        _ => {
            let spec = Spec::of(step, both)?;
            let run = spec.run(step)?;
            Ok(Gone { run, order: spec.order, steps: spec.steps, out: vec![spec.units] })
        }
    }
}

/// The layer of a cell of Keras's, with the options of the `RNN` around it.
fn of_cell(step: &Step<'_>) -> Result<Layer> {
    let cell = inner_layer(step.layer, "cell");
    let class = cell.as_ref().map_or(String::new(), |cell| cell.class.clone());
    let own = class.strip_suffix("Cell").filter(|class| matches!(*class, "LSTM" | "GRU" | "SimpleRNN"));
    let Some((cell, class)) = cell.zip(own) else {
        let what = format!("goes along a sequence with a cell of the class `{class}`");
        return Err(Refusal::new(what, "`LSTM`, `GRU` or `SimpleRNN`, or several of them one after the other"));
    };
    let mut options = cell.options;
    let own = ["return_sequences", "return_state", "go_backwards", "stateful", "zero_output_for_mask"];
    let own = own.iter().filter_map(|name| Some(((*name).to_owned(), step.layer.option(name)?.clone())));
    options.extend(own.collect::<Vec<(String, Value)>>());
    Ok(Layer { class: class.to_owned(), options, ..step.layer.clone() })
}

fn recurrent(step: &mut Step<'_>) -> Result<Vec<Id>> {
    if step.inputs.is_empty() {
        return Err(Refusal::new("is called without a sequence", "call it with one"));
    }
    let Gone { run, order, steps, out } = go(step, false)?;
    let (name, shape) = if order.return_sequences {
        let name = if order.backwards { step.graph.reverse(&run.sequence, 1) } else { run.sequence };
        (name, [&[steps], out.as_slice()].concat())
    } else {
        (run.last, out.clone())
    };
    let output = step.graph.plain(name, shape)?;
    if order.return_sequences {
        step.graph.wires[output].mask = step.graph.wires[step.inputs[0]].mask;
    }
    let mut all = vec![output];
    if order.return_state {
        for state in run.states {
            all.push(step.graph.plain(state, out.clone())?);
        }
    }
    Ok(all)
}
