//! Attributes of nodes.

use crate::onnx::proto::{AttributeProto, AttributeType, GraphProto};

fn named(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind.into(), ..AttributeProto::default() }
}

pub fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..named(name, AttributeType::Int) }
}

pub fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f, ..named(name, AttributeType::Float) }
}

pub fn text(name: &str, text: &str) -> AttributeProto {
    AttributeProto { s: text.as_bytes().to_vec(), ..named(name, AttributeType::String) }
}

pub fn ints(name: &str, ints: impl IntoIterator<Item = i64>) -> AttributeProto {
    AttributeProto { ints: ints.into_iter().collect(), ..named(name, AttributeType::Ints) }
}

pub fn floats(name: &str, floats: impl IntoIterator<Item = f32>) -> AttributeProto {
    AttributeProto { floats: floats.into_iter().collect(), ..named(name, AttributeType::Floats) }
}

pub fn texts<'t>(name: &str, texts: impl IntoIterator<Item = &'t str>) -> AttributeProto {
    let strings = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
    AttributeProto { strings, ..named(name, AttributeType::Strings) }
}

pub fn graph(name: &str, graph: GraphProto) -> AttributeProto {
    AttributeProto { g: Some(graph), ..named(name, AttributeType::Graph) }
}

/// Lengths and places as ONNX has them.
pub fn signed(numbers: &[usize]) -> Vec<i64> {
    // Lengths end at `LONGEST`, far below.
    numbers.iter().map(|number| i64::try_from(*number).unwrap_or(i64::MAX)).collect()
}
