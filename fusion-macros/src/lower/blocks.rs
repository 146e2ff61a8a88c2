//! The blocks of a declaration, and which of them and of their uses cannot be written out.

use std::collections::HashSet;

use syn::Ident;

use crate::syntax::{Block, Element, Expression, Item, Step};

/// What is known of the blocks.
#[derive(Default)]
pub struct Blocks<'a> {
    pub(super) all: Vec<&'a Block>,
    pub(super) broken: HashSet<String>,
    pub(super) broken_uses: HashSet<usize>,
    /// Blocks, and wires within them, that nothing uses.
    pub unused: Vec<Ident>,
}

impl<'a> Blocks<'a> {
    pub fn named(&self, name: &Ident) -> Option<&'a Block> {
        self.all.iter().copied().find(|block| block.name == *name)
    }

    /// The block that a step uses, if it is the use of one.
    pub fn of(&self, step: &Step) -> Option<&'a Block> {
        self.named(step.layer.single()?)
    }

    pub fn is_broken(&self, block: &Block) -> bool {
        block.broken || self.broken.contains(&block.name.to_string())
    }

    pub fn is_broken_use(&self, step: &Step) -> bool {
        self.broken_uses.contains(&std::ptr::from_ref(step).addr())
    }

    pub(super) fn broken_use(&mut self, step: &Step) {
        self.broken_uses.insert(std::ptr::from_ref(step).addr());
    }
}

/// Calls back for every step, those within repetitions too.
pub fn steps<'a>(elements: &'a [Element], call: &mut impl FnMut(&'a Step)) {
    for element in elements {
        match element {
            Element::Step(step) => call(step),
            Element::Repeat(repeat) => steps(&repeat.body, call),
        }
    }
}

/// Calls back for every wire that an expression names.
pub fn wires<'a>(expression: &'a Expression, call: &mut impl FnMut(&'a Ident)) {
    if let Expression::Wire(wire) = expression {
        call(wire);
    }
    for part in expression.parts() {
        wires(part, call);
    }
}

/// The names of the branches of a block.
pub fn branches(block: &Block) -> Vec<&Ident> {
    let chains = block.items.iter().filter_map(|item| match item {
        Item::Chain(chain) if !chain.is_output => Some(chain.binding.names()),
        _ => None,
    });
    chains.flatten().collect()
}
