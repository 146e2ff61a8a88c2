//! Expressions: what is computed from wires before a chain goes on.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Ident};

use super::{Lowering, Piece, Scope};
use crate::flat::{self, Merge, Source, StepKind, Wire};
use crate::syntax::{Bound, Expression, Layer, LayerOption, SliceItem};
use crate::text;

impl<'a> Lowering<'a> {
    /// The beginning of a chain.
    pub(super) fn piece(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Piece {
        match expression {
            Expression::Wire(name) => match scope.wire(name) {
                Some(wire) => Piece { source: Source::Wire(wire), steps: Vec::new(), broken: false },
                None => Piece::broken(),
            },
            Expression::Group { of, .. } => self.piece(of, scope),
            Expression::Slice { of, items, .. } => {
                let mut piece = self.piece(of, scope);
                let option = items_option(self.krate, items, scope);
                piece.steps.push(builtin(expression, "GetItem", option, scope));
                piece
            }
            Expression::Merge { name, layer, operands, call } => {
                let operands = operands.iter().map(|operand| self.operand(operand, scope)).collect();
                let layer = scope.substituted(layer);
                let (call, origin) = (call.clone(), scope.origin(expression));
                merged(Merge { name: name.clone(), layer, operands, call, origin })
            }
            Expression::Operator { operator, left, right } => {
                let (of, option, constant) = match (scope.constant(left), scope.constant(right)) {
                    (Some(constant), _) if operator.merge == "Subtract" => (right, "from_constant", constant),
                    (Some(constant), _) => (right, "constant", constant),
                    (None, Some(constant)) => (left, "constant", constant),
                    (None, None) => {
                        let operands = vec![self.operand(left, scope), self.operand(right, scope)];
                        let layer = named_layer(operator.merge, operator.token.span());
                        let (call, origin) = (expression.written(), scope.origin(expression));
                        return merged(Merge { name: None, layer, operands, call, origin });
                    }
                };
                let mut piece = self.piece(of, scope);
                let option = (option, quote!((#constant) as ::core::primitive::f32));
                piece.steps.push(builtin(expression, operator.merge, option, scope));
                piece
            }
            Expression::Named { operands, written } => {
                let operands = operands
                    .iter()
                    .map(|(name, operand)| {
                        // A wire without a name goes by its own, also where it is another wire's within a block.
                        let own = match operand.bare() {
                            Expression::Wire(wire) => Some(wire.clone()),
                            _ => None,
                        };
                        (name.clone().or(own), self.operand(operand, scope))
                    })
                    .collect();
                Piece { source: Source::Named { operands, call: written.clone() }, steps: Vec::new(), broken: false }
            }
            Expression::Constant(_) | Expression::Unknown => Piece::broken(),
        }
    }

    /// The wire that an operand is; what it computes is a chain of its own.
    fn operand(&mut self, operand: &'a Expression, scope: &Scope<'a>) -> Wire {
        let piece = self.piece(operand, scope);
        let ending = match operand.bare() {
            Expression::Slice { .. } => "slice",
            Expression::Operator { operator, .. } => &text::snake_case(operator.merge),
            Expression::Merge { layer, .. } => &text::snake_case(&layer.last.to_string()),
            _ => "operand",
        };
        self.materialize(piece, scope, ending, operand.written())
    }

    /// One of several outputs of a step.
    pub(super) fn part(scope: &Scope<'a>, bound: &'a Bound, index: usize) -> flat::Step {
        let wanted = bound.wanted();
        let layer = named_layer("Part", text::ends(&bound.written).0);
        let (kind, written, origin) = (StepKind::Part { index, wanted }, bound.written.clone(), scope.origin(bound));
        flat::Step { attributes: Vec::new(), frozen: false, name: None, layer, kind, written, origin }
    }
}

fn merged(merge: Merge) -> Piece {
    Piece { source: Source::Merge(merge), steps: Vec::new(), broken: false }
}

/// A layer by its name alone.
fn named_layer(name: &str, span: proc_macro2::Span) -> Layer {
    let last = Ident::new(name, span);
    Layer {
        path: last.to_token_stream(),
        last,
        arguments: None,
        within: None,
        options: Vec::new(),
        options_group: None,
    }
}

/// A step that an expression stands for: a layer of this name with one option.
fn builtin(expression: &Expression, name: &str, (option, value): (&str, TokenStream), scope: &Scope<'_>) -> flat::Step {
    let written = expression.written();
    let mut layer = named_layer(name, text::ends(&written).0);
    let option = Ident::new(option, text::ends(&written).0);
    layer.options.push(LayerOption { name: Some(option), value: Expr::Verbatim(value) });
    let (kind, origin) = (StepKind::Builtin, scope.origin(expression));
    flat::Step { attributes: Vec::new(), frozen: false, name: None, layer, kind, written, origin }
}

/// `&[Item::At(0), Item::Range { … }]`
fn items_option(krate: &TokenStream, items: &[SliceItem], scope: &Scope<'_>) -> (&'static str, TokenStream) {
    let number = |expression: &Expr| {
        let expression = scope.replaced(expression.to_token_stream());
        quote!((#expression) as ::core::primitive::isize)
    };
    let some = |number| quote!(::core::option::Option::Some(#number));
    let none = quote!(::core::option::Option::None);
    let items = items.iter().map(|item| match item {
        SliceItem::At(index) => {
            let index = number(index);
            quote!(#krate::layers::Item::At(#index))
        }
        SliceItem::Range { from: None, to: None, step: None, .. } => quote!(#krate::layers::Item::All),
        SliceItem::Range { from, to, inclusive, step } => {
            let from = from.as_ref().map_or_else(|| none.clone(), |from| some(number(from)));
            let to = match to.as_ref().map(number) {
                // The last one is -1, and nothing comes after it.
                Some(to) if *inclusive => quote!(match #to { -1 => #none, to => ::core::option::Option::Some(to + 1) }),
                Some(to) => some(to),
                None => none.clone(),
            };
            let step = step.as_ref().map_or_else(|| quote!(1), number);
            quote!(#krate::layers::Item::Range { from: #from, to: #to, step: #step })
        }
        SliceItem::Rest => quote!(#krate::layers::Item::Rest),
    });
    ("items", quote!(&[#(#items),*]))
}

impl Scope<'_> {
    /// A wire by the name that it has here.
    fn wire(&self, name: &Ident) -> Option<Wire> {
        if self.block.is_none() {
            return Some(Wire::of(name));
        }
        self.wires.get(&name.to_string()).cloned()
    }

    /// A number: written as one, or a parameter of the block.
    fn constant(&self, expression: &Expression) -> Option<TokenStream> {
        match expression.bare() {
            Expression::Constant(number) => Some(self.replaced(number.clone())),
            Expression::Wire(name) => self.parameters.get(&name.to_string()).cloned(),
            _ => None,
        }
    }
}
