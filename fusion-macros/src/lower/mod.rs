//! Syntax tree → chains between named wires: blocks, repetitions and expressions are written out.
//!
//! What is wrong with a block or with a use of one is said once, by [`check`]; what is written out of it is then marked
//! as broken and says nothing more.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use syn::Ident;

use crate::flat::{self, Chain, Flat, Origin, Source, Wire};
use crate::report::Mistakes;
use crate::syntax::{self, Binding, Block, Bound, Declaration, InputShape, Item};

mod blocks;
mod bodies;
mod calls;
mod check;
mod cycles;
mod expressions;
mod parameters;
mod uses;

use blocks::Blocks;

/// Writes out all that stands for something else.
pub fn flatten(declaration: &Declaration, mistakes: &mut Mistakes) -> Flat {
    let blocks = check::blocks(declaration, mistakes);
    let mut lowering = Lowering::new(declaration, blocks);
    for item in &declaration.items {
        lowering.item(item);
    }
    lowering.drop_unused();
    let mut flat = Flat { items: lowering.items, no_input: false, no_output: false, unused: lowering.blocks.unused };
    stand_in(&mut flat, declaration.name.span());
    flat
}

struct Lowering<'a> {
    blocks: Blocks<'a>,
    krate: &'a TokenStream,
    sequential: bool,
    items: Vec<flat::Item>,
    /// Names of wires and of layers that are taken.
    wires: HashSet<String>,
    layers: HashSet<String>,
    /// How often a block was used in one place.
    uses: HashMap<String, usize>,
}

/// What is known where a chain stands.
#[derive(Clone)]
struct Scope<'a> {
    /// What names of wires that are made here begin with.
    prefix: String,
    /// The block whose body this is.
    block: Option<&'a Block>,
    wires: HashMap<String, Wire>,
    layers: HashMap<String, Ident>,
    parameters: HashMap<String, TokenStream>,
    /// The uses that lead here, from the inside out.
    uses: Vec<String>,
    /// The chain of the model that all of it belongs to.
    place: Option<String>,
    frozen: bool,
}

impl Scope<'_> {
    /// Where something that stands here was made from.
    fn origin<T>(&self, node: &T) -> Origin {
        let uses = self.uses.iter().chain(&self.place).cloned().collect::<Vec<_>>();
        Origin {
            node: std::ptr::from_ref(node).addr(),
            uses: if self.uses.is_empty() { None } else { Some(Rc::from(uses)) },
        }
    }

    /// The same within this use.
    fn within(&self, words: String) -> Self {
        let mut scope = self.clone();
        scope.uses.insert(0, words);
        scope
    }
}

/// A chain that goes on.
struct Piece {
    source: Source,
    steps: Vec<flat::Step>,
    broken: bool,
}

impl Piece {
    /// What stands for what could not be made.
    fn broken() -> Self {
        Self { source: Source::Unknown, steps: Vec::new(), broken: true }
    }
}

/// What a chain ends with: one wire, or the outputs of a block by their names.
#[expect(clippy::large_enum_variant, reason = "one at a time, and most are the large one")]
enum Lowered {
    One(Piece),
    Several(Vec<(Option<Ident>, Piece)>),
}

impl Lowered {
    /// The one wire, or the first of several, which was reported.
    fn one(self) -> Piece {
        match self {
            Self::One(piece) => piece,
            Self::Several(pieces) => {
                let first = pieces.into_iter().next();
                first.map_or_else(Piece::broken, |(_, piece)| Piece { broken: true, ..piece })
            }
        }
    }
}

impl<'a> Lowering<'a> {
    fn new(declaration: &'a Declaration, blocks: Blocks<'a>) -> Self {
        let (mut wires, mut layers) = (HashSet::new(), HashSet::new());
        for item in &declaration.items {
            match item {
                Item::Input(input) => drop(wires.insert(input.name.to_string())),
                Item::Chain(chain) => wires.extend(chain.binding.names().iter().map(ToString::to_string)),
                Item::Layer(layer) => drop(layers.insert(layer.name.to_string())),
                Item::BrokenLayer(_) | Item::Block(_) => {}
            }
        }
        let sequential = declaration.sequential;
        Self { blocks, krate: &declaration.krate, sequential, items: Vec::new(), wires, layers, uses: HashMap::new() }
    }

    fn item(&mut self, item: &'a Item) {
        match item {
            Item::Input(input) => self.items.push(flat::Item::Input(input.clone())),
            Item::Layer(shared) => {
                let origin = Origin { node: std::ptr::from_ref(shared).addr(), uses: None };
                self.items.push(flat::Item::Layer(flat::SharedLayer::new(shared, true, origin)));
            }
            Item::BrokenLayer(name) => self.items.push(flat::Item::BrokenLayer(name.clone())),
            Item::Chain(chain) => {
                let scope = self.scope(chain);
                self.bind(chain, &scope, true, Ident::clone);
            }
            Item::Block(_) => {}
        }
    }

    /// Where a chain of the model itself stands.
    fn scope(&self, chain: &syntax::Chain) -> Scope<'a> {
        let names = chain.binding.names();
        let words: Vec<String> = names.iter().map(ToString::to_string).collect();
        let kind = if chain.is_output { "output" } else { "branch" };
        let place = (!self.sequential).then(|| format!("{kind} `{}`", words.join("`, `")));
        Scope {
            prefix: words.join("_"),
            block: None,
            wires: HashMap::new(),
            layers: HashMap::new(),
            parameters: HashMap::new(),
            uses: Vec::new(),
            place,
            frozen: false,
        }
    }

    /// Writes out a chain and gives its names to what it ends with.
    fn bind(&mut self, chain: &'a syntax::Chain, scope: &Scope<'a>, declared: bool, named: impl Fn(&Ident) -> Ident) {
        let lowered = self.body(&chain.body, scope);
        let is_output = chain.is_output && declared;
        let push = |items: &mut Vec<flat::Item>, name: &Ident, piece: Piece| {
            let Piece { source, steps, broken } = piece;
            let broken = broken || chain.body.broken;
            items.push(flat::Item::Chain(Chain {
                name: named(name),
                is_output,
                declared,
                source,
                steps,
                parts: None,
                broken,
            }));
        };
        match (&chain.binding, lowered) {
            (Binding::One(name), lowered) => push(&mut self.items, name, lowered.one()),
            (Binding::Several { names, .. }, Lowered::Several(mut pieces)) => {
                for (index, bound) in names.iter().enumerate() {
                    let Some(name) = &bound.name else { continue };
                    let wanted = bound.output.as_ref().unwrap_or(name);
                    let by_name = pieces.iter().position(|(output, _)| output.as_ref() == Some(wanted));
                    let piece = match pieces.get_mut(by_name.unwrap_or(index)) {
                        Some((_, piece)) => std::mem::replace(piece, Piece::broken()),
                        None => Piece::broken(),
                    };
                    push(&mut self.items, name, piece);
                }
            }
            (Binding::Several { names, written }, Lowered::One(piece)) => {
                let whole = self.outputs(piece, scope, names, written);
                for (index, bound) in names.iter().enumerate() {
                    let Some(name) = &bound.name else { continue };
                    let (source, steps) = (Source::Wire(whole.clone()), vec![Self::part(scope, bound, index)]);
                    push(&mut self.items, name, Piece { source, steps, broken: false });
                }
            }
            (Binding::Unnamed(_), _) => {}
        }
    }

    /// A chain of its own for what was begun, unless that is a wire already.
    fn materialize(&mut self, piece: Piece, scope: &Scope<'a>, ending: &str, written: TokenStream) -> Wire {
        let Piece { source, steps, broken } = piece;
        if let (Source::Wire(wire), true) = (&source, steps.is_empty()) {
            return Wire { place: written.clone(), written, declared: wire.declared, name: wire.name.clone() };
        }
        let name = self.fresh(&format!("{}_{ending}", scope.prefix), crate::text::ends(&written).0);
        let (is_output, declared) = (false, false);
        self.items.push(flat::Item::Chain(Chain {
            name: name.clone(),
            is_output,
            declared,
            source,
            steps,
            parts: None,
            broken,
        }));
        Wire { name, place: written.clone(), written, declared: false }
    }

    /// The wire that several outputs of a step share.
    fn outputs(&mut self, piece: Piece, scope: &Scope<'a>, names: &[Bound], written: &TokenStream) -> Wire {
        let Piece { source, steps, broken } = piece;
        let name = self.fresh(&format!("{}_outputs", scope.prefix), crate::text::ends(written).0);
        let parts = Some((names.iter().map(Bound::wanted).collect(), written.clone()));
        let (is_output, declared) = (false, false);
        self.items.push(flat::Item::Chain(Chain {
            name: name.clone(),
            is_output,
            declared,
            source,
            steps,
            parts,
            broken,
        }));
        Wire { name, place: written.clone(), written: written.clone(), declared: false }
    }

    /// A name that no wire has.
    fn fresh(&mut self, name: &str, span: Span) -> Ident {
        unlike(&mut self.wires, name, span)
    }

    /// Wires that blocks make and nothing takes are not there; their layers are none of the model's.
    fn drop_unused(&mut self) {
        loop {
            let mut used = HashSet::new();
            for item in &self.items {
                let flat::Item::Chain(chain) = item else { continue };
                match &chain.source {
                    Source::Wire(wire) => drop(used.insert(wire.name.clone())),
                    Source::Merge(merge) => used.extend(merge.operands.iter().map(|wire| wire.name.clone())),
                    Source::Named { operands, .. } => used.extend(operands.iter().map(|(_, wire)| wire.name.clone())),
                    Source::Unknown => {}
                }
            }
            let before = self.items.len();
            self.items.retain(
                |item| !matches!(item, flat::Item::Chain(chain) if !chain.declared && !used.contains(&chain.name)),
            );
            if self.items.len() == before {
                return;
            }
        }
    }
}

/// This name, with a number if it is taken.
fn unlike(taken: &mut HashSet<String>, name: &str, span: Span) -> Ident {
    let mut unlike = name.to_owned();
    let mut count = 0;
    while !taken.insert(unlike.clone()) {
        count += 1;
        unlike = format!("{name}_{count}");
    }
    Ident::new(&unlike, span)
}

/// Adds an input and an output where there is none, so that the model's methods exist.
fn stand_in(flat: &mut Flat, span: Span) {
    if !flat.items.iter().any(|item| matches!(item, flat::Item::Input(_))) {
        flat.no_input = true;
        let name = Ident::new("__input", span);
        let input = syntax::Input { name, shape: InputShape::stand_in(span), broken: true };
        flat.items.insert(0, flat::Item::Input(input));
    }
    if !flat.items.iter().any(|item| matches!(item, flat::Item::Chain(chain) if chain.is_output)) {
        flat.no_output = true;
        let wire = flat.items.iter().rev().find_map(|item| match item {
            flat::Item::Input(syntax::Input { name, .. }) | flat::Item::Chain(Chain { name, .. }) => {
                Some(Wire::of(name))
            }
            flat::Item::Layer(_) | flat::Item::BrokenLayer(_) => None,
        });
        let name = Ident::new("__output", span);
        let source = wire.map_or(Source::Unknown, Source::Wire);
        let chain =
            Chain { name, is_output: true, declared: true, source, steps: Vec::new(), parts: None, broken: true };
        flat.items.push(flat::Item::Chain(chain));
    }
}
