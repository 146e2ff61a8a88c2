//! ONNX files as models of Keras's: layers, weights, and which calls which.
//!
//! ```text
//!    bytes ──graph──▶ nodes in order ──ops──▶ views over Keras's tensors, layers ──finish──▶ configuration, weights
//!                                     fold: what follows from arrays alone
//! ```
//!
//! Each node is looked at once, behind those that it takes from. What its inputs are is known by then: an array, or a wire
//! with its shape and how it lies in Keras's order ([`view`]). A node of arrays alone is computed; another one becomes
//! layers, or nothing but another view of the same tensor. What is written out in the file is put together as it is met:
//! arithmetic that amounts to an activation by its values, an attention by its scores, a bias by what it is added to. What
//! no output needs then is left out.

mod arithmetic;
mod error;
mod finish;
mod fold;
mod graph;
mod layers;
mod names;
mod ops;
mod tensor;
mod view;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

pub use error::{OnnxError, Problem};

use crate::keras::Archive;
use error::Refused;
use fold::Budget;
use graph::{Graph, Node, Side};
use layers::{Kind, Layer, Layers, Part, Place};
use tensor::Tensor;
use view::View;

/// Lengths that stand for the batch where it varies. One that no other length has a part in tells the batch from them.
const BATCHES: [usize; 6] = [1009, 1013, 1019, 1021, 1031, 1033];
/// More axes than any wire has.
const MOST_AXES: usize = 32;
/// Nodes that take channels first.
const OF_IMAGES: [&str; 10] = [
    "Conv",
    "ConvTranspose",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "BatchNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "Resize",
];

/// What an ONNX file holds, in Keras's words.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its configuration and its weights, as a `.keras` would have them.
    pub archive: Archive,
    /// The inputs, in the order of the file.
    pub inputs: Vec<Turned>,
    /// The outputs, in the order of the file.
    pub outputs: Vec<Turned>,
    /// The program that wrote it: `pytorch`, `tf2onnx`.
    pub producer: String,
}

/// An input or an output: how its axes lie in the file, and how in [`Model::archive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// Its name in the file.
    pub name: String,
    /// Its shape in the file; none where the length is that of the batch.
    pub shape: Vec<Option<usize>>,
    /// Of each axis here, which one of the file it is; the batch is the first. `[0, 2, 3, 1]` where channels were first.
    pub axes: Vec<usize>,
}

impl Turned {
    /// Whether its axes are in another order than in the file.
    #[must_use]
    pub fn is_turned(&self) -> bool {
        !self.axes.is_sorted()
    }
}

/// What a name of the file stands for.
#[derive(Clone, Debug)]
enum Value {
    Array(Rc<Tensor>),
    Wire(View),
    /// Given by something that was refused.
    Unknown,
}

/// What comes of a node: its outputs.
type Outcome = Result<Vec<Value>, Refused>;

/// Reads an ONNX file: `model.onnx` of PyTorch, of tf2onnx, or of another exporter.
///
/// Images and sequences that have their channels first there have them last here, which [`Model::inputs`] and
/// [`Model::outputs`] say.
///
/// ```no_run
/// let model = fusion::onnx::read(&std::fs::read("model.onnx")?)?;
/// for layer in model.archive.layers() {
///     println!("{}: {} weights", layer.path.join("/"), layer.weights.len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What is wrong with the file, or all that has no counterpart in it.
pub fn read(bytes: &[u8]) -> Result<Model, OnnxError> {
    let graph = Graph::open(bytes)?;
    let mut reader = Reader {
        budget: Budget::of(bytes.len()),
        batch: batch_of(&graph),
        values: HashMap::new(),
        layers: Layers::default(),
        problems: Vec::new(),
        graph: &graph,
    };
    let inputs = reader.inputs()?;
    for (at, node) in graph.nodes.iter().enumerate() {
        reader.layers.node = at;
        match reader.node(node) {
            Ok(values) => {
                for (name, value) in node.outputs.iter().zip(values) {
                    let value = match value {
                        Value::Wire(view) if view.rank() > MOST_AXES => {
                            return Err(OnnxError::TooMuch { what: "axes", limit: MOST_AXES as u64 });
                        }
                        Value::Wire(view) => Value::Wire(view.compact()),
                        other => other,
                    };
                    reader.values.insert(name, value);
                }
            }
            Err(Refused::Problem { what, instead }) => reader.problems.push(problem(node, what, instead)),
            Err(Refused::Damaged(what)) => {
                return Err(OnnxError::Damaged { problem: format!("the node `{}`: {what}", node.shown()) });
            }
            Err(Refused::TooMuch { what, limit }) => return Err(OnnxError::TooMuch { what, limit }),
        }
    }
    finish::finish(reader, inputs)
}

fn problem(node: &Node, what: String, instead: String) -> Problem {
    Problem { node: node.shown(), operation: node.with_attributes(), what, instead }
}

/// A length for a batch that varies.
fn batch_of(graph: &Graph) -> usize {
    let of_inputs = graph.inputs.iter().flat_map(|(_, sides)| sides);
    let lengths = of_inputs.filter_map(|side| if let Side::Length(length) = side { Some(*length) } else { None });
    let lengths: Vec<usize> = lengths.chain(graph.arrays.values().flat_map(|array| array.shape.clone())).collect();
    let is_free = |batch: &&usize| lengths.iter().all(|length| *length == 0 || length % *batch != 0);
    BATCHES.iter().find(is_free).copied().unwrap_or(BATCHES[0])
}

struct Reader<'g> {
    graph: &'g Graph,
    values: HashMap<&'g str, Value>,
    layers: Layers,
    budget: Budget,
    /// How long a batch is that varies.
    batch: usize,
    problems: Vec<Problem>,
}

impl<'g> Reader<'g> {
    /// The inputs, in the order in which Keras has their axes.
    fn inputs(&mut self) -> Result<Vec<Turned>, OnnxError> {
        let mut inputs = Vec::new();
        for (name, sides) in &self.graph.inputs {
            let refused = |problem: &str| OnnxError::Input { name: name.clone(), problem: problem.to_owned() };
            let varies: Vec<usize> = (0..sides.len()).filter(|at| matches!(sides[*at], Side::Varies(_))).collect();
            let batch = match varies.as_slice() {
                [] | [0] => 0,
                [one] if self.is_of_sequences(name) => *one,
                [0, ..] => {
                    return Err(refused(
                        "varies in more than its batch; export the model with fixed lengths, and only the batch in `dynamic_shapes`",
                    ));
                }
                _ => return Err(refused("varies in another axis than the first, which is the batch")),
            };
            let shape: Vec<usize> =
                sides.iter().map(|side| if let Side::Length(length) = side { *length } else { self.batch }).collect();
            if shape.is_empty() {
                return Err(refused("has no axes, and so no batch"));
            }
            let mut order: Vec<usize> =
                std::iter::once(batch).chain((0..shape.len()).filter(|at| *at != batch)).collect();
            if shape.len() > 2 && batch == 0 && self.is_of_images(name) {
                order = std::iter::once(0).chain(2..shape.len()).chain([1]).collect();
            }
            let mut layer = Layer::new("InputLayer", Place { layer: 0, output: 0 });
            layer.arguments.clear();
            layer.kind = Kind::Input;
            layer.name = names::is_chosen(name).then(|| name.clone());
            let sides_of = order[1..].iter().map(|axis| shape[*axis]).collect();
            let place = self.layers.add(layer, sides_of).map_err(|_| refused("is larger than memory"))?;
            self.values.insert(name, Value::Wire(View::new(place, &shape, batch, &order)));
            let shape = shape.iter().enumerate().map(|(at, side)| (at != batch).then_some(*side)).collect();
            inputs.push(Turned { name: name.clone(), shape, axes: order });
        }
        Ok(inputs)
    }

    /// The nodes that take a wire, through those that change each number for itself.
    fn takers(&self, name: &'g str) -> Vec<&'g Node> {
        const THROUGH: [&str; 12] =
            ["Identity", "Cast", "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Clip", "Pad", "Dropout"];
        let (mut found, mut names) = (Vec::new(), HashSet::from([name]));
        for node in &self.graph.nodes {
            if node.inputs.iter().any(|input| names.contains(input.as_str())) {
                match THROUGH.contains(&node.operation.as_str()) {
                    true => names.extend(node.outputs.iter().map(String::as_str)),
                    false => found.push(node),
                }
            }
        }
        found
    }

    fn is_of_images(&self, name: &'g str) -> bool {
        self.takers(name).iter().any(|node| OF_IMAGES.contains(&node.operation.as_str()))
    }

    fn is_of_sequences(&self, name: &'g str) -> bool {
        self.takers(name).iter().any(|node| matches!(node.operation.as_str(), "LSTM" | "GRU" | "RNN"))
    }

    fn node(&mut self, node: &'g Node) -> Outcome {
        let given: Vec<Option<Value>> = node.inputs.iter().map(|name| self.value(name)).collect();
        if given.iter().any(|value| matches!(value, Some(Value::Unknown))) {
            return Ok(node.outputs.iter().map(|_| Value::Unknown).collect());
        }
        if !node.domain.is_empty() && node.domain != "com.microsoft" {
            return self.refuse(
                node,
                Refused::own_layer(format!("is of the operators `{}`, which are not ONNX's own", node.domain)),
            );
        }
        let arrays: Option<Vec<Option<Rc<Tensor>>>> = given
            .iter()
            .map(|value| match value {
                Some(Value::Wire(_) | Value::Unknown) => None,
                Some(Value::Array(array)) => Some(Some(Rc::clone(array))),
                None => Some(None),
            })
            .collect();
        if let Some(folded) = arrays.map(|arrays| fold::fold(node, &arrays, &mut self.budget)) {
            match folded {
                Ok(Some(tensors)) => {
                    tensors.iter().try_for_each(|tensor| self.budget.take(tensor.len()))?;
                    return Ok(tensors.into_iter().map(|tensor| Value::Array(Rc::new(tensor))).collect());
                }
                Ok(None) => return self.refuse(node, Refused::own_layer("is computed of constants")),
                Err(refused) => return self.refuse(node, refused),
            }
        }
        match ops::operation(&node.operation) {
            Some(operation) => match operation(self, node) {
                Ok(values) => Ok(values),
                Err(refused) => self.refuse(node, refused),
            },
            None => self.refuse(node, Refused::own_layer(format!("`{}` has no counterpart", node.operation))),
        }
    }

    /// Notes what is in the way, and goes on with what is not known.
    fn refuse(&mut self, node: &Node, refused: Refused) -> Outcome {
        let Refused::Problem { what, instead } = refused else { return Err(refused) };
        self.problems.push(problem(node, what, instead));
        Ok(node.outputs.iter().map(|_| Value::Unknown).collect())
    }

    fn value(&self, name: &str) -> Option<Value> {
        if name.is_empty() {
            return None;
        }
        if let Some(array) = self.graph.arrays.get(name) {
            return Some(Value::Array(Rc::clone(array)));
        }
        Some(match self.values.get(name) {
            // What another node takes too is not changed in its place.
            Some(Value::Wire(view)) => {
                let sole = view.sole && self.graph.uses.get(name) == Some(&1);
                Value::Wire(View { sole, ..view.clone() })
            }
            Some(value) => value.clone(),
            None => Value::Unknown,
        })
    }

    /// The wire that is this input of the node.
    fn wire(&self, node: &Node, place: usize) -> Result<View, Refused> {
        match node.input(place).and_then(|name| self.value(name)) {
            Some(Value::Wire(view)) => Ok(view),
            Some(Value::Array(_)) => Err(Refused::own_layer("takes a constant where a layer takes a wire")),
            _ => Err(Refused::damaged("a node lacks an input")),
        }
    }

    /// The array that is this input of the node, if there is such an input.
    fn array_if(&self, node: &Node, place: usize) -> Result<Option<Rc<Tensor>>, Refused> {
        match node.input(place).and_then(|name| self.value(name)) {
            Some(Value::Array(array)) => Ok(Some(array)),
            Some(_) => Err(Refused::own_layer("takes a wire where a layer has weights of its own, or an option")),
            None => Ok(None),
        }
    }

    fn array(&self, node: &Node, place: usize) -> Result<Rc<Tensor>, Refused> {
        self.array_if(node, place)?.ok_or_else(|| Refused::damaged("a node lacks an input"))
    }

    /// All inputs that are arrays.
    fn arrays(&self, node: &Node) -> Vec<Option<Rc<Tensor>>> {
        let array = |name: &String| match self.value(name) {
            Some(Value::Array(array)) => Some(array),
            _ => None,
        };
        node.inputs.iter().map(array).collect()
    }

    /// A layer's weights of each place along an axis, put in the order of Keras's.
    fn in_order(&self, values: &Tensor, view: &View, keras: &[usize], onnx: &[usize]) -> Result<Vec<f32>, Refused> {
        let length = view.length(onnx);
        if values.len() != length {
            return Err(Refused::damaged(format!("{} numbers for {length} places", values.len())));
        }
        let values = values.to_floats();
        Ok(layers::places(view, keras, onnx).into_iter().map(|place| values[place]).collect())
    }

    /// A part of a larger layer, which gives a wire of these axes.
    fn part(&mut self, part: Part, takes: Vec<Place>, shape: Vec<usize>, what: &str) -> Result<Place, Refused> {
        let layer = Layer::merge("Part", takes).part(
            part,
            what,
            "change it in the model, or write a layer of your own: docs/writing-a-layer.md",
        );
        self.layers.add(layer, shape)
    }
}
