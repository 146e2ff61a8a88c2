//! `#[derive(Options)]`: a struct as a layer's options, with a `const` builder method for each field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Data, DeriveInput, Expr, Field, Fields, GenericArgument, Ident, Path, PathArguments, Result, Type,
};

/// `#[option(…)]` on a field.
#[derive(Default)]
struct FieldOptions {
    default: Option<Expr>,
    positional: bool,
    /// The builder method is written by hand.
    by_hand: bool,
    /// It changes training alone, and no file's digest.
    training: bool,
    /// It is what may be given for an array of the layer's weights: these of its parts.
    array: &'static [ArrayOption],
}

/// A part of `ArrayOptions`.
struct ArrayOption {
    name: &'static str,
    class: &'static str,
    /// What it does to the array, before and after the array's name.
    docs: [&'static str; 2],
}

const ARRAY: &[ArrayOption] = &[
    ArrayOption { name: "initializer", class: "Initializer", docs: ["How `", "` begins."] },
    ArrayOption {
        name: "regularizer",
        class: "Regularizer",
        docs: ["What `", "` adds to the loss; nothing if not given."],
    },
    ArrayOption {
        name: "constraint",
        class: "Constraint",
        docs: ["What `", "` is held to after each step of training; nothing if not given."],
    },
];

/// The implementations for a struct.
pub fn expand(tokens: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(tokens)?;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "`Options` can be derived for a struct, a field an option"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "the options need names, those of Keras: `pub struct ScaleOptions { factor: f32 }`",
        ));
    };
    let (name, krate) = (&input.ident, krate(&input.attrs)?);
    let mut defaults = TokenStream::new();
    let mut methods = TokenStream::new();
    let mut shown = TokenStream::new();
    for field in &fields.named {
        let options = field_options(&field.attrs)?;
        let (Some(field_name), written) = (&field.ident, field.ident.to_token_stream().to_string()) else { continue };
        if !options.array.is_empty() {
            let names = ARRAY.iter().map(|option| format!("{written}_{}", option.name));
            defaults.extend(quote!(#field_name: #krate::weights::ArrayOptions::called([#(#names),*]),));
            methods.extend(options.array.iter().map(|option| array_method(&krate, option, field, field_name)));
            continue;
        }
        let default = default(&options, field)?;
        defaults.extend(quote!(#field_name: #default,));
        methods.extend(method(&options, field, field_name));
        let training = options.training;
        shown.extend(quote! {
            show(&#krate::weights::ShownOption {
                name: #written,
                value: &self.#field_name,
                changed: self.#field_name != <Self as #krate::weights::Options>::DEFAULT.#field_name,
                training: #training,
                within: 0,
            })?;
        });
    }
    let (impl_generics, ty_generics, clause) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics #name #ty_generics #clause {
            #methods
        }
        impl #impl_generics #krate::weights::Options for #name #ty_generics #clause {
            const DEFAULT: Self = Self { #defaults };
            fn show(&self, show: &mut #krate::weights::Show<'_>) -> ::core::fmt::Result {
                #shown
                ::core::result::Result::Ok(())
            }
        }
    })
}

/// The path of the crate `fusion`, which `#[options(crate = path)]` changes.
fn krate(attributes: &[Attribute]) -> Result<Path> {
    let mut krate = syn::parse_quote!(::fusion);
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("options")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("expected `crate = path`"));
            }
            krate = meta.value()?.parse()?;
            Ok(())
        })?;
    }
    Ok(krate)
}

fn field_options(attributes: &[Attribute]) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("option")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("default") {
                options.default = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("positional") {
                options.positional = true;
            } else if meta.path.is_ident("by_hand") {
                options.by_hand = true;
            } else if meta.path.is_ident("training") {
                options.training = true;
            } else if meta.path.is_ident("array") {
                options.array = ARRAY;
            } else if meta.path.is_ident("initializer") {
                options.array = &ARRAY[..1];
            } else {
                return Err(
                    meta.error("expected `default = …`, `positional`, `by_hand`, `training`, `array` or `initializer`")
                );
            }
            Ok(())
        })?;
    }
    Ok(options)
}

/// What the field is where the option is not given.
fn default(options: &FieldOptions, field: &Field) -> Result<TokenStream> {
    match (&options.default, given(&field.ty)) {
        (Some(default), _) => Ok(default.to_token_stream()),
        (None, Some(_)) => Ok(quote!(::core::option::Option::None)),
        (None, None) => Err(syn::Error::new_spanned(
            field,
            "what is this option where it is not given? write `#[option(default = …)]`, or make it an `Option`",
        )),
    }
}

/// `T` of an `Option<T>`: what a user gives.
fn given(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}

/// The builder method of what may be given for an array, `kernel_initializer`. The field's own docs say how the array
/// begins.
fn array_method(krate: &Path, option: &ArrayOption, field: &Field, array: &Ident) -> TokenStream {
    let (part, class) = (Ident::new(option.name, array.span()), Ident::new(option.class, array.span()));
    let method = quote::format_ident!("{}_{}", array, part);
    let about = format!("{}{array}{}", option.docs[0], option.docs[1]);
    let docs = field.attrs.iter().filter(|attribute| option.name == "initializer" && attribute.path().is_ident("doc"));
    quote! {
        #[doc = #about]
        #(#docs)*
        #[must_use]
        pub const fn #method(mut self, #part: #krate::weights::#class) -> Self {
            self.#array.#part = ::core::option::Option::Some(#part);
            self
        }
    }
}

/// The builder method, with the field's own docs, and `positional` where the option goes without its name.
fn method(options: &FieldOptions, field: &Field, name: &Ident) -> TokenStream {
    let docs: Vec<&Attribute> = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    let (ty, value) = match given(&field.ty) {
        Some(ty) => (ty, quote!(::core::option::Option::Some(#name))),
        None => (&field.ty, quote!(#name)),
    };
    let positional_docs = format!("The option `{}`, written without its name.", name.to_token_stream());
    let positional = options.positional.then(|| {
        quote! {
            #[doc = #positional_docs]
            #[must_use]
            pub const fn positional(self, #name: #ty) -> Self {
                self.#name(#name)
            }
        }
    });
    let by_name = (!options.by_hand).then(|| {
        quote! {
            #(#docs)*
            #[must_use]
            pub const fn #name(mut self, #name: #ty) -> Self {
                self.#name = #value;
                self
            }
        }
    });
    quote!(#positional #by_name)
}
