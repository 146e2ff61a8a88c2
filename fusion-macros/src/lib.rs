//! The `model!` macro of `fusion` and its `#[derive(Parameters)]`.
//!
//! tokens → `parse` (syntax tree) → `resolve` (graph, and the mistakes of the language, worded in
//! `check`) → `expand` (code). The macro knows names and wires; it knows no layer and does no
//! arithmetic: shapes are computed by the compiler from what it writes.

mod check;
mod derive;
mod expand;
mod keras;
mod model;
mod parse;
mod resolve;
#[cfg(test)]
mod tests;
mod text;

/// Writes a model's struct and all that belongs to it; use it as `fusion::model!`.
///
/// The tokens begin with the path of the crate `fusion` in brackets, which the `model!` of that
/// crate puts there, so that a renamed dependency works.
#[proc_macro]
pub fn model(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    model::expand(tokens.into()).into()
}

/// Makes a struct of plain fields plain itself: `fusion_core::Plain`, for layers that write their
/// `Parameters` by hand.
#[proc_macro_derive(Plain, attributes(parameters))]
pub fn plain(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::plain(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct of arrays and of other layers usable as the weights of a layer.
#[proc_macro_derive(Parameters, attributes(parameter, parameters))]
pub fn parameters(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
