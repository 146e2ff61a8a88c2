//! A model as it is declared: its items in their order, and which of its layers is which field.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::chains::{self, Block, Chain, Context};
use crate::config::{Layer, Model};
use crate::gaps::Gap;
use crate::graph::{Call, Graph, Operand, Wire, graph};
use crate::layers::{self, Problem, Step};
use crate::names::{self, Names};
use crate::{inputs, write};

/// Lengths of inputs that vary in Keras, by the inputs' names.
pub type Lengths = BTreeMap<String, Vec<usize>>;

/// A model, and those within it, ready to be written.
pub struct Network<'a> {
    pub graph: Graph<'a>,
    pub ty: String,
    pub steps: Vec<Step>,
    pub inputs: Vec<(String, String)>,
    pub shared: Vec<usize>,
    pub chains: Vec<Chain>,
    pub blocks: Vec<Block>,
    pub wires: HashMap<Wire, String>,
    pub output_names: Vec<String>,
    /// Of each layer of the model, its field; none of those that no output needs.
    pub fields: Vec<Option<String>>,
    /// Of each layer, whether its name is written.
    pub written: Vec<bool>,
    pub frozen: Vec<bool>,
    /// The operands of calls of wires by name.
    pub operand_names: Vec<Vec<String>>,
    /// Whether Keras computes some of it with 16 bits.
    pub halved: bool,
    /// The models within it, by their layers.
    pub within: HashMap<usize, Network<'a>>,
    /// The layers that are left to be written.
    pub gaps: HashMap<usize, Gap>,
}

/// What is collected over a whole file.
#[derive(Default)]
pub struct Findings {
    pub problems: Vec<Problem>,
    /// What was decided, for the user to know.
    pub notes: Vec<String>,
    /// The inputs that want a length.
    pub lengths_wanted: Vec<String>,
    /// All inputs by their names with the way to them, and for which names a length was taken.
    pub inputs: Vec<String>,
    pub lengths_used: Vec<String>,
}

/// What all models of a file have in common.
pub struct Reading<'a> {
    pub lengths: &'a Lengths,
    pub types: Names,
    /// Models within others that were read: what is the same to read is one type.
    pub bodies: Vec<(String, String)>,
    pub findings: Findings,
    /// Whether what has no counterpart is left to be written.
    pub partial: bool,
}

impl<'a> Network<'a> {
    /// Reads a model; what has no counterpart is noted, and stands for nothing then.
    ///
    /// Of a model within another one the way to it, `encoder/`, and what its inputs are `given`.
    pub fn of(
        model: &'a Model,
        ty: String,
        frozen: bool,
        (way, given): (&str, &[Option<Vec<usize>>]),
        reading: &mut Reading<'_>,
    ) -> Result<Self, String> {
        let graph = graph(model)?;
        let shapes = inputs::shapes(&graph, way, given, reading);
        let mut within = HashMap::new();
        for call in &graph.calls {
            let layer = &model.layers[call.layer];
            if let (Some(inner), false) = (&layer.model, within.contains_key(&call.layer)) {
                let name = if names::is_automatic(layer) { format!("{ty}Part") } else { names::type_name(&layer.name) };
                let name = reading.types.fresh(&name);
                let frozen = frozen || layers::is_frozen(layer);
                let (way, given) = (format!("{way}{}/", layer.name), inputs::given(call, &shapes));
                let mut network = Network::of(inner, name, frozen, (&way, &given), reading)?;
                let body = write::body(&network);
                match reading.bodies.iter().find(|(_, known)| *known == body) {
                    Some((same, _)) => network.ty.clone_from(same),
                    None => reading.bodies.push((network.ty.clone(), body)),
                }
                within.insert(call.layer, network);
            }
        }
        let (mut steps, mut gaps) = (Vec::new(), HashMap::new());
        for call in &graph.calls {
            steps.push(step(&graph, call, &within, &mut gaps, reading));
        }
        let inputs = inputs::inputs(&graph, &within, &shapes);
        let mut network = Network {
            ty,
            steps,
            inputs,
            shared: Vec::new(),
            chains: Vec::new(),
            blocks: Vec::new(),
            wires: HashMap::new(),
            output_names: Vec::new(),
            fields: Vec::new(),
            written: Vec::new(),
            frozen: model.layers.iter().map(|layer| !frozen && layers::is_frozen(layer)).collect(),
            operand_names: Vec::new(),
            halved: model.layers.iter().any(|layer| policy(layer).is_some_and(|policy| policy.contains("16"))),
            within,
            gaps,
            graph,
        };
        network.check_outputs()?;
        network.operand_names = network.operands();
        network.declare();
        Ok(network)
    }

    pub fn layer(&self, call: usize) -> &'a Layer {
        &self.graph.model.layers[self.graph.calls[call].layer]
    }

    /// Chains, and all names in them.
    fn declare(&mut self) {
        for (layer, of) in self.graph.model.layers.iter().enumerate() {
            let calls = &self.graph.calls_of[layer];
            let is_expression = calls.iter().any(|call| !matches!(self.steps[*call], Step::Layer { .. }));
            let shared = calls.len() > 1 && !is_expression;
            if shared {
                self.shared.push(layer);
            }
            let has_name = !names::is_automatic(of) && !of.is_operation();
            let once = calls.len() == 1;
            // What the type's own name says is not said again.
            let said = self.within.get(&layer).is_some_and(|inner| names::snake_case(&inner.ty) == of.name);
            let gap = self.gaps.contains_key(&layer);
            self.written.push(shared || gap || (once && has_name && !said));
        }
        let outputs: Vec<usize> = (0..self.graph.calls.len()).map(|call| self.outputs_of(call)).collect();
        let named: Vec<bool> = self.graph.calls.iter().map(|call| self.written[call.layer]).collect();
        let frozen: Vec<bool> = self.graph.calls.iter().map(|call| self.frozen[call.layer]).collect();
        let context =
            Context { graph: &self.graph, steps: &self.steps, outputs: &outputs, named: &named, frozen: &frozen };
        (self.chains, self.blocks) = chains::chains(&context);
        self.name_fields();
        self.name_wires();
    }

    /// Whether all wires are given by their layers.
    fn check_outputs(&self) -> Result<(), String> {
        let taken = self.graph.calls.iter().flat_map(|call| call.operands.iter().map(|operand| operand.wire));
        for wire in taken.chain(self.graph.outputs.iter().copied()) {
            match wire {
                Wire::Output { call, output } if output >= self.outputs_of(call) => {
                    return Err(format!(
                        "output {output} of the layer `{}` of the model `{}` is asked for, but it gives {}",
                        self.layer(call).name,
                        self.graph.model.name,
                        self.outputs_of(call)
                    ));
                }
                _ => {}
            }
        }
        for call in &self.graph.calls {
            if let Some(inner) = self.within.get(&call.layer)
                && inner.inputs.len() != call.operands.len()
            {
                let (name, takes, given) = (&inner.graph.model.name, inner.inputs.len(), call.operands.len());
                return Err(format!("the model `{name}` takes {takes} inputs, but is given {given}"));
            }
        }
        Ok(())
    }

    /// How many wires a call gives.
    pub fn outputs_of(&self, call: usize) -> usize {
        if let Some(inner) = self.within.get(&self.graph.calls[call].layer) {
            return inner.graph.outputs.len();
        }
        outputs_of(self.layer(call))
    }

    /// The names of the arguments of a call of several wires.
    fn operands(&self) -> Vec<Vec<String>> {
        let of_call = |call: usize| -> Vec<String> {
            let operands = &self.graph.calls[call].operands;
            if let Some(inner) = self.within.get(&self.graph.calls[call].layer) {
                return inner.inputs.iter().map(|(name, _)| name.clone()).collect();
            }
            let names: &[&str] = match self.layer(call).class.as_str() {
                "MultiHeadAttention" | "Attention" | "AdditiveAttention" | "GroupedQueryAttention" => {
                    &["query", "value", "key"]
                }
                "LSTM" => &["sequence", "h", "c"],
                "GRU" | "SimpleRNN" => &["sequence", "h"],
                "HashedCrossing" => &["a", "b"],
                "Bidirectional" if operands.len() == 5 => {
                    &["sequence", "forward_h", "forward_c", "backward_h", "backward_c"]
                }
                "Bidirectional" => &["sequence", "forward_h", "backward_h"],
                _ => &[],
            };
            let named = |(place, operand): (usize, &Operand)| match operand.name.as_deref() {
                Some(name @ ("query" | "value" | "key")) => name.to_owned(),
                _ => names.get(place).map_or_else(|| format!("x{place}"), |name| (*name).to_owned()),
            };
            operands.iter().enumerate().map(named).collect()
        };
        (0..self.graph.calls.len()).map(of_call).collect()
    }
}

/// How many wires a layer gives.
fn outputs_of(layer: &Layer) -> usize {
    let is = |name: &str| layer.option(name) == Some(&Value::Bool(true));
    match layer.class.as_str() {
        "LSTM" | "ConvLSTM1D" | "ConvLSTM2D" | "ConvLSTM3D" if is("return_state") => 3,
        "GRU" | "SimpleRNN" if is("return_state") => 2,
        "Bidirectional" if layer.options.get("merge_mode") == Some(&Value::Null) => 2,
        _ => 1,
    }
}

fn step(
    graph: &Graph<'_>,
    call: &Call<'_>,
    within: &HashMap<usize, Network<'_>>,
    gaps: &mut HashMap<usize, Gap>,
    reading: &mut Reading<'_>,
) -> Step {
    let layer = call.layer;
    let of = &graph.model.layers[layer];
    if let Some(inner) = within.get(&layer) {
        if call.value("training") == Some(&Value::Bool(false)) && !layers::is_frozen(of) {
            note(reading, vec![format!("{} ({}): {}", of.name, of.class, layers::NOT_IN_TRAINING)]);
        }
        return Step::named(&inner.ty, Vec::new());
    }
    if let Some(policy) = policy(of) {
        note(reading, vec![format!("the dtype policy `{policy}` becomes `f32`")]);
    }
    let step = layers::step(of, call);
    let calls = graph.calls_of[layer].len();
    match step {
        Ok((Step::Layer { name, mut arguments, options }, notes)) => {
            note(reading, notes);
            // What is declared apart from where it is used has its sizes written.
            if calls > 1 && arguments.first().is_some_and(|first| first == "_") {
                let shape = call.operands.first().and_then(|operand| operand.shape.as_ref()).or(of.built_with.as_ref());
                match shape.and_then(|shape| *shape.last()?) {
                    Some(features) => arguments[0] = features.to_string(),
                    None => reading.findings.problems.push(Problem {
                        layer: of.name.clone(),
                        class: of.class.clone(),
                        what: "is used several times, and the file does not say how many features it takes".to_owned(),
                        instead: "load and save the model with Keras 3".to_owned(),
                    }),
                }
            }
            Step::Layer { name, arguments, options }
        }
        Ok((step, notes)) => {
            note(reading, notes);
            step
        }
        Err(problems) if reading.partial && outputs_of(of) == 1 => {
            let gap = gaps.entry(layer).or_insert_with(|| {
                let ty = reading.types.fresh(&names::type_name(&of.name));
                Gap { ty, problems: Vec::new() }
            });
            for problem in problems {
                note(reading, vec![format!("{} ({}): {}; fill in `{}`", of.name, of.class, problem.what, gap.ty)]);
                if !gap.problems.contains(&problem) {
                    gap.problems.push(problem);
                }
            }
            Step::named(&gap.ty, Vec::new())
        }
        Err(problems) => {
            for problem in problems {
                if !reading.findings.problems.contains(&problem) {
                    reading.findings.problems.push(problem);
                }
            }
            Step::named(&of.class, Vec::new())
        }
    }
}

/// What the user should know, once.
fn note(reading: &mut Reading<'_>, notes: Vec<String>) {
    for note in notes {
        if !reading.findings.notes.contains(&note) {
            reading.findings.notes.push(note);
        }
    }
}

/// A dtype policy other than `float32`.
fn policy(layer: &Layer) -> Option<String> {
    let name = match layer.option("dtype")? {
        Value::String(name) => name.clone(),
        other => other.pointer("/config/name")?.as_str()?.to_owned(),
    };
    (name != "float32").then_some(name)
}
