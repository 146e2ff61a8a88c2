//! In which orders the layers of a model can have been made, so that they are those of a file.
//!
//! The layers of one model are made in the order of their declaration, and so are the models in it. A model within a
//! model is made where it is used, or somewhere before, in one go.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::{Block, Layer, Model, Part, Stored, number};

/// So many steps are tried before it is given up: a layer and each model within that was not made yet are one.
const MOST_STEPS: usize = 50_000;

/// Of each of the model's layers the file's: up to two ways. None where too much had to be tried.
pub(super) fn assignments(
    model: &Model<'_>,
    stored: &[Stored<'_>],
    allowed: &dyn Fn(&Layer<'_>, &Stored<'_>) -> bool,
) -> Vec<Vec<usize>> {
    let is_chosen = |stored: &Stored<'_>| model.layers.iter().any(|layer| layer.chosen && layer.name == stored.name());
    let chosen = stored.iter().map(is_chosen).collect();
    let search = Search { model, stored, allowed, parents: parents(&model.blocks), chosen };
    let mut open = vec![State {
        making: vec![(0, 0)],
        made: vec![false; model.blocks.len()],
        scopes: vec![None; model.blocks.len()],
        taken: vec![None; model.layers.len()],
        used: vec![false; stored.len()],
    }];
    let (mut found, mut seen, hasher) = (Vec::new(), HashSet::new(), RandomState::new());
    while let Some(state) = open.pop() {
        // Many orders lead to one state.
        if !seen.insert(hasher.hash_one(&state)) {
            continue;
        }
        if seen.len() > MOST_STEPS {
            return Vec::new();
        }
        if state.making.is_empty() {
            let assignment: Vec<usize> = state.taken.into_iter().flatten().collect();
            if !found.contains(&assignment) {
                found.push(assignment);
            }
            if found.len() > 1 {
                break;
            }
        } else {
            search.next(state, &mut open);
        }
    }
    found
}

/// Of each block the one around it.
fn parents(blocks: &[Block<'_>]) -> Vec<Option<usize>> {
    let mut parents = vec![None; blocks.len()];
    for (index, block) in blocks.iter().enumerate() {
        for part in &block.parts {
            if let Part::Block(inner) = part {
                parents[*inner] = Some(index);
            }
        }
    }
    parents
}

struct Search<'a> {
    model: &'a Model<'a>,
    stored: &'a [Stored<'a>],
    allowed: &'a dyn Fn(&Layer<'_>, &Stored<'_>) -> bool,
    parents: Vec<Option<usize>>,
    /// Of each layer of the file, whether the user gave its name in the model.
    chosen: Vec<bool>,
}

/// What was made so far.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// The blocks that are being made, each within the one before, and how many of its parts there are.
    making: Vec<(usize, usize)>,
    /// The blocks of which the making has begun.
    made: Vec<bool>,
    /// Of each block, a layer of the file in it: what stands before their names is the same for all.
    scopes: Vec<Option<usize>>,
    /// Of each of the model's layers, the file's.
    taken: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl Search<'_> {
    /// All that can come next.
    fn next(&self, mut state: State, open: &mut Vec<State>) {
        let Some((block, part)) = state.making.last().copied() else { return };
        let next = self.model.blocks[block].parts.get(part);
        let is_next = |inner: usize| matches!(next, Some(Part::Block(next)) if *next == inner);
        let early = (0..self.model.blocks.len()).filter(|inner| !is_next(*inner));
        for early in early.filter(|inner| self.can_be_made_early(*inner, block, &state)).collect::<Vec<_>>() {
            let mut state = state.clone();
            state.begin(early);
            open.push(state);
        }
        match next {
            None => {
                state.making.pop();
                open.push(state);
            }
            Some(Part::Block(inner)) => {
                state.proceed();
                if !state.made[*inner] {
                    state.begin(*inner);
                }
                open.push(state);
            }
            Some(Part::Layer(layer)) => {
                state.proceed();
                for stored in self.candidates(*layer, block, &state) {
                    let mut state = state.clone();
                    state.scopes[block] = Some(stored);
                    state.taken[*layer] = Some(stored);
                    state.used[stored] = true;
                    open.push(state);
                }
            }
        }
    }

    /// Whether a block within this one can be made now: after those that stand before it in the same block.
    fn can_be_made_early(&self, inner: usize, block: usize, state: &State) -> bool {
        let Some(parent) = self.parents[inner] else { return false };
        let mut around = std::iter::successors(Some(parent), |block| self.parents[*block]);
        let parts = self.model.blocks[parent].parts.iter();
        let mut before = parts.take_while(|part| !matches!(part, Part::Block(other) if *other == inner));
        let is_there =
            |part: &Part| matches!(part, Part::Layer(_)) || matches!(part, Part::Block(other) if state.made[*other]);
        !state.made[inner] && around.any(|outer| outer == block) && before.all(is_there)
    }

    /// The file's layers that can be this one, if it is made now: the first of its class that is left, or those of its
    /// own name.
    fn candidates(&self, layer: usize, block: usize, state: &State) -> Vec<usize> {
        let layer = &self.model.layers[layer];
        let left = || (0..self.stored.len()).filter(|index| !state.used[*index]);
        let fitting = |index: &usize| {
            let stored = &self.stored[*index];
            stored.is_like(layer) && self.fits_scope(stored, block, state) && (self.allowed)(layer, stored)
        };
        if layer.chosen {
            return left().filter(fitting).collect();
        }
        let stem = number(layer.name).0;
        let counted = || left().filter(|index| self.stored[*index].stem == stem && !self.chosen[*index]);
        let first = counted().map(|index| self.stored[index].number).min();
        counted().filter(|index| Some(self.stored[*index].number) == first).filter(fitting).collect()
    }

    /// Whether what stands before the layer's name is what stands before those of the same block and of no other, if
    /// anything does; and is the block's name, where the user gave it one and the file has it.
    fn fits_scope(&self, stored: &Stored<'_>, block: usize, state: &State) -> bool {
        let scope_of = |index: usize| self.stored[index].scope;
        let same = state.scopes[block].is_none_or(|other| scope_of(other) == stored.scope);
        let mut others = state.scopes.iter().enumerate().filter(|(other, _)| *other != block);
        let taken = others.any(|(_, other)| other.is_some_and(|other| scope_of(other) == stored.scope));
        let last = |scope: &str| scope.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        let named = self.model.blocks[block].chosen.is_none_or(|name| {
            let is_in_file = self.stored.iter().any(|other| last(other.scope).as_deref() == Some(name));
            !is_in_file || last(stored.scope).as_deref() == Some(name)
        });
        same && named && (stored.scope.is_empty() || !taken)
    }
}

impl State {
    fn begin(&mut self, block: usize) {
        self.made[block] = true;
        self.making.push((block, 0));
    }

    fn proceed(&mut self) {
        if let Some((_, part)) = self.making.last_mut() {
            *part += 1;
        }
    }
}
