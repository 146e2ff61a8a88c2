//! What macros of others may do to a struct, all of it safe code: `fail/soundness` shows that none leads to undefined
//! behaviour.

use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro::{TokenStream, TokenTree};

/// The struct becomes what stands in parentheses. Derives above have seen it as it was.
#[proc_macro_attribute]
pub fn becomes(other: TokenStream, _item: TokenStream) -> TokenStream {
    other
}

/// `once!(3, A, B)` is `B` the third time that it is asked for, and `A` at all others.
#[proc_macro]
pub fn once(input: TokenStream) -> TokenStream {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let input: Vec<TokenTree> = input.into_iter().collect();
    let parts: Vec<&[TokenTree]> =
        input.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')).collect();
    let asked = ASKED.fetch_add(1, Ordering::Relaxed) + 1;
    let part = if parts[0][0].to_string() == asked.to_string() { parts[2] } else { parts[1] };
    part.iter().cloned().collect()
}
