//! The graph as it grows: nodes, and the arrays that they take.

use std::collections::{HashMap, HashSet};

use super::attributes::{graph, int, ints, signed};
use super::error::{Refusal, Result};
use super::wires::{Kind, Wire};
use crate::onnx::proto::{
    AttributeProto, DataType, Dimension, DimensionValue, GraphProto, NodeProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The name of a tensor in the file.
pub(super) type Name = String;

/// More nodes than anyone exports; models within models can be called often.
const MOST_NODES: usize = 50_000;

/// The name of the first dimension of every input and output.
pub(super) const BATCH: &str = "batch";

#[derive(Default)]
pub(super) struct Graph {
    pub nodes: Vec<NodeProto>,
    pub initializers: Vec<TensorProto>,
    pub wires: Vec<Wire>,
    /// What the names of what a layer makes begin with: `encoder/dense`.
    pub scope: String,
    /// Names that are taken, and how often each was asked for.
    taken: HashMap<String, usize>,
    weights: HashSet<String>,
    constants: HashMap<(Vec<usize>, i32, Vec<u8>), Name>,
}

impl Graph {
    /// This name, with a number behind it where it is taken.
    pub fn unique(&mut self, wanted: &str) -> Name {
        let mut name = wanted.to_owned();
        loop {
            let count = self.taken.entry(name.clone()).or_default();
            *count += 1;
            if *count == 1 {
                return name;
            }
            name = format!("{wanted}_{}", *count - 1);
        }
    }

    /// A node of one output.
    pub fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> Name {
        self.node_of(operator, inputs, 1, attributes).remove(0)
    }

    /// A node of several outputs.
    pub fn node_of(&mut self, op: &str, inputs: &[&str], outputs: usize, attributes: Vec<AttributeProto>) -> Vec<Name> {
        let name = self.unique(&format!("{}/{op}", self.scope));
        let others = (1..outputs).map(|index| format!("{name}.{index}")).collect::<Vec<_>>();
        let mut output = vec![name.clone()];
        output.extend(others.iter().map(|other| self.unique(other)));
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: output.clone(),
            name,
            op_type: op.to_owned(),
            attribute: attributes,
            domain: String::new(),
        });
        output
    }

    /// An error once there are too many nodes for a file that is meant.
    pub fn check_size(&self) -> Result<()> {
        if self.nodes.len() <= MOST_NODES {
            return Ok(());
        }
        Err(Refusal::new(format!("is one of more than {MOST_NODES} steps"), "call models within models less often"))
    }

    /// An array of weights, once under its name.
    pub fn weight(&mut self, name: &str, shape: &[usize], values: impl FnOnce() -> Vec<f32>) -> Name {
        if self.weights.insert(name.to_owned()) {
            self.taken.insert(name.to_owned(), 1);
            self.initializers.push(floats_of(name, shape, &values()));
        }
        name.to_owned()
    }

    /// Constants: one array for all that are the same.
    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> Name {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let name = if let [value] = values { format!("{value:?}") } else { "floats".to_owned() };
        self.constant(shape, DataType::Float, bytes, &name)
    }

    pub fn number(&mut self, value: f32) -> Name {
        self.floats(&[], &[value])
    }

    /// A list of whole numbers: a shape, axes.
    pub fn integers(&mut self, values: &[i64]) -> Name {
        self.integers_of(&[values.len()], values)
    }

    pub fn integers_of(&mut self, shape: &[usize], values: &[i64]) -> Name {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let texts: Vec<String> = values.iter().map(i64::to_string).collect();
        let name = if values.len() > 8 { "integers".to_owned() } else { texts.join(",") };
        let name = if shape.is_empty() { name } else { format!("[{name}]") };
        self.constant(shape, DataType::Int64, bytes, &name)
    }

    fn constant(&mut self, shape: &[usize], kind: DataType, raw_data: Vec<u8>, name: &str) -> Name {
        let key = (shape.to_vec(), kind.into(), raw_data);
        if let Some(known) = self.constants.get(&key) {
            return known.clone();
        }
        let name = self.unique(&format!("constant/{name}"));
        let raw_data = key.2.clone();
        self.initializers.push(TensorProto {
            dims: signed(shape),
            data_type: kind.into(),
            name: name.clone(),
            raw_data,
            ..TensorProto::default()
        });
        self.constants.insert(key, name.clone());
        name
    }

    /// Zeros of the batch of `like` and of these dimensions.
    pub fn zeros(&mut self, like: &str, shape: &[usize]) -> Name {
        let batch = self.node("Shape", &[like], vec![int("start", 0), int("end", 1)]);
        let rest = self.integers(&signed(shape));
        let shape = self.node("Concat", &[&batch, &rest], vec![int("axis", 0)]);
        self.node("ConstantOfShape", &[&shape], vec![])
    }

    /// A graph within a node: what `build` adds is its body. Its inputs and outputs are of 32-bit floats or of bools.
    pub fn body(
        &mut self,
        inputs: &[(Name, Kind, usize)],
        build: impl FnOnce(&mut Self) -> Result<Vec<(Name, Kind, usize)>>,
    ) -> Result<AttributeProto> {
        let outside = std::mem::take(&mut self.nodes);
        let outputs = build(self);
        let node = std::mem::replace(&mut self.nodes, outside);
        let info = |(name, kind, rank): &(Name, Kind, usize)| unnamed_info(name, *kind, *rank);
        let (input, output) = (inputs.iter().map(info).collect(), outputs?.iter().map(info).collect());
        Ok(graph("body", GraphProto { node, name: self.scope.clone(), input, output, ..GraphProto::default() }))
    }

    pub fn transpose(&mut self, name: &str, order: &[usize]) -> Name {
        self.node("Transpose", &[name], vec![ints("perm", signed(order))])
    }

    pub fn reshape(&mut self, name: &str, shape: &[i64]) -> Name {
        let shape = self.integers(shape);
        self.node("Reshape", &[name, &shape], vec![])
    }

    pub fn unsqueeze(&mut self, name: &str, axes: &[i64]) -> Name {
        let axes = self.integers(axes);
        self.node("Unsqueeze", &[name, &axes], vec![])
    }

    pub fn squeeze(&mut self, name: &str, axes: &[i64]) -> Name {
        let axes = self.integers(axes);
        self.node("Squeeze", &[name, &axes], vec![])
    }

    /// `ReduceMean`, `ReduceSum`, `ReduceMax`
    pub fn reduce(&mut self, operator: &str, name: &str, axes: &[i64], keep: bool) -> Name {
        let axes = self.integers(axes);
        self.node(operator, &[name, &axes], vec![int("keepdims", keep.into())])
    }

    pub fn cast(&mut self, name: &str, kind: Kind) -> Name {
        self.node("Cast", &[name], vec![int("to", kind.data_type() as i64)])
    }

    /// `name[start..end]` along an axis.
    pub fn slice(&mut self, name: &str, axis: i64, start: i64, end: i64, step: i64) -> Name {
        let [start, end, axis, step] = [start, end, axis, step].map(|number| self.integers(&[number]));
        self.node("Slice", &[name, &start, &end, &axis, &step], vec![])
    }

    /// The other way round along an axis.
    pub fn reverse(&mut self, name: &str, axis: i64) -> Name {
        self.slice(name, axis, -1, i64::MIN + 1, -1)
    }
}

pub(super) fn floats_of(name: &str, shape: &[usize], values: &[f32]) -> TensorProto {
    TensorProto {
        dims: signed(shape),
        data_type: DataType::Float.into(),
        name: name.to_owned(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..TensorProto::default()
    }
}

/// What an input or an output of the model is: a batch of this shape.
pub(super) fn info(name: &str, kind: Kind, shape: &[usize]) -> ValueInfoProto {
    let batch = Dimension { value: Some(DimensionValue::Name(BATCH.to_owned())) };
    let sides = signed(shape).into_iter().map(|side| Dimension { value: Some(DimensionValue::Length(side)) });
    let shape = TensorShapeProto { dim: std::iter::once(batch).chain(sides).collect() };
    with_shape(name, kind, shape)
}

/// Of a body's wire the rank alone is said.
fn unnamed_info(name: &str, kind: Kind, rank: usize) -> ValueInfoProto {
    with_shape(name, kind, TensorShapeProto { dim: vec![Dimension { value: None }; rank] })
}

fn with_shape(name: &str, kind: Kind, shape: TensorShapeProto) -> ValueInfoProto {
    let tensor = TensorTypeProto { elem_type: kind.data_type().into(), shape: Some(shape) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
