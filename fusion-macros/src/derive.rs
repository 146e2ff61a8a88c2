//! `#[derive(Parameters)]`
use proc_macro2::TokenStream;

/// The implementation for a struct.
pub fn expand(_tokens: TokenStream) -> syn::Result<TokenStream> {
    Ok(TokenStream::new())
}
