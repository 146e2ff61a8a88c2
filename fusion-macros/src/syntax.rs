//! The syntax tree: a declaration as the user wrote it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{AngleBracketedGenericArguments, Attribute, Expr, GenericArgument, Ident, Token, Visibility};

/// A whole `model!` block.
pub struct Declaration {
    /// The path of the crate `fusion`.
    pub krate: TokenStream,
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub struct_token: Token![struct],
    pub name: Ident,
    pub items: Vec<Item>,
    /// Written in the short form, `struct Name = [f32; 10] => …;`.
    pub sequential: bool,
}

pub enum Item {
    Input(Input),
    Layer(SharedLayer),
    /// A shared layer that could not be read; its name is known.
    BrokenLayer(Ident),
    Chain(Chain),
    Block(Block),
}

/// `input a: [f32; 32];`
#[derive(Clone)]
pub struct Input {
    pub name: Ident,
    pub shape: InputShape,
    /// The shape is not what the user meant.
    pub broken: bool,
}

/// `[f32; 28, 28, 1]`
#[derive(Clone)]
pub struct InputShape {
    pub element: Ident,
    pub dimensions: Vec<Expr>,
    /// The brackets with all within.
    pub written: TokenStream,
}

impl InputShape {
    /// A shape in the place of one that is not known.
    pub fn stand_in(span: Span) -> Self {
        Self { element: Ident::new("f32", span), dimensions: vec![syn::parse_quote!(1)], written: TokenStream::new() }
    }
}

/// `layer embed: Embedding<1000, 8>;`
#[derive(Clone)]
pub struct SharedLayer {
    pub attributes: Vec<Attribute>,
    pub name: Ident,
    pub layer: Layer,
}

/// `branch x = a => Dense<32, 8>;` or an `output`.
pub struct Chain {
    pub binding: Binding,
    pub is_output: bool,
    pub body: Body,
}

/// What a chain is called.
pub enum Binding {
    /// `x`
    One(Ident),
    /// `(h, c)` or `(p = priority, _)`, with the parentheses.
    Several { names: Vec<Bound>, written: TokenStream },
    /// An output of a block, which needs no name.
    Unnamed(Span),
}

/// `p = priority`: the name that one of several outputs gets.
pub struct Bound {
    /// None for `_`.
    pub name: Option<Ident>,
    /// The output's own name, where another is given to it.
    pub output: Option<Ident>,
    pub written: TokenStream,
}

impl Bound {
    /// The output that is meant, by its own name; `_` for one that nothing needs.
    pub fn wanted(&self) -> String {
        self.output.as_ref().or(self.name.as_ref()).map_or_else(|| "_".to_owned(), ToString::to_string)
    }
}

impl Binding {
    /// The names that become known.
    pub fn names(&self) -> Vec<&Ident> {
        match self {
            Self::One(name) => vec![name],
            Self::Several { names, .. } => names.iter().filter_map(|bound| bound.name.as_ref()).collect(),
            Self::Unnamed(_) => Vec::new(),
        }
    }
}

/// `a => Dense<32, 8> => Relu`: where a chain begins, and what follows.
pub struct Body {
    pub source: Expression,
    pub elements: Vec<Element>,
    /// Something in it could not be read.
    pub broken: bool,
}

/// What wires are made of.
pub enum Expression {
    /// `a`
    Wire(Ident),
    /// `x[.., 0]`, with the brackets.
    Slice { of: Box<Expression>, items: Vec<SliceItem>, brackets: TokenStream },
    /// `all: concatenate(x, y, axis = 1)`
    Merge { name: Option<Ident>, layer: Layer, operands: Vec<Expression>, call: TokenStream },
    /// `x + y`
    Operator { operator: Operator, left: Box<Expression>, right: Box<Expression> },
    /// A number: `2.0`, `{ SCALE }`.
    Constant(TokenStream),
    /// `(x + y)`
    Group { of: Box<Expression>, written: TokenStream },
    /// `(a = x, b = y)`
    Named { operands: Vec<(Option<Ident>, Expression)>, written: TokenStream },
    /// It could not be read.
    Unknown,
}

impl Expression {
    /// As it was written.
    pub fn written(&self) -> TokenStream {
        match self {
            Self::Wire(wire) => wire.to_token_stream(),
            Self::Slice { of, brackets, .. } => {
                let of = of.written();
                quote!(#of #brackets)
            }
            Self::Merge { call: written, .. }
            | Self::Constant(written)
            | Self::Group { written, .. }
            | Self::Named { written, .. } => written.clone(),
            Self::Operator { operator, left, right } => {
                let (left, operator, right) = (left.written(), &operator.token, right.written());
                quote!(#left #operator #right)
            }
            Self::Unknown => TokenStream::new(),
        }
    }

    /// The expressions that it is made of.
    pub fn parts(&self) -> Vec<&Expression> {
        match self {
            Self::Wire(_) | Self::Constant(_) | Self::Unknown => Vec::new(),
            Self::Slice { of, .. } | Self::Group { of, .. } => vec![of],
            Self::Merge { operands, .. } => operands.iter().collect(),
            Self::Operator { left, right, .. } => vec![left, right],
            Self::Named { operands, .. } => operands.iter().map(|(_, operand)| operand).collect(),
        }
    }

    /// The same without parentheses around it.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Group { of, .. } => of.bare(),
            other => other,
        }
    }
}

/// `+`, with the merge that it stands for.
pub struct Operator {
    pub token: TokenTree,
    /// `Add`
    pub merge: &'static str,
}

/// What stands between the brackets of a slice, for one axis.
#[expect(clippy::large_enum_variant, reason = "a slice has a few of them")]
pub enum SliceItem {
    /// `0`, `-1`, `{ N - 1 }`
    At(Expr),
    /// `2..5`, `..`, `(..).step_by(2)`
    Range { from: Option<Expr>, to: Option<Expr>, inclusive: bool, step: Option<Expr> },
    /// `...`: all axes between.
    Rest,
}

/// What follows in a chain.
pub enum Element {
    Step(Step),
    Repeat(Repeat),
}

/// `repeat 3 { Dense<_, 8> => Dropout(0.5) }`
pub struct Repeat {
    /// A number, or a parameter of a block that is one.
    pub times: TokenTree,
    pub body: Vec<Element>,
}

/// `hidden: Dense<32, 8>`, the name of a shared layer, or the use of a block.
pub struct Step {
    pub attributes: Vec<Attribute>,
    pub name: Option<Ident>,
    pub layer: Layer,
}

/// `block residual<UNITS>(x) { branch h = …; output x + h; }`: a function of wires.
pub struct Block {
    pub name: Ident,
    /// What stands for sizes and types in it.
    pub parameters: Vec<Ident>,
    /// The wires that it takes.
    pub wires: Vec<Ident>,
    /// Branches, layers and outputs.
    pub items: Vec<Item>,
    /// Something in it could not be read.
    pub broken: bool,
}

impl Block {
    /// The chains of its outputs, in order.
    pub fn outputs(&self) -> impl Iterator<Item = &Chain> {
        self.items.iter().filter_map(|item| match item {
            Item::Chain(chain) if chain.is_output => Some(chain),
            _ => None,
        })
    }
}

/// `my::Conv2d<1, 8, 3>(strides = 2)`
#[derive(Clone)]
pub struct Layer {
    /// The path before the generic arguments.
    pub path: TokenStream,
    /// Its last segment.
    pub last: Ident,
    pub arguments: Option<AngleBracketedGenericArguments>,
    pub within: Option<Within>,
    pub options: Vec<LayerOption>,
    /// The options with their parentheses.
    pub options_group: Option<TokenTree>,
}

impl Layer {
    /// The type without options.
    pub fn ty(&self) -> TokenStream {
        let (path, arguments) = (&self.path, &self.arguments);
        quote!(#path #arguments)
    }

    /// All that was written.
    pub fn written(&self) -> TokenStream {
        let (path, arguments, options) = (&self.path, self.arguments_written(), &self.options_group);
        quote!(#path #arguments #options)
    }

    /// The same with options that stand behind a parameter which it is given for.
    pub fn with_more(mut self, options: Vec<LayerOption>, group: Option<TokenTree>) -> Self {
        self.options.extend(options);
        self.options_group = self.options_group.or(group);
        self
    }

    /// What stands in its angle brackets, with these; the options of a layer within too.
    pub fn arguments_written(&self) -> TokenStream {
        let Some(arguments) = &self.arguments else { return TokenStream::new() };
        if self.within.is_none() {
            return arguments.to_token_stream();
        }
        let AngleBracketedGenericArguments { colon2_token, lt_token, args, gt_token } = arguments;
        let commas = args.pairs().map(|pair| pair.punct().copied());
        let args = self.each_argument_written().zip(commas).map(|(argument, comma)| quote!(#argument #comma));
        quote!(#colon2_token #lt_token #(#args)* #gt_token)
    }

    /// Each of its arguments, that which is a layer with options with these.
    pub fn each_argument_written(&self) -> impl Iterator<Item = TokenStream> {
        self.arguments().enumerate().map(|(index, argument)| match &self.within {
            Some(Within { place, layer }) if *place == index => layer.written(),
            _ => argument.to_token_stream(),
        })
    }

    /// The options, and those of layers within.
    pub fn all_options(&self) -> Vec<&LayerOption> {
        let within = self.within.iter().flat_map(|within| within.layer.all_options());
        self.options.iter().chain(within).collect()
    }

    /// The name, if this is a single word, perhaps with options, as the use of a shared layer is.
    pub fn word(&self) -> Option<&Ident> {
        if self.arguments.is_none() { self.single() } else { None }
    }

    /// The name, if this is a single word, perhaps with arguments and options, as the use of a block is.
    pub fn single(&self) -> Option<&Ident> {
        (self.path.clone().into_iter().count() == 1).then_some(&self.last)
    }

    /// What stands in its angle brackets.
    pub fn arguments(&self) -> impl Iterator<Item = &GenericArgument> {
        self.arguments.iter().flat_map(|arguments| &arguments.args)
    }
}

/// `Dropout(0.5)` of `TimeDistributed<Dropout(0.5)>`: a layer with options among the arguments of another.
#[derive(Clone)]
pub struct Within {
    /// Which argument it is.
    pub place: usize,
    pub layer: Box<Layer>,
}

/// `strides = 2`, or a value alone.
#[derive(Clone)]
pub struct LayerOption {
    pub name: Option<Ident>,
    pub value: Expr,
}

impl LayerOption {
    /// As it was written.
    pub fn written(&self) -> TokenStream {
        let (name, value) = (&self.name, &self.value);
        match name {
            Some(name) => quote!(#name = #value),
            None => quote!(#value),
        }
    }
}
