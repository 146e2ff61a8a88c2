//! The `model!` macro of `fusion` and its derives.
//!
//! tokens → `parse` (`syntax` tree) → `lower` (blocks and expressions written out, `flat` chains) → `resolve` (graph)
//! → `expand` (code). Mistakes of the language are worded in `check` and collected in `report`. The macro knows names and wires; it knows no layer and does no
//! arithmetic: shapes are computed by the compiler from what it writes.

mod check;
mod derive;
mod expand;
mod flat;
mod include_weights;
mod keras;
mod lower;
mod model;
mod parse;
mod report;
mod resolve;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

/// Writes a model's struct and all that belongs to it; use it as `fusion::model!`.
///
/// The tokens begin with the path of the crate `fusion` in brackets, which the `model!` of that
/// crate puts there, so that a renamed dependency works: `[unsafe $crate]`. Whoever writes that promises that it is
/// this crate's path, as the code that comes out trusts the checks it calls there.
#[proc_macro]
pub fn model(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    model::expand(tokens.into()).into()
}

/// Puts a weight file into the program; use it as `fusion::include_weights!`. The tokens begin as those of [`model`](macro@model).
#[proc_macro]
pub fn include_weights(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    include_weights::expand(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct of arrays and of other layers usable as the weights of a layer; see `fusion::weights::Parameters`.
#[proc_macro_derive(Parameters, attributes(parameter, parameters))]
pub fn parameters(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::parameters(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct the options of a layer, a builder method a field; see `fusion::weights::Options`.
#[proc_macro_derive(Options, attributes(option, options))]
pub fn options(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::options(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
