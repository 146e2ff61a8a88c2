//! Names → graph: which operation takes which values, in which order, and what is used at all.
//!
//! Where a name is wrong, the mistake is noted and another wire put in its place, so that the
//! struct and its methods still exist and only the mistake itself is reported.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Ident};

use crate::flat::{Chain, Flat, Item, Merge, Origin, SharedLayer, Source, Step, StepKind};
use crate::keras;
use crate::report::Mistakes;
use crate::syntax::{Declaration, Input, Layer};
use crate::text;

mod chains;
mod wires;

/// What flows on a wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    Input(usize),
    Operation(usize),
}

/// A model, wired up.
pub struct Graph<'a> {
    pub inputs: Vec<&'a Input>,
    /// The struct's fields, in order of declaration.
    pub layers: Vec<Field<'a>>,
    /// In order of declaration.
    pub operations: Vec<Operation<'a>>,
    /// The operations that the outputs need, each after those it takes its input from.
    pub order: Vec<usize>,
    /// Name and operation of each output.
    pub outputs: Vec<(&'a Ident, usize)>,
    /// Names of inputs, branches and shared layers that nothing uses.
    pub unused: Vec<&'a Ident>,
    /// What reads better otherwise, and how.
    pub spelled_out: Vec<(TokenStream, String)>,
    /// There are mistakes of the language, so that the code only has to compile.
    pub broken: bool,
}

/// One layer of the struct.
pub struct Field<'a> {
    pub name: Ident,
    /// Whether the user gave it this name.
    pub chosen: bool,
    /// All but `#[frozen]`.
    pub attributes: Vec<&'a Attribute>,
    pub frozen: bool,
    /// With options that are arguments of its type among these.
    pub layer: Cow<'a, Layer>,
    /// The macro names its type: a merge, a slice, arithmetic.
    pub builtin: bool,
    /// As the user wrote it: the layer, or the merge with what it joins.
    pub written: TokenStream,
    /// Where it was declared.
    pub origin: Origin,
    /// The operations that call it.
    pub calls: Vec<usize>,
    /// The first layer made from the same words by the same block, itself if it is that; none where there is no other.
    pub twin: Option<usize>,
}

/// One step of a chain, or a merge.
pub struct Operation<'a> {
    /// Its value's name in the generated code.
    pub value: Ident,
    /// The name that the compiler's messages show.
    pub label: Ident,
    pub chain: &'a Chain,
    /// Position in its chain; the merge at a chain's start is 0, the first layer 1.
    pub position: usize,
    pub kind: Kind,
    pub operands: Vec<Value>,
    /// Its input is not what the user meant, so that its shape says nothing.
    pub tainted: bool,
}

impl<'a> Operation<'a> {
    /// The names of several inputs: those of `(a = x, b = y) => Inner`, or the operands of a merge as they were written.
    pub fn input_names(&self) -> Option<Vec<String>> {
        match (&self.chain.source, self.position) {
            (Source::Named { operands, .. }, 1) => Some(
                operands.iter().map(|(name, wire)| name.as_ref().unwrap_or(&wire.name).unraw().to_string()).collect(),
            ),
            (Source::Merge(merge), 0) => Some(merge.operands.iter().map(|wire| text::of(&wire.written)).collect()),
            _ => None,
        }
    }

    /// Whether it is a layer that takes its inputs by name: `(a = x, b = y) => Inner`.
    pub fn is_given_by_name(&self) -> bool {
        self.position == 1 && matches!(self.chain.source, Source::Named { .. })
    }

    /// Whether it is a merge.
    pub fn is_merge(&self) -> bool {
        self.position == 0 && matches!(self.chain.source, Source::Merge(_))
    }

    /// The merge that it is.
    pub fn merge(&self) -> Option<&'a Merge> {
        match &self.chain.source {
            Source::Merge(merge) if self.position == 0 => Some(merge),
            _ => None,
        }
    }

    /// The step of its chain that it is.
    pub fn step(&self) -> Option<&'a Step> {
        self.chain.steps.get(self.position.checked_sub(1)?)
    }

    /// The names that its several outputs get, and what was written for them; it is the last step of its chain then.
    pub fn parts(&self) -> Option<&'a (Vec<String>, TokenStream)> {
        self.chain.parts.as_ref().filter(|_| self.position == self.chain.steps.len())
    }

    /// Which of the several outputs of the step before it is: its place among the names, and the name.
    pub fn part(&self) -> Option<(usize, &'a str)> {
        match self.step().map(|step| &step.kind) {
            Some(StepKind::Part { index, wanted }) => Some((*index, wanted)),
            _ => None,
        }
    }

    /// Where it was made from; an output that only names a wire is made from none.
    pub fn origin(&self) -> Option<&'a Origin> {
        self.merge().map(|merge| &merge.origin).or(self.step().map(|step| &step.origin))
    }
}

#[derive(Clone, Copy)]
pub enum Kind {
    /// A layer or a merge, the field of this index.
    Layer { layer: usize },
    /// One output of a step with several.
    Part,
    /// An output that only names a wire.
    Copy,
}

/// Wires the items up, and notes the mistakes.
pub fn graph<'a>(declaration: &'a Declaration, flat: &'a Flat, mistakes: &mut Mistakes) -> Graph<'a> {
    let mut resolver = Resolver::new(declaration, flat, mistakes);
    resolver.declare();
    resolver.operations();
    resolver.connect();
    resolver.finish()
}

struct Resolver<'a, 'm> {
    declaration: &'a Declaration,
    flat: &'a Flat,
    mistakes: &'m mut Mistakes,
    /// Of what was written once and is used several times, mistakes are said once.
    reported: HashSet<usize>,
    inputs: Vec<&'a Input>,
    shared: Vec<(&'a SharedLayer, usize)>,
    chains: Vec<&'a Chain>,
    /// Whether each chain has a mistake of its own.
    broken: Vec<bool>,
    layers: Vec<Field<'a>>,
    operations: Vec<Operation<'a>>,
    /// Where each chain's operations stand.
    spans: Vec<std::ops::Range<usize>>,
    layer_names: HashSet<String>,
    /// What was written once and has its name.
    named: HashSet<usize>,
    value_names: HashSet<String>,
    counts: HashMap<String, usize>,
    used: HashSet<String>,
}

/// A name as an identifier, also where it is a keyword, as that of a model called `In` is.
fn identifier(name: &str) -> Ident {
    let span = proc_macro2::Span::call_site();
    match name {
        "self" | "super" | "crate" => Ident::new(&format!("{name}_"), span),
        _ if syn::parse_str::<Ident>(name).is_err() => Ident::new_raw(name, span),
        _ => Ident::new(name, span),
    }
}

/// The most outputs that losses and targets are tuples of: `fusion_core::model::MOST_OUTPUTS`, as a test compares.
pub const MOST_OUTPUTS: usize = 16;

/// Whether `#[frozen]` is among the attributes, and the others. `cfg` is refused elsewhere.
fn frozen_and_rest(attributes: &[Attribute]) -> (bool, Vec<&Attribute>) {
    let is = |attribute: &Attribute, names: &[&str]| names.iter().any(|name| attribute.path().is_ident(name));
    let frozen = attributes.iter().any(|attribute| is(attribute, &["frozen"]));
    (frozen, attributes.iter().filter(|attribute| !is(attribute, &["frozen", "cfg", "cfg_attr"])).collect())
}

/// Layers that uses of a block make from the same words have one type, but for the features that reach them, and the
/// compiler is shown it once.
fn find_twins(layers: &mut [Field<'_>]) {
    let mut first: HashMap<(usize, String), Vec<usize>> = HashMap::new();
    for (index, field) in layers.iter().enumerate() {
        if field.origin.uses.is_some() && !field.builtin && !field.calls.is_empty() {
            first.entry((field.origin.node, text::of(&field.written))).or_default().push(index);
        }
    }
    for twins in first.values().filter(|twins| twins.len() > 1) {
        twins.iter().for_each(|index| layers[*index].twin = Some(twins[0]));
    }
}

/// What reads better otherwise, once for all uses of a block.
fn spelled_out(layers: &[Field<'_>]) -> Vec<(TokenStream, String)> {
    let mut nodes = HashSet::new();
    layers
        .iter()
        .filter(|field| nodes.insert(field.origin.node))
        .flat_map(|field| keras::spelled_out(&field.layer))
        .collect()
}

impl<'a, 'm> Resolver<'a, 'm> {
    fn new(declaration: &'a Declaration, flat: &'a Flat, mistakes: &'m mut Mistakes) -> Self {
        Self {
            declaration,
            flat,
            mistakes,
            reported: HashSet::new(),
            inputs: Vec::new(),
            shared: Vec::new(),
            chains: Vec::new(),
            broken: Vec::new(),
            layers: Vec::new(),
            operations: Vec::new(),
            spans: Vec::new(),
            layer_names: HashSet::new(),
            named: HashSet::new(),
            value_names: HashSet::new(),
            counts: HashMap::new(),
            used: HashSet::new(),
        }
    }

    /// Sorts the items, and drops those whose name is taken.
    fn declare(&mut self) {
        let mut wires: HashMap<String, &'static str> = HashMap::new();
        for item in &self.flat.items {
            let (name, kind) = match item {
                Item::Input(input) => (&input.name, "an input"),
                Item::Chain(chain) => (&chain.name, if chain.is_output { "an output" } else { "a branch" }),
                Item::Layer(_) | Item::BrokenLayer(_) => continue,
            };
            if let Some(first) = wires.get(&name.to_string()) {
                let message =
                    format!("the name `{name}` is already that of {first}; every input, branch and output has its own");
                self.mistakes.at(name, message);
                // An output's name is still that of a field, which the rest of the program may use.
                if kind != "an output" || *first == "an output" {
                    continue;
                }
            }
            wires.insert(name.to_string(), kind);
            if kind == "an output" && (name == "val" || name.to_string().starts_with("val_")) {
                let message = format!("an output cannot be called `{name}`: `val_…` are the logs of validation data");
                self.mistakes.at(name, message);
            }
            match item {
                Item::Input(input) => self.inputs.push(input),
                Item::Chain(chain) => self.chains.push(chain),
                Item::Layer(_) | Item::BrokenLayer(_) => {}
            }
        }
        self.broken = self.chains.iter().map(|chain| chain.broken).collect();
        self.reserve_layer_names();
    }

    /// Names that the user gave come before those that are counted.
    fn reserve_layer_names(&mut self) {
        for item in &self.flat.items {
            match item {
                Item::Layer(SharedLayer { name, .. }) | Item::BrokenLayer(name) => self.reserve_layer_name(name),
                Item::Chain(chain) => {
                    if let Source::Merge(Merge { name: Some(name), origin, .. }) = &chain.source {
                        self.reserve_layer_name_of(name, origin);
                    }
                    for step in &chain.steps {
                        if let Some(name) = &step.name {
                            self.reserve_layer_name_of(name, &step.origin);
                        }
                    }
                }
                Item::Input(_) => {}
            }
        }
    }

    /// A layer of a block has the name that it was given, with a number from the second use on.
    fn reserve_layer_name_of(&mut self, name: &Ident, origin: &Origin) {
        if origin.uses.is_none() || self.named.insert(origin.node) {
            self.reserve_layer_name(name);
        }
    }

    fn reserve_layer_name(&mut self, name: &Ident) {
        if !self.layer_names.insert(name.to_string()) {
            let message = format!(
                "there already is a layer named `{name}`; to use one set of weights twice, declare it once with `layer {name}: …;`"
            );
            self.mistakes.at(name, message);
        }
    }

    /// `dense`, `dense_1`, …: Keras's names.
    fn counted_name(&mut self, class: &str) -> Ident {
        loop {
            let count = self.counts.entry(class.to_owned()).or_insert(0);
            let name = if *count == 0 { class.to_owned() } else { format!("{class}_{count}") };
            *count += 1;
            if self.layer_names.insert(name.clone()) {
                return identifier(&name);
            }
        }
    }

    /// The name that the user gave a layer, unless another has it, which was reported.
    fn given_name(&mut self, name: &Ident) -> Ident {
        let taken = self.layers.iter().any(|field| field.name == *name);
        if taken { self.counted_name(&name.to_string()) } else { name.clone() }
    }

    /// A value's name, made unlike all others.
    fn value_name(&mut self, name: String) -> Ident {
        let mut name = name;
        while !self.value_names.insert(name.clone()) {
            name.push('_');
        }
        format_ident!("{}", name)
    }

    fn finish(mut self) -> Graph<'a> {
        self.expect_inputs_and_outputs();
        let mut outputs: Vec<(&'a Ident, usize)> = Vec::new();
        for (chain, span) in self.chains.iter().zip(&self.spans) {
            if let (true, Some(last)) = (chain.is_output, span.clone().last()) {
                outputs.push((&chain.name, last));
            }
        }
        if let Some((name, _)) = outputs.get(MOST_OUTPUTS) {
            let message = format!(
                "a model has at most {MOST_OUTPUTS} outputs; put what is of one kind into one output, `output all = … => Dense<_, {}>;`, with a loss over its columns",
                outputs.len()
            );
            self.mistakes.at(name, message);
        }
        self.expect_all_said();
        let (order, unused, broken) = (self.order(&outputs), self.unused(), !self.mistakes.is_empty());
        let Self { inputs, mut layers, operations, .. } = self;
        find_twins(&mut layers);
        let spelled_out = if broken { Vec::new() } else { spelled_out(&layers) };
        Graph { inputs, layers, operations, order, outputs, unused, spelled_out, broken }
    }

    /// What could not be made was reported where it is known why; a model without it must not pass for whole.
    fn expect_all_said(&mut self) {
        let unsaid = self.operations.iter().find(|operation| operation.tainted);
        if let (true, Some(operation)) = (self.mistakes.is_empty(), unsaid) {
            let name = &operation.chain.name;
            self.mistakes
                .at(name, format!("`{name}` cannot be made of what is written here; please report this model"));
        }
    }

    /// What is there may not be read or be known yet, so this is only said where all else is right.
    fn expect_inputs_and_outputs(&mut self) {
        let (name, Flat { no_input, no_output, .. }) = (&self.declaration.name, self.flat);
        if self.mistakes.is_empty() && *no_input {
            self.mistakes.at(name, format!("model `{name}` has no input; declare one: `input a: [f32; 32];`"));
        }
        if self.mistakes.is_empty() && *no_output {
            let branch = self.chains.iter().rfind(|chain| !chain.is_output && chain.declared);
            let last = branch
                .map_or_else(|| format!("{} => Dense<_, 1>", self.inputs[0].name), |chain| chain.name.to_string());
            self.mistakes.at(name, format!("model `{name}` has no output; declare one: `output z = {last};`"));
        }
    }

    /// Beside a mistake, what seems unused may only be misspelt where it is used.
    fn unused(&self) -> Vec<&'a Ident> {
        if !self.mistakes.is_empty() {
            return Vec::new();
        }
        let wires = self.inputs.iter().map(|input| &input.name);
        let branches = self.chains.iter().filter(|chain| !chain.is_output && chain.declared).map(|chain| &chain.name);
        let shared = self.shared.iter().filter(|(shared, _)| shared.declared).map(|(shared, _)| &shared.name);
        let unused = |name: &&Ident| !self.used.contains(&name.to_string()) && !name.to_string().starts_with('_');
        wires.chain(branches).chain(shared).filter(unused).chain(&self.flat.unused).collect()
    }

    fn order(&self, outputs: &[(&Ident, usize)]) -> Vec<usize> {
        fn need(operations: &[Operation<'_>], index: usize, seen: &mut HashSet<usize>, order: &mut Vec<usize>) {
            if !seen.insert(index) {
                return;
            }
            for operand in &operations[index].operands {
                if let Value::Operation(source) = operand {
                    need(operations, *source, seen, order);
                }
            }
            order.push(index);
        }
        let needed = {
            let (mut seen, mut order) = (HashSet::new(), Vec::new());
            outputs.iter().for_each(|(_, output)| need(&self.operations, *output, &mut seen, &mut order));
            seen
        };
        // Declaration order where the wires allow it, for a page that reads like the source.
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        for index in (0..self.operations.len()).filter(|index| needed.contains(index)) {
            need(&self.operations, index, &mut seen, &mut order);
        }
        order
    }
}
