//! Chains: what they are called, where they begin, and what follows.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, Result, Token, token};

use super::expression::source;
use super::layer::layer;
use super::{missing, name, parse_noting, use_of_name};
use crate::report::Mistakes;
use crate::syntax::{Binding, Body, Bound, Element, Expression, Repeat, Step};

/// `x`, or `(h, c)`.
pub fn binding(input: ParseStream, mistakes: &mut Mistakes) -> Result<Binding> {
    if !input.peek(token::Paren) {
        return name(input, mistakes).map(Binding::One);
    }
    let group: TokenTree = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    let names: Vec<Bound> = Punctuated::<Bound, Token![,]>::parse_terminated(&content)?.into_iter().collect();
    if names.is_empty() {
        return Err(syn::Error::new(group.span(), "name each output of the last step: `(first, second)`"));
    }
    if names.iter().all(|bound| bound.name.is_none()) {
        return Err(syn::Error::new(
            group.span(),
            "at least one output has a name; `_` is for those that nothing needs",
        ));
    }
    Ok(Binding::Several { names, written: group.into_token_stream() })
}

impl Parse for Bound {
    fn parse(input: ParseStream) -> Result<Self> {
        let word = |input: ParseStream| {
            if input.peek(Token![_]) {
                let underscore = input.parse::<Token![_]>()?;
                return Ok((None, underscore.to_token_stream()));
            }
            if !input.peek(Ident::peek_any) {
                return Err(missing(input, "expected a name, or `_` for an output that nothing needs"));
            }
            let word = input.call(Ident::parse_any).map(use_of_name)?;
            Ok((Some(word.clone()), word.to_token_stream()))
        };
        let (name, written) = word(input)?;
        if !input.peek(Token![=]) {
            return Ok(Self { name, output: None, written });
        }
        let equals = input.parse::<Token![=]>()?;
        let (output, of) = word(input)?;
        Ok(Self { name, output, written: quote::quote!(#written #equals #of) })
    }
}

/// What stands after the name and `=`.
pub fn body(input: ParseStream, mistakes: &mut Mistakes) -> Body {
    let source = source(input, mistakes);
    let (elements, broken) = elements(input, mistakes);
    let broken = broken || matches!(source, Expression::Unknown);
    Body { source, elements, broken }
}

/// Passes over what cannot be read.
pub fn skip_to_arrow(input: ParseStream) {
    let at_end = || input.peek(Token![=>]) || input.peek(Token![->]) || input.peek(Token![;]);
    while !input.is_empty() && !at_end() && input.parse::<TokenTree>().is_ok() {}
}

/// All that follows and can be read; `true` with it if some cannot.
pub fn elements(input: ParseStream, mistakes: &mut Mistakes) -> (Vec<Element>, bool) {
    let (mut elements, mut broken) = (Vec::new(), false);
    while !input.is_empty() && !input.peek(Token![;]) {
        match arrow(input, mistakes).and_then(|()| element(input, mistakes)) {
            Ok(element) => elements.push(element),
            Err(error) => {
                mistakes.push(error);
                broken = true;
                skip_to_arrow(input);
            }
        }
    }
    (elements, broken)
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
    let message = if input.peek(token::Bracket) {
        "a slice is one of a wire: make what comes before it a branch, `branch x = …;`, and write `x[0]`"
    } else {
        "expected `=>` and a layer, or `;` at the end of the chain"
    };
    Err(missing(input, message))
}

fn element(input: ParseStream, mistakes: &mut Mistakes) -> Result<Element> {
    if is_repeat(input) { repeat(input, mistakes).map(Element::Repeat) } else { step(input).map(Element::Step) }
}

/// `repeat` and what is no path and no option, so that a layer may still be called so.
fn is_repeat(input: ParseStream) -> bool {
    let word = input.fork().call(Ident::parse_any).is_ok_and(|word| word == "repeat");
    let options = input.peek2(token::Paren) && !input.peek3(token::Brace);
    word && !input.peek2(Token![=>]) && !input.peek2(Token![;]) && !input.peek2(Token![<]) && !options
}

const TIMES: &str = "how often is a number: `repeat 3 { Dense<_, 8> }`; one that is set elsewhere is a parameter of a block, `block tower<DEPTH>(x) => repeat DEPTH { … };`, or of a `macro_rules!` around `model!`";

/// `repeat 3 { … }`
fn repeat(input: ParseStream, mistakes: &mut Mistakes) -> Result<Repeat> {
    input.call(Ident::parse_any)?;
    if input.peek(token::Brace) {
        return Err(missing(input, "expected how often: `repeat 3 { … }`"));
    }
    let times: TokenTree = input.parse()?;
    let known = match &times {
        TokenTree::Ident(_) => true,
        other => matches!(syn::parse2::<Lit>(other.to_token_stream()), Ok(Lit::Int(_))),
    };
    if !known {
        return Err(syn::Error::new(times.span(), TIMES));
    }
    if !input.peek(token::Brace) {
        return Err(missing(input, "what is repeated stands in braces: `repeat 3 { Dense<_, 8> => Dropout(0.1) }`"));
    }
    let braces: TokenTree = input.fork().parse()?;
    let content;
    syn::braced!(content in input);
    let tokens: TokenStream = content.parse()?;
    if tokens.is_empty() {
        return Err(syn::Error::new(braces.span(), "expected what is repeated: `{ Dense<_, 8> => Dropout(0.1) }`"));
    }
    Ok(Repeat { times, body: parse_noting(tokens, mistakes, repeated).unwrap_or_default() })
}

/// What stands in the braces; an arrow before the first layer is not needed.
fn repeated(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Element>> {
    let mut body = Vec::new();
    if !input.peek(Token![=>]) {
        body.push(element(input, mistakes)?);
    }
    let (rest, _) = elements(input, mistakes);
    body.extend(rest);
    Ok(body)
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
