//! What stands in a block as it would elsewhere in Rust, and where it belongs.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Path, Token, Visibility};

use crate::report::Mistakes;
use crate::text;

/// Where an item of Rust belongs that begins with this word.
pub fn item(word: &Ident) -> Option<String> {
    let place = match word.to_string().as_str() {
        "fn" | "async" | "unsafe" => {
            "functions stand outside of `model!`, methods in an `impl` of the model".to_owned()
        }
        "impl" | "trait" | "mod" => format!("`{word} … {{ … }}` stands outside of `model!`"),
        word @ ("const" | "static" | "type" | "use" | "struct" | "enum" | "extern" | "macro_rules") => {
            format!("`{word} …` stands outside of `model!`, beside it")
        }
        _ => return None,
    };
    Some(place)
}

/// A field as a struct has it, `scale: f32`.
pub fn field(word: &Ident, input: ParseStream) -> Option<String> {
    let ahead = input.fork();
    ahead.parse::<Token![:]>().ok()?;
    let is_layer = match ahead.cursor().token_tree()?.0 {
        TokenTree::Ident(ty) => ty.to_string().starts_with(char::is_uppercase) || ahead.peek2(Token![::]),
        TokenTree::Group(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':' || punct.as_char() == ';',
        TokenTree::Literal(_) => false,
    };
    (!is_layer).then(|| {
        format!(
            "a model's fields are its layers, `layer {word}: Dense<_, 8>`; numbers that are learned belong to a layer, \
             others stand beside the model"
        )
    })
}

/// Takes a visibility away, which no item has.
pub fn visibility(input: ParseStream, mistakes: &mut Mistakes) {
    if let Ok(visibility) = input.parse::<Visibility>()
        && !matches!(visibility, Visibility::Inherited)
    {
        let message = "what stands in a model is as public as the model: take this away";
        mistakes.at(visibility, message.to_owned());
    }
}

/// Whether these tokens only come before an item: attributes, comments and a visibility.
pub fn come_before(tokens: &[TokenTree]) -> bool {
    let mut tokens = tokens;
    while let [TokenTree::Punct(hash), TokenTree::Group(_), rest @ ..] = tokens
        && hash.as_char() == '#'
    {
        tokens = rest;
    }
    match tokens {
        [] => true,
        [TokenTree::Ident(word)] => word == "pub",
        [TokenTree::Ident(word), TokenTree::Group(within)] => {
            word == "pub" && within.delimiter() == Delimiter::Parenthesis
        }
        _ => false,
    }
}

/// What is wrong with attributes that nothing follows.
pub fn of_nothing(attribute: &Attribute) -> syn::Error {
    let message = if attribute.path().is_ident("doc") {
        "this comment documents nothing: it stands before what it is about, and `//` begins one that documents nothing"
    } else {
        "this attribute stands before nothing"
    };
    syn::Error::new_spanned(attribute, message)
}

/// Takes out of a model's attributes what the macro derives itself.
pub fn derived(attributes: &mut [Attribute], mistakes: &mut Mistakes) {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let Ok(paths) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else { continue };
        let is_ours = |path: &Path| {
            path.segments.last().is_some_and(|last| last.ident == "Parameters" || last.ident == "Options")
        };
        let (ours, others): (Vec<Path>, Vec<Path>) = paths.into_iter().partition(is_ours);
        for path in &ours {
            let name = text::of(path);
            mistakes.at(path, format!("`model!` writes what `{name}` would derive: take it away"));
        }
        if !ours.is_empty() {
            *attribute = syn::parse_quote!(#[derive(#(#others),*)]);
        }
    }
}

/// What a list of layers is instead, `[Dense<_, 4>, Dense<_, 1>]`, if the shape of a model's input is one.
pub fn list_of_layers(model: &Ident, input: ParseStream) -> Option<syn::Error> {
    let TokenTree::Group(list) = input.cursor().token_tree()?.0 else { return None };
    let mut tokens = list.stream().into_iter();
    let first = matches!(tokens.next()?, TokenTree::Ident(word) if word.to_string().starts_with(char::is_uppercase));
    if list.delimiter() != Delimiter::Bracket || !first {
        return None;
    }
    let (mut layers, mut depth) = (vec![TokenStream::new()], 0_i32);
    for token in list.stream() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' && depth == 0 => {
                layers.push(TokenStream::new());
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth -= 1,
            _ => {}
        }
        layers.last_mut()?.extend([token]);
    }
    let layers: Vec<String> = layers.iter().filter(|layer| !layer.is_empty()).map(text::of).collect();
    let layers = layers.join(" => ");
    let message = format!(
        "a model begins with the shape of its input, and arrows join its layers: `struct {model} = [f32; 32] => {layers};`"
    );
    Some(syn::Error::new(list.span(), message))
}
