//! How layers are called: Keras's `inbound_nodes`.

use fusion_core::layer::{Graph, StepNode, position};
use serde_json::{Map, Value, json};

use super::classes::{Called, class};
use super::layer::{Layer, Wire, dtype, with_batch};
use super::{model, operations};
use crate::keras::KerasError;
use crate::order::{Nodes, Order, Source};

/// The calls of a graph.
pub(super) struct Calls<'n> {
    graph: &'static Graph,
    nodes: &'n Nodes,
    order: &'n Order<'n>,
}

impl<'n> Calls<'n> {
    pub fn new(graph: &'static Graph, nodes: &'n Nodes, order: &'n Order<'n>) -> Self {
        Self { graph, nodes, order }
    }

    /// The steps that are calls of a layer, and where each comes from.
    fn steps(&self, layer: usize) -> impl Iterator<Item = (&'static StepNode, &'n Vec<Source>)> {
        let steps = self.graph.steps.iter().filter(move |step| step.layer == Some(layer));
        let node = self.nodes.inputs + layer;
        let calls = steps.zip(&self.nodes.all[node].calls).enumerate();
        let is_part = move |call: &usize| self.order.contains(Source { node, call: *call, output: 0 });
        calls.filter(move |(call, _)| is_part(call)).map(|(_, call)| call)
    }

    /// What is known of a layer, with the wires of its first call.
    pub fn layer(&self, index: usize) -> Layer {
        let node = &self.graph.layers[index];
        match self.steps(index).next() {
            Some((step, _)) => {
                let inputs = step.operands.iter().map(|operand| model::wire(self.graph, operand.from)).collect();
                let output = step.output.parts.first().map_or(step.output.shape, |part| part.shape);
                Layer::of(node, inputs, output)
            }
            None => Layer::of(node, Vec::new(), fusion_core::Shape::SCALAR),
        }
    }

    /// All calls of a layer.
    pub fn of(&self, index: usize) -> Result<Value, KerasError> {
        let layer = self.layer(index);
        let calls = self.steps(index).map(|(step, sources)| {
            let wires = step.operands.iter().map(|operand| model::wire(self.graph, operand.from));
            let wires: Vec<Value> = wires.zip(sources).map(|(wire, source)| self.tensor(wire, *source)).collect();
            call(&layer, step, wires)
        });
        calls.collect()
    }

    /// The calls that give the model's outputs.
    pub fn outputs(&self) -> Vec<Value> {
        self.nodes.outputs.iter().map(|source| self.history(*source)).collect()
    }

    fn tensor(&self, wire: Wire, source: Source) -> Value {
        let config = json!({
            "shape": with_batch(&wire.shape),
            "dtype": dtype(wire.element),
            "keras_history": self.history(source),
        });
        json!({ "class_name": "__keras_tensor__", "config": config })
    }

    /// `["dense", 0, 0]`, in which calls count that are part of the model.
    fn history(&self, source: Source) -> Value {
        let Source { node, call, output } = source;
        let call = (0..call).filter(|call| self.order.contains(Source { node, call: *call, output: 0 })).count();
        json!([self.nodes.all[node].name, call, output])
    }
}

fn call(layer: &Layer, step: &StepNode, wires: Vec<Value>) -> Result<Value, KerasError> {
    let mut named = Map::new();
    let arguments = if let Some(nested) = layer.nested.filter(|_| model::is_model(&layer.class)) {
        in_order(wires, step, |name| position(nested.inputs, name).unwrap_or(usize::MAX))
    } else if operations::is_operation(layer) {
        operations::arguments(layer, wires)?
    } else {
        let called = class(&layer.class).map_or(Called::With, |class| class.called);
        if layer.option_text("use_causal_mask") == Some("true") {
            named.insert("use_causal_mask".to_owned(), true.into());
        }
        match called {
            Called::ByName => {
                let names = if step.names.is_empty() { vec!["query", "value"] } else { names(step) };
                named.extend(names.into_iter().map(str::to_owned).zip(wires.into_iter().cycle()));
                Vec::new()
            }
            Called::WithList(names) => {
                let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or(names.len());
                match wires.as_slice() {
                    // An attention of one wire is one to itself.
                    [one] if layer.class.ends_with("Attention") => vec![json!([one, one])],
                    [one] => vec![json!([one])],
                    _ => in_order(wires, step, place),
                }
            }
            Called::With => with_states(wires, step, &mut named),
        }
    };
    Ok(json!({ "args": arguments, "kwargs": named }))
}

fn names(step: &StepNode) -> Vec<&'static str> {
    step.names.iter().map(|wire| wire.name).collect()
}

/// One argument: the wire, or the list of several in this order of their names.
fn in_order(wires: Vec<Value>, step: &StepNode, place: impl Fn(&str) -> usize) -> Vec<Value> {
    if wires.len() == 1 {
        return wires;
    }
    let mut placed: Vec<(usize, Value)> = wires
        .into_iter()
        .enumerate()
        .map(|(at, wire)| (step.names.get(at).map_or(at, |of| place(of.name)), wire))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    vec![placed.into_iter().map(|(_, wire)| wire).collect()]
}

/// A sequence, and states before it: those of the layer that goes forwards come first.
fn with_states(mut wires: Vec<Value>, step: &StepNode, named: &mut Map<String, Value>) -> Vec<Value> {
    let Some(sequence) = position(step.names, "sequence").filter(|_| wires.len() > 1) else { return wires };
    let states = ["h", "c", "forward_h", "forward_c", "backward_h", "backward_c"];
    let states = states.iter().filter_map(|state| wires.get(position(step.names, state)?).cloned());
    named.insert("initial_state".to_owned(), states.collect());
    vec![wires.swap_remove(sequence)]
}
