//! Tokens → syntax tree.
//!
//! A mistake is noted, and as much of the item is kept as can be read: its name stays known, so
//! that what uses it is not wrong too.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Result, Token, token};

use crate::report::Mistakes;
use crate::syntax::Declaration;

mod block;
mod chain;
mod expression;
mod foreign;
mod item;
mod layer;
mod shape;
mod slice;

pub use layer::{arguments, layer};

/// Parses what `fusion::model!` passes on.
pub fn model(tokens: TokenStream, mistakes: &mut Mistakes) -> Option<Declaration> {
    parse_noting(tokens, mistakes, declaration)
}

/// Parses tokens with a parser that notes mistakes and goes on, which may leave tokens behind.
fn parse_noting<T>(
    tokens: TokenStream,
    mistakes: &mut Mistakes,
    parser: impl FnOnce(ParseStream, &mut Mistakes) -> Result<T>,
) -> Option<T> {
    let before = mistakes.count();
    let mut parsed = None;
    let parse = |input: ParseStream| {
        parsed = Some(parser(input, mistakes)?);
        input.parse::<TokenStream>().map(|_| ())
    };
    // Tokens that are left within brackets were reported where it is known why.
    if let Err(error) = parse.parse2(tokens)
        && mistakes.count() == before
    {
        mistakes.push(error);
    }
    parsed
}

fn declaration(input: ParseStream, mistakes: &mut Mistakes) -> Result<Declaration> {
    let krate;
    syn::bracketed!(krate in input);
    if krate.parse::<Option<Token![unsafe]>>()?.is_none() {
        return Err(krate.error("this macro is what `fusion::model!` calls: write that one"));
    }
    let krate: TokenStream = krate.parse()?;
    let mut attributes = input.call(Attribute::parse_outer)?;
    foreign::derived(&mut attributes, mistakes);
    let visibility = input.parse()?;
    let struct_token = struct_token(input, mistakes)?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        return Err(input.error(
            "a model has no generic parameters; for a family of models write `model!` inside a `macro_rules!` of yours",
        ));
    }
    let sequential = input.peek(Token![=]);
    let items = if sequential { item::sequential(input, &name, mistakes)? } else { item::items(input, mistakes)? };
    Ok(Declaration { krate, attributes, visibility, struct_token, name, items, sequential })
}

/// `struct`, or a mistake if only that is missing.
fn struct_token(input: ParseStream, mistakes: &mut Mistakes) -> Result<Token![struct]> {
    if input.peek(Token![struct]) {
        return input.parse();
    }
    let error =
        missing(input, "expected `struct`: a model is written `model! { pub struct Name { input …; output …; } }`");
    if input.peek(Ident) && input.peek2(token::Brace) {
        let span = error.span();
        mistakes.push(error);
        return Ok(Token![struct](span));
    }
    Err(error)
}

/// An error at the next token, or at the end of the block.
fn missing(input: ParseStream, message: &str) -> syn::Error {
    syn::Error::new(next_span(input), message)
}

/// The next token's place, or that of the end of the block.
fn next_span(input: ParseStream) -> Span {
    input.cursor().token_tree().map_or_else(|| input.span(), |(token, _)| token.span())
}

/// The name of a wire or of a shared layer. A keyword is a mistake, and goes on under another name.
fn name(input: ParseStream, mistakes: &mut Mistakes) -> Result<Ident> {
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected a name"));
    }
    let word = input.call(Ident::parse_any)?;
    let name = use_of_name(word.clone());
    if name != word {
        mistakes.at(&word, format!("`{word}` is a keyword of Rust and cannot be a name"));
    }
    Ok(name)
}

/// Whether a word can be a name, and is no keyword.
fn is_name(word: &Ident) -> bool {
    syn::parse2::<Ident>(word.to_token_stream()).is_ok()
}

/// A name where it is used: keywords are reported where they are declared.
fn use_of_name(word: Ident) -> Ident {
    if is_name(&word) { word } else { Ident::new(&format!("{word}_"), word.span()) }
}
