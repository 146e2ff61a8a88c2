//! The finished graph as a file.

use std::collections::{HashMap, HashSet};

use prost::Message;

use super::graph::{Graph, Name, info};
use super::model::Input;
use super::wires::Id;
use super::{IR_VERSION, OPSET};
use crate::keras::model::Model;
use crate::onnx::proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto};

/// The bytes of a file with this graph.
pub(super) fn write(mut graph: Graph, model: &Model, inputs: &[Input], outputs: &[Id]) -> Vec<u8> {
    graph.scope = "output".to_owned();
    let mut output = Vec::new();
    let mut renamed: HashMap<Name, Name> = HashMap::new();
    let mut named: HashSet<Name> = inputs.iter().map(|input| input.name.clone()).collect();
    for (index, id) in outputs.iter().enumerate() {
        let place = model.outputs.get(index);
        let wanted = model.output_names.get(index).or(place.map(|place| &place.layer));
        let tensor = graph.last(*id);
        let tensor = renamed.get(&tensor).cloned().unwrap_or(tensor);
        let name = free(wanted.map_or("output", String::as_str), &named, &graph.nodes, &tensor);
        // What is an input too, or another output, is passed on under the new name.
        if named.contains(&tensor) || graph.nodes.iter().all(|node| !node.output.contains(&tensor)) {
            let node = NodeProto {
                input: vec![tensor],
                output: vec![name.clone()],
                name: format!("{name}/Identity"),
                op_type: "Identity".to_owned(),
                ..NodeProto::default()
            };
            graph.nodes.push(node);
        } else {
            rename(&mut graph.nodes, &tensor, &name);
            renamed.insert(tensor, name.clone());
        }
        named.insert(name.clone());
        output.push(info(&name, graph.kind(*id), graph.shape(*id)));
    }
    let input = inputs.iter().map(|input| info(&input.name, graph.kind(input.id), graph.shape(input.id))).collect();
    let graph = used(graph, &output.iter().map(|output| output.name.clone()).collect::<Vec<_>>());
    let graph = GraphProto { name: model.name.clone(), input, output, ..graph };
    let file = ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        producer_name: "fusion".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph),
        ..ModelProto::default()
    };
    file.encode_to_vec()
}

/// A name for an output that nothing else has: those of inner tensors have a `/`.
fn free(wanted: &str, named: &HashSet<Name>, nodes: &[NodeProto], tensor: &str) -> Name {
    let taken = |name: &str| {
        named.contains(name)
            || nodes.iter().any(|node| node.output.iter().any(|output| output == name && output != tensor))
    };
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let mut number = 1;
    while taken(&format!("{wanted}_{number}")) {
        number += 1;
    }
    format!("{wanted}_{number}")
}

fn rename(nodes: &mut [NodeProto], from: &str, to: &str) {
    for node in nodes {
        for name in node.output.iter_mut().chain(&mut node.input) {
            if name == from {
                to.clone_into(name);
            }
        }
        for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
            rename(&mut graph.node, from, to);
        }
    }
}

/// The nodes and arrays that the outputs need: a mask that nothing asks for is left out.
fn used(graph: Graph, outputs: &[Name]) -> GraphProto {
    let mut needed: HashSet<Name> = outputs.iter().cloned().collect();
    let mut kept = Vec::new();
    for node in graph.nodes.into_iter().rev() {
        if node.output.iter().any(|output| needed.contains(output)) {
            inputs_of(&node, &mut needed);
            kept.push(node);
        }
    }
    kept.reverse();
    let initializer = graph.initializers.into_iter().filter(|array| needed.contains(&array.name)).collect();
    GraphProto { node: kept, initializer, ..GraphProto::default() }
}

/// What a node takes, in its body too.
fn inputs_of(node: &NodeProto, needed: &mut HashSet<Name>) {
    needed.extend(node.input.iter().cloned());
    for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        graph.node.iter().for_each(|node| inputs_of(node, needed));
    }
}
