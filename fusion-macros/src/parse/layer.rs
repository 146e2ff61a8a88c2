//! Layers: a path, its generic arguments and its options.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, GenericArgument, Ident, Result, Token, token};

use super::{is_name, missing};
use crate::keras;
use crate::syntax::{Layer, LayerOption, Within};

/// A path with generic arguments and, unlike a Rust type, options in parentheses.
pub fn layer(input: ParseStream) -> Result<Layer> {
    let mut path = TokenStream::new();
    if input.peek(Token![::]) {
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    }
    let (mut arguments, mut within) = (None, None);
    let last = loop {
        if !input.peek(Ident::peek_any) {
            return Err(missing(input, "expected a layer, such as `Dense<32, 8, Relu>`"));
        }
        let segment = segment(input)?;
        segment.to_tokens(&mut path);
        if input.peek(Token![<]) || input.peek(Token![::]) && input.peek3(Token![<]) {
            let (found, inner) = self::arguments(input)?;
            (arguments, within) = (Some(found), inner);
            break segment;
        }
        if !input.peek(Token![::]) {
            break segment;
        }
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    };
    if let (Some(example), None, true) = (keras::around(&last), &arguments, input.peek(token::Paren)) {
        return Err(missing(input, &format!("the layer stands in angle brackets: `{example}`")));
    }
    if matches!(last.to_string().as_str(), "self" | "Self" | "super" | "crate") {
        return Err(syn::Error::new(
            last.span(),
            format!("expected a layer, such as `Dense<32, 8, Relu>`, found `{last}`"),
        ));
    }
    let (options, options_group) = options(input)?;
    Ok(Layer { path, last, arguments, within, options, options_group })
}

/// What stands in angle brackets, of which one may be a layer with options: `<Dense<_, 4>(use_bias = false)>`.
pub fn arguments(input: ParseStream) -> Result<(AngleBracketedGenericArguments, Option<Within>)> {
    let colon2_token = input.parse()?;
    let tokens = input.cursor().token_stream();
    let (arguments, within) = if options_within(tokens.clone()) {
        with_options(input)?
    } else {
        let likely = |error| keras::arguments_mistake(tokens).unwrap_or(error);
        (input.parse().map_err(likely)?, None)
    };
    if let Some(named) = arguments.args.iter().find_map(keras::named_argument) {
        return Err(named);
    }
    Ok((AngleBracketedGenericArguments { colon2_token, ..arguments }, within))
}

/// Whether parentheses follow a type in these angle brackets.
fn options_within(tokens: TokenStream) -> bool {
    let (mut depth, mut before) = (0_i32, None);
    for token in tokens {
        match (&token, &before) {
            (TokenTree::Group(group), Some(TokenTree::Ident(_))) if group.delimiter() == Delimiter::Parenthesis => {
                return true;
            }
            (TokenTree::Group(group), Some(TokenTree::Punct(end)))
                if group.delimiter() == Delimiter::Parenthesis && end.as_char() == '>' =>
            {
                return true;
            }
            (TokenTree::Punct(arrow), Some(TokenTree::Punct(before)))
                if arrow.as_char() == '>' && matches!(before.as_char(), '=' | '-') =>
            {
                return false;
            }
            (TokenTree::Punct(punct), _) => match punct.as_char() {
                '<' => depth += 1,
                '>' => depth -= 1,
                ';' => return false,
                _ => {}
            },
            _ => {}
        }
        if depth == 0 {
            return false;
        }
        before = Some(token);
    }
    false
}

fn with_options(input: ParseStream) -> Result<(AngleBracketedGenericArguments, Option<Within>)> {
    let lt_token = input.parse()?;
    let (mut args, mut within) = (Punctuated::new(), None);
    while !input.peek(Token![>]) {
        let ahead = input.fork();
        match layer(&ahead) {
            Ok(inner) if inner.options_group.is_some() || inner.within.is_some() => {
                input.advance_to(&ahead);
                let ty = inner.ty();
                if within.is_some() {
                    return Err(syn::Error::new_spanned(ty, "options are given to one layer within another"));
                }
                within = Some(Within { place: args.len(), layer: Box::new(inner) });
                args.push_value(syn::parse2(ty)?);
            }
            other => {
                let argument = input.parse::<GenericArgument>();
                args.push_value(argument.map_err(|error| other.err().unwrap_or(error))?);
            }
        }
        if input.peek(Token![>]) {
            break;
        }
        args.push_punct(input.parse()?);
    }
    Ok((AngleBracketedGenericArguments { colon2_token: None, lt_token, args, gt_token: input.parse()? }, within))
}

/// A word of a path.
fn segment(input: ParseStream) -> Result<Ident> {
    let word = input.call(Ident::parse_any)?;
    let in_paths = matches!(word.to_string().as_str(), "self" | "Self" | "super" | "crate");
    if in_paths || is_name(&word) {
        return Ok(word);
    }
    Err(syn::Error::new(word.span(), format!("expected a layer, such as `Dense<32, 8, Relu>`, found `{word}`")))
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
        if let Some(name) = name.as_ref().filter(|name| !is_name(name)) {
            return Err(syn::Error::new(
                name.span(),
                format!("expected an option's name, as in `rate = 0.5`, found `{name}`"),
            ));
        }
        if named {
            input.parse::<Token![=]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}
