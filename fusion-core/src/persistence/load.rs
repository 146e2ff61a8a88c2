//! Whether a file's tensors are a model's parameters, and the copy of them.

use super::error::WeightsError;
use super::header::{Header, Metadata, Stored, Tensors};
use super::json::go_on;
use super::name::{Name, ParameterOf, TensorName};
use super::structure::{FORMAT, Of, Structure};
use crate::layer::Graph;
use crate::model::{Model, Network};
use crate::shape::{Shape, same_bytes as same};
use crate::weights::write_array;

/// Loads a model's weights where there is no standard library and no heap; every [`Model`] can.
///
/// With the feature `std` the trait of the same name in `fusion::persistence` does this and more.
pub trait WeightFiles: Model {
    /// Reads the weights from the bytes of a file that `save_weights` wrote.
    ///
    /// A file from elsewhere needs the model's own names, `dense/kernel`; what else Keras may call them is understood
    /// where there is a heap.
    ///
    /// # Errors
    /// If it is not a weight file of this model with finite values for all of its parameters, and of nothing else: it
    /// says which tensor is wrong, what was expected and what was found. The model is then as it was. The options of
    /// layers in parentheses are not compared, as that takes a heap.
    fn load_weights_from_bytes(&mut self, bytes: &[u8]) -> Result<(), WeightsError> {
        let file = checked::<Self::Network>(bytes)?;
        finite(&file)?;
        assign(self.network_mut(), &file);
        Ok(())
    }
}

impl<M: Model + ?Sized> WeightFiles for M {}

/// The header of a file that fits the model; its values are not looked at.
pub(super) const fn checked<N: Network>(bytes: &[u8]) -> Result<Header<'_>, WeightsError> {
    let file = go_on!(Header::read(bytes));
    if let Some(format) = file.metadata.format
        && !same(format, FORMAT.as_bytes())
    {
        return Err(WeightsError::UnknownFormat);
    }
    go_on!(tensors_fit::<N>(&file));
    match graph_fits(N::GRAPH, &Of::<N>::STRUCTURE, &file.metadata) {
        Ok(()) => Ok(file),
        Err(error) => Err(error),
    }
}

/// Whether there is a tensor for each parameter, and no other.
const fn tensors_fit<N: Network>(file: &Header<'_>) -> Result<(), WeightsError> {
    let (mut index, mut cursor) = (0, file.tensors());
    let mut tensor = parameter::<N>(0);
    while let Some((name, array)) = tensor.find() {
        let Some(stored) = find(file, &mut cursor, &name) else {
            return Err(WeightsError::Missing { tensor, instead: unknown::<N>(file) });
        };
        go_on!(fits(&tensor, &array.shape, &stored));
        index += 1;
        tensor = parameter::<N>(index);
    }
    if let Some(tensor) = unknown::<N>(file) {
        return Err(WeightsError::Unknown { tensor });
    }
    let mut tensors = file.tensors();
    while tensors.next_parameter().is_some() {
        if index == 0 {
            return Err(WeightsError::Twice);
        }
        index -= 1;
    }
    Ok(())
}

const fn fits(tensor: &ParameterOf, shape: &Shape, stored: &Stored) -> Result<(), WeightsError> {
    if !same(stored.dtype.bytes(), b"F32") {
        return Err(WeightsError::Dtype { tensor: *tensor, found: stored.dtype.shown() });
    }
    match &stored.shape {
        Some(found) if found.equals(shape) => Ok(()),
        found => Err(WeightsError::Shape { tensor: *tensor, found: *found }),
    }
}

/// Whether the file was saved by a model of this graph, if it says.
const fn graph_fits(graph: &Graph, structure: &Structure, file: &Metadata<'_>) -> Result<(), WeightsError> {
    match (file.structure, file.graph) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(WeightsError::UnknownFormat),
        (Some(found), _) if !Structure::is_known(found) => return Err(WeightsError::UnknownFormat),
        (Some(found), _) if !structure.is(found) => return Err(WeightsError::OtherGraph),
        (Some(_), _) => {}
    }
    let Some(inputs) = file.inputs else { return Ok(()) };
    let mut i = 0;
    while i < graph.inputs.len() {
        let name = graph.inputs[i].name;
        match position(inputs, name.as_bytes()) {
            Some(there) if there != i => return Err(WeightsError::OtherOrder { input: name }),
            _ => i += 1,
        }
    }
    Ok(())
}

/// Where a name stands in a list with commas.
const fn position(list: &[u8], name: &[u8]) -> Option<usize> {
    let (mut start, mut place, mut i) = (0, 0, 0);
    while i <= list.len() {
        if i == list.len() || list[i] == b',' {
            if same(list.split_at(i).0.split_at(start).1, name) {
                return Some(place);
            }
            (start, place) = (i + 1, place + 1);
        }
        i += 1;
    }
    None
}

/// Fails at the first value that is no finite number.
fn finite(file: &Header<'_>) -> Result<(), WeightsError> {
    let mut tensors = file.tensors();
    while let Some(stored) = tensors.next_parameter() {
        let (values, _) = file.bytes(&stored).as_chunks();
        if let Some(position) = values.iter().position(|value| !f32::from_le_bytes(*value).is_finite()) {
            return Err(WeightsError::NotFinite { tensor: stored.name.shown(), position });
        }
    }
    Ok(())
}

/// Copies the tensors of a file that was [`checked`].
pub(super) const fn assign<N: Network>(model: &mut N, file: &Header<'_>) {
    let (mut index, mut cursor) = (0, file.tensors());
    while let Some((name, _)) = parameter::<N>(index).find() {
        if let Some(stored) = find(file, &mut cursor, &name) {
            write_array(model, index, file.bytes(&stored));
        }
        index += 1;
    }
}

/// The tensor of this name: files have them in the order of the walk, so that the next one is asked first.
const fn find<'a>(file: &Header<'a>, cursor: &mut Tensors<'a>, name: &Name) -> Option<Stored> {
    let mut from_the_start = false;
    loop {
        while let Some(stored) = cursor.next_parameter() {
            if stored.name.equals(name) {
                return Some(stored);
            }
        }
        if from_the_start {
            return None;
        }
        (*cursor, from_the_start) = (file.tensors(), true);
    }
}

/// The first tensor of the file that is no parameter of the model.
const fn unknown<N: Network>(file: &Header<'_>) -> Option<TensorName> {
    let (mut tensors, mut next) = (file.tensors(), 0);
    while let Some(stored) = tensors.next_parameter() {
        // As a rule it is the parameter behind the one before.
        match index_of::<N>(&stored.name, next) {
            Some(index) => next = index + 1,
            None => return Some(stored.name.shown()),
        }
    }
    None
}

/// Which parameter has this name; the one of the index `likely` is asked first.
const fn index_of<N: Network>(name: &Name, likely: usize) -> Option<usize> {
    if let Some((found, _)) = parameter::<N>(likely).find()
        && found.equals(name)
    {
        return Some(likely);
    }
    let mut index = 0;
    while let Some((found, _)) = parameter::<N>(index).find() {
        if found.equals(name) {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// The parameter of this index.
const fn parameter<N: Network>(index: usize) -> ParameterOf {
    ParameterOf { entries: N::ENTRIES, index }
}
