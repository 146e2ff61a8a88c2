//! Graph → code. One file for each part of what is written:
//!
//! [`shapes`] the types of layers and wires and the checks that fail a compilation,
//! [`structure`] the struct and its inputs and outputs, [`network`] what a model is and needs,
//! [`passes`] the way forward and back, [`graph`] what the summary knows.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::parse::Declaration;
use crate::resolve::{Field, Graph, Kind, Operation, Value};
use crate::text;

mod graph;
mod network;
mod passes;
mod shapes;
mod structure;

/// All the code of a model.
pub fn model(declaration: &Declaration, graph: &Graph<'_>) -> TokenStream {
    let context = Context { krate: &declaration.krate, declaration, graph, name: &declaration.name };
    if graph.inputs.is_empty() || graph.outputs.is_empty() {
        return structure::without_wires(&context);
    }
    let (structure, shapes) = (structure::model(&context), shapes::types(&context));
    let (checks, network, unused) = (shapes::checks(&context), network::implementation(&context), unused(graph));
    quote! {
        #structure
        #shapes
        #checks
        #network
        #unused
    }
}

/// What nothing uses is an unused variable to rustc, which says so at its name.
fn unused(graph: &Graph<'_>) -> TokenStream {
    let names = &graph.unused;
    quote!(#(const _: () = { let #names = 0_u8; };)*)
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
        Ident::new(&format!("{}Wire_{}", self.name, plain(wire)), at(span))
    }

    /// `FusionLayer_dense`: the type of a layer, mentioned as the user wrote it only there.
    pub fn layer_type(&self, field: &Field<'_>, span: Span) -> Ident {
        Ident::new(&format!("{}Layer_{}", self.name, plain(&field.name)), at(span))
    }

    /// The type that carries the options of a layer.
    pub fn options_type(&self, field: &Field<'_>, span: Span) -> TokenStream {
        if field.layer.options.is_empty() {
            let krate = self.krate_at(span);
            return quote_spanned!(at(span)=> #krate::Defaults);
        }
        let name = Ident::new(&format!("{}Options_{}", self.name, plain(&field.name)), at(span));
        quote!(#name)
    }

    /// `FusionShapes`: carries the wires' shapes as constants.
    pub fn shapes(&self) -> Ident {
        self.named("Shapes")
    }

    /// The model's name with an ending.
    pub fn named(&self, ending: &str) -> Ident {
        Ident::new(&format!("{}{ending}", self.name), self.name.span())
    }

    /// The crate's path, seen by the compiler at `span`.
    pub fn krate_at(&self, span: Span) -> TokenStream {
        self.krate
            .clone()
            .into_iter()
            .map(|mut token: TokenTree| {
                token.set_span(token.span().located_at(span));
                token
            })
            .collect()
    }

    /// `<FusionLayer_dense as Layer<FusionWire_a, Defaults>>`, all at the user's layer: whatever is
    /// wrong with it then reads the same wherever it is mentioned, and is shown once.
    pub fn layer_trait(&self, operation: &Operation<'a>) -> TokenStream {
        let Kind::Layer { layer, .. } = operation.kind else { return TokenStream::new() };
        let field = &self.graph.layers[layer];
        let (span, _) = text::ends(&field.layer.ty());
        let (ty, options, krate) = (self.layer_type(field, span), self.options_type(field, span), self.krate_at(span));
        let input = self.wire_type(operation.operands[0], span);
        quote_spanned!(at(span)=> <#ty as #krate::Layer<#input, #options>>)
    }

    /// The operations that are layers and are computed, in order.
    pub fn layer_operations(&self) -> impl Iterator<Item = &'a Operation<'a>> {
        let graph = self.graph;
        graph.order.iter().map(|index| &graph.operations[*index]).filter(|operation| matches!(operation.kind, Kind::Layer { .. }))
    }

    /// A layer's call by which its type is known.
    pub fn first_call(&self, field: &Field<'_>) -> Option<&'a Operation<'a>> {
        field.calls.first().map(|call| &self.graph.operations[*call])
    }

    /// The fields: layers that something calls.
    pub fn fields(&self) -> impl Iterator<Item = &'a Field<'a>> {
        self.graph.layers.iter().filter(|field| !field.calls.is_empty())
    }

    /// The values of the operations that are computed, the outputs first.
    pub fn values(&self) -> Vec<usize> {
        let outputs: Vec<usize> = self.graph.outputs.iter().map(|(_, operation)| *operation).collect();
        let inner = self.graph.order.iter().copied().filter(|index| !outputs.contains(index));
        outputs.iter().copied().chain(inner).collect()
    }
}

/// A span at the user's token that looks names up where the macro is called.
pub fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// A name without `r#`.
pub fn plain(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
