//! Tokens → syntax tree.
//!
//! A mistake is noted, and as much of the item is kept as can be read: its name stays known, so
//! that what uses it is not wrong too.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{AngleBracketedGenericArguments, Attribute, Expr, Ident, Result, Token, Visibility, token};

use crate::check::Mistakes;

mod chain;
mod item;
mod shape;

/// A whole `model!` block.
pub struct Declaration {
    /// The path of the crate `fusion`.
    pub krate: TokenStream,
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub struct_token: Token![struct],
    pub name: Ident,
    pub items: Vec<Item>,
    /// Written in the short form, `struct Name = [f32; 10] => …;`.
    pub sequential: bool,
    /// No input was declared; one stands in for it.
    pub no_input: bool,
    /// No output was declared; one stands in for it.
    pub no_output: bool,
}

impl Declaration {
    /// Adds an input and an output where there is none, so that the model's methods exist.
    fn stand_in(&mut self) {
        let span = self.name.span();
        if !self.items.iter().any(|item| matches!(item, Item::Input(_))) {
            self.no_input = true;
            let name = Ident::new("__input", span);
            self.items.insert(0, Item::Input(Input { name, shape: InputShape::stand_in(span), broken: true }));
        }
        if !self.items.iter().any(|item| matches!(item, Item::Chain(chain) if chain.is_output)) {
            self.no_output = true;
            let mut wires = self.items.iter().filter_map(|item| match item {
                Item::Input(Input { name, .. }) | Item::Chain(Chain { name, .. }) => Some(name.clone()),
                Item::Layer(_) | Item::BrokenLayer(_) => None,
            });
            let source = wires.next_back().map_or(Source::Unknown, Source::Wire);
            let name = Ident::new("__output", span);
            self.items.push(Item::Chain(Chain { name, is_output: true, source, steps: Vec::new(), broken: true }));
        }
    }
}

pub enum Item {
    Input(Input),
    Layer(SharedLayer),
    /// A shared layer that could not be read; its name is known.
    BrokenLayer(Ident),
    Chain(Chain),
}

/// `input a: [f32; 32];`
pub struct Input {
    pub name: Ident,
    pub shape: InputShape,
    /// The shape is not what the user meant.
    pub broken: bool,
}

/// `[f32; 28, 28, 1]`
#[derive(Clone)]
pub struct InputShape {
    pub element: Ident,
    pub dimensions: Vec<Expr>,
    /// The brackets with all within.
    pub written: TokenStream,
}

impl InputShape {
    /// A shape in the place of one that is not known.
    fn stand_in(span: Span) -> Self {
        Self { element: Ident::new("f32", span), dimensions: vec![syn::parse_quote!(1)], written: TokenStream::new() }
    }
}

/// `layer embed: Embedding<1000, 8>;`
pub struct SharedLayer {
    pub attributes: Vec<Attribute>,
    pub name: Ident,
    pub layer: Layer,
}

/// `branch x = a => Dense<32, 8>;` or an `output`.
pub struct Chain {
    pub name: Ident,
    pub is_output: bool,
    pub source: Source,
    pub steps: Vec<Step>,
    /// Something in it could not be read.
    pub broken: bool,
}

pub enum Source {
    /// `a`
    Wire(Ident),
    /// `all: concatenate(x, y, axis = 1)`
    Merge { name: Option<Ident>, layer: Layer, operands: Vec<Ident>, call: TokenStream },
    /// `(a = x, b = y)`
    Named { operands: Vec<(Option<Ident>, Ident)>, call: TokenStream },
    /// It could not be read.
    Unknown,
}

/// `hidden: Dense<32, 8>`, or the name of a shared layer.
pub struct Step {
    pub attributes: Vec<Attribute>,
    pub name: Option<Ident>,
    pub layer: Layer,
}

/// `my::Conv2d<1, 8, 3>(strides = 2)`
pub struct Layer {
    /// The path before the generic arguments.
    pub path: TokenStream,
    /// Its last segment.
    pub last: Ident,
    pub arguments: Option<AngleBracketedGenericArguments>,
    pub options: Vec<LayerOption>,
    /// The options with their parentheses.
    pub options_group: Option<TokenTree>,
    /// It is a merge of the language, whose type is named by the macro.
    pub is_merge: bool,
}

impl Layer {
    /// The type without options.
    pub fn ty(&self) -> TokenStream {
        let (path, arguments) = (&self.path, &self.arguments);
        quote::quote!(#path #arguments)
    }

    /// All that was written.
    pub fn written(&self) -> TokenStream {
        let (ty, options) = (self.ty(), &self.options_group);
        quote::quote!(#ty #options)
    }

    /// The name, if this is a single word, perhaps with options, as the use of a shared layer is.
    pub fn word(&self) -> Option<&Ident> {
        let bare = self.arguments.is_none() && self.path.clone().into_iter().count() == 1;
        bare.then_some(&self.last)
    }
}

/// `strides = 2`, or a value alone.
pub struct LayerOption {
    pub name: Option<Ident>,
    pub value: Expr,
}

impl LayerOption {
    /// As it was written.
    pub fn written(&self) -> TokenStream {
        let (name, value) = (&self.name, &self.value);
        match name {
            Some(name) => quote::quote!(#name = #value),
            None => quote::quote!(#value),
        }
    }
}

/// The merges of the language.
pub const MERGES: [&str; 8] = ["concatenate", "add", "subtract", "multiply", "average", "maximum", "minimum", "dot"];

/// Parses what `fusion::model!` passes on.
pub fn model(tokens: TokenStream, mistakes: &mut Mistakes) -> Option<Declaration> {
    let mut declaration = parse_noting(tokens, mistakes, declaration)?;
    declaration.stand_in();
    Some(declaration)
}

/// Parses tokens with a parser that notes mistakes and goes on, which may leave tokens behind.
fn parse_noting<T>(
    tokens: TokenStream,
    mistakes: &mut Mistakes,
    parser: impl FnOnce(ParseStream, &mut Mistakes) -> Result<T>,
) -> Option<T> {
    let before = mistakes.count();
    let mut parsed = None;
    let parse = |input: ParseStream| {
        parsed = Some(parser(input, mistakes)?);
        input.parse::<TokenStream>().map(|_| ())
    };
    // Tokens that are left within brackets were reported where it is known why.
    if let Err(error) = parse.parse2(tokens)
        && mistakes.count() == before
    {
        mistakes.push(error);
    }
    parsed
}

fn declaration(input: ParseStream, mistakes: &mut Mistakes) -> Result<Declaration> {
    let krate;
    syn::bracketed!(krate in input);
    if krate.parse::<Option<Token![unsafe]>>()?.is_none() {
        return Err(krate.error("this macro is what `fusion::model!` calls: write that one"));
    }
    let krate: TokenStream = krate.parse()?;
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let struct_token = struct_token(input, mistakes)?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        return Err(input.error(
            "a model has no generic parameters; for a family of models write `model!` inside a `macro_rules!` of yours",
        ));
    }
    let sequential = input.peek(Token![=]);
    let items = if sequential { item::sequential(input, &name, mistakes)? } else { item::block(input, mistakes)? };
    Ok(Declaration {
        krate,
        attributes,
        visibility,
        struct_token,
        name,
        items,
        sequential,
        no_input: false,
        no_output: false,
    })
}

/// `struct`, or a mistake if only that is missing.
fn struct_token(input: ParseStream, mistakes: &mut Mistakes) -> Result<Token![struct]> {
    if input.peek(Token![struct]) {
        return input.parse();
    }
    let error =
        missing(input, "expected `struct`: a model is written `model! { pub struct Name { input …; output …; } }`");
    if input.peek(Ident) && input.peek2(token::Brace) {
        let span = error.span();
        mistakes.push(error);
        return Ok(Token![struct](span));
    }
    Err(error)
}

/// An error at the next token, or at the end of the block.
fn missing(input: ParseStream, message: &str) -> syn::Error {
    syn::Error::new(next_span(input), message)
}

/// The next token's place, or that of the end of the block.
fn next_span(input: ParseStream) -> Span {
    input.cursor().token_tree().map_or_else(|| input.span(), |(token, _)| token.span())
}

/// The name of a wire or of a shared layer. A keyword is a mistake, and goes on under another name.
fn name(input: ParseStream, mistakes: &mut Mistakes) -> Result<Ident> {
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected a name"));
    }
    let word = input.call(Ident::parse_any)?;
    let name = use_of_name(word.clone());
    if name != word {
        mistakes.at(&word, format!("`{word}` is a keyword of Rust and cannot be a name"));
    }
    Ok(name)
}

/// A name where it is used: keywords are reported where they are declared.
fn use_of_name(word: Ident) -> Ident {
    if syn::parse2::<Ident>(word.to_token_stream()).is_ok() {
        word
    } else {
        Ident::new(&format!("{word}_"), word.span())
    }
}
