//! The `model!` macro of `fusion` and its `#[derive(Parameters)]`.
//!
//! tokens → [`parse`] (syntax tree) → [`resolve`] (graph, and the mistakes of the language, worded in
//! [`check`]) → [`expand`] (code). The macro knows names and wires; it knows no layer and does no
//! arithmetic: shapes are computed by the compiler from what it writes.

use proc_macro2::TokenStream;

mod check;
mod derive;
mod expand;
mod parse;
mod resolve;
mod text;

/// Writes a model's struct and all that belongs to it; use it as `fusion::model!`.
///
/// The tokens begin with the path of the crate `fusion` in brackets, which the `model!` of that
/// crate puts there, so that a renamed dependency works.
#[proc_macro]
pub fn model(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand_model(tokens.into()).into()
}

/// Makes a struct of arrays and of other layers usable as the weights of a layer.
#[proc_macro_derive(Parameters, attributes(parameter, parameters))]
pub fn parameters(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(tokens.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn expand_model(tokens: TokenStream) -> TokenStream {
    let mut mistakes = check::Mistakes::default();
    let parsed = parse::model(tokens, &mut mistakes);
    let code = parsed.map(|declaration| {
        let graph = resolve::graph(&declaration, &mut mistakes);
        expand::model(&declaration, &graph)
    });
    let errors = mistakes.into_compile_errors();
    quote::quote!(#errors #code)
}
