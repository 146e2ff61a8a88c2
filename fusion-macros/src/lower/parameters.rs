//! What a use of a block gives for its parameters.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;
use syn::parse::Parser;

use super::Scope;
use crate::parse;
use crate::syntax::{Layer, LayerOption};

impl Scope<'_> {
    /// The tokens with what is given for parameters in their place.
    pub(super) fn replaced(&self, tokens: TokenStream) -> TokenStream {
        if self.parameters.is_empty() { tokens } else { self.replaced_in(tokens, false) }
    }

    /// The same within braces, where braces that come first would be a statement: `{ { 2 * H } + 1 }`.
    fn replaced_in(&self, tokens: TokenStream, braces: bool) -> TokenStream {
        let mut first = braces;
        let replaced = tokens.into_iter().map(|token| {
            let first = std::mem::replace(
                &mut first,
                matches!(&token, TokenTree::Punct(end) if braces && end.as_char() == ';'),
            );
            match token {
                TokenTree::Ident(word) => match self.parameters.get(&word.to_string()) {
                    Some(given) if first => Group::new(Delimiter::Parenthesis, given.clone()).into_token_stream(),
                    Some(given) => given.clone(),
                    None => word.into_token_stream(),
                },
                TokenTree::Group(group) => {
                    let inner = self.replaced_in(group.stream(), group.delimiter() == Delimiter::Brace);
                    let mut replaced = Group::new(group.delimiter(), inner);
                    replaced.set_span(group.span());
                    replaced.into_token_stream()
                }
                other => other.into_token_stream(),
            }
        });
        replaced.collect()
    }

    /// The layer with parameters and shared layers of the block in their place.
    pub(super) fn substituted(&self, layer: &Layer) -> Layer {
        let mut layer = layer.clone();
        if let Some(shared) = layer.word().and_then(|word| self.layers.get(&word.to_string())) {
            (layer.path, layer.last) = (shared.to_token_stream(), shared.clone());
            return layer;
        }
        if self.parameters.is_empty() {
            return layer;
        }
        // A parameter that stands for a whole layer.
        if let Some(given) = layer.word().and_then(|word| self.parameters.get(&word.to_string()))
            && let Ok(given) = parse::layer.parse2(given.clone())
        {
            layer = given.with_more(layer.options, layer.options_group);
        }
        if layer.arguments.is_some()
            && let Ok((arguments, within)) = parse::arguments.parse2(self.replaced(layer.arguments_written()))
        {
            (layer.arguments, layer.within) = (Some(arguments), within);
        }
        for LayerOption { value, .. } in &mut layer.options {
            if let Ok(replaced) = syn::parse2::<Expr>(self.replaced(value.to_token_stream())) {
                *value = replaced;
            }
        }
        layer.options_group = layer.options_group.map(|group| {
            let tokens = self.replaced(group.to_token_stream());
            tokens.into_iter().next().unwrap_or(group)
        });
        layer
    }
}
