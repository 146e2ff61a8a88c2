//! Blocks: functions of wires.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, Result, Token, token};

use super::chain::{body, elements};
use super::item::items_of;
use super::{missing, name};
use crate::report::Mistakes;
use crate::syntax::{Binding, Block, Body, Chain, Expression, Item};

const BODY: &str =
    "expected what the block does: `=> Dense<_, 8>;`, `= x + y => Dense<_, 8>;`, or branches and outputs in braces";

/// `<UNITS>(x) => Dense<_, UNITS>;`, `(x, y) = x * y;`, `(x) { branch h = …; output x + h; }`
pub fn block(input: ParseStream, name: Ident, mistakes: &mut Mistakes) -> Result<Block> {
    let before = mistakes.count();
    let parameters = parameters(input, mistakes)?;
    let wires = wires(input, &name, mistakes)?;
    let mut items = Vec::new();
    if input.peek(token::Brace) {
        let content;
        syn::braced!(content in input);
        let tokens: TokenStream = content.parse()?;
        items = items_of(tokens, mistakes, true);
        input.parse::<Option<Token![;]>>()?;
    } else {
        items.push(short(input, &wires, mistakes)?);
    }
    Ok(Block { name, parameters, wires, items, broken: mistakes.count() > before })
}

/// `<UNITS, A>`
fn parameters(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Ident>> {
    let mut parameters: Vec<Ident> = Vec::new();
    if !input.peek(Token![<]) {
        return Ok(parameters);
    }
    input.parse::<Token![<]>()?;
    while !input.peek(Token![>]) {
        let with_const = input.parse::<Option<Token![const]>>()?;
        if let Some(word) = with_const {
            mistakes.at(word, "a parameter is its name alone: `block dense_bn<UNITS>(x)`".to_owned());
        }
        let parameter = name(input, mistakes)?;
        if parameters.contains(&parameter) {
            mistakes.at(&parameter, format!("the parameter `{parameter}` is there already"));
        }
        if input.peek(Token![:]) {
            let colon = input.parse::<Token![:]>()?;
            if with_const.is_none() {
                let message =
                    format!("a parameter is its name alone, `{parameter}`: whatever a use gives stands for it");
                mistakes.at(colon, message);
            }
            input.call(Ident::parse_any)?;
        }
        parameters.push(parameter);
        if !input.peek(Token![,]) {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    if !input.peek(Token![>]) {
        return Err(missing(input, "expected `,` or `>`"));
    }
    input.parse::<Token![>]>()?;
    Ok(parameters)
}

/// `(x, y)`
fn wires(input: ParseStream, block: &Ident, mistakes: &mut Mistakes) -> Result<Vec<Ident>> {
    if !input.peek(token::Paren) {
        return Err(missing(input, &format!("expected the wires that the block takes: `block {block}(x) => …;`")));
    }
    let group: proc_macro2::TokenTree = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    let words = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    if words.is_empty() {
        let message = format!("a block takes a wire or more: `block {block}(x) => …;`");
        return Err(syn::Error::new(group.span(), message));
    }
    let mut wires: Vec<Ident> = Vec::new();
    for word in words {
        if wires.contains(&word) {
            mistakes.at(&word, format!("the wire `{word}` is there already"));
        }
        wires.push(super::use_of_name(word));
    }
    Ok(wires)
}

/// The one output of a block without braces.
fn short(input: ParseStream, wires: &[Ident], mistakes: &mut Mistakes) -> Result<Item> {
    let span = super::next_span(input);
    let body = if input.peek(Token![=>]) {
        if let [first, second, ..] = wires {
            let message = format!(
                "which of its wires goes on? write `= {first} => …;`, or `= concatenate({first}, {second}) => …;`"
            );
            return Err(missing(input, &message));
        }
        let (elements, broken) = elements(input, mistakes);
        Body { source: Expression::Wire(wires[0].clone()), elements, broken }
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        body(input, mistakes)
    } else {
        return Err(missing(input, BODY));
    };
    if !input.peek(Token![;]) && !body.broken {
        mistakes.push(missing(input, "expected `;`"));
    }
    Ok(Item::Chain(Chain { binding: Binding::Unnamed(span), is_output: true, body }))
}
