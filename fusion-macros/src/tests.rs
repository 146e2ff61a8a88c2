//! What `model!` writes, as a page to read: `tests/expand/fusion.rs` is the code of the fusion model.
//!
//! `UPDATE_EXPECT=1 cargo test -p fusion-macros` writes the page anew.

use std::path::Path;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use crate::model;

#[test]
fn the_expansion_reads_like_a_page() {
    let tokens = quote! {
        [unsafe ::fusion]
        /// Price of a diamond from its measures and its grades.
        pub struct Fusion {
            input a: [f32; 32];
            input b: [f32; 128];
            branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
            branch y = b => Dense<_, 64, Relu> => Dropout(rate = 0.5) => Dense<_, 4, Relu>;
            output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
        }
    };
    let file = syn::parse2(model::expand(tokens)).expect("the expansion is Rust");
    let expansion = prettyplease::unparse(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand/fusion.rs");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &expansion).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let different = expansion.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
    let line = different.unwrap_or_else(|| expansion.lines().count().min(expected.lines().count()));
    assert!(
        expansion == expected,
        "line {} of tests/expand/fusion.rs is different now:\n{}",
        line + 1,
        expansion.lines().nth(line).unwrap_or_default(),
    );
}

/// Every beginning of the tokens, as an editor sees them while they are typed: brackets are closed.
fn beginnings(tokens: &TokenStream) -> Vec<TokenStream> {
    let (mut before, mut all) = (Vec::<TokenTree>::new(), vec![TokenStream::new()]);
    for token in tokens.clone() {
        if let TokenTree::Group(group) = &token {
            for inner in beginnings(&group.stream()) {
                let half = TokenTree::Group(Group::new(group.delimiter(), inner));
                all.push(before.iter().cloned().chain([half]).collect());
            }
        }
        before.push(token);
        all.push(before.iter().cloned().collect());
    }
    all
}

#[test]
fn a_model_that_is_half_typed_keeps_its_struct() {
    let body = quote! {
        input series: [f32; 64, 3];
        input user: [u32; 1];
        block residual<UNITS, A>(x) {
            layer shared: Dense<_, UNITS>;
            branch h = x => #[frozen] shared => hidden: Dense<_, { 2 * 8 }, A>(use_bias = false);
            output 2.0 * x + h => Activation<A>;
        }
        block cross(query, memory) = query * memory[.., 2..-1] => Dense<_, 8>;
        branch (h, c = state) = series[(..).step_by(2), ..=1] => repeat 3 { residual<16, Relu> => Dropout(0.1) } => Lstm<_, 8>;
        branch t = (query = h, memory = c) => cross;
        output z = all: concatenate(t, 1.0 - h[...], add(c, c), axis = 1) => my::Layer::<3>(-1, a = [1, 2]) => Dense<_, 1>;
    };
    for half in beginnings(&body) {
        let text = half.to_string();
        let code = model::expand(quote!([unsafe ::fusion] pub struct Fusion { #half }));
        let file = syn::parse2::<syn::File>(code).unwrap_or_else(|error| panic!("{error}: {text}"));
        let kept = file.items.iter().any(|item| matches!(item, syn::Item::Struct(item) if item.ident == "Fusion"));
        assert!(kept, "the struct is lost: {text}");
    }
}
