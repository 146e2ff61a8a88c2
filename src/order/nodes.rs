//! A graph as Keras has it: inputs are layers too, and each layer has its calls.

use fusion_core::layer::{From, Graph, LayerNode, Output, StepNode};
use fusion_core::shape::Shape;
use fusion_core::weights;

/// A model's inputs and its layers.
pub(crate) struct Nodes {
    /// The inputs first, in their order.
    pub all: Vec<Node>,
    /// How many inputs there are.
    pub inputs: usize,
    /// Whether the model was written in the form of Keras's `Sequential`.
    pub sequential: bool,
    /// The calls that give the outputs.
    pub outputs: Vec<Source>,
}

/// An input or a layer.
pub(crate) struct Node {
    pub name: &'static str,
    pub class: &'static str,
    pub parameters: usize,
    pub non_trainable: usize,
    /// Whether it is not trained in this model.
    pub frozen: bool,
    /// Of a model its own graph.
    pub nested: Option<&'static Graph>,
    /// What the last call gives, of each of its outputs; nothing where there is none.
    pub shapes: Vec<Shape>,
    /// What each call takes, in order.
    pub calls: Vec<Vec<Source>>,
}

/// One call of a node.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub node: usize,
    pub call: usize,
    /// Which of the call's outputs.
    pub output: usize,
}

impl Nodes {
    pub fn of(graph: &Graph) -> Self {
        let sources = sources(graph);
        let source = |from: From| match from {
            From::Input(input) => Some(Source { node: input, call: 0, output: 0 }),
            From::Step(step) => sources.get(step).copied().flatten(),
        };
        let inputs = graph.inputs.iter().map(|input| Node {
            name: input.name,
            class: "InputLayer",
            parameters: 0,
            non_trainable: 0,
            frozen: false,
            nested: None,
            shapes: vec![input.shape],
            calls: vec![Vec::new()],
        });
        let layers = graph.layers.iter().enumerate().map(|(index, layer)| {
            let calls: Vec<&StepNode> = graph.steps.iter().filter(|step| step.layer == Some(index)).collect();
            let taken = |step: &&StepNode| step.operands.iter().filter_map(|operand| source(operand.from)).collect();
            Node {
                shapes: calls.last().map(|step| shapes(&step.output)).unwrap_or_default(),
                calls: calls.iter().map(taken).collect(),
                ..node(layer)
            }
        });
        let outputs = graph.outputs.iter().filter_map(|(_, step)| source(From::Step(*step))).collect();
        let (all, inputs) = (inputs.chain(layers).collect(), graph.inputs.len());
        Self { all, inputs, sequential: graph.sequential, outputs }
    }
}

/// A layer without its calls.
fn node(layer: &LayerNode) -> Node {
    let LayerNode { name, class, entries, frozen, nested, .. } = *layer;
    let parameters = weights::count(entries);
    let non_trainable = if frozen { parameters } else { weights::non_trainable(entries) };
    Node { name, class, parameters, non_trainable, frozen, nested, shapes: Vec::new(), calls: Vec::new() }
}

fn shapes(output: &Output) -> Vec<Shape> {
    if output.parts.is_empty() { vec![output.shape] } else { output.parts.iter().map(|part| part.shape).collect() }
}

/// The call that each step is; an output that only names a wire is the call that gives this.
fn sources(graph: &Graph) -> Vec<Option<Source>> {
    let mut calls = vec![0; graph.layers.len()];
    let mut sources: Vec<Option<Source>> = Vec::new();
    for step in graph.steps {
        let source = match (step.layer, step.operands) {
            (Some(layer), _) => {
                calls[layer] += 1;
                Some(Source { node: graph.inputs.len() + layer, call: calls[layer] - 1, output: 0 })
            }
            (None, [named, ..]) => match named.from {
                From::Input(input) => Some(Source { node: input, call: 0, output: 0 }),
                From::Step(named) => {
                    let whole = sources.get(named).copied().flatten();
                    whole.map(|whole| Source { output: step.part.unwrap_or(whole.output), ..whole })
                }
            },
            (None, []) => None,
        };
        sources.push(source);
    }
    sources
}
