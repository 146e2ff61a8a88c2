//! The struct and its inputs.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Context, outputs, predict};
use crate::parse::Source;
use crate::resolve::{Field, Graph, Value};
use crate::text;

/// The struct and all that stands beside it in the user's own scope.
pub fn model(context: &Context<'_>) -> TokenStream {
    let (fields, inputs, outputs) = (fields(context), inputs(context), outputs::types(context));
    let predict = predict::predict(context);
    quote!(#fields #inputs #outputs #predict)
}

fn fields(context: &Context<'_>) -> TokenStream {
    let (attributes, visibility, name) =
        (&context.declaration.attributes, &context.declaration.visibility, context.name);
    let fields = context.fields().map(|field| {
        let Field { name, attributes, .. } = field;
        let ty = context.layer_type(field, super::ends_of(field).0);
        let written = text::of(&field.written(&context.graph.operations));
        let docs = format!(" The layer `{}`, `{written}`.", super::plain(name));
        quote! {
            #[doc = #docs]
            #(#attributes)*
            pub #name: #ty
        }
    });
    let (diagram, struct_token) = (diagram(context.graph), &context.declaration.struct_token);
    // The braces stand at the name too, so that the compiler shows that line where it shows the
    // struct, and not the whole block.
    let mut body = Group::new(Delimiter::Brace, quote!(#(#fields,)*));
    body.set_span(name.span());
    quote! {
        #(#attributes)*
        #[doc = #diagram]
        #[allow(non_snake_case)]
        #visibility #struct_token #name #body
    }
}

/// The graph as it was declared, as text.
fn diagram(graph: &Graph<'_>) -> String {
    let mut text = String::from("\n\nThe graph:\n```text\n");
    for input in &graph.inputs {
        let dimensions: Vec<String> = input.shape.dimensions.iter().map(text::of).collect();
        text += &format!("{}: [{}; {}]\n", input.name, input.shape.element, dimensions.join(", "));
    }
    let mut chains: Vec<&crate::parse::Chain> = Vec::new();
    for operation in &graph.operations {
        if !chains.iter().any(|chain| std::ptr::eq(*chain, operation.chain)) {
            chains.push(operation.chain);
        }
    }
    for chain in chains {
        let start = match &chain.source {
            Source::Wire(wire) => wire.to_string(),
            Source::Merge { call, .. } | Source::Named { call, .. } => text::of(call),
            Source::Unknown => "…".to_owned(),
        };
        let steps = chain.steps.iter().map(|step| format!(" ─▶ {}", text::of(&step.layer.written())));
        text += &format!("{start}{} ─▶ {}\n", steps.collect::<String>(), chain.name);
    }
    text + "```"
}

/// One sample by name, and many.
fn inputs(context: &Context<'_>) -> TokenStream {
    let (visibility, name) = (&context.declaration.visibility, context.name);
    let (one, many) = (context.named("Input"), context.named("Inputs"));
    let names: Vec<&Ident> = context.graph.inputs.iter().map(|input| &input.name).collect();
    let types: Vec<Ident> =
        (0..names.len()).map(|index| context.wire_type(Value::Input(index), Span::call_site())).collect();
    let (one_docs, many_docs) =
        (format!(" One sample for [`{name}`], by name."), format!(" Many samples for [`{name}`], by name."));
    let field_docs: Vec<String> = names.iter().map(|name| format!(" The input `{name}`.")).collect();
    // Where the compiler speaks of these structs, it points at the model's name, not at the whole block.
    quote_spanned! {name.span()=>
        #[doc = #one_docs]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case, non_camel_case_types)]
        #visibility struct #one<'a> {
            #(#[doc = #field_docs] pub #names: &'a #types,)*
        }
        #[doc = #many_docs]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case, non_camel_case_types)]
        #visibility struct #many<'a> {
            #(#[doc = #field_docs] pub #names: &'a [#types],)*
        }
    }
}
