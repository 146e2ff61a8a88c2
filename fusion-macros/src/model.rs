//! `model!` from one end to the other.

use proc_macro2::TokenStream;

use crate::{expand, lower, parse, report, resolve};

/// The code of a model, and a `compile_error!` for each mistake of the language.
pub fn expand(tokens: TokenStream) -> TokenStream {
    let mut mistakes = report::Mistakes::default();
    let parsed = parse::model(tokens, &mut mistakes);
    let code = parsed.map(|declaration| {
        let flat = lower::flatten(&declaration, &mut mistakes);
        let graph = resolve::graph(&declaration, &flat, &mut mistakes);
        expand::model(&declaration, &graph)
    });
    let errors = mistakes.into_compile_errors();
    quote::quote!(#errors #code)
}
