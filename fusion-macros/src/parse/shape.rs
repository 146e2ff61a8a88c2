//! The shapes of inputs.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Result, Token, Type, token};

use super::{missing, next_span};
use crate::report::Mistakes;
use crate::syntax::InputShape;
use crate::text;

/// `[f32; 28, 28, 1]` or `f32`; `true` with it where it is not what the user meant.
pub fn shape(input: ParseStream, mistakes: &mut Mistakes) -> (InputShape, bool) {
    let (before, span) = (mistakes.count(), next_span(input));
    let shape = parse(input, mistakes).unwrap_or_else(|error| {
        mistakes.push(error);
        InputShape::stand_in(span)
    });
    (shape, mistakes.count() > before)
}

/// As many as a tensor has: a sequence of volumes has five.
const MOST_DIMENSIONS: usize = 6;

fn parse(input: ParseStream, mistakes: &mut Mistakes) -> Result<InputShape> {
    if let Some(number) = single_number(input) {
        let written = number.to_token_stream();
        let element = element(input, mistakes)?;
        return Ok(InputShape { element, dimensions: Vec::new(), written });
    }
    if !input.peek(token::Bracket) {
        return Err(missing(
            input,
            "expected the input's shape, such as `[f32; 32]`, `[f32; 28, 28, 1]`, or `u32` for a single id",
        ));
    }
    let group: TokenTree = input.fork().parse()?;
    let written = group.to_token_stream();
    let content;
    syn::bracketed!(content in input);
    if content.peek(token::Bracket) {
        content.parse::<TokenStream>()?;
        return Err(nested(&written));
    }
    let element = element(&content, mistakes)?;
    semicolon(&content, &element, mistakes)?;
    let dimensions: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?.into_iter().collect();
    if dimensions.is_empty() || dimensions.len() > MOST_DIMENSIONS {
        let mut message = format!("an input has one to six dimensions beside the batch, not {}", dimensions.len());
        if dimensions.is_empty() {
            message += &format!("; a single number is `{element}`, without brackets");
        }
        return Err(syn::Error::new_spanned(written, message));
    }
    Ok(InputShape { element, dimensions, written })
}

/// The name of a type of numbers, if the shape begins with one: `u32` alone is a single id.
fn single_number(input: ParseStream) -> Option<Ident> {
    const NUMBERS: [&str; 12] = ["f32", "u32", "f64", "u8", "u16", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];
    let word = input.fork().call(Ident::parse_any).ok()?;
    NUMBERS.iter().any(|number| word == number).then_some(word)
}

/// The semicolon, or a mistake where a comma stands for it.
fn semicolon(content: ParseStream, element: &Ident, mistakes: &mut Mistakes) -> Result<()> {
    if content.peek(Token![;]) {
        return content.parse::<Token![;]>().map(|_| ());
    }
    let error = missing(content, &format!("expected `;` before the dimensions, as in `[{element}; 32]`"));
    if !content.peek(Token![,]) {
        return Err(error);
    }
    mistakes.push(error);
    content.parse::<Token![,]>().map(|_| ())
}

/// `f32` or `u32`.
fn element(content: ParseStream, mistakes: &mut Mistakes) -> Result<Ident> {
    if !content.peek(Ident::peek_any) {
        return Err(missing(content, "expected `f32` or `u32` and then the dimensions, as in `[f32; 32]`"));
    }
    let element = content.call(Ident::parse_any)?;
    if element == "f32" || element == "u32" {
        return Ok(element);
    }
    mistakes.at(&element, format!("an input is made of `f32` numbers or `u32` ids, not of `{element}`"));
    let ids = ["u8", "u16", "u64", "usize"].iter().any(|integer| element == integer);
    Ok(Ident::new(if ids { "u32" } else { "f32" }, element.span()))
}

/// `[[f32; 28]; 14]` is written `[f32; 14, 28]`.
fn nested(written: &TokenStream) -> syn::Error {
    let mut dimensions = Vec::new();
    let mut ty = syn::parse2::<Type>(written.clone());
    while let Ok(Type::Array(array)) = ty {
        dimensions.push(text::of(&array.len));
        ty = Ok(*array.elem);
    }
    let hint = match ty {
        Ok(element) if !dimensions.is_empty() => format!(": `[{}; {}]`", text::of(&element), dimensions.join(", ")),
        _ => ", as in `[f32; 28, 28, 1]`".to_owned(),
    };
    syn::Error::new_spanned(written, format!("the dimensions of an input stand side by side{hint}"))
}
