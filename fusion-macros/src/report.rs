//! The mistakes of a declaration: collected, so that one compilation shows them all.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Every mistake found so far.
#[derive(Default)]
pub struct Mistakes {
    errors: Vec<syn::Error>,
}

impl Mistakes {
    /// Takes in a mistake.
    pub fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// A mistake at these tokens.
    pub fn at(&mut self, tokens: impl ToTokens, message: String) {
        self.errors.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at this span.
    pub fn at_span(&mut self, span: Span, message: String) {
        self.errors.push(syn::Error::new(span, message));
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// Whether nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// All of them as `compile_error!`s.
    pub fn into_compile_errors(self) -> TokenStream {
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }
}
