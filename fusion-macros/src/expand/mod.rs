//! Graph → code. One file for each part of what is written:
//!
//! [`shapes`] the types of layers and wires, [`checks`] what fails a compilation,
//! [`structure`] the struct, its inputs and its outputs, [`predict`] the positional forms,
//! [`network`] what a model is and needs, [`passes`] the way forward and back, [`nested`] the
//! model as a layer, [`graph`] what the summary knows.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Attribute;

use crate::parse::Declaration;
use crate::resolve::{Field, Graph, Kind, Operation, Value};
use crate::text;

mod checks;
mod graph;
mod nested;
mod network;
mod passes;
mod predict;
mod shapes;
mod structure;

/// All the code of a model.
pub fn model(declaration: &Declaration, graph: &Graph<'_>) -> TokenStream {
    let context = Context { krate: &declaration.krate, declaration, graph, name: &declaration.name };
    let (structure, shapes) = (structure::model(&context), shapes::types(&context));
    let (checks, network, unused) = (checks::checks(&context), network::implementation(&context), unused(&context));
    quote! {
        #structure
        #shapes
        #checks
        #network
        #unused
    }
}

/// What nothing uses is an unused variable to rustc, which says so at its name.
fn unused(context: &Context<'_>) -> TokenStream {
    let names = &context.graph.unused;
    let lints = ["allow", "warn", "deny"];
    let levels = |attribute: &&Attribute| lints.iter().any(|lint| attribute.path().is_ident(lint));
    let levels: Vec<&Attribute> = context.declaration.attributes.iter().filter(levels).collect();
    let shadows = names.iter().map(|name| predict::shadows(std::iter::once(*name)));
    let variables = names
        .iter()
        .zip(shadows)
        .map(|(name, shadow)| quote!(#(#levels)* const _: () = { #shadow let #name = 0_u8; };));
    variables.collect()
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
        Ident::new(&format!("{}Wire_{}", self.name, plain(wire)), span)
    }

    /// `FusionLayer_dense`: the type of a layer, mentioned as the user wrote it only there.
    pub fn layer_type(&self, field: &Field<'_>, span: Span) -> Ident {
        Ident::new(&format!("{}Layer_{}", self.name, plain(&field.name)), span)
    }

    /// The type that carries the options of a layer.
    pub fn options_type(&self, field: &Field<'_>, span: Span) -> TokenStream {
        if field.layer.options.is_empty() {
            return quote_spanned!(span=> __Defaults);
        }
        let name = Ident::new(&format!("{}Options_{}", self.name, plain(&field.name)), span);
        quote!(#name)
    }

    /// The type that carries the names and shapes of a step's inputs.
    pub fn operands_type(&self, operation: &Operation<'_>, span: Span) -> Ident {
        Ident::new(&format!("{}Operands_{}", self.name, plain(&operation.value)), span)
    }

    /// `FusionShapes`: carries the wires' shapes as constants.
    pub fn shapes(&self) -> Ident {
        self.named("Shapes")
    }

    /// The model's name with an ending.
    pub fn named(&self, ending: &str) -> Ident {
        Ident::new(&format!("{}{ending}", self.name), self.name.span())
    }

    /// What a block of code imports, whatever the user's names. The crate's own path carries the place of the
    /// `model!` macro, which the compiler would show; these names can stand at the user's tokens.
    pub fn imports(&self) -> TokenStream {
        let krate = self.krate;
        quote! {
            #[allow(unused_imports)]
            use ::core::primitive::{bool, f32, str, usize};
            #[allow(unused_imports)]
            use #krate::{Defaults as __Defaults, Layer as __Layer, MultiInputLayer as __MultiInputLayer};
        }
    }

    /// `<FusionLayer_dense as Layer<FusionWire_a, Defaults>>`, all at the user's layer: whatever is
    /// wrong with it then reads the same wherever it is mentioned, and is shown once.
    pub fn layer_trait(&self, operation: &Operation<'a>) -> TokenStream {
        let Kind::Layer { layer, .. } = operation.kind else { return TokenStream::new() };
        let field = &self.graph.layers[layer];
        let (span, end) = text::ends(&field.layer.ty());
        let (mut ty, options) = (self.layer_type(field, span).into_token_stream(), self.options_type(field, span));
        // Empty generics reach from the layer's first token to its last: all of it is underlined.
        if field.layer.arguments.is_some() {
            let close = quote_spanned!(end=> >);
            ty = quote_spanned!(span=> #ty< #close);
        }
        if operation.takes_names() {
            let operands = self.operands_type(operation, span);
            return quote_spanned!(span=> <#ty as __MultiInputLayer<#operands, #options>>);
        }
        let input = self.wire_type(operation.operands[0], span);
        quote_spanned!(span=> <#ty as __Layer<#input, #options>>)
    }

    /// The operations that are layers and are computed, in order.
    pub fn layer_operations(&self) -> impl Iterator<Item = &'a Operation<'a>> {
        let graph = self.graph;
        graph
            .order
            .iter()
            .map(|index| &graph.operations[*index])
            .filter(|operation| matches!(operation.kind, Kind::Layer { .. }))
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

/// A name without `r#`.
pub fn plain(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
