//! A graph as boxes and arrows.

use fusion_core::layer::{From, Graph, StepNode};
use fusion_core::shape::Shape;

/// What is drawn.
pub(super) struct Diagram {
    /// The model's name.
    pub title: &'static str,
    /// Each after those that arrows lead from.
    pub boxes: Vec<Labelled>,
    pub arrows: Vec<Arrow>,
}

pub(super) struct Labelled {
    pub kind: Kind,
    /// Its name: of a layer within a nested model with the model's in front.
    pub name: String,
    /// A layer's class, an input's element.
    pub class: String,
    /// What else it is; may be empty.
    pub details: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Layer,
    Output,
}

#[derive(Clone)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    /// What flows along it, and by which name it is taken, if it has one.
    pub label: String,
}

/// Where a wire comes from: a box, and what leaves it there.
#[derive(Clone)]
struct Wire {
    from: usize,
    shape: String,
}

impl Diagram {
    pub fn of(graph: &'static Graph, details: bool, expand_nested: bool) -> Self {
        let mut diagram = Self { title: graph.name, boxes: Vec::new(), arrows: Vec::new() };
        let inputs: Vec<Wire> = (graph.inputs.iter())
            .map(|wire| {
                let class = wire.element.name().to_owned();
                diagram.wire(Kind::Input, wire.name.to_owned(), class, String::new(), shape(&wire.shape))
            })
            .collect();
        let outputs = diagram.add(graph, "", &inputs, [details, expand_nested]);
        for ((name, _), wire) in graph.outputs.iter().zip(outputs) {
            let (name, class) = ((*name).to_owned(), "output".to_owned());
            let output = diagram.wire(Kind::Output, name, class, String::new(), String::new());
            diagram.lead(&wire, output.from, "");
        }
        diagram
    }

    /// Adds the steps of a graph, whose inputs are these wires; gives its outputs.
    fn add(&mut self, graph: &'static Graph, within: &str, inputs: &[Wire], [details, expand]: [bool; 2]) -> Vec<Wire> {
        // Of each step what it gives; of several outputs, each.
        let mut given: Vec<Vec<Wire>> = Vec::new();
        for step in graph.steps {
            let operands: Vec<Wire> = (step.operands.iter())
                .filter_map(|operand| match operand.from {
                    From::Input(input) => inputs.get(input).cloned(),
                    From::Step(step) => given.get(step).and_then(|wires| wires.first()).cloned(),
                })
                .collect();
            let Some(layer) = step.layer.map(|layer| &graph.layers[layer]) else {
                given.push(self.named(step, &given, operands));
                continue;
            };
            let name = format!("{within}{}", layer.name);
            if let (true, Some(nested)) = (expand, layer.nested) {
                let wires =
                    self.add(nested, &format!("{name}/"), &in_order(nested, step, &operands), [details, expand]);
                given.push(wires);
                continue;
            }
            let mut config = String::new();
            if details {
                // A text takes all that is written to it.
                let _ = layer.write_config(&mut config);
            }
            let details = config.trim().trim_matches(',').trim().to_owned();
            let given_of = parts(step);
            let made = self.wire(Kind::Layer, name, layer.class.to_owned(), details, String::new());
            for (index, operand) in operands.iter().enumerate() {
                self.lead(operand, made.from, step.names.get(index).map_or("", |wire| wire.name));
            }
            given.push(given_of.into_iter().map(|shape| Wire { from: made.from, shape }).collect());
        }
        graph.outputs.iter().filter_map(|(_, step)| given.get(*step)?.first().cloned()).collect()
    }

    /// What a step gives that only names a wire, or one of several outputs of a layer.
    fn named(&self, step: &StepNode, given: &[Vec<Wire>], operands: Vec<Wire>) -> Vec<Wire> {
        let part = step.part.and_then(|part| match step.operands.first()?.from {
            From::Step(whole) => given.get(whole)?.get(part).cloned(),
            From::Input(_) => None,
        });
        part.map_or(operands, |part| vec![part])
    }

    fn wire(&mut self, kind: Kind, name: String, class: String, details: String, shape: String) -> Wire {
        self.boxes.push(Labelled { kind, name, class, details });
        Wire { from: self.boxes.len() - 1, shape }
    }

    fn lead(&mut self, wire: &Wire, to: usize, name: &str) {
        let label = if name.is_empty() { wire.shape.clone() } else { format!("{name}: {}", wire.shape) };
        self.arrows.push(Arrow { from: wire.from, to, label });
    }
}

/// What a nested model's inputs are, which were given in order or by name.
fn in_order(nested: &Graph, step: &StepNode, operands: &[Wire]) -> Vec<Wire> {
    let of_input = |(index, input): (usize, &fusion_core::layer::Wire)| {
        let place = step.names.iter().position(|name| name.name == input.name).unwrap_or(index);
        operands.get(place).cloned()
    };
    nested.inputs.iter().enumerate().filter_map(of_input).collect()
}

/// The shapes of what a step gives.
fn parts(step: &StepNode) -> Vec<String> {
    match step.output.parts {
        [] => vec![shape(&step.output.shape)],
        parts => parts.iter().map(|part| shape(&part.shape)).collect(),
    }
}

/// `[28, 28, 1]`, or that it is a single number.
fn shape(shape: &Shape) -> String {
    if shape.rank() == 0 {
        return "single".to_owned();
    }
    let dims: Vec<String> = (0..shape.rank()).map(|dim| shape.dim(dim).to_string()).collect();
    format!("[{}]", dims.join(", "))
}
