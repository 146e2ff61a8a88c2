//! Numbers as ids, and ids as rows.

use serde_json::Value;

use super::{Entry, Refused, Result, Step, entry};
use crate::onnx::write::attributes::{int, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("CategoryEncoding", category_encoding),
    entry("Discretization", discretization),
    entry("IntegerLookup", integer_lookup),
];

const HASHES: &str = "computes a 64-bit hash of what it takes, for which ONNX has no operators";
const BEFORE: &str = "compute the ids before the model, and make them its input";

pub(super) const REFUSED: &[Refused] = &[
    Refused { class: "Hashing", what: HASHES, instead: BEFORE },
    Refused { class: "HashedCrossing", what: HASHES, instead: BEFORE },
    Refused { class: "StringLookup", what: "looks words up", instead: BEFORE },
    Refused { class: "TextVectorization", what: "takes words apart", instead: BEFORE },
    Refused {
        class: "PositionEmbedding",
        what: "is no layer of Keras's own, from whose files ONNX's are made",
        instead: "an `Embedding` of the places 0, 1, … as an input, and `Add`",
    },
    Refused {
        class: "Lambda",
        what: "runs a function of Python's",
        instead: "layers or operations of `keras.ops` that do the same",
    },
];

/// Ids as they are, or as rows of `depth` numbers.
fn encoded(step: &mut Step<'_>, ids: Name, shape: Vec<usize>, depth: usize, default: &str) -> Result<Vec<Id>> {
    if step.flag("sparse", false) {
        return Err(step.refuse("sparse", "`sparse=False`"));
    }
    let mode = step.word("output_mode", default);
    in_mode(step, ids, shape, depth, &mode)
}

fn in_mode(step: &mut Step<'_>, ids: Name, shape: Vec<usize>, depth: usize, mode: &str) -> Result<Vec<Id>> {
    if mode == "int" {
        return Ok(vec![step.graph.wire(Form::Last, ids, shape, Kind::Int64)?]);
    }
    let one = step.graph.floats(&[2], &[0.0, 1.0]);
    let depth_name = step.graph.integers(&[i64::try_from(depth).unwrap_or(i64::MAX)]);
    let mut rows = step.graph.node("OneHot", &[&ids, &depth_name, &one], vec![int("axis", -1)]);
    let mut sides = shape;
    match mode {
        "one_hot" => {
            // A number for each sample is a row, not a list of one.
            if sides.last() == Some(&1) {
                rows = step.graph.squeeze(&rows, &[-2]);
                sides.pop();
            }
        }
        "multi_hot" | "count" => {
            let operator = if mode == "count" { "ReduceSum" } else { "ReduceMax" };
            rows = step.graph.reduce(operator, &rows, &[-2], false);
            sides.pop();
        }
        _ => return Err(step.refuse("output_mode", "`int`, `one_hot`, `multi_hot` or `count`")),
    }
    sides.push(depth);
    Ok(vec![step.graph.plain(rows, sides)?])
}

fn category_encoding(step: &mut Step<'_>) -> Result<Vec<Id>> {
    if step.inputs.len() > 1 {
        return Err(Refusal::new("is called with `count_weights`", "`one_hot`, `Multiply` and a sum of `keras.ops`"));
    }
    let (input, shape, depth) = (step.input()?, step.shape()?, step.size("num_tokens")?);
    let ids = step.graph.of_kind(input, Kind::Int64);
    encoded(step, ids, shape, depth, "multi_hot")
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

/// How many boundaries are at most the number.
fn discretization(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let boundaries = step.option("bin_boundaries").and_then(numbers);
    let boundaries = boundaries.filter(|boundaries| !boundaries.is_empty());
    let boundaries = boundaries.ok_or_else(|| step.refuse("bin_boundaries", "`adapt` it before it is saved"))?;
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let values: Vec<f32> = boundaries.iter().map(|boundary| *boundary as f32).collect();
    let limits = step.keep("bin_boundaries", &[values.len()], values);
    let x = step.graph.of_kind(input, Kind::Float);
    let x = step.graph.unsqueeze(&x, &[-1]);
    let reached = step.graph.node("GreaterOrEqual", &[&x, &limits], vec![]);
    let reached = step.graph.cast(&reached, Kind::Int64);
    let ids = step.graph.reduce("ReduceSum", &reached, &[-1], false);
    encoded(step, ids, shape, boundaries.len() + 1, "int")
}

/// A vocabulary: its ids in the order of their places, how many places before them are for others, and the masked id.
struct Vocabulary {
    known: Vec<i64>,
    others: usize,
    mask: Option<i64>,
    mode: String,
}

impl Vocabulary {
    fn of(step: &Step<'_>) -> Result<Self> {
        let known = step.option("vocabulary").and_then(Value::as_array);
        let known: Option<Vec<i64>> = known.and_then(|all| all.iter().map(Value::as_i64).collect());
        let known = known.filter(|all| !all.is_empty());
        let known = known.ok_or_else(|| {
            step.refuse("vocabulary", "the vocabulary as an option: what `adapt` found stands in no configuration")
        })?;
        let others = if step.option("num_oov_indices").is_some() { step.size("num_oov_indices")? } else { 1 };
        let mask = step.option("mask_token").and_then(Value::as_i64);
        Ok(Self { known, others, mask, mode: step.word("output_mode", "int") })
    }

    /// The masked id has the first place where ids come out, and else none.
    fn first_of_others(&self) -> usize {
        usize::from(self.mask.is_some() && self.mode == "int")
    }

    fn first_known(&self) -> usize {
        self.first_of_others() + self.others
    }

    /// How many places there are.
    fn places(&self) -> usize {
        self.first_known() + self.known.len()
    }
}

/// The place of each id in a vocabulary.
fn integer_lookup(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape, vocabulary) = (step.input()?, step.shape()?, Vocabulary::of(step)?);
    let x = step.graph.of_kind(input, Kind::Int64);
    if step.flag("invert", false) {
        return looked_back(step, &x, shape, &vocabulary);
    }
    let (rows, known) = (step.graph.unsqueeze(&x, &[-1]), step.graph.integers(&vocabulary.known));
    let equal = step.graph.node("Equal", &[&rows, &known], vec![]);
    let equal = step.graph.cast(&equal, Kind::Int64);
    // 0 where there is none.
    let places: Vec<i64> = (1..).take(vocabulary.known.len()).collect();
    let places = step.graph.integers(&places);
    let found = step.graph.node("Mul", &[&equal, &places], vec![]);
    let found = step.graph.reduce("ReduceSum", &found, &[-1], false);
    let [zero, before, first] = [0, vocabulary.first_known().wrapping_sub(1), vocabulary.first_of_others()]
        .map(|number| step.graph.integers_of(&[], &signed(&[number])));
    let place = step.graph.node("Add", &[&found, &before], vec![]);
    let mut other = first.clone();
    if vocabulary.others > 1 {
        let count = step.graph.integers_of(&[], &signed(&[vocabulary.others]));
        let rest = step.graph.node("Mod", &[&x, &count], vec![]);
        other = step.graph.node("Add", &[&rest, &first], vec![]);
    }
    let is_known = step.graph.node("Greater", &[&found, &zero], vec![]);
    let mut ids = step.graph.node("Where", &[&is_known, &place, &other], vec![]);
    if let Some(mask) = vocabulary.mask {
        // Behind all places there is no row, and so zeros.
        let of_mask = if vocabulary.mode == "int" { 0 } else { vocabulary.places() };
        let (mask, of_mask) = (step.graph.integers_of(&[], &[mask]), step.graph.integers_of(&[], &signed(&[of_mask])));
        let masked = step.graph.node("Equal", &[&x, &mask], vec![]);
        ids = step.graph.node("Where", &[&masked, &of_mask, &ids], vec![]);
    }
    if vocabulary.mode != "tf_idf" {
        return encoded(step, ids, shape, vocabulary.places(), &vocabulary.mode);
    }
    weighted(step, ids, shape, &vocabulary)
}

/// Counts, each times the weight of its id; others have the mean of all.
fn weighted(step: &mut Step<'_>, ids: Name, shape: Vec<usize>, vocabulary: &Vocabulary) -> Result<Vec<Id>> {
    let weights = step.option("idf_weights").and_then(numbers);
    let weights = weights.filter(|weights| weights.len() == vocabulary.known.len());
    let weights = weights.ok_or_else(|| step.refuse("idf_weights", "a weight for each id of the vocabulary"))?;
    #[allow(clippy::cast_precision_loss, reason = "how many there are")]
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let all = std::iter::repeat_n(mean, vocabulary.first_known()).chain(weights);
    #[allow(clippy::cast_possible_truncation, reason = "options are `f32`")]
    let all: Vec<f32> = all.map(|weight| weight as f32).collect();
    let counts = in_mode(step, ids, shape, vocabulary.places(), "count")?[0];
    let weights = step.keep("idf_weights", &[all.len()], all);
    Ok(vec![step.graph.pointwise(counts, |graph, x| graph.node("Mul", &[x, &weights], vec![]))?])
}

/// The id at each place.
fn looked_back(step: &mut Step<'_>, x: &str, shape: Vec<usize>, vocabulary: &Vocabulary) -> Result<Vec<Id>> {
    let other = step.option("oov_token").and_then(Value::as_i64).unwrap_or(-1);
    let mut table = vec![other; vocabulary.first_known()];
    if let (Some(first), Some(mask)) = (table.first_mut(), vocabulary.mask) {
        *first = mask;
    }
    table.extend(&vocabulary.known);
    // What lies before and behind all places is the last one of the table.
    let last = i64::try_from(table.len()).unwrap_or(i64::MAX);
    table.push(other);
    let (table, least, most) =
        (step.graph.integers(&table), step.graph.integers_of(&[], &[-1]), step.graph.integers_of(&[], &[last]));
    let place = step.graph.node("Clip", &[x, &least, &most], vec![]);
    let ids = step.graph.node("Gather", &[&table, &place], vec![int("axis", 0)]);
    Ok(vec![step.graph.wire(Form::Last, ids, shape, Kind::Int64)?])
}
