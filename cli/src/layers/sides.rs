//! Options of one number for each side: `strides = 2`, `strides_hw = (2, 1)`, `padding_ends = ((1, 2), (0, 1))`.

use serde_json::Value;

use super::values::integer;
use super::{Facts, Reader, Step};

const OF_EACH: [&str; 4] = ["", "", "_hw", "_dhw"];

/// `strides = 2`, unless it is the default; the strides of a pooling are by default its windows.
pub(super) fn option(
    reader: &mut Reader<'_>,
    facts: &Facts,
    name: &str,
    default: &str,
    value: &Value,
) -> Option<String> {
    if name == "strides" && reader.option("pool_size").is_some_and(|size| numbers(size) == numbers(value)) {
        return None;
    }
    let Some(sides) = numbers(value) else {
        reader.option_problem(name, value);
        return None;
    };
    let equal = sides.windows(2).all(|pair| pair[0] == pair[1]);
    let pooled_by_default = name == "strides" && facts.options.iter().any(|(known, _)| *known == "pool_size");
    match sides.as_slice() {
        // The size of a window is what one wants to read.
        [first, ..] if equal && facts.positional == name => Some(integer(*first)),
        [first, ..] if equal && integer(*first) == default && !pooled_by_default => None,
        [first, ..] if equal => Some(format!("{name} = {}", integer(*first))),
        sides => Some(format!("{name}{} = {}", OF_EACH.get(sides.len())?, tuple(sides))),
    }
}

/// One number for each side, or one for all.
fn numbers(value: &Value) -> Option<Vec<i64>> {
    match value {
        Value::Array(sides) => sides.iter().map(Value::as_i64).collect(),
        one => Some(vec![one.as_i64()?]),
    }
}

fn tuple(sides: &[i64]) -> String {
    let sides: Vec<String> = sides.iter().map(|side| integer(*side)).collect();
    format!("({})", sides.join(", "))
}

/// `ZeroPadding2d(1)`, `ZeroPadding2d(padding_hw = (1, 2))`, `Cropping1d(cropping_ends = (1, 2))`.
pub(super) fn borders(reader: &mut Reader<'_>, layer: &str, option: &str) -> Option<Step> {
    let value = reader.option(option).unwrap_or(&Value::Null);
    let Some(text) = borders_of(option, value) else {
        reader.option_problem(option, value);
        return None;
    };
    Some(Step::named(layer, vec![text]))
}

fn borders_of(option: &str, value: &Value) -> Option<String> {
    let all = match value {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    // Of a sequence the two ends alone; of more sides a pair for each.
    let ends: Vec<Vec<i64>> = match all.iter().map(Value::as_i64).collect::<Option<Vec<_>>>() {
        Some(ends) if ends.len() == 1 => vec![vec![ends[0], ends[0]]],
        Some(ends) if ends.len() == 2 => vec![ends],
        Some(_) => return None,
        None => all.iter().map(numbers).collect::<Option<_>>()?,
    };
    if ends.iter().any(|ends| ends.len() != 2) {
        return None;
    }
    let both = ends.iter().all(|ends| ends[0] == ends[1]);
    let firsts: Vec<i64> = ends.iter().map(|ends| ends[0]).collect();
    let equal = firsts.windows(2).all(|pair| pair[0] == pair[1]);
    if both && equal {
        return Some(integer(firsts[0]));
    }
    if both {
        return Some(format!("{option}{} = {}", OF_EACH.get(firsts.len())?, tuple(&firsts)));
    }
    let pairs: Vec<String> = ends.iter().map(|ends| tuple(ends)).collect();
    match pairs.as_slice() {
        [one] => Some(format!("{option}_ends = {one}")),
        _ => Some(format!("{option}_ends = ({})", pairs.join(", "))),
    }
}
