//! Tokens as text, as a person would write them.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens as text: `Dense<{ 2 * H }, 8, Relu>`.
pub fn of(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut previous: Option<TokenTree> = None;
    let mut depth = 0_i32;
    for token in tokens {
        if previous.as_ref().is_some_and(|previous| spaced(previous, &token, depth)) {
            text.push(' ');
        }
        match &token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                depth += match punct.as_char() {
                    '<' => 1,
                    '>' => -1,
                    _ => 0,
                };
                text.push(punct.as_char());
            }
            other => text.push_str(&other.to_string()),
        }
        previous = Some(token);
    }
}

/// Whether a space belongs between two tokens; angle brackets are taken as those of generics.
fn spaced(previous: &TokenTree, next: &TokenTree, depth: i32) -> bool {
    match (previous, next) {
        (TokenTree::Punct(p), TokenTree::Punct(next)) if p.as_char() == ',' && next.as_char() == '.' => true,
        (_, TokenTree::Punct(next)) if matches!(next.as_char(), ',' | ';' | '.' | '?' | '<' | '>') => false,
        (TokenTree::Punct(p), _) if matches!(p.as_char(), ',' | ';') => true,
        (TokenTree::Punct(p), _) if p.spacing() == Spacing::Joint => false,
        (TokenTree::Punct(p), _) if matches!(p.as_char(), '<' | '.' | '&' | '!' | ':' | '\'') => {
            p.as_char() == ':' && depth < 0
        }
        (TokenTree::Punct(p), _) if p.as_char() == '>' => false,
        (_, TokenTree::Punct(next)) if next.as_char() == ':' => false,
        (TokenTree::Ident(_), TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        (TokenTree::Punct(p), TokenTree::Literal(_)) if p.as_char() == '-' => false,
        _ => true,
    }
}

/// The spans of the first and of the last token.
pub fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens.next();
    let start = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
    let end = tokens.last().or(first).map_or(start, |token| token.span());
    (start, end)
}

/// The name that was most likely meant, if any is near: by a slip of the fingers, or cut short.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // Of a single letter, any other is no slip but another name.
    let limit = if length == 1 { 0 } else { (length / 3).max(1) };
    let shortened = |candidate: &str| length >= 3 && candidate.starts_with(name);
    known
        .into_iter()
        .map(|candidate| (if shortened(candidate) { limit } else { strsim::osa_distance(name, candidate) }, candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `BatchNormalization` → `batch_normalization`, `PReLU` → `p_re_lu`: what Keras calls a layer of this class that has
/// no name (`to_snake_case` in `keras.utils.naming`, whose two regular expressions these are).
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.trim_start_matches("r#").chars().collect();
    let is_small = |index: usize| letters.get(index).is_some_and(char::is_ascii_lowercase);
    let is_capital = |index: usize| letters.get(index).is_some_and(char::is_ascii_uppercase);
    // (.)([A-Z][a-z]+) → \1_\2
    let (mut parted, mut index) = (String::new(), 0);
    while index < letters.len() {
        parted.push(letters[index]);
        index += 1;
        if is_capital(index) && is_small(index + 1) {
            parted.push('_');
            parted.push(letters[index]);
            index += 1;
            while is_small(index) {
                parted.push(letters[index]);
                index += 1;
            }
        }
    }
    // ([a-z])([A-Z]) → \1_\2
    let (mut text, mut before) = (String::new(), ' ');
    for letter in parted.chars() {
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push('_');
        }
        before = letter;
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn tokens_read_as_they_are_written() {
        for text in [
            "Dense<32, 8, Relu>",
            "Dense<{ 2 * H }, H>",
            "my::Layer<3>",
            "Dense<_, 4>",
            "[[f32; 3]; 2]",
            "TimeDistributed<Dense<3, 4>>",
            "[.., 0]",
            "[..., 2..5, (..).step_by(2)]",
            "x + 2.0 * y",
            "1.0 - x",
        ] {
            let tokens: TokenStream = text.parse().unwrap();
            assert_eq!(of(&tokens), text);
        }
        assert_eq!(of(&quote!((padding = Padding::Same, strides = 2))), "(padding = Padding::Same, strides = 2)");
        assert_eq!(of(&quote!((-1, axis = -1, f(2), 0.5))), "(-1, axis = -1, f(2), 0.5)");
    }

    #[test]
    fn a_swapped_letter_is_near() {
        assert_eq!(nearest("inptu", ["input", "output"]), Some("input"));
        assert_eq!(nearest("zebra", ["input", "output"]), None);
        assert_eq!(nearest("c", ["a", "b"]), None);
    }

    #[test]
    fn what_is_cut_short_is_near() {
        assert_eq!(nearest("concat", ["add", "concatenate"]), Some("concatenate"));
        assert_eq!(nearest("sub", ["add", "subtract"]), Some("subtract"));
    }

    #[test]
    fn layers_are_named_as_keras_names_them() {
        assert_eq!(snake_case("BatchNormalization"), "batch_normalization");
        assert_eq!(snake_case("Conv2dTranspose"), "conv2d_transpose");
        assert_eq!(snake_case("MaxPooling2d"), "max_pooling2d");
        assert_eq!(snake_case("LSTM"), "lstm");
        assert_eq!(snake_case("Dense"), "dense");
        assert_eq!(snake_case("Conv2D"), "conv2d");
        assert_eq!(snake_case("Conv2DTranspose"), "conv2d_transpose");
        assert_eq!(snake_case("ReLU"), "re_lu");
        assert_eq!(snake_case("Lstm"), "lstm");
        assert_eq!(snake_case("LeakyReLU"), "leaky_re_lu");
        assert_eq!(snake_case("PReLU"), "p_re_lu");
        assert_eq!(snake_case("AveragePooling2d"), "average_pooling2d");
        assert_eq!(snake_case("ConvLSTM2D"), "conv_lstm2d");
    }
}
