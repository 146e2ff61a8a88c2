//! The mistakes of the language: collected, so that one compilation shows them all, and their words.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, Ident, Lit};

use crate::parse::{Layer, LayerOption, MERGES};
use crate::text;

/// Every mistake found so far.
#[derive(Default)]
pub struct Mistakes {
    errors: Vec<syn::Error>,
}

impl Mistakes {
    /// Takes in a mistake.
    pub fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// A mistake at these tokens.
    pub fn at(&mut self, tokens: impl ToTokens, message: String) {
        self.errors.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at this span.
    pub fn at_span(&mut self, span: Span, message: String) {
        self.errors.push(syn::Error::new(span, message));
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// Whether nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// All of them as `compile_error!`s.
    pub fn into_compile_errors(self) -> TokenStream {
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// "there is no input or branch `hiden`; did you mean `hidden`?"
pub fn unknown_wire(name: &Ident, known: &[String]) -> String {
    let text = format!("there is no input or branch `{name}`");
    match (text::nearest(&name.to_string(), known.iter().map(String::as_str)), known) {
        (Some(near), _) => format!("{text}; did you mean `{near}`?"),
        (None, []) => format!("{text}; declare one: `input {name}: [f32; 32];`"),
        (None, [only]) => format!("{text}; there is only `{only}`"),
        (None, _) => format!("{text}; there are {}", list(known)),
    }
}

/// "there is no merge `concat`; did you mean `concatenate`?"
pub fn unknown_merge(name: &Ident) -> String {
    let text = format!("there is no merge `{name}`");
    let word = name.to_string();
    if let Some(near) = text::nearest(&word.to_lowercase(), MERGES) {
        return format!("{text}; did you mean `{near}`?");
    }
    if word.starts_with(char::is_uppercase) {
        return format!("{text}; layers follow what they take: `a => {word}`");
    }
    format!("{text}; there are {}", list(&MERGES.map(str::to_owned)))
}

/// What is wrong with a word that stands where a layer belongs, if it surely is none: a merge, a
/// wire, or nearly the name of a shared layer.
pub fn no_layer(layer: &Layer, wires: &[String], shared: &[String]) -> Option<String> {
    let word = layer.word()?.to_string();
    if MERGES.contains(&word.as_str()) {
        return Some(format!("`{word}` is a merge, which begins a chain: `{word}(x, y) => …`"));
    }
    if word.starts_with(char::is_uppercase) {
        return None;
    }
    if wires.contains(&word) {
        return Some(format!("`{word}` is no layer but a wire; a merge such as `add(x, y)` joins wires"));
    }
    let near = text::nearest(&word, shared.iter().map(String::as_str))?;
    Some(format!("there is no layer `{word}`; did you mean `{near}`?"))
}

/// The options that are given a second time, and what to say there.
pub fn repeated_options<'a>(options: &'a [LayerOption], layer: &str) -> Vec<(&'a LayerOption, String)> {
    let mut repeated = Vec::new();
    for (index, option) in options.iter().enumerate() {
        if !options[..index].iter().any(|earlier| earlier.name == option.name) {
            continue;
        }
        let message = match &option.name {
            Some(name) => format!("the option `{name}` is given twice"),
            None => format!("one option of `{layer}` goes without its name, the others are written `name = value`"),
        };
        repeated.push((option, message));
    }
    repeated
}

/// Whether sizes stand where options belong, as in Keras: `Dense(32, 8)`.
pub fn sizes_as_options(layer: &Layer) -> Option<String> {
    let size = |option: &LayerOption| {
        let fraction = matches!(&option.value, Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)));
        option.name.is_none() && !fraction
    };
    if layer.options.len() < 2 || layer.arguments.is_some() || !layer.options.iter().all(size) {
        return None;
    }
    let (name, sizes) =
        (&layer.last, layer.options.iter().map(|option| text::of(&option.written())).collect::<Vec<_>>());
    Some(format!("sizes stand in angle brackets: `{name}<{}>`; parentheses are for options", sizes.join(", ")))
}

/// "`x`, `y` and `z`"
pub fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// "branch `x` is made from itself: x ← y ← x"
pub fn cycle(names: &[String]) -> String {
    let first = &names[0];
    let path = names.join(" ← ");
    format!("branch `{first}` is made from itself: {path} ← {first}; wires lead from the inputs to the outputs")
}
