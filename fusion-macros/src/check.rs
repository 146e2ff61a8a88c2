//! The mistakes of the language: collected, so that one compilation shows them all, and their words.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Ident;

use crate::text;

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

    /// Whether nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// All of them as `compile_error!`s.
    pub fn into_compile_errors(self) -> TokenStream {
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// "there is no wire `hiden`; did you mean `hidden`?"
pub fn unknown_wire(name: &Ident, known: &[String]) -> String {
    let text = format!("there is no input or branch `{name}`");
    match text::nearest(&name.to_string(), known.iter().map(String::as_str)) {
        Some(near) => format!("{text}; did you mean `{near}`?"),
        None if known.is_empty() => format!("{text}; declare one: `input {name}: [f32; 32];`"),
        None => format!("{text}; there are {}", list(known)),
    }
}

/// "`x`, `y` and `z`"
pub fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// "`x` is made from itself: x ← y ← x"
pub fn cycle(names: &[String]) -> String {
    let first = &names[0];
    let mut path = names.join(" ← ");
    path = format!("{path} ← {first}");
    format!("branch `{first}` is made from itself: {path}; a model's wires must lead from its inputs to its outputs")
}
