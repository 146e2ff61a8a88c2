//! Names → graph: which operation takes which values, in which order, and what is used at all.
//!
//! Where a name is wrong, the mistake is noted and the nearest sensible wire put in its place, so
//! that the struct and its methods still exist and only the mistake itself is reported.

use std::collections::{HashMap, HashSet};

use quote::format_ident;
use syn::{Attribute, Ident};

use crate::check::{self, Mistakes};
use crate::parse::{Chain, Declaration, Input, Item, Layer, LayerOption, SharedLayer, Source, name_span};
use crate::text;

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
}

/// One layer of the struct.
pub struct Field<'a> {
    pub name: Ident,
    /// All but `#[frozen]`.
    pub attributes: Vec<&'a Attribute>,
    pub frozen: bool,
    pub layer: &'a Layer,
    /// The operations that call it.
    pub calls: Vec<usize>,
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
    pub kind: Kind<'a>,
    pub operands: Vec<Value>,
    /// Its input is not what the user meant, so that its shape says nothing.
    pub tainted: bool,
}

impl Operation<'_> {
    /// Whether it is a layer that takes its inputs by name: `(a = x, b = y) => Inner`.
    pub fn takes_names(&self) -> bool {
        matches!((&self.kind, &self.chain.source), (Kind::Layer { .. }, Source::Named { .. })) && self.position == 1
    }
}

pub enum Kind<'a> {
    Layer { layer: usize },
    Merge { merge: &'a Ident, operands: &'a [Ident], options: &'a [LayerOption], node: Ident },
    Copy,
}

/// Wires the items up, and notes the mistakes.
pub fn graph<'a>(declaration: &'a Declaration, mistakes: &mut Mistakes) -> Graph<'a> {
    let mut resolver = Resolver::new(declaration, mistakes);
    resolver.declare();
    resolver.operations();
    resolver.connect();
    resolver.finish()
}

struct Resolver<'a, 'm> {
    declaration: &'a Declaration,
    mistakes: &'m mut Mistakes,
    inputs: Vec<&'a Input>,
    shared: Vec<(&'a SharedLayer, usize)>,
    chains: Vec<&'a Chain>,
    layers: Vec<Field<'a>>,
    operations: Vec<Operation<'a>>,
    /// Where each chain's operations stand.
    spans: Vec<std::ops::Range<usize>>,
    layer_names: HashSet<String>,
    value_names: HashSet<String>,
    counts: HashMap<String, usize>,
    used: HashSet<String>,
}

fn frozen_and_rest(attributes: &[Attribute]) -> (bool, Vec<&Attribute>) {
    let rest: Vec<&Attribute> = attributes.iter().filter(|attribute| !attribute.path().is_ident("frozen")).collect();
    (rest.len() < attributes.len(), rest)
}

impl<'a, 'm> Resolver<'a, 'm> {
    fn new(declaration: &'a Declaration, mistakes: &'m mut Mistakes) -> Self {
        Self {
            declaration,
            mistakes,
            inputs: Vec::new(),
            shared: Vec::new(),
            chains: Vec::new(),
            layers: Vec::new(),
            operations: Vec::new(),
            spans: Vec::new(),
            layer_names: HashSet::new(),
            value_names: HashSet::new(),
            counts: HashMap::new(),
            used: HashSet::new(),
        }
    }

    /// Sorts the items, and drops those whose name is taken.
    fn declare(&mut self) {
        let mut wires: HashMap<String, &'static str> = HashMap::new();
        for item in &self.declaration.items {
            let (name, kind) = match item {
                Item::Input(input) => (&input.name, "an input"),
                Item::Chain(chain) => (&chain.name, if chain.is_output { "an output" } else { "a branch" }),
                Item::Layer(_) => continue,
            };
            if let Some(first) = wires.insert(name.to_string(), kind) {
                let message = format!("the name `{name}` is already that of {first}; every input, branch and output has its own");
                self.mistakes.at(name, message);
                continue;
            }
            match item {
                Item::Input(input) => self.inputs.push(input),
                Item::Chain(chain) => self.chains.push(chain),
                Item::Layer(_) => {}
            }
        }
        self.reserve_layer_names();
        if self.inputs.is_empty() && self.mistakes.is_empty() {
            let name = &self.declaration.name;
            self.mistakes.at(name, format!("model `{name}` has no input; declare one: `input a: [f32; 32];`"));
        }
        if !self.chains.iter().any(|chain| chain.is_output) && self.mistakes.is_empty() {
            let name = &self.declaration.name;
            let last = self.chains.last().map_or("a => Dense<_, 1>".to_owned(), |chain| chain.name.to_string());
            self.mistakes.at_span(
                name_span(self.declaration),
                format!("model `{name}` has no output; declare one: `output z = {last};`"),
            );
        }
    }

    /// Names that the user gave come before those that are counted.
    fn reserve_layer_names(&mut self) {
        for item in &self.declaration.items {
            match item {
                Item::Layer(layer) => self.reserve_layer_name(&layer.name),
                Item::Chain(chain) => {
                    chain.steps.iter().filter_map(|step| step.name.as_ref()).for_each(|name| self.reserve_layer_name(name));
                }
                Item::Input(_) => {}
            }
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
                return format_ident!("{}", name);
            }
        }
    }

    /// A value's name, made unlike all others.
    fn value_name(&mut self, name: String) -> Ident {
        let mut name = name;
        while !self.value_names.insert(name.clone()) {
            name.push('_');
        }
        format_ident!("{}", name)
    }

    /// Lays out fields and operations in the order of declaration; operands come later.
    fn operations(&mut self) {
        for chain in &self.chains {
            self.value_names.insert(chain.name.to_string());
        }
        for item in &self.declaration.items {
            match item {
                Item::Layer(shared) => drop(self.shared_index(shared)),
                Item::Chain(chain) if self.chains.iter().any(|kept| std::ptr::eq(*kept, chain)) => self.chain(chain),
                _ => {}
            }
        }
    }

    fn shared_layer(&mut self, shared: &'a SharedLayer) {
        let (frozen, attributes) = frozen_and_rest(&shared.attributes);
        self.shared.push((shared, self.layers.len()));
        self.layers.push(Field { name: shared.name.clone(), attributes, frozen, layer: &shared.layer, calls: Vec::new() });
    }

    fn chain(&mut self, chain: &'a Chain) {
        let start = self.operations.len();
        self.check_named(chain);
        if let Source::Merge { merge, operands, options, .. } = &chain.source {
            let node = self.counted_name(&merge.to_string());
            self.operation(chain, 0, Kind::Merge { merge, operands, options, node });
        }
        for (index, step) in chain.steps.iter().enumerate() {
            let layer = self.layer_of(step);
            self.layers[layer].calls.push(self.operations.len());
            self.operation(chain, index + 1, Kind::Layer { layer });
        }
        if self.operations.len() == start && chain.is_output {
            self.operation(chain, 0, Kind::Copy);
        }
        self.spans.push(start..self.operations.len());
    }

    /// Wires given by name go to a layer, and each name is given once.
    fn check_named(&mut self, chain: &Chain) {
        let Source::Named { operands, call } = &chain.source else { return };
        if chain.steps.is_empty() || operands.is_empty() {
            let message = "wires in parentheses are the inputs of a layer or a model: `(a = x, b = y) => Inner`; to join wires, name a merge: `concatenate(x, y)`";
            self.mistakes.at(call, message.to_owned());
            return;
        }
        let mut seen = HashSet::new();
        for name in operands.iter().map(|(name, wire)| name.as_ref().unwrap_or(wire)) {
            if !seen.insert(name.to_string()) {
                self.mistakes.at(name, format!("the input `{name}` is given twice"));
            }
        }
    }

    /// The field of a step: a shared layer's, or a new one.
    fn layer_of(&mut self, step: &'a crate::parse::Step) -> usize {
        let bare = step.layer.bare().map(ToString::to_string);
        let shared = self.declaration.items.iter().find_map(|item| match item {
            Item::Layer(shared) if bare.as_ref() == Some(&shared.name.to_string()) => Some(shared),
            _ => None,
        });
        if let Some(shared) = shared {
            self.used.insert(shared.name.to_string());
            if let Some(name) = &step.name {
                self.mistakes.at(name, format!("the shared layer `{}` has its name already", shared.name));
            }
            return self.shared_index(shared);
        }
        let name = match &step.name {
            Some(name) => name.clone(),
            None => self.counted_name(&text::snake_case(&step.layer.last.to_string())),
        };
        let (frozen, attributes) = frozen_and_rest(&step.attributes);
        self.layers.push(Field { name, attributes, frozen, layer: &step.layer, calls: Vec::new() });
        self.layers.len() - 1
    }

    /// A shared layer may be declared below its first use; its field then stands where it is used.
    fn shared_index(&mut self, shared: &'a SharedLayer) -> usize {
        if let Some((_, index)) = self.shared.iter().find(|(known, _)| std::ptr::eq(*known, shared)) {
            return *index;
        }
        self.shared_layer(shared);
        self.layers.len() - 1
    }

    fn operation(&mut self, chain: &'a Chain, position: usize, kind: Kind<'a>) {
        let last = position == chain.steps.len();
        let value = if last { chain.name.clone() } else { self.value_name(format!("{}_{position}", chain.name)) };
        let label = format_ident!("{}_{}_{}", self.declaration.name, chain.name, position);
        self.operations.push(Operation { value, label, chain, position, kind, operands: Vec::new(), tainted: false });
    }

    /// Gives each operation its operands.
    fn connect(&mut self) {
        for index in 0..self.chains.len() {
            let chain = self.chains[index];
            let wires: Vec<&'a Ident> = match &chain.source {
                Source::Wire(wire) => vec![wire],
                Source::Merge { operands, .. } => operands.iter().collect(),
                Source::Named { operands, .. } => operands.iter().map(|(_, wire)| wire).collect(),
            };
            let (mut values, mut tainted) = (Vec::new(), false);
            for wire in wires {
                let (value, wrong) = self.wire(wire, &mut vec![index], true);
                values.push(value);
                tainted |= wrong;
            }
            for (position, operation) in self.spans[index].clone().enumerate() {
                self.operations[operation].operands =
                    if position == 0 { values.clone() } else { vec![Value::Operation(operation - 1)] };
                self.operations[operation].tainted = tainted;
            }
        }
        self.break_cycles();
        self.spread_taint();
    }

    /// The value of a wire; `true` with it when the name was wrong. `path` are the aliases on the way.
    fn wire(&mut self, wire: &'a Ident, path: &mut Vec<usize>, report: bool) -> (Value, bool) {
        let name = wire.to_string();
        if let Some(input) = self.inputs.iter().position(|input| input.name == name) {
            self.used.insert(name);
            return (Value::Input(input), false);
        }
        let Some(chain) = self.chains.iter().position(|chain| !chain.is_output && chain.name == name) else {
            return self.unknown(wire, report);
        };
        self.used.insert(name);
        if let Some(last) = self.spans[chain].clone().last() {
            return (Value::Operation(last), false);
        }
        // A branch without steps is another name for its source.
        if path.contains(&chain) {
            if report {
                let names: Vec<String> = path.iter().map(|index| self.chains[*index].name.to_string()).collect();
                self.mistakes.at(&self.chains[path[0]].name, check::cycle(&names));
            }
            return (Value::Input(0), true);
        }
        path.push(chain);
        match &self.chains[chain].source {
            Source::Wire(source) => self.wire(source, path, false),
            Source::Named { operands, .. } if !operands.is_empty() => self.wire(&operands[0].1, path, false),
            _ => (Value::Input(0), true),
        }
    }

    fn unknown(&mut self, wire: &Ident, report: bool) -> (Value, bool) {
        let known: Vec<String> = self
            .inputs
            .iter()
            .map(|input| input.name.to_string())
            .chain(self.chains.iter().filter(|chain| !chain.is_output).map(|chain| chain.name.to_string()))
            .collect();
        if report {
            let message = if self.chains.iter().any(|chain| chain.is_output && chain.name == *wire) {
                format!("`{wire}` is an output, where the model ends; make it a branch, and declare `output … = {wire};` beside it")
            } else {
                check::unknown_wire(wire, &known)
            };
            self.mistakes.at(wire, message);
        }
        if let Some(near) = text::nearest(&wire.to_string(), known.iter().map(String::as_str)) {
            self.used.insert(near.to_owned());
        }
        (Value::Input(0), true)
    }

    /// Reports each cycle once, and cuts it.
    fn break_cycles(&mut self) {
        let mut done = vec![false; self.operations.len()];
        for start in 0..self.operations.len() {
            let mut path = Vec::new();
            self.visit(start, &mut path, &mut done);
        }
    }

    fn visit(&mut self, operation: usize, path: &mut Vec<usize>, done: &mut [bool]) {
        if done[operation] {
            return;
        }
        if let Some(start) = path.iter().position(|earlier| *earlier == operation) {
            self.cut_cycle(&path[start..]);
            return;
        }
        path.push(operation);
        for index in 0..self.operations[operation].operands.len() {
            if let Some(Value::Operation(source)) = self.operations[operation].operands.get(index).copied() {
                self.visit(source, path, done);
            }
        }
        path.pop();
        done[operation] = true;
    }

    fn cut_cycle(&mut self, cycle: &[usize]) {
        let mut names: Vec<(usize, &'a Chain)> = Vec::new();
        for operation in cycle {
            let chain = self.operations[*operation].chain;
            if !names.iter().any(|(_, known)| std::ptr::eq(*known, chain)) {
                names.push((*operation, chain));
            }
        }
        // The chain that was declared first is the one to name.
        let first = (0..names.len()).min_by_key(|index| names[*index].0).unwrap_or(0);
        names.rotate_left(first);
        let words: Vec<String> = names.iter().map(|(_, chain)| chain.name.to_string()).collect();
        self.mistakes.at(&names[0].1.name, check::cycle(&words));
        for operation in &mut self.operations {
            if std::ptr::eq(operation.chain, names[0].1) {
                operation.tainted = true;
                if operation.position == 0 || operation.position == 1 && !matches!(operation.chain.source, Source::Merge { .. }) {
                    operation.operands.iter_mut().for_each(|operand| *operand = Value::Input(0));
                }
            }
        }
    }

    /// What is made of a wrong value says nothing about shapes either.
    fn spread_taint(&mut self) {
        for _ in 0..self.chains.len() {
            for index in 0..self.operations.len() {
                let tainted = self.operations[index]
                    .operands
                    .iter()
                    .any(|operand| matches!(operand, Value::Operation(source) if self.operations[*source].tainted));
                self.operations[index].tainted |= tainted;
            }
        }
    }

    fn finish(mut self) -> Graph<'a> {
        let mut outputs: Vec<(&'a Ident, usize)> = Vec::new();
        for (chain, span) in self.chains.iter().zip(&self.spans) {
            if let (true, Some(last)) = (chain.is_output, span.clone().last()) {
                outputs.push((&chain.name, last));
            }
        }
        // Without an output, which was reported, the last value stands in for it.
        if outputs.is_empty() && !self.operations.is_empty() {
            let last = self.operations.len() - 1;
            outputs.push((&self.operations[last].chain.name, last));
            self.used.insert(self.operations[last].chain.name.to_string());
        }
        let order = self.order(&outputs);
        let wires = self.inputs.iter().map(|input| &input.name);
        let branches = self.chains.iter().filter(|chain| !chain.is_output).map(|chain| &chain.name);
        let shared = self.shared.iter().map(|(shared, _)| &shared.name);
        let unused = wires
            .chain(branches)
            .chain(shared)
            .filter(|name| !self.used.contains(&name.to_string()) && !name.to_string().starts_with('_'))
            .collect();
        Graph { inputs: self.inputs, layers: self.layers, operations: self.operations, order, outputs, unused }
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
