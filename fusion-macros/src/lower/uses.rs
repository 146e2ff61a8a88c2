//! The use of a block: its body once more, with wires and weights of its own.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Ident;

use super::{Lowered, Lowering, Piece, Scope, unlike};
use crate::flat::{self, Source, Wire};
use crate::syntax::{Binding, Block, Chain, Item, Step};

impl<'a> Lowering<'a> {
    pub(super) fn use_block(&mut self, step: &'a Step, block: &'a Block, piece: Piece, scope: &Scope<'a>) -> Lowered {
        if self.blocks.is_broken(block) || self.blocks.is_broken_use(step) {
            return Lowered::One(Piece::broken());
        }
        let mut inner = self.scope_of_use(step, block, scope);
        self.give_wires(step, block, piece, scope, &mut inner);
        self.declare(block, &mut inner);
        for item in &block.items {
            match item {
                Item::Layer(shared) => {
                    let mut shared = flat::SharedLayer::new(shared, false, inner.origin(shared));
                    (shared.layer, shared.frozen) = (inner.substituted(&shared.layer), inner.frozen);
                    if let Some(name) = inner.layers.get(&shared.name.to_string()) {
                        shared.name = name.clone();
                    }
                    self.items.push(flat::Item::Layer(shared));
                }
                Item::Chain(chain) if !chain.is_output => {
                    let names = inner.wires.clone();
                    let named = move |name: &Ident| match names.get(&name.to_string()) {
                        Some(wire) => wire.name.clone(),
                        None => name.clone(),
                    };
                    self.bind(chain, &inner.at(chain), false, named);
                }
                _ => {}
            }
        }
        let mut outputs: Vec<(Option<Ident>, Piece)> = Vec::new();
        for chain in block.outputs() {
            let name = chain.binding.names().first().map(|name| (*name).clone());
            outputs.push((name, self.body(&chain.body, &inner.at(chain)).one()));
        }
        match outputs.pop() {
            Some((_, only)) if outputs.is_empty() => Lowered::One(only),
            last => {
                outputs.extend(last);
                Lowered::Several(outputs)
            }
        }
    }

    /// What is known in the block: its parameters, and where it is used.
    fn scope_of_use(&mut self, step: &Step, block: &'a Block, scope: &Scope<'a>) -> Scope<'a> {
        let key = format!("{} {:?} {:?}", block.name, scope.uses, scope.place);
        let count = self.uses.entry(key).or_insert(0);
        *count += 1;
        let words = match *count {
            1 => format!("block `{}`", block.name),
            count => format!("block `{}` the {} time", block.name, ordinal(count)),
        };
        let mut inner = scope.within(words);
        let arguments = step.layer.each_argument_written().map(|argument| scope.replaced(argument));
        let names = block.parameters.iter().map(ToString::to_string);
        inner.parameters = names.zip(arguments).collect::<HashMap<String, TokenStream>>();
        inner.block = Some(block);
        inner.prefix = format!("{}_{}", scope.prefix, block.name);
        inner.frozen = scope.frozen || step.attributes.iter().any(|attribute| attribute.path().is_ident("frozen"));
        (inner.wires, inner.layers) = (HashMap::new(), HashMap::new());
        inner
    }

    /// The wires that the block takes, each by its name in the block.
    fn give_wires(&mut self, step: &Step, block: &Block, piece: Piece, scope: &Scope<'a>, inner: &mut Scope<'a>) {
        let place = step.layer.written();
        let mut give = |name: &Ident, wire: Wire| {
            let wire = Wire { written: name.to_token_stream(), place: place.clone(), declared: false, ..wire };
            inner.wires.insert(name.to_string(), wire);
        };
        match piece {
            Piece { source: Source::Named { operands, .. }, steps, .. } if steps.is_empty() => {
                for (name, wire) in operands {
                    if let Some(name) = name {
                        give(&name, wire);
                    }
                }
            }
            piece => {
                let ending = format!("{}_{}", block.name, block.wires[0]);
                let wire = self.materialize(piece, scope, &ending, place.clone());
                give(&block.wires[0], wire);
            }
        }
    }

    /// Names for the block's branches and layers, before any is used.
    fn declare(&mut self, block: &'a Block, inner: &mut Scope<'a>) {
        for item in &block.items {
            match item {
                Item::Chain(chain) if !chain.is_output => {
                    for name in chain.binding.names() {
                        let fresh = self.fresh(&format!("{}_{name}", inner.prefix), name.span());
                        let wire = Wire { declared: false, name: fresh, ..Wire::of(name) };
                        inner.wires.insert(name.to_string(), wire);
                    }
                }
                Item::Layer(shared) => {
                    let name = unlike(&mut self.layers, &shared.name.to_string(), shared.name.span());
                    inner.layers.insert(shared.name.to_string(), name);
                }
                _ => {}
            }
        }
    }
}

impl Scope<'_> {
    /// The same for a chain of the block.
    fn at(&self, chain: &Chain) -> Self {
        let mut scope = self.clone();
        let ending = match &chain.binding {
            Binding::Unnamed(_) => "output".to_owned(),
            binding => binding.names().iter().map(ToString::to_string).collect::<Vec<_>>().join("_"),
        };
        scope.prefix = format!("{}_{ending}", self.prefix);
        scope
    }
}

/// "2nd"
fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (1, hundred) if hundred != 11 => "st",
        (2, hundred) if hundred != 12 => "nd",
        (3, hundred) if hundred != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
