//! The struct, its inputs and its outputs.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Context, predict};
use crate::resolve::{Field, Value};
use crate::syntax::{Binding, Chain, Declaration, Element, Item};
use crate::text;

/// The struct and all that stands beside it in the user's own scope.
pub fn model(context: &Context<'_>) -> TokenStream {
    let (fields, inputs, output) = (fields(context), inputs(context), output(context));
    let predict = predict::predict(context);
    quote!(#fields #inputs #output #predict)
}

fn fields(context: &Context<'_>) -> TokenStream {
    let (attributes, visibility, name) =
        (&context.declaration.attributes, &context.declaration.visibility, context.name);
    let fields = context.fields().map(|field| {
        let Field { name, attributes, .. } = field;
        let ty = context.layer_type(field, super::ends_of(field).0);
        let written = text::of(&field.written);
        let docs = format!(" The layer `{}`, `{written}`.", super::plain(name));
        quote! {
            #[doc = #docs]
            #(#attributes)*
            pub #name: #ty
        }
    });
    let (diagram, struct_token) = (diagram(context.declaration), &context.declaration.struct_token);
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
fn diagram(declaration: &Declaration) -> String {
    let mut text = String::from("\n\nThe graph:\n```text\n");
    for item in &declaration.items {
        match item {
            Item::Input(input) => {
                let (element, dimensions) = (&input.shape.element, &input.shape.dimensions);
                let dimensions: Vec<String> = dimensions.iter().map(text::of).collect();
                text += &match dimensions.as_slice() {
                    [] => format!("{}: {element}\n", input.name),
                    _ => format!("{}: [{element}; {}]\n", input.name, dimensions.join(", ")),
                };
            }
            Item::Chain(chain) => text += &format!("{}\n", chain_of(chain)),
            Item::Block(block) => {
                let wires: Vec<String> = block.wires.iter().map(ToString::to_string).collect();
                text += &format!("block {}({}):\n", block.name, wires.join(", "));
                for item in &block.items {
                    if let Item::Chain(chain) = item {
                        text += &format!("    {}\n", chain_of(chain));
                    }
                }
            }
            Item::Layer(_) | Item::BrokenLayer(_) => {}
        }
    }
    text + "```"
}

/// `a ─▶ Dense<32, 8> ─▶ x`
fn chain_of(chain: &Chain) -> String {
    let source = chain.body.source.written();
    let source = if source.is_empty() { "…".to_owned() } else { text::of(&source) };
    let name = match &chain.binding {
        Binding::One(name) => name.to_string(),
        Binding::Several { written, .. } => text::of(written),
        Binding::Unnamed(_) => "output".to_owned(),
    };
    format!("{source}{} ─▶ {name}", elements_of(&chain.body.elements))
}

fn elements_of(elements: &[Element]) -> String {
    let elements = elements.iter().map(|element| match element {
        Element::Step(step) => format!(" ─▶ {}", text::of(&step.layer.written())),
        Element::Repeat(repeat) => format!(" ─▶ {} × ({} )", repeat.times, elements_of(&repeat.body)),
    });
    elements.collect()
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

/// The tensor of a single output, or a struct with the names of several.
fn output(context: &Context<'_>) -> TokenStream {
    let (visibility, name, output) = (&context.declaration.visibility, context.name, context.named("Output"));
    let docs = format!(" One sample's output of [`{name}`].");
    let outputs = &context.graph.outputs;
    let types: Vec<Ident> = outputs
        .iter()
        .map(|(_, operation)| context.wire_type(Value::Operation(*operation), Span::call_site()))
        .collect();
    if let [ty] = types.as_slice() {
        return quote! {
            #[doc = #docs]
            #visibility type #output = #ty;
        };
    }
    let names: Vec<&Ident> = outputs.iter().map(|(name, _)| *name).collect();
    let field_docs = names.iter().map(|name| format!(" The output `{name}`."));
    quote! {
        #[doc = #docs]
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(non_snake_case, non_camel_case_types)]
        #visibility struct #output {
            #(#[doc = #field_docs] pub #names: #types,)*
        }
    }
}
