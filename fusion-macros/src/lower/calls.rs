//! What is wrong with a use of a block: said once, where it is written.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{GenericArgument, Ident, LitInt, Type};

use super::blocks::Blocks;
use super::check::for_bodies;
use crate::check;
use crate::report::Mistakes;
use crate::syntax::{Binding, Block, Body, Chain, Declaration, Element, Expression, Item, Repeat, Step};
use crate::text;

/// A chain repeated more often is a slip.
const MOST_TIMES: usize = 1_000;

/// Looks through all chains, of the model and of blocks.
pub fn check(declaration: &Declaration, blocks: &mut Blocks<'_>, mistakes: &mut Mistakes) {
    for item in &declaration.items {
        match item {
            Item::Chain(chain) => chain_of(chain, None, blocks, mistakes),
            Item::Block(block) => {
                let (before, chains) = (mistakes.count(), block.items.iter());
                for item in chains {
                    if let Item::Chain(chain) = item {
                        chain_of(chain, Some(block), blocks, mistakes);
                    }
                }
                if mistakes.count() > before {
                    blocks.broken.insert(block.name.to_string());
                }
            }
            _ => {}
        }
    }
}

fn chain_of(chain: &Chain, within: Option<&Block>, blocks: &mut Blocks<'_>, mistakes: &mut Mistakes) {
    let Body { source, elements, broken } = &chain.body;
    let named = match source {
        Expression::Named { operands, .. } => Some(operands.as_slice()),
        _ => None,
    };
    let mut given = Given { named, within };
    let last = elements_of(elements, &mut given, blocks, mistakes);
    let several = last.and_then(|step| Some((step, outputs(blocks.of(step)?))));
    let wire_alone = elements.is_empty() && matches!(source.bare(), Expression::Wire(_));
    if let (Binding::Several { written, .. }, true, false) = (&chain.binding, wire_alone, broken) {
        let message = "several names are for the outputs of a step, and there is none: `branch (h, c) = x => Lstm<_, 8>(return_state = true);`";
        mistakes.at(written, message.to_owned());
    }
    match (&chain.binding, several) {
        (Binding::Several { names, .. }, Some((step, outputs))) if !broken => {
            bound(names, &outputs, step, mistakes);
        }
        (Binding::One(_) | Binding::Unnamed(_), Some((step, outputs))) if outputs.len() > 1 => {
            mistakes.at(step.layer.written(), check::several_outputs(&step.layer.last, &outputs));
            blocks.broken_use(step);
        }
        _ => {}
    }
}

/// The names of a block's outputs.
fn outputs(block: &Block) -> Vec<String> {
    block.outputs().map(|chain| chain.binding.names().first().map(ToString::to_string).unwrap_or_default()).collect()
}

/// What reaches the first step of a chain, and the block in which the chain stands.
struct Given<'a> {
    named: Option<&'a [(Option<Ident>, Expression)]>,
    within: Option<&'a Block>,
}

/// The last step, if the chain ends in one.
fn elements_of<'s>(
    elements: &'s [Element],
    given: &mut Given<'_>,
    blocks: &mut Blocks<'_>,
    mistakes: &mut Mistakes,
) -> Option<&'s Step> {
    let mut last = None;
    for (index, element) in elements.iter().enumerate() {
        last = None;
        match element {
            Element::Step(step) => {
                if let Some(block) = blocks.of(step) {
                    let before = mistakes.count();
                    call(step, block, given, mistakes);
                    let several = outputs(block);
                    if several.len() > 1 && index + 1 < elements.len() {
                        mistakes.at(step.layer.written(), check::several_outputs(&step.layer.last, &several));
                    }
                    if mistakes.count() > before {
                        blocks.broken_use(step);
                    }
                }
                last = Some(step);
            }
            Element::Repeat(repeat) => repeated(repeat, given, blocks, mistakes),
        }
        given.named = None;
    }
    last
}

fn repeated(repeat: &Repeat, given: &mut Given<'_>, blocks: &mut Blocks<'_>, mistakes: &mut Mistakes) {
    let parameter = |word: &Ident| given.within.is_some_and(|block| block.parameters.contains(word));
    match &repeat.times {
        TokenTree::Ident(word) if !parameter(word) => mistakes.at(word, check::times(word)),
        TokenTree::Ident(_) => {}
        number => {
            let times = syn::parse2::<LitInt>(number.to_token_stream()).and_then(|times| times.base10_parse::<usize>());
            if !times.is_ok_and(|times| (1..=MOST_TIMES).contains(&times)) {
                mistakes.at(number, format!("what `repeat` holds is done 1 to {MOST_TIMES} times"));
            }
        }
    }
    if let Some(step) = elements_of(&repeat.body, given, blocks, mistakes)
        && let Some(block) = blocks.of(step)
        && outputs(block).len() > 1
        && !blocks.is_broken_use(step)
    {
        mistakes.at(step.layer.written(), check::several_outputs(&step.layer.last, &outputs(block)));
        blocks.broken_use(step);
    }
}

/// One use: what stands in angle brackets, and which wires it is given.
fn call(step: &Step, block: &Block, given: &Given<'_>, mistakes: &mut Mistakes) {
    let name = &block.name;
    if let Some(own) = &step.name {
        mistakes.at(own, format!("a use of a block has no name; the layers in `{name}` have"));
    }
    if let Some(options) = &step.layer.options_group {
        let message =
            format!("the block `{name}` has no options; what differs between its uses is a parameter, `{name}<…>`");
        mistakes.at(options, message);
    }
    for attribute in step.attributes.iter().filter(|attribute| !attribute.path().is_ident("frozen")) {
        mistakes.at(attribute, format!("before a use of the block `{name}` there may be `#[frozen]` and nothing else"));
    }
    arguments(step, block, mistakes);
    wires(step, block, given, mistakes);
}

fn arguments(step: &Step, block: &Block, mistakes: &mut Mistakes) {
    let (found, wanted) = (step.layer.arguments().count(), block.parameters.len());
    if found != wanted {
        mistakes.at(step.layer.written(), check::arguments(&block.name, &block.parameters, found));
        return;
    }
    for (argument, parameter) in step.layer.arguments().zip(&block.parameters) {
        let written = argument.to_token_stream();
        match argument {
            GenericArgument::Type(Type::Infer(_)) => {
                let message = format!(
                    "`{parameter}` of `{}` is given here; `_` stands for the features that reach a layer",
                    block.name
                );
                mistakes.at(written, message);
            }
            GenericArgument::Type(_) | GenericArgument::Const(_) => {}
            _ => mistakes.at(written, "expected a size, a type or `{ … }`".to_owned()),
        }
        let times = counts(block, parameter);
        if times && syn::parse2::<LitInt>(argument.to_token_stream()).is_err() {
            mistakes
                .at(argument, format!("`{}` repeats something `{parameter}` times: this is a number, `3`", block.name));
        }
    }
}

/// Whether a parameter says how often something is repeated.
fn counts(block: &Block, parameter: &Ident) -> bool {
    fn any(elements: &[Element], parameter: &Ident) -> bool {
        elements.iter().any(|element| match element {
            Element::Repeat(Repeat { times, body }) => {
                matches!(times, TokenTree::Ident(word) if word == parameter) || any(body, parameter)
            }
            Element::Step(_) => false,
        })
    }
    let mut counts = false;
    for_bodies(block, &mut |body| counts |= any(&body.elements, parameter));
    counts
}

fn wires(step: &Step, block: &Block, given: &Given<'_>, mistakes: &mut Mistakes) {
    let (name, wanted) = (&block.name, &block.wires);
    let Some(operands) = given.named else {
        if wanted.len() > 1 {
            mistakes.at(step.layer.written(), check::one_wire_for_several(name, wanted));
        }
        return;
    };
    let mut found: Vec<Ident> = Vec::new();
    for (own, operand) in operands {
        let own = own.clone().or_else(|| match operand.bare() {
            Expression::Wire(wire) => Some(wire.clone()),
            _ => None,
        });
        let Some(own) = own else { continue };
        if !wanted.contains(&own) {
            mistakes.at(&own, check::unknown_wire_of_use(name, &own, wanted));
        } else if found.contains(&own) {
            mistakes.at(&own, format!("the wire `{own}` of `{name}` is given twice"));
        }
        found.push(own);
    }
    let missing = wanted.iter().find(|wire| !found.contains(wire));
    if let (Some(missing), true) = (missing, found.iter().all(|own| wanted.contains(own))) {
        let message = format!("`{name}` takes `{missing}` too: `({missing} = …, …) => {name}`");
        mistakes.at(step.layer.written(), message);
    }
}

/// The names that a chain gives to the outputs of a block.
fn bound(names: &[crate::syntax::Bound], outputs: &[String], step: &Step, mistakes: &mut Mistakes) {
    let block = text::of(&step.layer.ty());
    if outputs.len() == 1 {
        mistakes.at(step.layer.written(), format!("`{block}` gives one output: `branch x = … => {block};`"));
        return;
    }
    if outputs.iter().any(String::is_empty) {
        return;
    }
    let mut bound_before: Vec<&Ident> = Vec::new();
    for bound in names {
        let Some(name) = bound.output.as_ref().or(bound.name.as_ref()) else { continue };
        if bound_before.contains(&name) {
            let message =
                format!("the output `{name}` of `{block}` is bound already; a wire may be used any number of times");
            mistakes.at(&bound.written, message);
        }
        bound_before.push(name);
        if !outputs.contains(&name.to_string()) {
            mistakes.at(name, check::unknown_output(&block, name, outputs));
        }
    }
    if names.len() != outputs.len() && names.iter().any(|bound| bound.name.is_none()) {
        mistakes.at(step.layer.written(), check::number_of_outputs(&block, outputs, names.len()));
    }
}
