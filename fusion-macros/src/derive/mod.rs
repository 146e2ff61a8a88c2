//! The derives: what a layer's struct is as weights, and what its options are.

mod options;
mod parameters;

pub use options::expand as options;
pub use parameters::expand as parameters;

use syn::{DeriveInput, Generics, Ident};

/// The generics of a struct, its type parameters without borrows and fit for threads.
fn with_static_parameters(input: &DeriveInput) -> Generics {
    let mut generics = input.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    for parameter in parameters {
        let bound = syn::parse_quote!(#parameter: ::core::marker::Send + ::core::marker::Sync + 'static);
        generics.make_where_clause().predicates.push(bound);
    }
    generics
}
