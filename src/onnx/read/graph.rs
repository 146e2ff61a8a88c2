//! The nodes of a file in an order in which each has what it needs, and its arrays.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use prost::Message as _;

use super::OnnxError;
use super::error::Refused;
use super::tensor::Tensor;
use crate::onnx::proto::{
    AttributeProto, AttributeType, DimensionValue, GraphProto, ModelProto, NodeProto, ValueInfoProto,
};

/// More nodes than any network of this kind has.
const MOST_NODES: usize = 50_000;
/// More inputs than any network has.
const MOST_INPUTS: usize = 1000;
/// The longest name of a node, a wire or an array, in bytes.
const LONGEST_NAME: usize = 1024;
/// The first version of the operators in which all that is read means what it does now.
const FIRST_VERSION: i64 = 7;

/// What a file says.
pub(super) struct Graph {
    pub name: String,
    pub producer: String,
    pub version: i64,
    /// In an order in which each comes behind those it takes from; only those that the outputs need.
    pub nodes: Vec<Node>,
    pub arrays: HashMap<String, Rc<Tensor>>,
    pub inputs: Vec<(String, Vec<Side>)>,
    pub outputs: Vec<String>,
    /// How often each wire or array is taken.
    pub uses: HashMap<String, usize>,
    /// The node that gives a wire.
    pub makers: HashMap<String, usize>,
}

/// A side of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Length(usize),
    /// One that varies, by its name.
    Varies(String),
}

/// An operation.
pub(super) struct Node {
    pub operation: String,
    pub domain: String,
    pub name: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    attributes: Vec<AttributeProto>,
}

impl Node {
    fn of(proto: NodeProto) -> Self {
        let NodeProto { input, output, name, op_type, attribute, domain } = proto;
        let domain = if domain == "ai.onnx" { String::new() } else { domain };
        Self { operation: op_type, domain, name, inputs: input, outputs: output, attributes: attribute }
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub fn attribute_is_set(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    pub fn floats(&self, name: &str) -> Option<&[f32]> {
        self.attribute(name).map(|attribute| attribute.floats.as_slice())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.attribute(name)?.s).ok()
    }

    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        self.attribute(name)?.strings.iter().map(|text| std::str::from_utf8(text).ok()).collect()
    }

    pub fn tensor(&self, name: &str) -> Option<Result<Tensor, Refused>> {
        self.attribute(name)?.t.as_ref().map(Tensor::of)
    }

    /// The input of this place, unless it is left out.
    pub fn input(&self, place: usize) -> Option<&str> {
        self.inputs.get(place).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// What it is called in messages.
    pub fn shown(&self) -> String {
        let first = self.outputs.iter().find(|output| !output.is_empty());
        if self.name.is_empty() { first.cloned().unwrap_or_default() } else { self.name.clone() }
    }

    /// `Resize(mode = "cubic")`
    pub fn with_attributes(&self) -> String {
        let value = |attribute: &AttributeProto| match attribute.r#type() {
            AttributeType::Float => format!("{:?}", attribute.f),
            AttributeType::Int => attribute.i.to_string(),
            AttributeType::String => format!("{:?}", String::from_utf8_lossy(&attribute.s)),
            AttributeType::Floats => format!("{:?}", attribute.floats),
            AttributeType::Ints => format!("{:?}", attribute.ints),
            AttributeType::Tensor => "[…]".to_owned(),
            _ => "…".to_owned(),
        };
        let all: Vec<String> =
            self.attributes.iter().map(|attribute| format!("{} = {}", attribute.name, value(attribute))).collect();
        let domain = if self.domain.is_empty() { String::new() } else { format!("{}.", self.domain) };
        let all = if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) };
        format!("{domain}{}{all}", self.operation)
    }
}

fn damaged(problem: impl Into<String>) -> OnnxError {
    OnnxError::Damaged { problem: problem.into() }
}

impl Graph {
    pub fn open(bytes: &[u8]) -> Result<Self, OnnxError> {
        let model = ModelProto::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        let own = model.opset_import.iter().find(|set| set.domain.is_empty() || set.domain == "ai.onnx");
        let version = own.map(|set| set.version).ok_or_else(|| damaged("it does not say which operators it means"))?;
        if version < FIRST_VERSION {
            return Err(damaged(format!(
                "its operators are of version {version}, and those from {FIRST_VERSION} on are read; export it with a newer `opset_version`"
            )));
        }
        let graph = model.graph.ok_or_else(|| damaged("it has no graph"))?;
        if graph.node.len() > MOST_NODES {
            return Err(OnnxError::TooMuch { what: "nodes", limit: MOST_NODES as u64 });
        }
        check_names(&graph)?;
        let mut arrays = HashMap::new();
        for array in &graph.initializer {
            let tensor = Tensor::of(array).map_err(|refused| of_file(refused, &array.name))?;
            arrays.insert(array.name.clone(), Rc::new(tensor));
        }
        let inputs = graph.input.iter().filter(|input| !arrays.contains_key(&input.name));
        let inputs = inputs.map(input).collect::<Result<Vec<_>, _>>()?;
        if inputs.len() > MOST_INPUTS || graph.output.len() > MOST_INPUTS {
            return Err(OnnxError::TooMuch { what: "inputs or outputs", limit: MOST_INPUTS as u64 });
        }
        let outputs: Vec<String> = graph.output.iter().map(|output| output.name.clone()).collect();
        if inputs.is_empty() || outputs.is_empty() {
            return Err(damaged("it has no input or no output"));
        }
        let nodes = graph.node.into_iter().map(Node::of).collect();
        let nodes = in_order(nodes, &arrays, &inputs, &outputs)?;
        let mut uses: HashMap<String, usize> = HashMap::new();
        // Whose shape is asked for is not taken.
        let taking = nodes.iter().filter(|node| node.operation != "Shape");
        for name in taking.flat_map(|node| &node.inputs).chain(&outputs) {
            *uses.entry(name.clone()).or_default() += 1;
        }
        let makers =
            nodes.iter().enumerate().flat_map(|(at, node)| node.outputs.iter().map(move |name| (name.clone(), at)));
        let makers = makers.collect();
        Ok(Self {
            name: graph.name,
            producer: model.producer_name,
            version,
            nodes,
            arrays,
            inputs,
            outputs,
            uses,
            makers,
        })
    }

    /// The node that gives this wire.
    pub fn maker(&self, name: &str) -> Option<&Node> {
        self.makers.get(name).map(|at| &self.nodes[*at])
    }
}

/// What is wrong with an array of the file.
fn of_file(refused: Refused, array: &str) -> OnnxError {
    match refused {
        Refused::Problem { what, instead } => {
            let (node, operation) = (array.to_owned(), "an array".to_owned());
            OnnxError::NoCounterpart(vec![super::Problem { node, operation, what, instead }])
        }
        Refused::Damaged(problem) => OnnxError::Damaged { problem },
        Refused::TooMuch { what, limit } => OnnxError::TooMuch { what, limit },
    }
}

/// A hostile file may have long ones, which would stand in many places.
fn check_names(graph: &GraphProto) -> Result<(), OnnxError> {
    let of_nodes =
        graph.node.iter().flat_map(|node| node.input.iter().chain(&node.output).chain([&node.name, &node.op_type]));
    let of_arrays = graph.initializer.iter().map(|array| &array.name);
    let of_wires = graph.input.iter().chain(&graph.output).map(|wire| &wire.name);
    if of_nodes.chain(of_arrays).chain(of_wires).any(|name| name.len() > LONGEST_NAME) {
        return Err(OnnxError::TooMuch { what: "bytes in a name", limit: LONGEST_NAME as u64 });
    }
    Ok(())
}

fn input(input: &ValueInfoProto) -> Result<(String, Vec<Side>), OnnxError> {
    let refused = |problem: &str| OnnxError::Input { name: input.name.clone(), problem: problem.to_owned() };
    let ty = input.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref());
    let shape = ty.and_then(|ty| ty.shape.as_ref());
    let shape = shape.ok_or_else(|| refused("has no shape: export the model with one"))?;
    let side = |side: &Option<DimensionValue>| match side {
        Some(DimensionValue::Length(length)) if *length > 0 => {
            usize::try_from(*length).map(Side::Length).map_err(|_| refused("has a side that is too long"))
        }
        Some(DimensionValue::Length(_)) | None => Ok(Side::Varies(String::new())),
        Some(DimensionValue::Name(name)) => Ok(Side::Varies(name.clone())),
    };
    let sides = shape.dim.iter().map(|dimension| side(&dimension.value)).collect::<Result<Vec<_>, _>>()?;
    Ok((input.name.clone(), sides))
}

/// The nodes that the outputs need, each behind those it takes from: with a list of what is to do instead of recursion, as a
/// chain is as long as the file says.
fn in_order(
    nodes: Vec<Node>,
    arrays: &HashMap<String, Rc<Tensor>>,
    inputs: &[(String, Vec<Side>)],
    outputs: &[String],
) -> Result<Vec<Node>, OnnxError> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            if makers.insert(name, at).is_some() {
                return Err(damaged(format!("two nodes give `{name}`")));
            }
        }
    }
    let known: HashSet<&str> =
        arrays.keys().map(String::as_str).chain(inputs.iter().map(|(name, _)| name.as_str())).collect();
    // Of each node: not begun, begun, done.
    let (mut state, mut order) = (vec![0_u8; nodes.len()], Vec::new());
    for output in outputs {
        let mut pending = match makers.get(output.as_str()) {
            Some(at) => vec![*at],
            None if known.contains(output.as_str()) => Vec::new(),
            None => return Err(damaged(format!("no node gives its output `{output}`"))),
        };
        while let Some(&at) = pending.last() {
            if state[at] == 2 {
                pending.pop();
                continue;
            }
            state[at] = 1;
            let mut missing = Vec::new();
            for name in nodes[at].inputs.iter().filter(|name| !name.is_empty() && !known.contains(name.as_str())) {
                let maker = *makers.get(name.as_str()).ok_or_else(|| damaged(format!("nothing gives `{name}`")))?;
                match state[maker] {
                    2 => {}
                    // Above it on the way here.
                    1 => return Err(damaged(format!("`{name}` needs what is made of it"))),
                    _ => missing.push(maker),
                }
            }
            if missing.is_empty() {
                state[at] = 2;
                order.push(at);
                pending.pop();
            } else {
                pending.extend(missing.into_iter().rev());
            }
        }
    }
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| nodes[at].take()).collect())
}
