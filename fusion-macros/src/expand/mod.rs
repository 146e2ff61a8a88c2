//! Graph → code. One file for each part of what is written:
//!
//! [`structure`] the struct and its inputs, [`outputs`] its outputs and [`given`] what is given for them, [`predict`] the
//! positional forms, [`types`] the types of layers and wires, [`depth`] in which order they are worked out, [`checks`]
//! what fails a compilation, [`clone`] how a model is cloned, [`masks`] what is warned of, [`tables`] the weights and the graph, [`network`] the passes.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Attribute;

use crate::resolve::{Field, Graph, Kind, Operation, Value};
use crate::syntax::Declaration;
use crate::text;

mod checks;
mod clone;
mod depth;
mod given;
mod masks;
mod network;
mod outputs;
mod predict;
mod structure;
mod tables;
mod types;

/// All the code of a model.
pub fn model(declaration: &Declaration, graph: &Graph<'_>) -> TokenStream {
    let context = Context { krate: &declaration.krate, declaration, graph, name: &declaration.name };
    let (structure, types) = (structure::model(&context), types::types(&context));
    let (checks, network, warnings) = (checks::checks(&context), network::implementation(&context), warnings(&context));
    quote! {
        #structure
        #types
        #checks
        #network
        #warnings
    }
}

/// What nothing uses is an unused variable to rustc, which says so at its name; what is written better otherwise is
/// deprecated, and so is what loses a mask.
fn warnings(context: &Context<'_>) -> TokenStream {
    let (names, levels) = (&context.graph.unused, levels(context));
    let shadows = names.iter().map(|name| predict::shadows(std::iter::once(*name)));
    let variables = names
        .iter()
        .zip(shadows)
        .map(|(name, shadow)| quote!(#(#levels)* const _: () = { #shadow let #name = 0_u8; };));
    let spelled_out = context.graph.spelled_out.iter().map(|(place, instead)| {
        let name = Ident::new(&text::of(place), Span::call_site());
        quote! {
            #(#levels)* const _: () = {
                #[deprecated(note = #instead)]
                type #name = ();
                let _: #place = ();
            };
        }
    });
    variables.chain(spelled_out).chain([masks::lost(context)]).collect()
}

/// The levels of lints that the user gives for the model.
fn levels<'a>(context: &Context<'a>) -> Vec<&'a Attribute> {
    let lints = ["allow", "warn", "deny"];
    let levels = |attribute: &&Attribute| lints.iter().any(|lint| attribute.path().is_ident(lint));
    context.declaration.attributes.iter().filter(levels).collect()
}

/// What every part of the code is written from.
pub struct Context<'a> {
    pub krate: &'a TokenStream,
    pub declaration: &'a Declaration,
    pub graph: &'a Graph<'a>,
    pub name: &'a Ident,
}

impl<'a> Context<'a> {
    /// `FusionWire_x`: the type of a wire's value.
    pub fn wire_type(&self, value: Value, span: Span) -> Ident {
        let wire = match value {
            Value::Input(index) => &self.graph.inputs[index].name,
            Value::Operation(index) => &self.graph.operations[index].value,
        };
        self.part("Wire", wire, span)
    }

    /// `FusionGives_x`: the constant that says what an operation gives.
    pub fn output(&self, operation: &Operation<'_>) -> Ident {
        self.part("Gives", &operation.value, Span::call_site())
    }

    /// `FusionLayer_dense`: the type of a layer, mentioned as the user wrote it only there.
    pub fn layer_type(&self, field: &Field<'_>, span: Span) -> Ident {
        self.part("Layer", &field.name, span)
    }

    /// `FusionStep_x`: a layer on its inputs.
    pub fn step_type(&self, operation: &Operation<'_>) -> Ident {
        self.part("Step", &operation.value, Span::call_site())
    }

    /// `FusionOptions_dropout`: carries the options of a layer that has some.
    pub fn options_type(&self, field: &Field<'_>, span: Span) -> Option<Ident> {
        let field = self.twin(field).unwrap_or(field);
        let layer = &field.layer;
        (!layer.options.is_empty() || layer.within.is_some()).then(|| self.part("Options", &field.name, span))
    }

    /// `FusionWires_z_0`: carries the names and shapes of a step's inputs.
    pub fn wires_type(&self, operation: &Operation<'_>, span: Span) -> Ident {
        self.part("Wires", &operation.value, span)
    }

    /// What a step takes: the type of its one wire, or `FusionTakes_z_0` of several.
    pub fn inputs_type(&self, operation: &Operation<'_>, span: Span) -> Ident {
        match operation.input_names() {
            None => self.wire_type(operation.operands[0], span),
            Some(_) => self.part("Takes", &operation.value, span),
        }
    }

    /// The constant that says where one of several outputs stands in the wire of its step.
    pub fn part_index(&self, operation: &Operation<'_>) -> Option<(Ident, TokenStream)> {
        let (index, wanted) = operation.part()?;
        let Value::Operation(source) = operation.operands[0] else { return None };
        let output = self.output(&self.graph.operations[source]);
        let index = quote!(#output.part_named(#wanted, #index));
        Some((output, index))
    }

    /// The first layer that a block makes from the same words, where it makes several.
    pub fn twin(&self, field: &Field<'_>) -> Option<&'a Field<'a>> {
        field.twin.map(|index| &self.graph.layers[index])
    }

    /// `FusionWire_x`: a name of ours for a part of the model.
    pub fn part(&self, what: &str, name: &Ident, span: Span) -> Ident {
        Ident::new(&format!("{}{what}_{}", self.name, plain(name)), span)
    }

    /// The model's name with an ending.
    pub fn named(&self, ending: &str) -> Ident {
        Ident::new(&format!("{}{ending}", self.name), self.name.span())
    }

    /// The operations that are computed, in order, with their index in the tables.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &'a Operation<'a>)> {
        let graph = self.graph;
        graph.order.iter().map(|index| &graph.operations[*index]).enumerate()
    }

    /// The index in the tables of an operation that is computed.
    pub fn step_index(&self, operation: usize) -> usize {
        self.graph.order.iter().position(|index| *index == operation).unwrap_or(0)
    }

    /// The layer of an operation.
    pub fn field(&self, operation: &Operation<'_>) -> Option<&'a Field<'a>> {
        match operation.kind {
            Kind::Layer { layer } => Some(&self.graph.layers[layer]),
            Kind::Part | Kind::Copy => None,
        }
    }

    /// A layer's call by which its type is known.
    pub fn first_call(&self, field: &Field<'_>) -> Option<&'a Operation<'a>> {
        field.calls.first().map(|call| &self.graph.operations[*call])
    }

    /// The fields: layers that something calls.
    pub fn fields(&self) -> impl Iterator<Item = &'a Field<'a>> {
        self.graph.layers.iter().filter(|field| !field.calls.is_empty())
    }

    /// The layers in the order of their first use that is computed.
    pub fn layers_in_use(&self) -> Vec<usize> {
        let (mut seen, mut layers) = (HashSet::new(), Vec::new());
        for (index, operation) in self.graph.operations.iter().enumerate() {
            if let Kind::Layer { layer } = operation.kind
                && self.graph.order.contains(&index)
                && seen.insert(layer)
            {
                layers.push(layer);
            }
        }
        layers
    }
}

/// A name without `r#`.
pub fn plain(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

/// The spans of the first and of the last token of a layer's type.
pub fn ends_of(field: &Field<'_>) -> (Span, Span) {
    text::ends(&field.layer.ty())
}
