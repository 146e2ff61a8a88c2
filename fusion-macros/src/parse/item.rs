//! The items of a block: each is cut out of the tokens and parsed alone, so that a mistake in one
//! leaves the others as they are.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, Result, Token, token};

use super::block::block;
use super::chain::{binding, body, elements, skip_to_arrow};
use super::foreign;
use super::layer::layer;
use super::shape::shape;
use super::{missing, name, parse_noting, use_of_name};
use crate::report::Mistakes;
use crate::syntax::{Binding, Body, Chain, Expression, Input, Item, SharedLayer};
use crate::text;

const ITEMS: [&str; 5] = ["input", "branch", "output", "layer", "block"];
const ONE_MODEL: &str = "there is one model to a `model!`; write another `model! { … }` for this";

/// `{ input …; branch …; output …; }`
pub fn items(input: ParseStream, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
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
    Ok(items_of(tokens, mistakes, false))
}

/// The items of a model, or of a block.
pub fn items_of(tokens: TokenStream, mistakes: &mut Mistakes, in_block: bool) -> Vec<Item> {
    let items = cut(tokens, mistakes).into_iter();
    let items =
        items.filter_map(|tokens| parse_noting(tokens, mistakes, |input, mistakes| item(input, in_block, mistakes)));
    items.flatten().collect()
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
        end(&mut tokens, mistakes, true);
    }
    let items = parse_noting(tokens.into_iter().collect(), mistakes, |input, mistakes| {
        Ok(sequential_items(input, model, mistakes))
    });
    Ok(items.unwrap_or_default())
}

fn sequential_items(input: ParseStream, model: &Ident, mistakes: &mut Mistakes) -> Vec<Item> {
    let (start, end) = (Ident::new("input", model.span()), Ident::new("output", model.span()));
    let list = foreign::list_of_layers(model, input).map(|error| mistakes.push(error));
    let mut silent = Mistakes::default();
    let (shape, broken) = shape(input, if list.is_some() { &mut silent } else { mistakes });
    // Without a shape, what stands there may be the first layer.
    if broken {
        skip_to_arrow(input);
    }
    let (elements, broken_elements) = elements(input, mistakes);
    let body = Body { source: Expression::Wire(start.clone()), elements, broken: broken_elements || list.is_some() };
    let chain = Chain { binding: Binding::One(end), is_output: true, body };
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
        if !current.is_empty() && begins && !foreign::come_before(&current) {
            end_item(&mut current, mistakes);
            items.push(std::mem::take(&mut current));
        }
        current.push(token.clone());
        if is_semicolon(token) || is_whole_block(&current) {
            items.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        end_item(&mut current, mistakes);
        items.push(current);
    }
    items.into_iter().map(|tokens| tokens.into_iter().collect()).collect()
}

/// Whether an item begins here although no semicolon came before: `output z =`, `branch (h, c) =`, `block b(x)`.
fn begins_item(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Ident(word), name, next, ..] = tokens else { return false };
    let known = ITEMS.iter().any(|item| word == item);
    let parentheses =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    known
        && match (name, next) {
            (TokenTree::Ident(_), TokenTree::Punct(punct)) if word == "block" => punct.as_char() == '<',
            (TokenTree::Ident(_), TokenTree::Punct(punct)) => matches!(punct.as_char(), ':' | '='),
            (TokenTree::Ident(_), next) => word == "block" && parentheses(next),
            (name, TokenTree::Punct(punct)) => parentheses(name) && punct.as_char() == '=',
            _ => false,
        }
}

/// Whether these are all tokens of a block in braces, which no semicolon ends.
fn is_whole_block(tokens: &[TokenTree]) -> bool {
    let is = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "block");
    let in_braces =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let arrow = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    tokens.first().is_some_and(is) && tokens.last().is_some_and(in_braces) && !tokens.iter().any(arrow)
}

/// Whether this is a comment as Python has it: `# the image`.
fn begins_comment(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(hash), next, ..] if hash.as_char() == '#' && !matches!(next, TokenTree::Group(_)))
}

/// Ends an item whose semicolon is missing. Of what is no item, that is not said, as it is a mistake itself.
fn end_item(tokens: &mut Vec<TokenTree>, mistakes: &mut Mistakes) {
    let is_item = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if ITEMS.iter().any(|item| word == item));
    let is_item = tokens.iter().any(is_item);
    end(tokens, mistakes, is_item);
}

/// Ends what a semicolon ends, and says that it is missing.
fn end(tokens: &mut Vec<TokenTree>, mistakes: &mut Mistakes, says: bool) {
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
    if says {
        mistakes.at_span(span, message.to_owned());
    }
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
    Block,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "input" => Some(Self::Input),
            "layer" => Some(Self::Layer),
            "branch" => Some(Self::Branch),
            "output" => Some(Self::Output),
            "block" => Some(Self::Block),
            _ => None,
        }
    }

    /// What a block cannot hold.
    fn mistake_in_block(self) -> Option<&'static str> {
        match self {
            Self::Input => Some("what a block takes stands in its parentheses: `block residual(x) { … }`"),
            Self::Block => Some("blocks stand beside one another in the model; one may use another"),
            Self::Layer | Self::Branch | Self::Output => None,
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

fn item(input: ParseStream, in_block: bool, mistakes: &mut Mistakes) -> Result<Vec<Item>> {
    let attributes = input.call(Attribute::parse_outer)?;
    foreign::visibility(input, mistakes);
    if let (Some(last), true) = (attributes.last(), input.peek(Token![;])) {
        return Err(foreign::of_nothing(last));
    }
    let (kind, binding) = kind_and_name(input, in_block, mistakes)?;
    if let (Some(attribute), true) = (attributes.first(), kind != Kind::Layer) {
        let message = "an attribute stands before the struct, before a `layer`, or before a layer within a chain";
        mistakes.at(attribute, message.to_owned());
    }
    let before = mistakes.count();
    let items = match (kind, binding) {
        (Kind::Branch | Kind::Output, binding) => vec![chain_item(input, binding, kind == Kind::Output, mistakes)],
        (Kind::Input, Binding::One(name)) => input_items(input, name, mistakes)?,
        (Kind::Layer, Binding::One(name)) => vec![layer_item(input, name, attributes, mistakes)],
        (Kind::Block, Binding::One(name)) => return Ok(vec![Item::Block(block(input, name, mistakes)?)]),
        _ => return Err(missing(input, "expected a name")),
    };
    if !input.peek(Token![;]) && mistakes.count() == before {
        mistakes.push(missing(input, "expected `;`"));
    }
    Ok(items)
}

/// `input a`, or what comes near to it.
fn kind_and_name(input: ParseStream, in_block: bool, mistakes: &mut Mistakes) -> Result<(Kind, Binding)> {
    if !input.peek(Ident::peek_any) {
        return Err(missing(input, "expected `input`, `layer`, `branch`, `output` or `block`"));
    }
    let word = input.call(Ident::parse_any)?;
    if let Some(kind) = Kind::of(&word.to_string()) {
        if let (true, Some(message)) = (in_block, kind.mistake_in_block()) {
            return Err(syn::Error::new(word.span(), message));
        }
        return match kind {
            Kind::Output if in_block && !is_named(input) => Ok((kind, Binding::Unnamed(word.span()))),
            Kind::Branch | Kind::Output => Ok((kind, binding(input, mistakes)?)),
            _ => Ok((kind, Binding::One(name(input, mistakes)?))),
        };
    }
    if let Some(message) = foreign::item(&word).or_else(|| foreign::field(&word, input)) {
        return Err(syn::Error::new(word.span(), message));
    }
    // `x = a => …` without a word before it.
    if input.peek(Token![=]) || input.peek(Token![:]) {
        let kind = Kind::likely(input);
        let hint = match kind {
            Kind::Branch | Kind::Output | Kind::Block => format!("`branch {word} = …` or `output {word} = …`"),
            Kind::Input => format!("`input {word}: …`"),
            Kind::Layer => format!("`layer {word}: …`"),
        };
        mistakes.at(&word, format!("expected {hint}"));
        return Ok((kind, Binding::One(use_of_name(word))));
    }
    let near = text::nearest(&word.to_string(), ITEMS);
    let hint = match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None if word == "let" => "; a wire is named by `branch x = …`".to_owned(),
        None => String::new(),
    };
    mistakes.at(&word, format!("expected `input`, `layer`, `branch`, `output` or `block`, found `{word}`{hint}"));
    let name = use_of_name(input.call(Ident::parse_any)?);
    Ok((near.and_then(Kind::of).unwrap_or_else(|| Kind::likely(input)), Binding::One(name)))
}

/// Whether a name and `=` follow, which an output of a block does without.
fn is_named(input: ParseStream) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![=>])
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

fn chain_item(input: ParseStream, binding: Binding, is_output: bool, mistakes: &mut Mistakes) -> Item {
    if let Binding::Unnamed(_) = binding {
        return Item::Chain(Chain { binding, is_output, body: body(input, mistakes) });
    }
    let begins = input.peek(Token![=]) && !input.peek(Token![=>]) && input.parse::<Token![=]>().is_ok();
    if begins || arrow_for_equals(input, mistakes) {
        return Item::Chain(Chain { binding, is_output, body: body(input, mistakes) });
    }
    mistakes.push(missing(input, "expected `=` and where the chain begins"));
    skip_to_arrow(input);
    let (elements, _) = elements(input, mistakes);
    let body = Body { source: Expression::Unknown, elements, broken: true };
    Item::Chain(Chain { binding, is_output, body })
}

/// `x => a => …` for `x = a => …`: the mistake is the arrow alone, where a wire's name follows it.
fn arrow_for_equals(input: ParseStream, mistakes: &mut Mistakes) -> bool {
    let ahead = input.fork();
    let wire = ahead.parse::<Token![=>]>().is_ok()
        && ahead.parse::<Ident>().is_ok_and(|word| word.to_string().starts_with(char::is_lowercase))
        && (ahead.peek(Token![=>]) || ahead.peek(Token![;]));
    if let (true, Ok(arrow)) = (wire, input.parse::<Option<Token![=>]>>()) {
        mistakes.at(arrow, "after the name comes `=`: `branch x = a => …`".to_owned());
    }
    wire
}
