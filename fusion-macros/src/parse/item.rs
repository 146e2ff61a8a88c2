//! The items of a block: each is cut out of the tokens and parsed alone, so that a mistake in one
//! leaves the others as they are.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, Result, Token, token};

use super::chain::{layer, skip_to_arrow, source, steps};
use super::shape::shape;
use super::{Chain, Input, Item, SharedLayer, Source, missing, name, parse_noting, use_of_name};
use crate::check::Mistakes;
use crate::text;

const ITEMS: [&str; 4] = ["input", "branch", "output", "layer"];
const ONE_MODEL: &str = "there is one model to a `model!`; write another `model! { … }` for this";

/// `{ input …; branch …; output …; }`
pub fn block(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    if !input.peek(token::Brace) {
        return Err(missing(input, "expected the model's items in braces, or `= [f32; 32] => …;`"));
    }
    let body;
    syn::braced!(body in input);
    let tokens: TokenStream = body.parse()?;
    if !input.is_empty() {
        mistakes.push(missing(input, ONE_MODEL));
        input.parse::<TokenStream>()?;
    }
    let mut items = Vec::new();
    for tokens in cut(tokens, mistakes) {
        items.extend(parse_noting(tokens, mistakes, item).unwrap_or_default());
    }
    Ok(items)
}

/// `= [f32; 10] => Dense<10, 64, Relu> => Dense<64, 1>;`
pub fn sequential(input: ParseStream, model: &Ident, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    input.parse::<Token![=]>()?;
    let mut tokens: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
    if let Some(end) = tokens.iter().position(is_semicolon) {
        if let Some(first) = tokens.split_off(end + 1).first() {
            mistakes.at_span(first.span(), ONE_MODEL.to_owned());
        }
    } else {
        end(&mut tokens, mistakes);
    }
    let items = parse_noting(tokens.into_iter().collect(), mistakes, |input, mistakes| {
        Ok(sequential_items(input, model, mistakes))
    });
    Ok(items.unwrap_or_default())
}

fn sequential_items(input: ParseStream, model: &Ident, mistakes: &mut Mistakes) -> Vec<Item> {
    let (start, end) = (Ident::new("input", model.span()), Ident::new("output", model.span()));
    let (shape, broken) = shape(input, mistakes);
    // Without a shape, what stands there may be the first layer.
    if broken {
        skip_to_arrow(input);
    }
    let (steps, broken_steps) = steps(input, mistakes);
    let chain = Chain { name: end, is_output: true, source: Source::Wire(start.clone()), steps, broken: broken_steps };
    vec![Item::Input(Input { name: start, shape, broken }), Item::Chain(chain)]
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// The tokens of each item, with the semicolon that ends it.
fn cut(tokens: TokenStream, mistakes: &mut Mistakes) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (mut items, mut current) = (Vec::new(), Vec::new());
    let mut in_comment = false;
    for (index, token) in tokens.iter().enumerate() {
        let begins = begins_item(&tokens[index..]);
        in_comment &= !begins;
        if current.is_empty() && begins_comment(&tokens[index..]) && !in_comment {
            mistakes.at_span(token.span(), "a comment begins with `//`".to_owned());
            in_comment = true;
        }
        if in_comment {
            continue;
        }
        if !current.is_empty() && begins && !are_attributes(&current) {
            end(&mut current, mistakes);
            items.push(std::mem::take(&mut current));
        }
        current.push(token.clone());
        if is_semicolon(token) {
            items.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        end(&mut current, mistakes);
        items.push(current);
    }
    items.into_iter().map(|tokens| tokens.into_iter().collect()).collect()
}

/// Whether an item begins here although no semicolon came before: `output z =`.
fn begins_item(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Punct(punct), ..] = tokens else { return false };
    ITEMS.iter().any(|item| word == item) && matches!(punct.as_char(), ':' | '=')
}

/// Whether this is a comment as Python has it: `# the image`.
fn begins_comment(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(hash), next, ..] if hash.as_char() == '#' && !matches!(next, TokenTree::Group(_)))
}

/// Attributes belong to what follows.
fn are_attributes(tokens: &[TokenTree]) -> bool {
    tokens.chunks(2).all(|pair| matches!(pair, [TokenTree::Punct(hash), TokenTree::Group(_)] if hash.as_char() == '#'))
}

/// Ends an item whose semicolon is missing.
fn end(tokens: &mut Vec<TokenTree>, mistakes: &mut Mistakes) {
    let Some(last) = tokens.last() else { return };
    let span = last.span();
    let in_chain = tokens.iter().any(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '>'));
    let message = if matches!(last, TokenTree::Punct(punct) if punct.as_char() == ',') {
        tokens.pop();
        "this ends with `;`, not with `,`"
    } else if in_chain {
        "expected `;` after this, or `=>` and another layer"
    } else {
        "expected `;` after this"
    };
    mistakes.at_span(span, message.to_owned());
    let mut semicolon = Punct::new(';', Spacing::Alone);
    semicolon.set_span(span);
    tokens.push(semicolon.into());
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Input,
    Layer,
    Branch,
    Output,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "input" => Some(Self::Input),
            "layer" => Some(Self::Layer),
            "branch" => Some(Self::Branch),
            "output" => Some(Self::Output),
            _ => None,
        }
    }

    /// What an item is whose word is wrong, by what follows its name.
    fn likely(input: ParseStream) -> Self {
        if input.peek(Token![=]) {
            Self::Branch
        } else if input.peek2(token::Bracket) {
            Self::Input
        } else {
            Self::Layer
        }
    }
}

fn item(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    let attributes = input.call(Attribute::parse_outer)?;
    let (kind, name) = kind_and_name(input, mistakes)?;
    if let (Some(attribute), true) = (attributes.first(), kind != Kind::Layer) {
        let message = "an attribute stands before the struct, before a `layer`, or before a layer within a chain";
        mistakes.at(attribute, message.to_owned());
    }
    let before = mistakes.count();
    let items = match kind {
        Kind::Input => input_items(input, name, mistakes)?,
        Kind::Layer => vec![layer_item(input, name, attributes, mistakes)],
        Kind::Branch | Kind::Output => vec![chain_item(input, name, kind == Kind::Output, mistakes)],
    };
    if !input.peek(Token![;]) && mistakes.count() == before {
        mistakes.push(missing(input, "expected `;`"));
    }
    Ok(items)
}

/// `input a`, or what comes near to it.
fn kind_and_name(input: ParseStream, mistakes: &mut Mistakes) -> Result<(Kind, Ident)> {
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected `input`, `layer`, `branch` or `output`"));
    }
    let word = input.call(Ident::parse_any)?;
    if let Some(kind) = Kind::of(&word.to_string()) {
        return Ok((kind, name(input, mistakes)?));
    }
    // `x = a => …` without a word before it.
    if input.peek(Token![=]) || input.peek(Token![:]) {
        let kind = Kind::likely(input);
        let hint = match kind {
            Kind::Branch | Kind::Output => format!("`branch {word} = …` or `output {word} = …`"),
            Kind::Input => format!("`input {word}: …`"),
            Kind::Layer => format!("`layer {word}: …`"),
        };
        mistakes.at(&word, format!("expected {hint}"));
        return Ok((kind, use_of_name(word)));
    }
    let near = text::nearest(&word.to_string(), ITEMS);
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    mistakes.at(&word, format!("expected `input`, `layer`, `branch` or `output`, found `{word}`{hint}"));
    let name = use_of_name(input.call(Ident::parse_any)?);
    Ok((near.and_then(Kind::of).unwrap_or_else(|| Kind::likely(input)), name))
}

fn expect_colon(input: ParseStream) -> Result<()> {
    if !input.peek(Token![:]) {
        return Err(missing(input, "expected `:`"));
    }
    input.parse::<Token![:]>().map(|_| ())
}

/// One input, or several of one shape, which is a mistake.
fn input_items(input: ParseStream, first: Ident, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    let mut names = vec![first];
    while input.peek(Token![,]) {
        let comma = input.parse::<Token![,]>()?;
        names.push(name(input, mistakes)?);
        if names.len() == 2 {
            let [first, second] = [&names[0], &names[1]];
            mistakes.at(comma, format!("each input has its own line: `input {first}: …; input {second}: …;`"));
        }
    }
    let colon = expect_colon(input).map_err(|error| mistakes.push(error));
    // Without a colon, a shape in another place says no more.
    let mut silent = Mistakes::default();
    let (shape, broken) = shape(input, if colon.is_ok() { mistakes } else { &mut silent });
    let broken = broken || colon.is_err();
    Ok(names.into_iter().map(|name| Item::Input(Input { name, shape: shape.clone(), broken })).collect())
}

fn layer_item(input: ParseStream, name: Ident, attributes: Vec<Attribute>, mistakes: &mut Mistakes) -> Item {
    match expect_colon(input).and_then(|()| layer(input)) {
        Ok(layer) => Item::Layer(SharedLayer { attributes, name, layer }),
        Err(error) => {
            mistakes.push(error);
            Item::BrokenLayer(name)
        }
    }
}

fn chain_item(input: ParseStream, name: Ident, is_output: bool, mistakes: &mut Mistakes) -> Item {
    let begins = input.peek(Token![=]) && !input.peek(Token![=>]) && input.parse::<Token![=]>().is_ok();
    if !begins {
        mistakes.push(missing(input, "expected `=` and where the chain begins"));
        skip_to_arrow(input);
    }
    let source = if begins { source(input, mistakes) } else { Source::Unknown };
    let (steps, broken_steps) = steps(input, mistakes);
    let broken = broken_steps || matches!(source, Source::Unknown);
    Item::Chain(Chain { name, is_output, source, steps, broken })
}
