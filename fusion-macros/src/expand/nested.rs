//! A model as a layer of another one.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;

/// Both forms: of one input, and of several by name.
pub fn layers(context: &Context<'_>) -> TokenStream {
    let (one, several) = (of_one(context), of_several(context));
    quote!(#one #several)
}

fn of_one(context: &Context<'_>) -> TokenStream {
    let (krate, name, common) = (context.krate, context.name, common(context));
    quote! {
        #[diagnostic::do_not_recommend]
        impl<__In: #krate::Tensor, __O: #krate::OptionsOf<Self>> #krate::Layer<__In, __O> for #name {
            const FIT: #krate::Fit = #krate::nested::fit_of_one::<Self, __In>();
            #common
            fn check(__x: &[__In]) -> ::core::result::Result<(), #krate::InputError> {
                #krate::nested::check_one::<Self, __In>(__x)
            }
            fn forward<__Out: #krate::Tensor>(&self, __cx: &mut #krate::Forward<'_>, __x: &[__In], __y: &mut [__Out]) {
                #krate::nested::forward_one(self, __cx, __x, __y);
            }
            fn backward<__Out: #krate::Tensor>(
                &self,
                __cx: &mut #krate::Backward<'_>,
                __x: &[__In],
                __y: &[__Out],
                __dy: &mut [__Out],
                __dx: ::core::option::Option<&mut [__In]>,
                gradient: &mut Self,
            ) {
                #krate::nested::backward_one(self, __cx, __x, __dy, __dx, gradient, ::core::option::Option::None);
            }
            fn step_back<__Out: #krate::Tensor>(
                &self,
                __cx: &mut #krate::Backward<'_>,
                __x: &[__In],
                __y: &[__Out],
                __dy: &mut [__Out],
                __dx: ::core::option::Option<&mut [__In]>,
                gradient: &mut Self,
                squares: ::core::option::Option<&mut Self>,
            ) {
                #krate::nested::backward_one(self, __cx, __x, __dy, __dx, gradient, squares);
            }
        }
    }
}

fn of_several(context: &Context<'_>) -> TokenStream {
    let (krate, name, common) = (context.krate, context.name, common(context));
    let operands = quote!(&[#krate::operands::Operand<'_>]);
    let dx = quote!(&mut [::core::option::Option<&mut [f32]>]);
    quote! {
        #[diagnostic::do_not_recommend]
        impl<__I: #krate::operands::Operands, __O: #krate::OptionsOf<Self>> #krate::MultiInputLayer<__I, __O> for #name {
            const FIT: #krate::Fit = #krate::nested::fit_of_several::<Self, __I>();
            #common
            fn check(__x: #operands) -> ::core::result::Result<(), (usize, #krate::InputError)> {
                #krate::nested::check_several::<Self, __I>(__x)
            }
            fn forward<__Out: #krate::Tensor>(&self, __cx: &mut #krate::Forward<'_>, __x: #operands, __y: &mut [__Out]) {
                #krate::nested::forward_several::<Self, __I, __Out>(self, __cx, __x, __y);
            }
            fn backward<__Out: #krate::Tensor>(
                &self,
                __cx: &mut #krate::Backward<'_>,
                __x: #operands,
                __y: &[__Out],
                __dy: &mut [__Out],
                __dx: #dx,
                gradient: &mut Self,
            ) {
                let squares = ::core::option::Option::None;
                #krate::nested::backward_several::<Self, __I, __Out>(self, __cx, __x, __dy, __dx, gradient, squares);
            }
            fn step_back<__Out: #krate::Tensor>(
                &self,
                __cx: &mut #krate::Backward<'_>,
                __x: #operands,
                __y: &[__Out],
                __dy: &mut [__Out],
                __dx: #dx,
                gradient: &mut Self,
                squares: ::core::option::Option<&mut Self>,
            ) {
                #krate::nested::backward_several::<Self, __I, __Out>(self, __cx, __x, __dy, __dx, gradient, squares);
            }
        }
    }
}

/// What does not depend on how many inputs there are.
fn common(context: &Context<'_>) -> TokenStream {
    let krate = context.krate;
    quote! {
        const MEMORY: #krate::Memory = #krate::nested::memory::<Self>();
        const MULTIPLICATIONS: usize = <Self as #krate::Network>::MULTIPLICATIONS;
        const PROBABILITIES: bool = #krate::nested::probabilities::<Self>();
        const COUPLES_SAMPLES: bool = <Self as #krate::Network>::COUPLES_SAMPLES;
        fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
            #krate::Network::update_state(self, samples, saved);
        }
    }
}
