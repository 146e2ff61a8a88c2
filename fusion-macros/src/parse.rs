//! Tokens → syntax tree.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{AngleBracketedGenericArguments, Attribute, Expr, Ident, Result, Token, Visibility, token};

use crate::check::Mistakes;
use crate::text;

/// A whole `model!` block.
pub struct Declaration {
    /// The path of the crate `fusion`.
    pub krate: TokenStream,
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub items: Vec<Item>,
    /// Written in the short form, `struct Name = [f32; 10] => …;`.
    pub sequential: bool,
}

pub enum Item {
    Input(Input),
    Layer(SharedLayer),
    Chain(Chain),
}

/// `input a: [f32; 32];`
pub struct Input {
    pub name: Ident,
    pub shape: InputShape,
}

/// `[f32; 28, 28, 1]`
pub struct InputShape {
    pub element: Ident,
    pub dimensions: Vec<Expr>,
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
}

pub enum Source {
    /// `a`
    Wire(Ident),
    /// `concatenate(x, y, axis = 1)`
    Merge { merge: Ident, operands: Vec<Ident>, options: Vec<LayerOption>, call: TokenStream },
    /// `(a = x, b = y)`
    Named { operands: Vec<(Option<Ident>, Ident)>, call: TokenStream },
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

    /// The name, if this is a bare identifier, as that of a shared layer is.
    pub fn bare(&self) -> Option<&Ident> {
        let bare = self.arguments.is_none() && self.options_group.is_none() && self.path.clone().into_iter().count() == 1;
        bare.then_some(&self.last)
    }
}

/// `strides = 2`, or a value alone.
pub struct LayerOption {
    pub name: Option<Ident>,
    pub value: Expr,
}

const ITEMS: [&str; 4] = ["input", "branch", "output", "layer"];
/// The merges of the language.
pub const MERGES: [&str; 8] =
    ["concatenate", "add", "subtract", "multiply", "average", "maximum", "minimum", "dot"];

/// Parses what `fusion::model!` passes on. Items with a syntax error are left out and reported.
pub fn model(tokens: TokenStream, mistakes: &mut Mistakes) -> Option<Declaration> {
    let parser = |input: ParseStream| declaration(input, mistakes);
    match parser.parse2(tokens) {
        Ok(declaration) => Some(declaration),
        Err(error) => {
            mistakes.push(error);
            None
        }
    }
}

fn declaration(input: ParseStream, mistakes: &mut Mistakes) -> Result<Declaration> {
    let krate;
    syn::bracketed!(krate in input);
    let krate: TokenStream = krate.parse()?;
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error("expected `struct`: a model is written `model! { pub struct Name { input …; output …; } }`"));
    }
    input.parse::<Token![struct]>()?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        return Err(input.error(
            "a model has no generic parameters; for a family of models write `model!` inside a `macro_rules!` of yours",
        ));
    }
    let sequential = input.peek(Token![=]);
    let items = if sequential { sequential_items(input)? } else { items(input, mistakes)? };
    Ok(Declaration { krate, attributes, visibility, name, items, sequential })
}

/// `= [f32; 10] => Dense<10, 64, Relu> => Dense<64, 1>;`
fn sequential_items(input: ParseStream) -> Result<Vec<Item>> {
    input.parse::<Token![=]>()?;
    let shape: InputShape = input.parse()?;
    let (start, end) = (Ident::new("input", shape.element.span()), Ident::new("output", shape.element.span()));
    let steps = steps(input)?;
    input.parse::<Token![;]>().map_err(|error| syn::Error::new(error.span(), "expected `=>` and a layer, or `;`"))?;
    let chain = Chain { name: end, is_output: true, source: Source::Wire(start.clone()), steps };
    Ok(vec![Item::Input(Input { name: start, shape }), Item::Chain(chain)])
}

fn items(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    let body;
    syn::braced!(body in input);
    let mut items = Vec::new();
    while !body.is_empty() {
        let before = body.fork();
        match item(&body) {
            Ok(item) => items.push(item),
            Err(error) => {
                mistakes.push(error);
                body.advance_to(&before);
                skip_item(&body);
            }
        }
    }
    Ok(items)
}

/// Goes on behind the next semicolon, or before the next item where one was forgotten.
fn skip_item(body: ParseStream) {
    let mut first = true;
    while !body.is_empty() {
        if !first && ITEMS.iter().any(|item| peek_word(body, item)) && body.peek2(Ident::peek_any) {
            return;
        }
        first = false;
        let end = body.peek(Token![;]);
        if body.parse::<TokenTree>().is_err() || end {
            return;
        }
    }
}

fn peek_word(input: ParseStream, word: &str) -> bool {
    input.fork().call(Ident::parse_any).is_ok_and(|ident| ident == word)
}

fn item(input: ParseStream) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let word = input.call(Ident::parse_any).map_err(|error| {
        syn::Error::new(error.span(), "expected `input`, `layer`, `branch` or `output`")
    })?;
    let item = match word.to_string().as_str() {
        "input" => Item::Input(Input { name: wire_name(input)?, shape: after_colon(input)? }),
        "layer" => {
            let name = wire_name(input)?;
            expect_colon(input)?;
            Item::Layer(SharedLayer { attributes: attributes.clone(), name, layer: layer(input)? })
        }
        "branch" | "output" => Item::Chain(chain(input, word == "output")?),
        other => {
            let near = text::nearest(other, ITEMS);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(syn::Error::new(
                word.span(),
                format!("expected `input`, `layer`, `branch` or `output`, found `{other}`{hint}"),
            ));
        }
    };
    if let Some(attribute) = attributes.first()
        && !matches!(item, Item::Layer(_))
    {
        return Err(syn::Error::new_spanned(attribute, "attributes belong before the struct, a `layer` or a step of a chain"));
    }
    if !input.peek(Token![;]) {
        let expected = match &item {
            Item::Chain(_) => "expected `=>` and a layer, or `;` at the end of the chain",
            _ => "expected `;`",
        };
        return Err(missing(input, expected));
    }
    input.parse::<Token![;]>()?;
    Ok(item)
}

/// An error at the next token, or at the end of the block.
fn missing(input: ParseStream, message: &str) -> syn::Error {
    let span = input.cursor().token_tree().map_or_else(|| input.span(), |(token, _)| token.span());
    syn::Error::new(span, message)
}

fn wire_name(input: ParseStream) -> Result<Ident> {
    input.parse::<Ident>().map_err(|error| syn::Error::new(error.span(), "expected a name"))
}

fn expect_colon(input: ParseStream) -> Result<()> {
    if !input.peek(Token![:]) {
        return Err(missing(input, "expected `:`"));
    }
    input.parse::<Token![:]>().map(|_| ())
}

fn after_colon(input: ParseStream) -> Result<InputShape> {
    expect_colon(input)?;
    input.parse()
}

impl Parse for InputShape {
    fn parse(input: ParseStream) -> Result<Self> {
        if !input.peek(token::Bracket) {
            return Err(missing(input, "expected the input's shape, such as `[f32; 32]` or `[f32; 28, 28, 1]`"));
        }
        let content;
        let bracket = syn::bracketed!(content in input);
        let element: Ident = content.parse()?;
        if element != "f32" && element != "u32" {
            return Err(syn::Error::new(element.span(), format!("an input is made of `f32` numbers or `u32` ids, not of `{element}`")));
        }
        content.parse::<Token![;]>()?;
        let dimensions: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?.into_iter().collect();
        if dimensions.is_empty() || dimensions.len() > 4 {
            return Err(syn::Error::new(
                bracket.span.join(),
                format!("an input has one to four dimensions, not {}", dimensions.len()),
            ));
        }
        Ok(Self { element, dimensions })
    }
}

fn chain(input: ParseStream, is_output: bool) -> Result<Chain> {
    let name = wire_name(input)?;
    if !input.peek(Token![=]) || input.peek(Token![=>]) {
        return Err(missing(input, "expected `=` and where the chain begins"));
    }
    input.parse::<Token![=]>()?;
    Ok(Chain { name, is_output, source: source(input)?, steps: steps(input)? })
}

fn source(input: ParseStream) -> Result<Source> {
    if input.peek(token::Paren) {
        let content;
        let group: TokenTree = input.fork().parse()?;
        syn::parenthesized!(content in input);
        let operands = Punctuated::<Operand, Token![,]>::parse_terminated(&content)?;
        let operands = operands.into_iter().map(|Operand { name, wire }| (name, wire)).collect();
        return Ok(Source::Named { operands, call: group.into_token_stream() });
    }
    let word = input
        .parse::<Ident>()
        .map_err(|error| syn::Error::new(error.span(), "expected an input, a branch or a merge such as `concatenate(x, y)`"))?;
    if !input.peek(token::Paren) {
        return Ok(Source::Wire(word));
    }
    merge(input, word)
}

fn merge(input: ParseStream, merge: Ident) -> Result<Source> {
    let group: TokenTree = input.fork().parse()?;
    let content;
    syn::parenthesized!(content in input);
    if !MERGES.iter().any(|known| merge == known) {
        let known: Vec<String> = MERGES.iter().map(ToString::to_string).collect();
        let hint = text::nearest(&merge.to_string(), MERGES)
            .map_or_else(|| format!("there are {}", crate::check::list(&known)), |near| format!("did you mean `{near}`?"));
        return Err(syn::Error::new(merge.span(), format!("there is no merge `{merge}`; {hint}")));
    }
    let (mut operands, mut options) = (Vec::new(), Vec::new());
    while !content.is_empty() {
        if content.peek2(Token![=]) {
            options.push(content.parse()?);
        } else {
            let wire = content.parse::<Ident>().map_err(|error| {
                syn::Error::new(error.span(), format!("`{merge}` joins inputs and branches by name: `{merge}(x, y)`"))
            })?;
            if content.peek(token::Paren) {
                return Err(syn::Error::new(wire.span(), format!("give `{wire}(…)` a branch of its own, and join that by its name")));
            }
            operands.push(wire);
        }
        if content.is_empty() {
            break;
        }
        content.parse::<Token![,]>()?;
    }
    let call = quote::quote!(#merge #group);
    if operands.len() < 2 {
        return Err(syn::Error::new_spanned(call, format!("`{merge}` joins two wires or more: `{merge}(x, y)`")));
    }
    Ok(Source::Merge { merge, operands, options, call })
}

struct Operand {
    name: Option<Ident>,
    wire: Ident,
}

impl Parse for Operand {
    fn parse(input: ParseStream) -> Result<Self> {
        let first: Ident = input.parse()?;
        if !input.peek(Token![=]) {
            return Ok(Self { name: None, wire: first });
        }
        input.parse::<Token![=]>()?;
        Ok(Self { name: Some(first), wire: input.parse()? })
    }
}

fn steps(input: ParseStream) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    while input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        let attributes = input.call(Attribute::parse_outer)?;
        let named = input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
        let name = if named { Some(input.parse()?) } else { None };
        if named {
            input.parse::<Token![:]>()?;
        }
        steps.push(Step { attributes, name, layer: layer(input)? });
    }
    Ok(steps)
}

/// A path with generic arguments and, unlike a Rust type, options in parentheses.
fn layer(input: ParseStream) -> Result<Layer> {
    let mut path = TokenStream::new();
    if input.peek(Token![::]) {
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    }
    let mut arguments = None;
    let last = loop {
        let segment = input
            .call(Ident::parse_any)
            .map_err(|error| syn::Error::new(error.span(), "expected a layer, such as `Dense<32, 8, Relu>`"))?;
        segment.to_tokens(&mut path);
        if input.peek(Token![<]) {
            arguments = Some(input.parse::<AngleBracketedGenericArguments>()?);
            break segment;
        }
        if !input.peek(Token![::]) {
            break segment;
        }
        if input.peek3(Token![<]) {
            arguments = Some(AngleBracketedGenericArguments::parse_turbofish(input)?);
            break segment;
        }
        input.parse::<Token![::]>()?.to_tokens(&mut path);
    };
    let mut options = Vec::new();
    let mut options_group = None;
    if input.peek(token::Paren) {
        options_group = Some(input.fork().parse()?);
        let content;
        syn::parenthesized!(content in input);
        options = Punctuated::<LayerOption, Token![,]>::parse_terminated(&content)?.into_iter().collect();
    }
    Ok(Layer { path, last, arguments, options, options_group })
}

impl Parse for LayerOption {
    fn parse(input: ParseStream) -> Result<Self> {
        let named = input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if named { Some(input.parse::<Ident>()?) } else { None };
        if named {
            input.parse::<Token![=]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}

/// The span of the whole name of an item, for errors about the block itself.
pub fn name_span(declaration: &Declaration) -> Span {
    declaration.name.span()
}
