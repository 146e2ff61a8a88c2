//! `include_weights!`: a weight file as a constant.

use std::path::Path as FilePath;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Result, Token, bracketed};

/// The crate's path, and the file's.
struct Written {
    krate: Path,
    file: LitStr,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let krate;
        bracketed!(krate in input);
        krate.parse::<Token![unsafe]>()?;
        let krate = krate.call(Path::parse_mod_style)?;
        let file = input.parse().map_err(|error| {
            let text = "the path of a weight file is missing: `include_weights!(\"model.safetensors\")`";
            syn::Error::new(error.span(), text)
        })?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            let text = "nothing comes behind the path: the type of the `static` says which model it is, \
                `static MODEL: Included<Model> = include_weights!(…)`";
            return Err(input.error(text));
        }
        Ok(Self { krate, file })
    }
}

/// The code of a model with the weights of a file.
///
/// What is wrong with the file the compiler finds in a constant, which knows the model. Whether all numbers are finite is
/// looked up here, as the compiler takes a second for a million of them.
pub fn expand(tokens: TokenStream) -> Result<TokenStream> {
    let Written { krate, file } = syn::parse2(tokens)?;
    let (written, span) = (file.value(), file.span());
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = FilePath::new(&package).join(&written);
    let bytes = std::fs::read(&path).map_err(|error| {
        let text = format!("cannot read the weights from `{written}`, a path relative to the package: {error}");
        syn::Error::new(span, text)
    })?;
    let Some(path) = path.to_str() else {
        return Err(syn::Error::new(span, "the path of the package is no text that the compiler can read"));
    };
    let not_finite = not_finite(&bytes);
    // The path's own tokens say where an error is shown.
    let (file, path) = (quote_spanned!(span=> #written), syn::LitStr::new(path, span));
    let included = quote_spanned!(span=> __included(__BYTES, #file, &[#(#not_finite),*], &__GOLDEN, &__RANGES));
    let extra = |name: TokenStream, start: TokenStream| {
        quote! {
            #[allow(long_running_const_eval)]
            static #name: [::core::primitive::f32; #krate::persistence::count_numbers(__BYTES, #krate::persistence::#start)] = {
                let mut __numbers = [0.0; _];
                #krate::persistence::copy_numbers(__BYTES, #krate::persistence::#start, &mut __numbers);
                __numbers
            };
        }
    };
    let (golden, ranges) = (extra(quote!(__GOLDEN), quote!(GOLDEN)), extra(quote!(__RANGES), quote!(RANGE)));
    Ok(quote!({
        use #krate::persistence::included as __included;
        const __BYTES: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        #golden
        #ranges
        #included
    }))
}

/// The numbers behind the header that are none, where the file has a header; or they are ids, which the compiler can tell.
/// Only the first ones: parameters stand before samples of ids.
fn not_finite(bytes: &[u8]) -> Vec<usize> {
    let data = bytes.split_first_chunk().and_then(|(length, rest)| {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.get(length..)
    });
    let (numbers, _) = data.unwrap_or_default().as_chunks();
    let none = numbers.iter().enumerate().filter(|(_, number)| !f32::from_le_bytes(**number).is_finite());
    none.map(|(index, _)| index).take(4096).collect()
}
