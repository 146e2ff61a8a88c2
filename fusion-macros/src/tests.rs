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

/// A declaration with everything in it that the language has.
fn everything() -> TokenStream {
    quote! {
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
        layer embed: Embedding<10, 4>;
        branch e = user => embed => Flatten;
        output z = all: concatenate(t, e, 1.0 - h[...], add(c, c), axis = 1) => my::Layer::<3>(-1, a = [1, 2]) => Dense<_, 1>;
    }
}

/// Whether the macro writes Rust, in which the struct is.
fn keeps_its_struct(body: &TokenStream) -> Result<(), String> {
    let code = model::expand(quote!([unsafe ::fusion] pub struct Fusion { #body }));
    let file = syn::parse2::<syn::File>(code).map_err(|error| format!("{error}: {body}"))?;
    let kept = file.items.iter().any(|item| matches!(item, syn::Item::Struct(item) if item.ident == "Fusion"));
    if kept { Ok(()) } else { Err(format!("the struct is lost: {body}")) }
}

#[test]
fn a_model_that_is_half_typed_keeps_its_struct() {
    for half in beginnings(&everything()) {
        keeps_its_struct(&half).unwrap();
    }
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// The tokens with one of them left out, doubled, replaced by another or swapped with its neighbour.
fn mutated(tokens: &TokenStream, others: &[TokenTree], numbers: &mut Numbers) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    if tokens.is_empty() {
        return others[numbers.below(others.len())].clone().into();
    }
    let index = numbers.below(tokens.len());
    match (&tokens[index], numbers.below(5)) {
        (TokenTree::Group(group), 0..=2) => {
            tokens[index] = Group::new(group.delimiter(), mutated(&group.stream(), others, numbers)).into();
        }
        (_, 0) => drop(tokens.remove(index)),
        (_, 1) => tokens.insert(index, tokens[index].clone()),
        (_, 2 | 3) => tokens[index] = others[numbers.below(others.len())].clone(),
        _ => {
            let next = (index + 1) % tokens.len();
            tokens.swap(index, next);
        }
    }
    tokens.into_iter().collect()
}

/// Every token, those within brackets too.
fn all_tokens(tokens: &TokenStream) -> Vec<TokenTree> {
    let within = |token: TokenTree| match &token {
        TokenTree::Group(group) => [vec![token.clone()], all_tokens(&group.stream())].concat(),
        _ => vec![token],
    };
    tokens.clone().into_iter().flat_map(within).collect()
}

#[test]
fn a_slip_anywhere_keeps_the_struct() {
    let body = everything();
    let mut others = all_tokens(&body);
    others.extend(quote!(_ fn r#type 'a -> self crate Self :: "text" true .. ... & let const {} [] ()));
    let count = std::env::var("FUSION_SLIPS").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    let mut numbers = Numbers(1);
    let mut wrong = Vec::new();
    for _ in 0..count {
        let mut slip = mutated(&body, &others, &mut numbers);
        if numbers.below(3) == 0 {
            slip = mutated(&slip, &others, &mut numbers);
        }
        match std::panic::catch_unwind(|| keeps_its_struct(&slip)) {
            Ok(kept) => wrong.extend(kept.err()),
            Err(_) => wrong.push(format!("panics: {slip}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {count}, the first: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}
