//! What stands between the brackets of a slice: `x[.., 2..5]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprMethodCall, ExprRange, ExprUnary, Lit, RangeLimits, Result, Token, UnOp};

use crate::syntax::{Expression, SliceItem};
use crate::text;

/// The items, and the brackets with them.
pub fn slice(input: ParseStream, of: &Expression) -> Result<(Vec<SliceItem>, TokenStream)> {
    let group: TokenTree = input.parse()?;
    let brackets = group.to_token_stream();
    let TokenTree::Group(group) = group else { return Err(input.error("expected a slice")) };
    if let Some(spelling) = as_in_python(group.stream()) {
        let of = text::of(&of.written());
        let here = if spelling.is_empty() { of } else { format!("{of}[{spelling}]") };
        let message = format!(
            "a slice is one of a sample, so the first `:`, which is the batch, is left out, and ranges are Rust's: write `{here}`"
        );
        return Err(syn::Error::new_spanned(brackets, message));
    }
    if group.stream().is_empty() {
        return Err(syn::Error::new_spanned(brackets, "expected an index or a range: `x[0]`, `x[.., 2..5]`"));
    }
    let items = items.parse2(group.stream())?;
    Ok((items, brackets))
}

fn items(input: ParseStream) -> Result<Vec<SliceItem>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![...]) {
            input.parse::<Token![...]>()?;
            items.push(SliceItem::Rest);
        } else {
            items.push(item(input.parse()?)?);
        }
        if input.is_empty() {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    Ok(items)
}

fn item(item: Expr) -> Result<SliceItem> {
    let written = item.to_token_stream();
    match item {
        Expr::Range(range) => ranged(range, None),
        Expr::MethodCall(ExprMethodCall { receiver, method, args, .. }) if method == "step_by" && args.len() == 1 => {
            match without_parentheses(*receiver) {
                Expr::Range(range) => ranged(range, args.into_iter().next()),
                other => Err(syn::Error::new_spanned(other, "a step is one of a range: `(..).step_by(2)`")),
            }
        }
        Expr::Infer(_) => Err(syn::Error::new_spanned(written, "all of an axis is `..`")),
        index => whole(index).map(SliceItem::At),
    }
}

fn without_parentheses(expression: Expr) -> Expr {
    match expression {
        Expr::Paren(inner) => without_parentheses(*inner.expr),
        other => other,
    }
}

fn ranged(range: ExprRange, step: Option<Expr>) -> Result<SliceItem> {
    let inclusive = matches!(range.limits, RangeLimits::Closed(_));
    let end = |end: Option<Box<Expr>>| end.map(|end| whole(*end)).transpose();
    Ok(SliceItem::Range { from: end(range.start)?, to: end(range.end)?, inclusive, step: step.map(whole).transpose()? })
}

/// An index is no fraction and no text.
fn whole(index: Expr) -> Result<Expr> {
    let number = match &index {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => expr,
        other => other,
    };
    match number {
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)) => {
            Err(syn::Error::new_spanned(index, "an index is a whole number: `x[0]`, `x[-1]`"))
        }
        _ => Ok(index),
    }
}

/// What stands there as in Python, `:, 2:5`, in our spelling.
fn as_in_python(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == c);
    // A path, `Self::N`, has its colons between names.
    let path = |index: usize| {
        let name = |index: Option<usize>| matches!(index.and_then(|i| tokens.get(i)), Some(TokenTree::Ident(_)));
        let pair = |index: usize| tokens.get(index).is_some_and(|token| is(token, ':'));
        (pair(index + 1) && name(index.checked_sub(1)) && name(Some(index + 2)))
            || (index > 0 && pair(index - 1) && name(index.checked_sub(2)) && name(Some(index + 1)))
    };
    let python = tokens.iter().enumerate().any(|(index, token)| is(token, ':') && !path(index));
    if !python {
        return None;
    }
    let axes: Vec<String> = tokens
        .split(|token| is(token, ','))
        .filter(|axis| !axis.is_empty())
        .map(|axis| {
            let parts: Vec<String> = axis
                .split(|token| is(token, ':'))
                .map(|part| text::of(&part.iter().cloned().collect::<TokenStream>()))
                .collect();
            match parts.as_slice() {
                [index] => index.clone(),
                [from, to] => format!("{from}..{to}"),
                [from, to, step, ..] if !step.is_empty() => format!("({from}..{to}).step_by({step})"),
                [from, to, ..] => format!("{from}..{to}"),
                [] => String::new(),
            }
        })
        .collect();
    // The first axis is the batch, unless the dots stand for it.
    let rest =
        if axes.first().is_some_and(|axis| axis == "...") { &axes[..] } else { axes.get(1..).unwrap_or_default() };
    Some(rest.join(", "))
}
