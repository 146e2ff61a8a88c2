//! What `model!` writes, as a page to read: `tests/expand/fusion.rs` is the code of the fusion model.
//!
//! `UPDATE_EXPECT=1 cargo test -p fusion-macros` writes the page anew.

use std::path::Path;

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
