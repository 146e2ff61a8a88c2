//! The places as the metadata of a file have them: `dense=0123…,encoder/dense=4567…,=89ab…`.

use super::{Place, Places};
use crate::persistence::{INPUTS_KEY, OUTPUTS_KEY, PLACES_KEY, Refusal};
use fusion_core::shape::Fnv;

/// How many digits a hash has.
const DIGITS: usize = 16;

/// The layers, and at the end a hash of the inputs' and outputs' names, which no layer has.
pub fn to_text(places: &Places) -> String {
    let mut text = String::new();
    for Place { path, feeds, computes, whole, .. } in &places.layers {
        text += &format!("{path}={feeds:016x}{computes:016x}{whole:016x},");
    }
    text + &format!("={:016x}", names(&places.inputs, &places.outputs))
}

/// The hash of the names of inputs and outputs.
///
/// Any name is as good as another, so that nothing else would tell a damaged one from one that was changed in the model.
fn names(inputs: &[String], outputs: &[String]) -> u64 {
    let mut hash = Fnv::of("names");
    for names in [inputs, outputs] {
        hash.number(names.len());
        names.iter().for_each(|name| hash.text(name));
    }
    hash.0 as u64
}

/// What [`to_text`] wrote of places with these inputs and outputs. In older files there is no hash of their names.
pub fn parse(text: &str, inputs: Vec<String>, outputs: Vec<String>) -> Result<Places, Refusal> {
    let (layers, expected) = match text.rsplit_once('=') {
        Some((layers, digits)) if layers.is_empty() || layers.ends_with(',') => (
            layers,
            Some(hash(digits).filter(|_| digits.len() == DIGITS).ok_or_else(|| Refusal::contradiction(PLACES_KEY))?),
        ),
        _ => (text, None),
    };
    if expected.is_some_and(|expected| expected != names(&inputs, &outputs)) {
        let problem =
            format!("its `{INPUTS_KEY}` and `{OUTPUTS_KEY}` are not those that its `{PLACES_KEY}` were written with");
        return Err(Refusal::NotSafetensors { problem });
    }
    let layers: Option<Vec<Place>> = layers.split(',').filter(|entry| !entry.is_empty()).map(place).collect();
    Ok(Places { inputs, outputs, layers: layers.ok_or_else(|| Refusal::contradiction(PLACES_KEY))? })
}

fn place(entry: &str) -> Option<Place> {
    let (path, hashes) = entry.split_once('=')?;
    let hash = |index: usize| hash(hashes.get(DIGITS * index..DIGITS * (index + 1))?);
    let [feeds, computes, whole] = [hash(0)?, hash(1)?, hash(2)?];
    (hashes.len() == 3 * DIGITS).then(|| Place::stored(path, [feeds, computes, whole]))
}

fn hash(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    u64::from_str_radix(digits, 16).ok().filter(|_| plain)
}
