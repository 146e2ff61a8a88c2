//! The warnings of masks that are lost.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Context, levels};
use crate::keras;
use crate::resolve::{Kind, Operation};
use crate::text;

/// Where the model itself says that there are masks: a question at each step, whose answer is a deprecated function where
/// one is lost. So the compiler says it there, and at the level that it has for what is deprecated.
pub fn lost(context: &Context<'_>) -> TokenStream {
    if context.graph.broken || !context.graph.layers.iter().any(|field| keras::makes_mask(&field.layer)) {
        return TokenStream::new();
    }
    let (krate, name) = (context.krate, context.name);
    let question = |(index, operation): (usize, &Operation<'_>)| {
        let (Kind::Layer { .. }, Some(step)) = (operation.kind, operation.step()) else { return None };
        let is_lost_here = Ident::new("is_lost_here", text::ends(&step.written).0);
        Some(quote!(__MaskOfInput::<{ __loses_mask::<#name>(#index) }>::#is_lost_here();))
    };
    let (levels, questions) = (levels(context), context.steps().filter_map(question));
    quote! {
        #(#levels)*
        const _: () = {
            #[allow(unused_imports)]
            use #krate::model::{MaskOfInput as __MaskOfInput, loses_mask as __loses_mask};
            #(#questions)*
        };
    }
}
