//! A network as the text of a `model!` block.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::chains::{Block, Chain, Element, Source};
use crate::graph::Wire;
use crate::layers::Step;
use crate::network::Network;

const WIDTH: usize = 100;

/// The blocks of a model and of those within it, which come first; of two that are the same, one.
pub fn models(network: &Network<'_>, docs: &str) -> String {
    let mut written = Vec::new();
    collect(network, docs, &mut written);
    written.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

fn collect<'n>(network: &'n Network<'_>, docs: &str, written: &mut Vec<(&'n str, String)>) {
    let mut seen = HashSet::new();
    for call in &network.graph.calls {
        if let Some(inner) = network.within.get(&call.layer).filter(|_| seen.insert(call.layer)) {
            collect(inner, &format!("`{}` of the Keras model.", network.graph.model.layers[call.layer].name), written);
        }
    }
    let ty = network.ty.as_str();
    if !written.iter().any(|(known, _)| *known == ty) {
        written.push((ty, format!("model! {{\n    /// {docs}\n    pub struct {ty}{}}}\n", body(network))));
    }
}

/// What stands behind the model's name.
pub fn body(network: &Network<'_>) -> String {
    if let Some(short) = short_form(network) {
        return short;
    }
    let mut text = String::from(" {\n");
    for (name, ty) in &network.inputs {
        let _ = writeln!(text, "        input {name}: {ty};");
    }
    for layer in &network.shared {
        let step =
            network.graph.calls.iter().position(|call| call.layer == *layer).map(|call| network.steps[call].text());
        if network.frozen[*layer] {
            text.push_str("        #[frozen]\n");
        }
        let _ = writeln!(text, "        layer {}: {};", field(network, *layer), step.unwrap_or_default());
    }
    for index in 0..network.blocks.len() {
        text.push_str(&block(network, index));
    }
    for chain in &network.chains {
        text.push_str(&chain_text(network, chain));
    }
    text.push_str("    }\n");
    text
}

/// `= [f32; 32] => Dense<_, 8, Relu> => Dense<_, 1>;`
fn short_form(network: &Network<'_>) -> Option<String> {
    let ([(_, ty)], [chain]) = (network.inputs.as_slice(), network.chains.as_slice()) else { return None };
    let is_plain = network.graph.model.sequential && network.shared.is_empty() && network.blocks.is_empty();
    if !is_plain || !matches!(chain.source, Source::Wire(Wire::Input(0))) {
        return None;
    }
    let pieces: Vec<String> = chain.elements.iter().map(|element| element_text(network, element)).collect();
    Some(wrapped(&format!(" = {ty}"), &pieces, 4, "    pub struct ".len() + network.ty.len()))
}

fn block(network: &Network<'_>, index: usize) -> String {
    let Block { inner, merge, past_comes_first, behind } = &network.blocks[index];
    let pieces: Vec<String> = inner.iter().map(|element| element_text(network, element)).collect();
    let sum = match (&network.steps[*merge], past_comes_first) {
        (Step::Merge { operator: Some(operator), .. }, true) => format!("x {operator} h"),
        (Step::Merge { operator: Some(operator), .. }, false) => format!("h {operator} x"),
        (step, past_comes_first) => {
            let wires = if *past_comes_first { "x, h" } else { "h, x" };
            call_text(step, wires)
        }
    };
    let behind: Vec<String> = behind.iter().map(|element| element_text(network, element)).collect();
    format!(
        "        block {}(x) {{\n{}{}        }}\n",
        block_name(network, index),
        wrapped("            branch h = x", &pieces, 12, 0),
        wrapped(&format!("            output {sum}"), &behind, 12, 0),
    )
}

fn block_name(network: &Network<'_>, index: usize) -> String {
    let plain = match network.steps[network.blocks[index].merge] {
        Step::Merge { name: "add", .. } => "residual",
        Step::Merge { name: "concatenate", .. } => "dense_block",
        _ => "block_of",
    };
    if index == 0 { plain.to_owned() } else { format!("{plain}_{}", index + 1) }
}

fn chain_text(network: &Network<'_>, chain: &Chain) -> String {
    let binding = match (chain.output, chain.wires.as_slice()) {
        (Some(output), _) => format!("output {}", network.output_names[output]),
        (None, [Some(wire)]) => format!("branch {}", network.wires[wire]),
        (None, wires) => format!("branch {}", several(network, chain, wires)),
    };
    let head = format!("        {binding} = {}", source(network, chain));
    let pieces: Vec<String> = chain.elements.iter().map(|element| element_text(network, element)).collect();
    wrapped(&head, &pieces, 8, 0)
}

/// `(states, _, c)`, of a model within by the names of its outputs.
fn several(network: &Network<'_>, chain: &Chain, wires: &[Option<Wire>]) -> String {
    let inner = chain.calls.last().and_then(|call| network.within.get(&network.graph.calls[*call].layer));
    let names = wires.iter().enumerate().map(|(place, wire)| {
        let name = wire.map_or_else(|| "_".to_owned(), |wire| network.wires[&wire].clone());
        match inner.map(|inner| &inner.output_names[place]) {
            Some(output) if *output != name => format!("{name} = {output}"),
            _ => name,
        }
    });
    format!("({})", names.collect::<Vec<_>>().join(", "))
}

fn source(network: &Network<'_>, chain: &Chain) -> String {
    match &chain.source {
        Source::Wire(wire) => network.wires[wire].clone(),
        Source::Expression(call) => {
            let layer = network.graph.calls[*call].layer;
            if network.written[layer] {
                return format!("{}: {}", field(network, layer), expression(network, *call, false));
            }
            expression(network, *call, true)
        }
        Source::Named(call) => {
            let operands = network.graph.calls[*call].operands.iter().zip(&network.operand_names[*call]);
            let value = network.graph.calls[*call].operands.get(1).map(|operand| operand.wire);
            // A key that is the value is not written.
            let operands = operands.filter(|(operand, name)| *name != "key" || Some(operand.wire) != value);
            let named = operands.map(|(operand, name)| {
                let wire = &network.wires[&operand.wire];
                if wire == name { wire.clone() } else { format!("{name} = {wire}") }
            });
            format!("({})", named.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `concatenate(x, y)`, `x + y`, `x[.., 0]`
fn expression(network: &Network<'_>, call: usize, operators: bool) -> String {
    let operands = network.graph.calls[call].operands.iter().map(|operand| {
        match (network.wires.get(&operand.wire), operand.wire) {
            (Some(name), _) => name.clone(),
            (None, Wire::Output { call, .. }) => expression(network, call, true),
            (None, Wire::Input(_)) => String::new(),
        }
    });
    let operands: Vec<String> = operands.collect();
    match (&network.steps[call], operands.as_slice()) {
        (Step::Merge { operator: Some(operator), .. }, [x, y]) if operators => format!("{x} {operator} {y}"),
        (Step::Slice(items), [x]) => format!("{x}{items}"),
        (Step::Arithmetic(before, behind), [x]) => format!("{before}{x}{behind}"),
        (step, operands) => call_text(step, &operands.join(", ")),
    }
}

fn call_text(step: &Step, wires: &str) -> String {
    let options = match step {
        Step::Merge { options, .. } => options.iter().map(|option| format!(", {option}")).collect::<String>(),
        _ => String::new(),
    };
    format!("{}({wires}{options})", step.text())
}

fn element_text(network: &Network<'_>, element: &Element) -> String {
    match element {
        Element::Call(call) => {
            let layer = network.graph.calls[*call].layer;
            if network.shared.contains(&layer) {
                return field(network, layer);
            }
            let frozen = if network.frozen[layer] { "#[frozen] " } else { "" };
            let name = if network.written[layer] { format!("{}: ", field(network, layer)) } else { String::new() };
            format!("{frozen}{name}{}", network.steps[*call].text())
        }
        Element::Repeat(times, elements) => {
            let inner: Vec<String> = elements.iter().map(|element| element_text(network, element)).collect();
            format!("repeat {times} {{ {} }}", inner.join(" => "))
        }
        Element::Block { times, block } => format!("repeat {times} {{ {} }}", block_name(network, *block)),
    }
}

fn field(network: &Network<'_>, layer: usize) -> String {
    network.fields[layer].clone().unwrap_or_default()
}

/// The head and the pieces with arrows between them, in lines of a width that is read; the first begins behind `before`
/// columns.
fn wrapped(head: &str, pieces: &[String], indent: usize, before: usize) -> String {
    let mut text = head.to_owned();
    let mut column = before + head.chars().count();
    let margin = " ".repeat(indent + 4);
    for (index, piece) in pieces.iter().enumerate() {
        let end = usize::from(index + 1 == pieces.len());
        if margin.len() + 3 + piece.chars().count() + end > WIDTH
            && let Some((head, inner)) = piece.strip_suffix(" }").and_then(|piece| piece.split_once(" { "))
        {
            // A repetition that is longer than a line stands in lines of its own.
            let inner: Vec<String> = inner.split(" => ").map(str::to_owned).collect();
            let lines = wrapped(&format!("{margin}    {}", inner[0]), &inner[1..], indent + 8, 0);
            let _ = write!(text, "\n{margin}=> {head} {{\n{}\n{margin}}}", lines.trim_end_matches([';', '\n']));
            column = margin.len() + 1;
        } else if column + 4 + piece.chars().count() + end > WIDTH {
            let _ = write!(text, "\n{margin}=> {piece}");
            column = margin.len() + 3 + piece.chars().count();
        } else {
            let _ = write!(text, " => {piece}");
            column += 4 + piece.chars().count();
        }
    }
    text.push_str(";\n");
    text
}
