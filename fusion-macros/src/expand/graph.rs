//! What the summary and a weight file's digest know of a model.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::{Context, shapes};
use crate::parse::Source;
use crate::resolve::{Kind, Operation, Value};

/// A node of the graph: an input, a layer or a merge, with the operations that are its calls.
enum Node<'a> {
    Input(usize),
    Layer { layer: usize, calls: Vec<usize> },
    Merge { operation: &'a Operation<'a>, call: usize },
}

/// The nodes in the order of their declaration, without what the outputs do not need.
fn nodes<'a>(context: &Context<'a>) -> Vec<Node<'a>> {
    let graph = context.graph;
    let mut nodes: Vec<Node<'a>> = (0..graph.inputs.len()).map(Node::Input).collect();
    for (index, operation) in graph.operations.iter().enumerate().filter(|(index, _)| graph.order.contains(index)) {
        match operation.kind {
            Kind::Copy => {}
            Kind::Merge { .. } => nodes.push(Node::Merge { operation, call: index }),
            Kind::Layer { layer, .. } => {
                let known = nodes.iter_mut().find_map(|node| match node {
                    Node::Layer { layer: other, calls } if *other == layer => Some(calls),
                    _ => None,
                });
                match known {
                    Some(calls) => calls.push(index),
                    None => nodes.push(Node::Layer { layer, calls: vec![index] }),
                }
            }
        }
    }
    nodes
}

/// `Source { node, call }` of a value.
fn source(context: &Context<'_>, nodes: &[Node<'_>], value: Value) -> TokenStream {
    let krate = context.krate;
    let mut value = value;
    // A copy is no node of its own.
    while let Value::Operation(index) = value
        && matches!(context.graph.operations[index].kind, Kind::Copy)
    {
        value = context.graph.operations[index].operands[0];
    }
    for (node, entry) in nodes.iter().enumerate() {
        let call = match (entry, value) {
            (Node::Input(input), Value::Input(other)) if *input == other => Some(0),
            (Node::Layer { calls, .. }, Value::Operation(index)) => calls.iter().position(|call| *call == index),
            (Node::Merge { call, .. }, Value::Operation(index)) if *call == index => Some(0),
            _ => None,
        };
        if let Some(call) = call {
            return quote!(#krate::graph::Source { node: #node, call: #call });
        }
    }
    quote!(#krate::graph::Source { node: 0, call: 0 })
}

/// The constant `Graph`.
pub fn graph(context: &Context<'_>) -> TokenStream {
    let (krate, name, sequential) = (context.krate, context.name.to_string(), context.declaration.sequential);
    let nodes = nodes(context);
    let entries = nodes.iter().map(|node| entry(context, &nodes, node));
    let outputs =
        context.graph.outputs.iter().map(|(_, operation)| source(context, &nodes, Value::Operation(*operation)));
    quote! {
        &#krate::Graph {
            name: #name,
            nodes: &[#(#entries),*],
            outputs: &[#(#outputs),*],
            sequential: #sequential,
        }
    }
}

fn call(context: &Context<'_>, nodes: &[Node<'_>], index: usize) -> TokenStream {
    let (krate, operation) = (context.krate, &context.graph.operations[index]);
    let mut operands: Vec<(String, Value)> = operation.operands.iter().map(|value| (String::new(), *value)).collect();
    // Inputs given by name have no order of their own: sorted, one graph has one description.
    if operation.takes_names()
        && let Source::Named { operands: written, .. } = &operation.chain.source
    {
        for ((name, wire), operand) in written.iter().zip(&mut operands) {
            operand.0 = name.as_ref().unwrap_or(wire).to_string();
        }
        operands.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let inputs = operands.iter().map(|(_, operand)| source(context, nodes, *operand));
    let ty = context.wire_type(Value::Operation(index), Span::call_site());
    quote!(#krate::graph::Call { inputs: &[#(#inputs),*], output: <#ty as #krate::Tensor>::SHAPE })
}

fn entry(context: &Context<'_>, nodes: &[Node<'_>], node: &Node<'_>) -> TokenStream {
    let krate = context.krate;
    match node {
        Node::Input(index) => {
            let name = super::plain(&context.graph.inputs[*index].name);
            let ty = context.wire_type(Value::Input(*index), Span::call_site());
            quote!({
                const CALLS: &[#krate::graph::Call] = &[#krate::graph::Call { inputs: &[], output: <#ty as #krate::Tensor>::SHAPE }];
                #krate::graph::Node::input::<#ty>(#name, CALLS)
            })
        }
        Node::Layer { layer, calls } => {
            let field = &context.graph.layers[*layer];
            let name = super::plain(&field.name);
            let trait_of = context.first_call(field).map(|call| context.layer_trait(call));
            let calls = calls.iter().map(|index| call(context, nodes, *index));
            let frozen = field.frozen;
            quote!({
                const CALLS: &[#krate::graph::Call] = &[#(#calls),*];
                #trait_of::NODE.named(#name, CALLS, #frozen)
            })
        }
        Node::Merge { operation, call: index } => {
            let Kind::Merge { node, .. } = &operation.kind else { return TokenStream::new() };
            let (name, merge) = (super::plain(node), shapes::merge_type(context, operation));
            let (call, config) = (call(context, nodes, *index), merge_config(context, operation));
            quote!({
                const CALLS: &[#krate::graph::Call] = &[#call];
                #krate::graph::Node::merge::<#merge>(#name, CALLS, #config)
            })
        }
    }
}

/// A function that writes the merge's options.
fn merge_config(context: &Context<'_>, operation: &Operation<'_>) -> TokenStream {
    let (carrier, constant) = (context.shapes(), shapes::merge_options_name(operation));
    quote!(|text| ::core::write!(text, "{:?}", #carrier::#constant))
}
