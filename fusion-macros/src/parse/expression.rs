//! What wires are made of: names, merges, slices, arithmetic.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Lit, LitFloat, LitInt, Result, Token, token};

use super::chain::skip_to_arrow;
use super::slice::slice;
use super::{is_name, missing, use_of_name};
use crate::check;
use crate::keras::MERGES;
use crate::report::Mistakes;
use crate::syntax::{Expression, Layer, LayerOption, Operator};

/// Where a chain begins; what cannot be read is noted and passed over.
pub fn source(input: ParseStream, mistakes: &mut Mistakes) -> Expression {
    expression(input).and_then(begins_a_chain).unwrap_or_else(|error| {
        mistakes.push(error);
        skip_to_arrow(input);
        Expression::Unknown
    })
}

fn begins_a_chain(source: Expression) -> Result<Expression> {
    match source.bare() {
        Expression::Constant(number) => {
            let message = "a chain begins at an input, a branch or a merge; a number is one side of `2.0 * x`";
            Err(syn::Error::new_spanned(number, message))
        }
        _ => Ok(source),
    }
}

/// `x + 2.0 * y`
pub fn expression(input: ParseStream) -> Result<Expression> {
    let mut left = product(input)?;
    loop {
        let merge = match () {
            () if input.peek(Token![+]) && !input.peek(Token![+=]) => "Add",
            () if input.peek(Token![-]) && !input.peek(Token![->]) && !input.peek(Token![-=]) => "Subtract",
            () => return Ok(left),
        };
        left = operation(input, merge, left, product)?;
    }
}

fn product(input: ParseStream) -> Result<Expression> {
    let mut left = factor(input)?;
    loop {
        no_other_operator(input)?;
        if !input.peek(Token![*]) || input.peek(Token![*=]) {
            return Ok(left);
        }
        left = operation(input, "Multiply", left, factor)?;
    }
}

fn operation(
    input: ParseStream,
    merge: &'static str,
    left: Expression,
    operand: fn(ParseStream) -> Result<Expression>,
) -> Result<Expression> {
    let token: TokenTree = input.parse()?;
    if merge == "Multiply" && input.peek(Token![*]) {
        return Err(missing(input, "a wire has no power; multiply it by itself: `x * x`"));
    }
    let right = operand(input)?;
    if let (Expression::Constant(_), Expression::Constant(_)) = (left.bare(), right.bare()) {
        let message = "both sides are numbers; write the result";
        return Err(syn::Error::new(token.span(), message));
    }
    Ok(Expression::Operator { operator: Operator { token, merge }, left: Box::new(left), right: Box::new(right) })
}

/// What Python has, and wires have not.
fn no_other_operator(input: ParseStream) -> Result<()> {
    let message = if input.peek(Token![/]) {
        "wires are added, subtracted and multiplied; instead of `x / 4.0` write `0.25 * x`"
    } else if input.peek(Token![@]) {
        "a product of two wires' vectors is `dot(x, y)`"
    } else if input.peek(Token![%]) {
        "wires are added, subtracted and multiplied"
    } else {
        return Ok(());
    };
    Err(missing(input, message))
}

fn factor(input: ParseStream) -> Result<Expression> {
    let mut of = primary(input)?;
    while input.peek(token::Bracket) {
        let (items, brackets) = slice(input, &of)?;
        of = Expression::Slice { of: Box::new(of), items, brackets };
    }
    Ok(of)
}

fn primary(input: ParseStream) -> Result<Expression> {
    if input.peek(token::Paren) {
        return parenthesized(input);
    }
    if let Some(constant) = constant(input)? {
        return Ok(Expression::Constant(constant));
    }
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected an input, a branch or a merge such as `concatenate(x, y)`"));
    }
    let mut word = input.call(Ident::parse_any)?;
    let mut name = None;
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        input.parse::<Token![:]>()?;
        if !input.peek(Ident::peek_any) || !input.peek2(token::Paren) {
            let message =
                "a name and `:` stand before a merge or a layer: `all: concatenate(x, y) => hidden: Dense<_, 8>`";
            return Err(syn::Error::new(word.span(), message));
        }
        if !is_name(&word) {
            return Err(syn::Error::new(word.span(), format!("`{word}` is a keyword of Rust and cannot be a name")));
        }
        name = Some(std::mem::replace(&mut word, input.call(Ident::parse_any)?));
    }
    if input.peek(Token![<]) || input.peek(Token![::]) {
        let message = "a chain begins at an input, a branch or a merge, and layers follow: `a => Dense<32, 8>`";
        return Err(syn::Error::new(word.span(), message));
    }
    if input.peek(token::Paren) { merge(input, name, word) } else { Ok(Expression::Wire(use_of_name(word))) }
}

/// `2.0`, `-1`, `{ SCALE }`
fn constant(input: ParseStream) -> Result<Option<TokenStream>> {
    if input.peek(token::Brace) {
        return input.parse::<TokenTree>().map(|group| Some(group.into_token_stream()));
    }
    let sign = if input.peek(Token![-]) { Some(input.parse::<Token![-]>()?) } else { None };
    if input.peek(LitFloat) || input.peek(LitInt) {
        let number: Lit = input.parse()?;
        return Ok(Some(quote!(#sign #number)));
    }
    match sign {
        Some(sign) => Err(syn::Error::new(sign.span, "a wire with its sign changed is `-1.0 * x`")),
        None => Ok(None),
    }
}

/// `(x + y)`, or the inputs of a step, `(a = x, b = y)`.
fn parenthesized(input: ParseStream) -> Result<Expression> {
    let group: TokenTree = input.fork().parse()?;
    let written = group.into_token_stream();
    let content;
    syn::parenthesized!(content in input);
    let mut operands = Vec::new();
    let mut named = content.is_empty();
    while !content.is_empty() {
        if !content.peek(Ident::peek_any)
            && operands.is_empty()
            && content.cursor().punct().is_some_and(|_| !content.peek(Token![-]))
        {
            return Err(missing(&content, "expected the name of an input or a branch"));
        }
        let name = if content.peek(Ident::peek_any) && content.peek2(Token![=]) && !content.peek2(Token![=>]) {
            let name = content.call(Ident::parse_any).map(use_of_name)?;
            content.parse::<Token![=]>()?;
            named = true;
            Some(name)
        } else {
            None
        };
        if content.is_empty() {
            return Err(missing(&content, "expected the name of an input or a branch"));
        }
        let operand = expression(&content)?;
        if let (None, Expression::Operator { .. } | Expression::Slice { .. } | Expression::Merge { .. }, true) =
            (&name, operand.bare(), named || content.peek(Token![,]))
        {
            let written = operand.written();
            let message =
                format!("which input is this? write its name before it: `name = {}`", crate::text::of(&written));
            return Err(syn::Error::new_spanned(written, message));
        }
        operands.push((name, operand));
        if content.is_empty() {
            break;
        }
        content.parse::<Token![,]>()?;
        named = true;
    }
    match operands.pop() {
        Some((None, of)) if !named => Ok(Expression::Group { of: Box::new(of), written }),
        last => {
            operands.extend(last);
            Ok(Expression::Named { operands, written })
        }
    }
}

fn merge(input: ParseStream, name: Option<Ident>, merge: Ident) -> Result<Expression> {
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
            operands.push(operand(&content, &merge)?);
        }
        if content.is_empty() {
            break;
        }
        if !content.peek(Token![,]) {
            return Err(missing(&content, "expected `,`"));
        }
        content.parse::<Token![,]>()?;
    }
    let call = quote!(#merge #group);
    if operands.len() < 2 {
        return Err(syn::Error::new_spanned(call, format!("`{merge}` joins two wires or more: `{merge}(x, y)`")));
    }
    Ok(Expression::Merge { name, layer: merge_layer(&merge, options), operands, call })
}

/// The layer that a merge is: `concatenate` is `Concatenate`.
fn merge_layer(merge: &Ident, options: Vec<LayerOption>) -> Layer {
    let name = merge.to_string();
    let (first, rest) = name.split_at(1);
    let last = Ident::new(&format!("{}{rest}", first.to_uppercase()), merge.span());
    Layer { path: last.to_token_stream(), last, arguments: None, within: None, options, options_group: None }
}

fn operand(content: ParseStream, merge: &Ident) -> Result<Expression> {
    let starts = content.peek(Ident::peek_any)
        || content.peek(token::Paren)
        || content.peek(Lit)
        || content.peek(token::Brace)
        || content.peek(Token![-]);
    if !starts {
        return Err(missing(content, &format!("`{merge}` joins inputs and branches by name: `{merge}(x, y)`")));
    }
    let operand = expression(content)?;
    let written = operand.written();
    if content.peek(Token![=>]) {
        let inner = crate::text::of(&written);
        let message = format!("`{merge}` joins wires; make this a branch, `branch x = {inner} => …;`");
        return Err(syn::Error::new_spanned(written, message));
    }
    match operand.bare() {
        Expression::Constant(_) => {
            let message =
                format!("`{merge}` joins wires, and this is a number; arithmetic is written `2.0 * x`, `1.0 - x`");
            Err(syn::Error::new_spanned(written, message))
        }
        Expression::Named { .. } => {
            let message = format!("`{merge}` joins wires, each alone: `{merge}(x, y)`");
            Err(syn::Error::new_spanned(written, message))
        }
        _ => Ok(operand),
    }
}
