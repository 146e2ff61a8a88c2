//! The values of options, which come as Rust writes them for people, `Some(0.5)`, as JSON.

use serde_json::{Number, Value};

/// `2` is a number, `Same` is `"same"`, `Some(x)` is x, `None` nothing, and what stands in brackets or parentheses a list.
/// A window is `2x3`. Of a value with a name, `L2(0.01)`, the list begins with the name.
///
/// None of a text that is none of these.
pub(super) fn value(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.rest.trim().is_empty().then_some(value)
}

/// How deep brackets are read.
const DEEPEST: usize = 16;

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            _ if depth > DEEPEST => None,
            '[' => self.list('[', ']', depth).map(Value::Array),
            '(' => self.list('(', ')', depth).map(Value::Array),
            '"' => self.quoted(),
            '-' | '0'..='9' => number(self.word()),
            _ => self.named(depth),
        }
    }

    /// Letters, digits and what numbers have.
    fn word(&mut self) -> &str {
        let is_end = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+'));
        let (word, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Vec<Value>> {
        self.rest = self.rest.strip_prefix(open)?;
        let mut list = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                return Some(list);
            }
            list.push(self.value(depth + 1)?);
            self.rest = self.rest.trim_start();
            self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
        }
    }

    /// What Rust writes in quotes is, of what options hold, what JSON writes.
    fn quoted(&mut self) -> Option<Value> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }

    fn named(&mut self, depth: usize) -> Option<Value> {
        let name = self.word().to_owned();
        let list = if self.rest.starts_with('(') { Some(self.list('(', ')', depth)?) } else { None };
        match (name.as_str(), list) {
            ("", _) => None,
            ("true", None) => Some(Value::Bool(true)),
            ("false", None) => Some(Value::Bool(false)),
            ("None", None) => Some(Value::Null),
            ("NaN" | "inf", None) => None,
            ("Some", Some(mut list)) if list.len() == 1 => list.pop(),
            (name, None) => Some(Value::from(crate::keras::snake_case(name))),
            (name, Some(list)) => Some(std::iter::once(Value::from(name)).chain(list).collect()),
        }
    }
}

/// A number, or `2x3`, one for each side.
fn number(word: &str) -> Option<Value> {
    // Not an address, `0x55`, as Rust writes a function's.
    if word.contains('x') && !word.starts_with("0x") {
        return word.split('x').map(|side| Some(Value::from(side.parse::<u64>().ok()?))).collect();
    }
    if let Ok(whole) = word.parse::<i64>() {
        return Some(Value::from(whole));
    }
    // The shortest text that is this `f32` is a better number than the `f32`.
    Number::from_f64(word.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::value;

    #[test]
    fn what_rust_writes_is_read() {
        for (text, read) in [
            ("2", json!(2)),
            ("-1", json!(-1)),
            ("0.1", json!(0.1)),
            ("1e-6", json!(1e-6)),
            ("2x3x4", json!([2, 3, 4])),
            ("HorizontalAndVertical", json!("horizontal_and_vertical")),
            ("Some(\"ab,bc->ac\")", json!("ab,bc->ac")),
            ("Some(false)", json!(false)),
            ("None", json!(null)),
            ("[(1, 2), (0, 1)]", json!([[1, 2], [0, 1]])),
            ("Some([0.5, 2.0])", json!([0.5, 2.0])),
            ("Some(L1L2(0.5, 0.25))", json!(["L1L2", 0.5, 0.25])),
            ("VarianceScaling(2.0, FanOut, Uniform)", json!(["VarianceScaling", 2.0, "fan_out", "uniform"])),
        ] {
            assert_eq!(value(text), Some(read), "{text}");
        }
        let deep = "[".repeat(100_000);
        for text in ["", "[1", "NaN", "-inf", "1 2", "Own(0x55)", "2xx", "Shape { a: 1 }", &deep] {
            assert_eq!(value(text), None, "{text:.20}");
        }
    }
}
