//! What flows, in Keras's order of dimensions or in ONNX's.
//!
//! Keras has channels last, ONNX's convolutions and poolings have them first. A wire is kept in the form in which it came
//! out of a layer, and is transposed when a layer first wants the other one: a chain of convolutions stays as it is.

use super::attributes::signed;
use super::error::{Refusal, Result};
use super::graph::{Graph, Name};
use crate::onnx::proto::DataType;

/// Which wire.
pub(super) type Id = usize;

/// No dimension is longer, and no sample has more numbers: products of a few of them stay numbers.
pub(super) const LONGEST: usize = 1 << 31;

/// What the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    Int32,
    Int64,
    Bool,
}

impl Kind {
    pub fn data_type(self) -> DataType {
        match self {
            Self::Float => DataType::Float,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Bool => DataType::Bool,
        }
    }
}

/// Where the channels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Last,
    First,
}

impl Form {
    /// Where an axis of Keras's is, of `rank` with the batch.
    pub fn axis(self, axis: usize, rank: usize) -> usize {
        match self {
            Self::First if axis == rank - 1 && axis > 0 => 1,
            Self::First if axis > 0 => axis + 1,
            _ => axis,
        }
    }

    /// A shape without the batch in this form.
    pub fn shape(self, shape: &[usize]) -> Vec<usize> {
        match (self, shape.split_last()) {
            (Self::First, Some((channels, sides))) => [&[*channels], sides].concat(),
            _ => shape.to_vec(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// Without the batch, in Keras's order.
    pub shape: Vec<usize>,
    pub kind: Kind,
    last: Option<Name>,
    first: Option<Name>,
    /// Which steps count, if not all: a wire of bools.
    pub mask: Option<Id>,
}

impl Graph {
    pub fn wire(&mut self, form: Form, name: Name, shape: Vec<usize>, kind: Kind) -> Result<Id> {
        let count = shape.iter().try_fold(1_usize, |count, side| count.checked_mul(*side));
        if shape.contains(&0) || count.is_none_or(|count| count > LONGEST) {
            return Err(Refusal::new(
                format!("gives the shape {shape:?}"),
                "a shape of at least one number and of less than 2³¹",
            ));
        }
        let (last, first) = if form == Form::Last { (Some(name), None) } else { (None, Some(name)) };
        self.wires.push(Wire { shape, kind, last, first, mask: None });
        Ok(self.wires.len() - 1)
    }

    /// A wire of floats in Keras's order.
    pub fn plain(&mut self, name: Name, shape: Vec<usize>) -> Result<Id> {
        self.wire(Form::Last, name, shape, Kind::Float)
    }

    pub fn shape(&self, id: Id) -> &[usize] {
        &self.wires[id].shape
    }

    /// Dimensions with the batch.
    pub fn rank(&self, id: Id) -> usize {
        self.shape(id).len() + 1
    }

    pub fn kind(&self, id: Id) -> Kind {
        self.wires[id].kind
    }

    /// The form in which it is there already.
    pub fn form(&self, id: Id) -> Form {
        if self.wires[id].last.is_some() { Form::Last } else { Form::First }
    }

    /// Whether it is there with the channels first.
    pub fn has_first(&self, id: Id) -> bool {
        self.wires[id].first.is_some()
    }

    /// The tensor in a form.
    pub fn name(&mut self, id: Id, form: Form) -> Name {
        let rank = self.rank(id);
        // Without a dimension between batch and channels both are the same.
        let form = if rank < 3 { self.form(id) } else { form };
        let wire = &self.wires[id];
        match (form, &wire.last, &wire.first) {
            (Form::Last, Some(name), _) | (Form::First, _, Some(name)) => name.clone(),
            (Form::Last, None, Some(first)) => {
                let order: Vec<usize> = [0].into_iter().chain(2..rank).chain([1]).collect();
                let name = self.transpose(&first.clone(), &order);
                self.wires[id].last = Some(name.clone());
                name
            }
            (Form::First, Some(last), None) => {
                let order: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
                let name = self.transpose(&last.clone(), &order);
                self.wires[id].first = Some(name.clone());
                name
            }
            (_, None, None) => String::new(),
        }
    }

    /// The tensor as Keras has it.
    pub fn last(&mut self, id: Id) -> Name {
        self.name(id, Form::Last)
    }

    /// The tensor as it is there, and its form.
    pub fn as_it_is(&mut self, id: Id) -> (Name, Form) {
        let form = self.form(id);
        (self.name(id, form), form)
    }

    /// The same with other numbers: what an operation of each number alone makes.
    pub fn pointwise(&mut self, id: Id, make: impl FnOnce(&mut Self, &str) -> Name) -> Result<Id> {
        let (name, form) = self.as_it_is(id);
        let name = make(self, &name);
        let shape = self.shape(id).to_vec();
        self.wire(form, name, shape, Kind::Float)
    }

    /// The same numbers in another shape, without the batch.
    pub fn reshaped(&mut self, id: Id, shape: Vec<usize>) -> Result<Id> {
        let (name, kind) = (self.last(id), self.kind(id));
        let to: Vec<i64> = [-1].into_iter().chain(signed(&shape)).collect();
        let name = self.reshape(&name, &to);
        self.wire(Form::Last, name, shape, kind)
    }

    /// The tensor as floats or whole numbers.
    pub fn of_kind(&mut self, id: Id, kind: Kind) -> Name {
        let name = self.last(id);
        if self.kind(id) == kind { name } else { self.cast(&name, kind) }
    }
}
