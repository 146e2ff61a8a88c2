//! What follows in a chain: layers, repetitions, and the uses of blocks.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::LitInt;

use super::{Lowered, Lowering, Piece, Scope};
use crate::flat;
use crate::syntax::{Body, Element, Repeat, Step};

impl<'a> Lowering<'a> {
    /// A chain from where it begins to where it ends.
    pub(super) fn body(&mut self, body: &'a Body, scope: &Scope<'a>) -> Lowered {
        let piece = self.piece(&body.source, scope);
        self.elements(&body.elements, piece, scope)
    }

    fn elements(&mut self, elements: &'a [Element], piece: Piece, scope: &Scope<'a>) -> Lowered {
        let mut lowered = Lowered::One(piece);
        for element in elements {
            let mut piece = lowered.one();
            lowered = match element {
                Element::Repeat(repeat) => Lowered::One(self.repeat(repeat, piece, scope)),
                Element::Step(step) => match self.blocks.of(step) {
                    Some(block) => self.use_block(step, block, piece, scope),
                    None => {
                        piece.steps.push(Self::step(step, scope));
                        Lowered::One(piece)
                    }
                },
            };
        }
        lowered
    }

    fn repeat(&mut self, repeat: &'a Repeat, mut piece: Piece, scope: &Scope<'a>) -> Piece {
        let times = scope.times(&repeat.times).unwrap_or(1);
        for time in 1..=times {
            let scope = scope.within(format!("repetition {time} of {times}"));
            piece = self.elements(&repeat.body, piece, &scope).one();
        }
        piece
    }

    fn step(step: &Step, scope: &Scope<'a>) -> flat::Step {
        let layer = scope.substituted(&step.layer);
        let written = layer.written();
        flat::Step {
            attributes: step.attributes.clone(),
            frozen: scope.frozen,
            name: step.name.clone(),
            layer,
            kind: flat::StepKind::Layer,
            written,
            origin: scope.origin(step),
        }
    }
}

impl Scope<'_> {
    /// How often something is repeated: a number, or a parameter that a use gives one.
    fn times(&self, times: &TokenTree) -> Option<usize> {
        let tokens = match times {
            TokenTree::Ident(word) => self.parameters.get(&word.to_string())?.clone(),
            other => other.to_token_stream(),
        };
        syn::parse2::<LitInt>(tokens).ok()?.base10_parse().ok()
    }
}
