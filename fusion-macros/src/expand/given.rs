//! What is given for several outputs by their names, in the struct of these: losses, targets and so on.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::Context;
use super::outputs::{names, parameters};

/// A name for each thing that the struct holds, and what the trainer takes it as.
pub fn given(context: &Context<'_>) -> TokenStream {
    let (krate, aliases) = (context.krate, aliases(context));
    // Beside a mistake in the declaration whatever is given is right.
    let taken =
        (!context.graph.broken).then(|| [losses(context), targets(context), metrics(context), weights(context)]);
    let taken = taken.iter().flatten();
    quote! {
        #krate::for_trainer! {
            #aliases
            #[allow(non_camel_case_types, clippy::all, clippy::pedantic)]
            const _: () = { #(#taken)* };
        }
    }
}

fn aliases(context: &Context<'_>) -> TokenStream {
    let (visibility, name) = (&context.declaration.visibility, context.name);
    let (outputs, parameters) = (context.named("Outputs"), parameters(context));
    let alias = |ending: &str, generics: TokenStream, held: fn(&Ident) -> TokenStream, docs: &str| {
        let (alias, held) = (context.named(ending), parameters.iter().map(held));
        let docs = format!(" {docs} of [`{name}`], by name.");
        quote_spanned! {name.span()=>
            #[doc = #docs]
            #[allow(dead_code, non_camel_case_types)]
            #visibility type #alias #generics = #outputs<#(#held),*>;
        }
    };
    let any = quote!(<#(#parameters),*>);
    let aliases = [
        alias("Targets", quote!(<'a, #(#parameters),*>), |held| quote!(&'a [#held]), "The targets for each output"),
        alias("Losses", any.clone(), |held| quote!(#held), "The loss of each output"),
        alias("LossWeights", quote!(), number, "What the loss counts of each output"),
        alias("Metrics", any, |held| quote!(#held), "A metric, or `()` for none, for each output"),
        alias("SampleWeights", quote!(<'a>), numbers, "What each sample counts for each output"),
        alias("ClassWeights", quote!(<'a>), numbers, "What each class counts for each output"),
    ];
    aliases.into_iter().collect()
}

fn number(_: &Ident) -> TokenStream {
    quote!(::core::primitive::f32)
}

fn numbers(_: &Ident) -> TokenStream {
    quote!(&'a [::core::primitive::f32])
}

/// `fusion::training`, and the outputs of the model as a tuple.
fn paths(context: &Context<'_>) -> (TokenStream, TokenStream) {
    let (krate, name) = (context.krate, context.name);
    (quote!(#krate::training), quote!(<#name as #krate::model::Network>::Outputs))
}

fn losses(context: &Context<'_>) -> TokenStream {
    let (name, names, held, outputs) = (context.name, names(context), parameters(context), context.named("Outputs"));
    let (training, in_order) = paths(context);
    quote_spanned! {name.span()=>
        #[diagnostic::do_not_recommend]
        impl<#(#held),*> #training::Losses<#name, #in_order> for #outputs<#(#held),*>
        where
            (#(#held,)*): #training::LossesInOrder<#in_order>,
        {
            type Targets = <(#(#held,)*) as #training::LossesInOrder<#in_order>>::Targets;
            type InOrder = (#(#held,)*);
            fn in_order(self) -> Self::InOrder {
                (#(self.#names,)*)
            }
        }
    }
}

fn targets(context: &Context<'_>) -> TokenStream {
    let (name, names, held, outputs) = (context.name, names(context), parameters(context), context.named("Outputs"));
    let (training, _) = paths(context);
    quote_spanned! {name.span()=>
        #[diagnostic::do_not_recommend]
        impl<'a, #(#held),*> #training::IntoTargets<'a, #name, (#(#held,)*)> for #outputs<#(&'a [#held]),*>
        where
            (#(#held,)*): #training::Targets<Slices<'a> = (#(&'a [#held],)*)>,
        {
            fn into_targets(self) -> (#(&'a [#held],)*) {
                (#(self.#names,)*)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<'a, __Weights, #(#held),*> #training::IntoTargets<'a, #name, (#(#held,)*)>
            for #training::Weighted<#outputs<#(&'a [#held]),*>, __Weights>
        where
            __Weights: #training::IntoSampleWeights<'a, #name>,
            (#(#held,)*): #training::Targets<Slices<'a> = (#(&'a [#held],)*)>,
        {
            fn into_targets(self) -> (#(&'a [#held],)*) {
                #training::IntoTargets::<#name, (#(#held,)*)>::into_targets(self.parts().0)
            }
            fn into_weighted(self) -> ((#(&'a [#held],)*), #training::SampleWeights<'a>) {
                let (__targets, __weights) = self.parts();
                let __targets = #training::IntoTargets::<#name, (#(#held,)*)>::into_targets(__targets);
                (__targets, #training::IntoSampleWeights::into_weights(__weights))
            }
        }
    }
}

fn metrics(context: &Context<'_>) -> TokenStream {
    let (name, names, held, outputs) = (context.name, names(context), parameters(context), context.named("Outputs"));
    let (training, in_order) = paths(context);
    quote_spanned! {name.span()=>
        #[diagnostic::do_not_recommend]
        impl<__Targets, __Kind, #(#held),*> #training::Metrics<#name, __Targets, __Kind, #in_order> for #outputs<#(#held),*>
        where
            __Targets: #training::Targets,
            (#(#held,)*): #training::MetricsInOrder<#in_order, __Targets, __Kind>,
        {
            fn into_tracker(self) -> #training::BoxedTracker<#in_order, __Targets> {
                #training::MetricsInOrder::track((#(self.#names,)*))
            }
        }
    }
}

/// What losses count, and samples.
fn weights(context: &Context<'_>) -> TokenStream {
    let (name, names, held, outputs) = (context.name, names(context), parameters(context), context.named("Outputs"));
    let (training, _) = paths(context);
    let (number, numbers, classes) = (held.iter().map(number), held.iter().map(numbers), held.iter().map(numbers));
    quote_spanned! {name.span()=>
        #[diagnostic::do_not_recommend]
        impl #training::LossWeights<#name> for #outputs<#(#number),*> {
            fn in_order(self) -> #training::Numbers {
                #training::numbers(&[#(self.#names),*])
            }
        }
        #[diagnostic::do_not_recommend]
        impl<'a> #training::IntoClassWeights<#name> for #outputs<#(#classes),*> {
            fn into_class_weights(self) -> #training::ClassNumbers {
                #training::class_numbers(&[#(self.#names),*])
            }
        }
        #[diagnostic::do_not_recommend]
        impl<'a> #training::IntoSampleWeights<'a, #name> for #outputs<#(#numbers),*> {
            fn into_weights(self) -> #training::SampleWeights<'a> {
                #training::SampleWeights::each(&[#(self.#names),*])
            }
        }
    }
}
