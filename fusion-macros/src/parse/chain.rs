//! Chains: where they begin, and their steps.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, Attribute, Ident, Result, Token, token};

use super::{Layer, LayerOption, MERGES, Source, Step, missing, use_of_name};
use crate::check::{self, Mistakes};
use crate::keras;

/// Where a chain begins; what cannot be read is noted and passed over.
pub fn source(input: ParseStream, mistakes: &mut Mistakes) -> Source {
    parse_source(input).unwrap_or_else(|error| {
        mistakes.push(error);
        skip_to_arrow(input);
        Source::Unknown
    })
}

fn parse_source(input: ParseStream) -> Result<Source> {
    if input.peek(token::Paren) {
        let content;
        let group: TokenTree = input.fork().parse()?;
        syn::parenthesized!(content in input);
        let operands = Punctuated::<Operand, Token![,]>::parse_terminated(&content)?;
        let operands = operands.into_iter().map(|Operand { name, wire }| (name, wire)).collect();
        return Ok(Source::Named { operands, call: group.into_token_stream() });
    }
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected an input, a branch or a merge such as `concatenate(x, y)`"));
    }
    let mut word = input.call(Ident::parse_any)?;
    let mut name = None;
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        input.parse::<Token![:]>()?;
        let named = input.peek(Ident::peek_any) && input.peek2(token::Paren);
        if !named {
            let message =
                "a name and `:` stand before a merge or a layer: `all: concatenate(x, y) => hidden: Dense<_, 8>`";
            return Err(syn::Error::new(word.span(), message));
        }
        name = Some(std::mem::replace(&mut word, input.call(Ident::parse_any)?));
    }
    if input.peek(Token![<]) || input.peek(Token![::]) {
        let message = "a chain begins at an input, a branch or a merge, and layers follow: `a => Dense<32, 8>`";
        return Err(syn::Error::new(word.span(), message));
    }
    if input.peek(token::Paren) { merge(input, name, word) } else { Ok(Source::Wire(use_of_name(word))) }
}

fn merge(input: ParseStream, name: Option<Ident>, merge: Ident) -> Result<Source> {
    let group: TokenTree = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    if !MERGES.iter().any(|known| merge == known) {
        return Err(syn::Error::new(merge.span(), check::unknown_merge(&merge)));
    }
    let (mut operands, mut options) = (Vec::new(), Vec::new());
    while !content.is_empty() {
        if content.peek2(Token![=]) && !content.peek2(Token![=>]) {
            options.push(content.parse()?);
        } else {
            operands.push(operand_of_merge(&content, &merge)?);
        }
        if content.is_empty() {
            break;
        }
        if !content.peek(Token![,]) {
            return Err(missing(&content, "expected `,`"));
        }
        content.parse::<Token![,]>()?;
    }
    let call = quote::quote!(#merge #group);
    if operands.len() < 2 {
        return Err(syn::Error::new_spanned(call, format!("`{merge}` joins two wires or more: `{merge}(x, y)`")));
    }
    Ok(Source::Merge { name, layer: merge_layer(&merge, options), operands, call })
}

/// The layer that a merge is: `concatenate` is `Concatenate`.
fn merge_layer(merge: &Ident, options: Vec<LayerOption>) -> Layer {
    let name = merge.to_string();
    let (first, rest) = name.split_at(1);
    let last = Ident::new(&format!("{}{rest}", first.to_uppercase()), merge.span());
    Layer { path: last.to_token_stream(), last, arguments: None, options, options_group: None, is_merge: true }
}

fn operand_of_merge(content: ParseStream, merge: &Ident) -> Result<Ident> {
    if !content.peek(Ident::peek_any) {
        return Err(missing(content, &format!("`{merge}` joins inputs and branches by name: `{merge}(x, y)`")));
    }
    let wire = content.call(Ident::parse_any)?;
    let inner = if content.peek(token::Paren) {
        format!("{wire}(…)")
    } else if content.peek(Token![=>]) {
        format!("{wire} => …")
    } else {
        return Ok(use_of_name(wire));
    };
    let message = format!("`{merge}` joins inputs and branches by name; make this a branch, `branch x = {inner};`");
    Err(syn::Error::new(wire.span(), message))
}

struct Operand {
    name: Option<Ident>,
    wire: Ident,
}

impl Parse for Operand {
    fn parse(input: ParseStream) -> Result<Self> {
        let word = |input: ParseStream| {
            if !input.peek(Ident::peek_any) {
                return Err(missing(input, "expected the name of an input or a branch"));
            }
            input.call(Ident::parse_any).map(use_of_name)
        };
        let first = word(input)?;
        if !input.peek(Token![=]) {
            return Ok(Self { name: None, wire: first });
        }
        input.parse::<Token![=]>()?;
        Ok(Self { name: Some(first), wire: word(input)? })
    }
}

/// Passes over what cannot be read.
pub fn skip_to_arrow(input: ParseStream) {
    let at_end = || input.peek(Token![=>]) || input.peek(Token![->]) || input.peek(Token![;]);
    while !input.is_empty() && !at_end() && input.parse::<TokenTree>().is_ok() {}
}

/// All steps that can be read; `true` with them if some cannot.
pub fn steps(input: ParseStream, mistakes: &mut Mistakes) -> (Vec<Step>, bool) {
    let (mut steps, mut broken) = (Vec::new(), false);
    while !input.is_empty() && !input.peek(Token![;]) {
        match arrow(input, mistakes).and_then(|()| step(input)) {
            Ok(step) => steps.push(step),
            Err(error) => {
                mistakes.push(error);
                broken = true;
                skip_to_arrow(input);
            }
        }
    }
    (steps, broken)
}

fn arrow(input: ParseStream, mistakes: &mut Mistakes) -> Result<()> {
    if input.peek(Token![=>]) {
        return input.parse::<Token![=>]>().map(|_| ());
    }
    if input.peek(Token![->]) {
        mistakes.at(input.parse::<Token![->]>()?, "the arrow of a chain is `=>`".to_owned());
        return Ok(());
    }
    let forgotten = input.fork().parse::<Ident>().is_ok_and(|word| word.to_string().starts_with(char::is_uppercase));
    if forgotten {
        mistakes.push(missing(input, "expected `=>` before this layer"));
        return Ok(());
    }
    Err(missing(input, "expected `=>` and a layer, or `;` at the end of the chain"))
}

fn step(input: ParseStream) -> Result<Step> {
    let attributes = input.call(Attribute::parse_outer)?;
    let named = input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
    let name = if named { Some(input.parse()?) } else { None };
    if named {
        input.parse::<Token![:]>()?;
    }
    Ok(Step { attributes, name, layer: layer(input)? })
}

/// A path with generic arguments and, unlike a Rust type, options in parentheses.
pub fn layer(input: ParseStream) -> Result<Layer> {
    let mut path = TokenStream::new();
    if input.peek(Token![::]) {
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    }
    let mut arguments = None;
    let last = loop {
        if !input.peek(Ident::peek_any) {
            return Err(missing(input, "expected a layer, such as `Dense<32, 8, Relu>`"));
        }
        let segment = input.call(Ident::parse_any)?;
        segment.to_tokens(&mut path);
        if input.peek(Token![<]) {
            let tokens = input.cursor().token_stream();
            let likely = |error| keras::arguments_mistake(tokens).unwrap_or(error);
            arguments = Some(input.parse::<AngleBracketedGenericArguments>().map_err(likely)?);
            break segment;
        }
        if !input.peek(Token![::]) {
            break segment;
        }
        if input.peek3(Token![<]) {
            arguments = Some(AngleBracketedGenericArguments::parse_turbofish(input)?);
            break segment;
        }
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    };
    if last == "TimeDistributed" && input.peek(token::Paren) {
        return Err(missing(input, "the layer stands in angle brackets: `TimeDistributed<Dense<_, 32>>`"));
    }
    let (options, options_group) = options(input)?;
    Ok(Layer { path, last, arguments, options, options_group, is_merge: false })
}

/// `(strides = 2, padding = Padding::Same)`, if there are any.
fn options(input: ParseStream) -> Result<(Vec<LayerOption>, Option<TokenTree>)> {
    if !input.peek(token::Paren) {
        return Ok((Vec::new(), None));
    }
    let group = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    let options = Punctuated::<LayerOption, Token![,]>::parse_terminated(&content)?;
    Ok((options.into_iter().collect(), Some(group)))
}

impl Parse for LayerOption {
    fn parse(input: ParseStream) -> Result<Self> {
        let named = input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if named { Some(input.call(Ident::parse_any)?) } else { None };
        if named {
            input.parse::<Token![=]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}
