//! The header of a safetensors file: which tensors it has, and where.
//!
//! The format: <https://huggingface.co/docs/safetensors/index#format>.

use super::error::WeightsError;
use super::json::{Json, Problem, go_on};
use super::name::Name;
use super::structure::{FORMAT_KEY, GRAPH_KEY, INPUTS_KEY, STRUCTURE_KEY};
use crate::shape::{Shape, same_bytes as same};

/// Bytes of the header's length, at the beginning of every safetensors file.
const LENGTH_BYTES: usize = size_of::<u64>();
/// Begins the names of tensors that are no parameters, and that no parameter can have.
pub const NO_PARAMETER: &str = "fusion.";

/// A tensor of the file.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    pub name: Name,
    pub dtype: Name,
    /// None of more dimensions than any tensor here has.
    pub shape: Option<Shape>,
    /// Its bytes behind the header.
    pub begin: usize,
    pub end: usize,
}

/// What the metadata say of the file, as it is written there.
#[derive(Clone, Copy)]
pub(super) struct Metadata<'a> {
    pub format: Option<&'a [u8]>,
    pub graph: Option<&'a [u8]>,
    pub structure: Option<&'a [u8]>,
    pub inputs: Option<&'a [u8]>,
}

/// A header that was read once, from end to end.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    json: &'a [u8],
    pub metadata: Metadata<'a>,
    /// What stands behind the header.
    pub data: &'a [u8],
}

impl<'a> Header<'a> {
    /// The header of a file of these bytes, and what stands behind it.
    pub const fn read(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let (json, data) = go_on!(split(bytes));
        let metadata = Metadata { format: None, graph: None, structure: None, inputs: None };
        let mut header = Self { json, metadata, data };
        match header.read_entries() {
            Err(Problem { problem, at }) => Err(WeightsError::NotSafetensors { problem, at: LENGTH_BYTES + at }),
            Ok(data) if data != header.data.len() => Err(WeightsError::WrongLength {
                expected: (bytes.len() - header.data.len()).saturating_add(data),
                found: bytes.len(),
            }),
            Ok(_) => Ok(header),
        }
    }

    /// Reads all entries; gives how many bytes the tensors have.
    const fn read_entries(&mut self) -> Result<usize, Problem> {
        let mut json = Json { bytes: self.json, at: 0 };
        if json.bytes.is_empty() || json.bytes[0] != b'{' {
            return Err(json.problem("the header is no JSON object"));
        }
        json.at += 1;
        let (mut end, mut total) = (0, 0_usize);
        if json.peek() == b'}' {
            json.at += 1;
        } else {
            loop {
                match go_on!(entry(&mut json)) {
                    Entry::Metadata(metadata) => self.metadata = metadata,
                    Entry::Tensor(stored) => {
                        // No tensor ends before it begins.
                        total = total.saturating_add(stored.end - stored.begin);
                        end = if stored.end > end { stored.end } else { end };
                    }
                }
                if !go_on!(json.goes_on(b'}')) {
                    break;
                }
            }
        }
        if json.peek() != 0 || json.at < json.bytes.len() {
            return Err(json.problem("something stands behind the header's end"));
        }
        if total != end {
            return Err(json.problem("tensors overlap, or there are bytes between them"));
        }
        Ok(end)
    }

    /// The tensors' entries from the first one on.
    pub const fn tensors(&self) -> Tensors<'a> {
        Tensors { json: Json { bytes: self.json, at: 1 } }
    }

    /// The bytes of a tensor.
    pub const fn bytes(&self, stored: &Stored) -> &'a [u8] {
        self.data.split_at(stored.end).0.split_at(stored.begin).1
    }
}

/// Goes through the tensors of a header that was read already.
#[derive(Clone, Copy)]
pub(super) struct Tensors<'a> {
    json: Json<'a>,
}

impl Tensors<'_> {
    /// The next tensor, parameters and others; none at the end.
    pub const fn next(&mut self) -> Option<Stored> {
        while self.json.peek() == b'"' {
            let Ok(entry) = entry(&mut self.json) else { return None };
            let _ = self.json.goes_on(b'}');
            if let Entry::Tensor(stored) = entry {
                return Some(stored);
            }
        }
        None
    }

    /// The next one that is a parameter.
    pub const fn next_parameter(&mut self) -> Option<Stored> {
        while let Some(stored) = self.next() {
            if !stored.name.begins_with(NO_PARAMETER) {
                return Some(stored);
            }
        }
        None
    }
}

/// The JSON of the header, and what stands behind it.
const fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), WeightsError> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
        let problem = "it has not even the length of a header";
        return Err(WeightsError::NotSafetensors { problem, at: bytes.len() });
    };
    if same(length.split_at(4).0, b"\x89HDF") || same(length.split_at(4).0, b"PK\x03\x04") {
        let problem =
            "it is a file of Keras's own kinds; `save_weights` writes safetensors to a path with another ending";
        return Err(WeightsError::NotSafetensors { problem, at: 0 });
    }
    let length = u64::from_le_bytes(*length);
    // The longest that the format allows: a larger number at the beginning is something else's bytes.
    if length > 100_000_000 {
        return Err(WeightsError::NotSafetensors { problem: "it does not begin with the length of a header", at: 0 });
    }
    let length = length as usize;
    if length > rest.len() {
        return Err(WeightsError::WrongLength { expected: LENGTH_BYTES + length, found: bytes.len() });
    }
    Ok(rest.split_at(length))
}

#[allow(clippy::large_enum_variant, reason = "there is no heap")]
enum Entry<'a> {
    Metadata(Metadata<'a>),
    Tensor(Stored),
}

/// One entry of the header: a name, and what is of it.
const fn entry<'a>(json: &mut Json<'a>) -> Result<Entry<'a>, Problem> {
    let name = go_on!(json.text());
    go_on!(json.take(b':', "a `:` is missing"));
    if same(name.bytes(), b"__metadata__") {
        return match metadata(json) {
            Ok(metadata) => Ok(Entry::Metadata(metadata)),
            Err(problem) => Err(problem),
        };
    }
    match tensor(json, name) {
        Ok(stored) => Ok(Entry::Tensor(stored)),
        Err(problem) => Err(problem),
    }
}

const fn metadata<'a>(json: &mut Json<'a>) -> Result<Metadata<'a>, Problem> {
    let mut metadata = Metadata { format: None, graph: None, structure: None, inputs: None };
    go_on!(json.take(b'{', "the metadata are no JSON object"));
    if json.peek() == b'}' {
        json.at += 1;
        return Ok(metadata);
    }
    loop {
        let key = go_on!(json.raw_text());
        go_on!(json.take(b':', "a `:` is missing"));
        let value = Some(go_on!(json.raw_text()));
        if same(key, FORMAT_KEY.as_bytes()) {
            metadata.format = value;
        } else if same(key, GRAPH_KEY.as_bytes()) {
            metadata.graph = value;
        } else if same(key, STRUCTURE_KEY.as_bytes()) {
            metadata.structure = value;
        } else if same(key, INPUTS_KEY.as_bytes()) {
            metadata.inputs = value;
        }
        if !go_on!(json.goes_on(b'}')) {
            return Ok(metadata);
        }
    }
}

const fn tensor(json: &mut Json<'_>, name: Name) -> Result<Stored, Problem> {
    let (mut dtype, mut dimensions, mut offsets) = (None, None, None);
    go_on!(json.take(b'{', "a tensor is no JSON object"));
    loop {
        let key = go_on!(json.raw_text());
        go_on!(json.take(b':', "a `:` is missing"));
        if same(key, b"dtype") {
            dtype = Some(go_on!(json.text()));
        } else if same(key, b"shape") {
            dimensions = Some(go_on!(numbers(json)));
        } else if same(key, b"data_offsets") {
            offsets = Some(go_on!(numbers(json)));
        } else {
            return Err(json.problem("a tensor has something else than `dtype`, `shape` and `data_offsets`"));
        }
        if !go_on!(json.goes_on(b'}')) {
            break;
        }
    }
    let (Some(dtype), Some(dimensions), Some(offsets)) = (dtype, dimensions, offsets) else {
        return Err(json.problem("a tensor has no `dtype`, no `shape` or no `data_offsets`"));
    };
    let [begin, end, ..] = offsets.first;
    if offsets.count != 2 || begin > end {
        return Err(json.problem("`data_offsets` are not where a tensor begins and ends"));
    }
    let shape = if dimensions.count <= Shape::MAXIMUM_RANK {
        Some(Shape::new(dimensions.first.split_at(dimensions.count).0))
    } else {
        None
    };
    let stored = Stored { name, dtype, shape, begin, end };
    if is_wide(&dtype) && !has_bytes(&stored) {
        return Err(json.problem("a tensor has not as many bytes as its shape says"));
    }
    Ok(stored)
}

/// Whether the elements are those of four bytes that are read here.
const fn is_wide(dtype: &Name) -> bool {
    same(dtype.bytes(), b"F32") || same(dtype.bytes(), b"U32")
}

/// Whether a tensor of elements of four bytes has as many as its shape says.
const fn has_bytes(stored: &Stored) -> bool {
    match &stored.shape {
        Some(shape) => match shape.checked_length() {
            Some(length) => stored.end - stored.begin == length * size_of::<f32>(),
            None => false,
        },
        None => true,
    }
}

/// A list of numbers: the first of them, and how many there are.
#[derive(Clone, Copy)]
struct Numbers {
    first: [usize; Shape::MAXIMUM_RANK],
    count: usize,
}

const fn numbers(json: &mut Json<'_>) -> Result<Numbers, Problem> {
    let mut numbers = Numbers { first: [0; Shape::MAXIMUM_RANK], count: 0 };
    go_on!(json.take(b'[', "a list is missing"));
    if json.peek() == b']' {
        json.at += 1;
        return Ok(numbers);
    }
    loop {
        let number = go_on!(json.number());
        if numbers.count < Shape::MAXIMUM_RANK {
            numbers.first[numbers.count] = number;
        }
        numbers.count += 1;
        if !go_on!(json.goes_on(b']')) {
            return Ok(numbers);
        }
    }
}
