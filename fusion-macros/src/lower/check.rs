//! What is wrong with a block, whatever uses it: said once, at the block's own words.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Ident};

use super::blocks::{Blocks, branches, steps, wires};
use super::{calls, cycles};
use crate::report::Mistakes;
use crate::syntax::{Binding, Block, Body, Chain, Declaration, Element, Expression, Item, SliceItem, Step};
use crate::{check, keras};

/// Looks through all blocks, and all uses of them.
pub fn blocks<'a>(declaration: &'a Declaration, mistakes: &mut Mistakes) -> Blocks<'a> {
    let mut blocks = Blocks::default();
    for item in &declaration.items {
        if let Item::Block(block) = item
            && is_named_well(block, declaration, &blocks, mistakes)
        {
            blocks.all.push(block);
        }
    }
    for block in blocks.all.clone() {
        let before = mistakes.count();
        inside(block, declaration, &mut blocks, mistakes);
        cycles::of_branches(block, mistakes);
        if mistakes.count() > before {
            blocks.broken.insert(block.name.to_string());
        }
    }
    cycles::of_blocks(&mut blocks, mistakes);
    calls::check(declaration, &mut blocks, mistakes);
    blocks.unused.extend(unused(declaration, &blocks));
    blocks
}

fn is_named_well(block: &Block, declaration: &Declaration, known: &Blocks<'_>, mistakes: &mut Mistakes) -> bool {
    let name = &block.name;
    let layer = declaration.items.iter().any(|item| match item {
        Item::Layer(shared) => shared.name == *name,
        Item::BrokenLayer(shared) => shared == name,
        _ => false,
    });
    let message = if known.named(name).is_some() {
        format!("there already is a block named `{name}`")
    } else if layer {
        format!("the name `{name}` is already that of a `layer`; a block has a name of its own")
    } else if keras::is_layer_or_activation(name) {
        let own = crate::text::snake_case(&name.to_string());
        format!("`{name}` is a layer; a block has a name of its own, such as `{own}_block`")
    } else {
        return true;
    };
    mistakes.at(name, message);
    false
}

/// The words within a block: its wires, its parameters, its outputs.
fn inside<'a>(block: &'a Block, declaration: &Declaration, blocks: &mut Blocks<'a>, mistakes: &mut Mistakes) {
    names(block, mistakes);
    outputs(block, mistakes);
    if block.broken {
        return;
    }
    let mut used: Vec<&Ident> = Vec::new();
    for_bodies(block, &mut |body| {
        arithmetic(block, &body.source, mistakes);
        wires(&body.source, &mut |wire| {
            used.push(wire);
            let known =
                branches(block).contains(&wire) || block.wires.contains(wire) || block.parameters.contains(wire);
            if !known {
                mistakes.at(wire, unknown_wire(wire, block, declaration));
            }
        });
    });
    let words = words(block);
    for parameter in block.parameters.iter().filter(|parameter| !words.iter().any(|word| *parameter == word)) {
        let message = format!("the parameter `{parameter}` of `{}` is never used", block.name);
        mistakes.at(parameter, message);
    }
    let wires = block.wires.iter().chain(branches(block));
    let unused = wires.filter(|wire| !used.contains(wire) && !wire.to_string().starts_with('_'));
    blocks.unused.extend(unused.cloned());
}

/// Calls back for what stands behind each name of a block.
pub fn for_bodies<'a>(block: &'a Block, call: &mut impl FnMut(&'a Body)) {
    for item in &block.items {
        if let Item::Chain(chain) = item {
            call(&chain.body);
        }
    }
}

/// Each name is there once.
fn names(block: &Block, mistakes: &mut Mistakes) {
    let mut known: Vec<&Ident> = block.wires.iter().collect();
    let mut outputs: Vec<&Ident> = Vec::new();
    for item in &block.items {
        let Item::Chain(chain) = item else { continue };
        for name in chain.binding.names() {
            let taken = if chain.is_output { outputs.contains(&name) } else { known.contains(&name) };
            if taken {
                mistakes
                    .at(name, format!("the name `{name}` is taken within `{}`; every wire has its own", block.name));
            }
            if chain.is_output { outputs.push(name) } else { known.push(name) }
        }
    }
}

/// A block ends in one output, or in several with names.
fn outputs(block: &Block, mistakes: &mut Mistakes) {
    let outputs: Vec<&Chain> = block.outputs().collect();
    if outputs.is_empty() && !block.broken {
        let wire = branches(block).last().copied().or(block.wires.last()).map(ToString::to_string);
        let message = format!(
            "block `{}` has no output; end it with what it gives: `output {};`",
            block.name,
            wire.unwrap_or_default()
        );
        mistakes.at(&block.name, message);
    }
    for chain in &outputs {
        match &chain.binding {
            Binding::Unnamed(span) if outputs.len() > 1 => {
                mistakes.at_span(*span, "of several outputs each has a name: `output mean = …;`".to_owned());
            }
            Binding::Several { written, .. } => {
                let message = "an output of a block is one wire; take the parts as branches: `branch (h, c) = …; output first = h;`";
                mistakes.at(written, message.to_owned());
            }
            _ => {}
        }
    }
}

/// A parameter is a number only beside an operator, and stands for no wire.
fn arithmetic(block: &Block, expression: &Expression, mistakes: &mut Mistakes) {
    let is_parameter = |expression: &Expression| matches!(expression.bare(), Expression::Wire(word) if block.parameters.contains(word));
    if is_parameter(expression) {
        let message = "this is a parameter, no wire; what a block takes stands in its parentheses";
        mistakes.at(expression.written(), message.to_owned());
        return;
    }
    let with_operator = matches!(expression, Expression::Operator { .. });
    for part in expression.parts() {
        if !with_operator || !is_parameter(part) {
            arithmetic(block, part, mistakes);
        }
    }
}

fn unknown_wire(wire: &Ident, block: &Block, declaration: &Declaration) -> String {
    let name = &block.name;
    let outside = declaration.items.iter().any(|item| match item {
        Item::Input(input) => input.name == *wire,
        Item::Chain(chain) => !chain.is_output && chain.binding.names().contains(&wire),
        _ => false,
    });
    if outside {
        let mut all: Vec<String> = block.wires.iter().map(ToString::to_string).collect();
        all.push(wire.to_string());
        return format!(
            "`{wire}` is a wire of the model, and a block sees only its own; give it to the block: `block {name}({})`",
            all.join(", ")
        );
    }
    if block.outputs().any(|chain| chain.binding.names().contains(&wire)) {
        return format!(
            "`{wire}` is an output, where the block ends; make it a branch, and `output … = {wire};` beside it"
        );
    }
    let known: Vec<String> = block.wires.iter().chain(branches(block)).map(ToString::to_string).collect();
    check::unknown_wire_of_block(wire, name, &known)
}

/// All words of a block but its own names.
fn words(block: &Block) -> Vec<String> {
    let mut found = Vec::new();
    for item in &block.items {
        match item {
            Item::Layer(shared) => tokens(shared.layer.written(), &mut found),
            Item::Chain(chain) => {
                expression(&chain.body.source, &mut found);
                elements(&chain.body.elements, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn elements(elements: &[Element], found: &mut Vec<String>) {
    for element in elements {
        match element {
            Element::Step(Step { layer, .. }) => tokens(layer.written(), found),
            Element::Repeat(repeat) => {
                tokens(repeat.times.to_token_stream(), found);
                self::elements(&repeat.body, found);
            }
        }
    }
}

fn expression(of: &Expression, found: &mut Vec<String>) {
    match of {
        Expression::Slice { items, .. } => {
            let expressions = items.iter().flat_map(|item| match item {
                SliceItem::At(index) => vec![index],
                SliceItem::Range { from, to, step, .. } => [from, to, step].into_iter().flatten().collect(),
                SliceItem::Rest => Vec::new(),
            });
            expressions.for_each(|index: &Expr| tokens(index.to_token_stream(), found));
        }
        Expression::Merge { layer, .. } => {
            layer.options.iter().for_each(|option| tokens(option.value.to_token_stream(), found));
        }
        Expression::Wire(word) => found.push(word.to_string()),
        Expression::Constant(number) => tokens(number.clone(), found),
        _ => {}
    }
    of.parts().into_iter().for_each(|part| expression(part, found));
}

fn tokens(stream: TokenStream, found: &mut Vec<String>) {
    for token in stream {
        match token {
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Group(group) => tokens(group.stream(), found),
            _ => {}
        }
    }
}

/// Blocks that nothing uses.
fn unused(declaration: &Declaration, blocks: &Blocks<'_>) -> Vec<Ident> {
    let mut used: Vec<String> = Vec::new();
    let mut note = |body: &Body| {
        steps(&body.elements, &mut |step| {
            if let Some(block) = blocks.of(step) {
                used.push(block.name.to_string());
            }
        });
    };
    for item in &declaration.items {
        match item {
            Item::Chain(chain) => note(&chain.body),
            Item::Block(block) => for_bodies(block, &mut |body| note(body)),
            _ => {}
        }
    }
    let unused = |block: &&&Block| !used.contains(&block.name.to_string()) && !block.name.to_string().starts_with('_');
    blocks.all.iter().filter(unused).map(|block| block.name.clone()).collect()
}
