//! Which operation takes which values.

use syn::Ident;

use super::{Resolver, Value};
use crate::check;
use crate::flat::{Chain, Source};

impl<'a> Resolver<'a, '_> {
    /// Gives each operation its operands.
    pub(super) fn connect(&mut self) {
        for index in 0..self.chains.len() {
            let chain = self.chains[index];
            let wires: Vec<&'a Ident> = match &chain.source {
                Source::Wire(wire) => vec![&wire.name],
                Source::Merge(merge) => merge.operands.iter().map(|wire| &wire.name).collect(),
                Source::Named { operands, .. } => operands.iter().map(|(_, wire)| &wire.name).collect(),
                Source::Unknown => Vec::new(),
            };
            let (mut values, mut tainted) = (Vec::new(), self.broken[index]);
            for wire in wires {
                let (value, wrong) = self.wire(wire, &mut vec![index], true);
                values.push(value);
                tainted |= wrong;
            }
            if values.is_empty() {
                values.push(Value::Input(0));
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
            return (Value::Input(input), self.inputs[input].broken);
        }
        let Some(chain) = self.chains.iter().position(|chain| !chain.is_output && chain.name == name) else {
            return self.unknown(wire, report);
        };
        self.used.insert(name);
        if let Some(last) = self.spans[chain].clone().last() {
            return (Value::Operation(last), self.broken[chain]);
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
            Source::Wire(source) => self.wire(&source.name, path, false),
            Source::Named { operands, .. } if !operands.is_empty() => self.wire(&operands[0].1.name, path, false),
            _ => (Value::Input(0), true),
        }
    }

    fn unknown(&mut self, wire: &Ident, report: bool) -> (Value, bool) {
        let known: Vec<String> = self
            .inputs
            .iter()
            .map(|input| input.name.to_string())
            .chain(
                self.chains
                    .iter()
                    .filter(|chain| !chain.is_output && chain.declared)
                    .map(|chain| chain.name.to_string()),
            )
            .filter(|name| name != "__input")
            .collect();
        if report {
            let message = if self.chains.iter().any(|chain| chain.is_output && chain.name == *wire) {
                format!(
                    "`{wire}` is an output, where the model ends; make it a branch, and declare `output … = {wire};` beside it"
                )
            } else if self.layer_names.contains(&wire.to_string()) {
                format!(
                    "`{wire}` is no wire but a layer; a chain begins at a wire: `{} => {wire}`",
                    known.first().map_or("a", String::as_str)
                )
            } else {
                check::unknown_wire(wire, &known)
            };
            self.mistakes.at(wire, message);
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
                if operation.position == 0
                    || operation.position == 1 && !matches!(operation.chain.source, Source::Merge(_))
                {
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
}
