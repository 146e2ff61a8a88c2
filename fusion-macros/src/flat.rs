//! A declaration without blocks, repetitions and expressions: chains of layers between named wires.
//!
//! [`crate::lower`] makes it of the syntax tree: what a block holds stands here once for each use, under names of its
//! own, and what an expression computes is a chain of its own.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Ident};

use crate::syntax::{self, Input, Layer};

/// A whole model.
pub struct Flat {
    pub items: Vec<Item>,
    /// No input was declared; one stands in for it.
    pub no_input: bool,
    /// No output was declared; one stands in for it.
    pub no_output: bool,
    /// Blocks, and wires within them, that nothing uses.
    pub unused: Vec<Ident>,
}

pub enum Item {
    Input(Input),
    Layer(SharedLayer),
    /// A shared layer that could not be read; its name is known.
    BrokenLayer(Ident),
    Chain(Chain),
}

/// `layer embed: Embedding<1000, 8>;`
pub struct SharedLayer {
    pub attributes: Vec<Attribute>,
    pub frozen: bool,
    pub name: Ident,
    pub layer: Layer,
    /// It stands in the model itself.
    pub declared: bool,
    pub origin: Origin,
}

impl SharedLayer {
    /// As it was declared.
    pub fn new(
        syntax::SharedLayer { attributes, name, layer }: &syntax::SharedLayer,
        declared: bool,
        origin: Origin,
    ) -> Self {
        let (attributes, name, layer) = (attributes.clone(), name.clone(), layer.clone());
        Self { attributes, frozen: false, name, layer, declared, origin }
    }
}

/// Layers one after the other.
pub struct Chain {
    pub name: Ident,
    pub is_output: bool,
    /// The user gave it its name, in the model itself.
    pub declared: bool,
    pub source: Source,
    pub steps: Vec<Step>,
    /// The names that the last step's several outputs get, and what was written for them.
    pub parts: Option<(Vec<String>, TokenStream)>,
    /// Something in it is wrong already.
    pub broken: bool,
}

pub enum Source {
    Wire(Wire),
    /// `all: concatenate(x, y, axis = 1)`
    Merge(Merge),
    /// `(a = x, b = y)`
    Named {
        operands: Vec<(Option<Ident>, Wire)>,
        call: TokenStream,
    },
    /// It could not be read.
    Unknown,
}

/// `concatenate(x, y)`, `x + y`
pub struct Merge {
    pub name: Option<Ident>,
    pub layer: Layer,
    pub operands: Vec<Wire>,
    pub call: TokenStream,
    pub origin: Origin,
}

/// A wire where it is used.
#[derive(Clone)]
pub struct Wire {
    pub name: Ident,
    /// What the user wrote for it.
    pub written: TokenStream,
    /// Where messages point for it: there, or at the use of a block that is given it.
    pub place: TokenStream,
    /// It is what the user calls it, and not made by a block or an expression.
    pub declared: bool,
}

impl Wire {
    /// A wire by its own name.
    pub fn of(name: &Ident) -> Self {
        Self { name: name.clone(), written: name.to_token_stream(), place: name.to_token_stream(), declared: true }
    }
}

#[derive(Clone)]
pub struct Step {
    pub attributes: Vec<Attribute>,
    pub frozen: bool,
    pub name: Option<Ident>,
    pub layer: Layer,
    pub kind: StepKind,
    /// What was written for it.
    pub written: TokenStream,
    pub origin: Origin,
}

/// What a step is.
#[derive(Clone)]
pub enum StepKind {
    /// A layer that the user named.
    Layer,
    /// A layer that the macro names: a slice, or arithmetic with a constant.
    Builtin,
    /// One output of a step with several.
    Part {
        /// Its place among the names.
        index: usize,
        /// The output's own name, where outputs have names.
        wanted: String,
    },
}

/// Where in the syntax tree something was made from, and by which uses of blocks and repetitions.
#[derive(Clone)]
pub struct Origin {
    /// The same for all uses of what was written once.
    pub node: usize,
    /// From the inside out: "block `residual`", "repetition 2 of 3", "branch `trunk`"; empty for what is written in the
    /// model itself.
    pub uses: Option<Rc<[String]>>,
}

impl Origin {
    /// The uses in one phrase.
    pub fn words(&self) -> Option<String> {
        self.uses.as_ref().map(|uses| uses.join(", "))
    }
}
