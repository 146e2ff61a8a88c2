//! Pictures in the languages of other programs.

use std::fmt::Write;

use super::diagram::{Diagram, Kind, Labelled};

/// In the language of Graphviz.
pub(super) fn dot(diagram: &Diagram) -> String {
    let mut text = format!("digraph \"{}\" {{\n", quoted(diagram.title));
    text += "    node [shape=box, style=rounded, fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\"];\n";
    for (index, node) in diagram.boxes.iter().enumerate() {
        let lines: Vec<String> = lines(node).iter().map(|line| quoted(line)).collect();
        let shape = if node.kind == Kind::Layer { "" } else { ", shape=ellipse" };
        let _ = writeln!(text, "    n{index} [label=\"{}\"{shape}];", lines.join("\\n"));
    }
    for arrow in &diagram.arrows {
        let _ = writeln!(text, "    n{} -> n{} [label=\"{}\"];", arrow.from, arrow.to, quoted(&arrow.label));
    }
    text + "}\n"
}

/// In the language of Mermaid.
pub(super) fn mermaid(diagram: &Diagram) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (index, node) in diagram.boxes.iter().enumerate() {
        let lines: Vec<String> = lines(node).iter().map(|line| entities(line)).collect();
        let (open, close) = if node.kind == Kind::Layer { ("[", "]") } else { ("([", "])") };
        let _ = writeln!(text, "    n{index}{open}\"{}\"{close}", lines.join("<br/>"));
    }
    for arrow in &diagram.arrows {
        let _ = writeln!(text, "    n{} -->|\"{}\"| n{}", arrow.from, entities(&arrow.label), arrow.to);
    }
    text
}

/// What stands in a box.
pub(super) fn lines(node: &Labelled) -> Vec<String> {
    let mut lines = vec![node.name.clone(), node.class.clone()];
    lines.extend((!node.details.is_empty()).then(|| node.details.clone()));
    lines
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// With what means something in XML, and in Mermaid, written otherwise.
pub(super) fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
