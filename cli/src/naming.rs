//! What fields, wires and outputs of a model are called.

use std::collections::HashSet;

use crate::graph::{Graph, Wire};
use crate::layers::Step;
use crate::names::{self, Fields, Names};
use crate::network::Network;

impl Network<'_> {
    /// As the macro names them: what is written first, the others in the order of declaration.
    pub fn name_fields(&mut self) {
        let mut fields = Fields::default();
        self.fields = vec![None; self.graph.model.layers.len()];
        let order: Vec<usize> = self
            .shared
            .iter()
            .copied()
            .chain(self.chains.iter().flat_map(|chain| &chain.calls).map(|call| self.graph.calls[*call].layer))
            .collect();
        for layer in &order {
            if self.written[*layer] && self.fields[*layer].is_none() {
                self.fields[*layer] = Some(fields.reserve(&names::identifier(&self.graph.model.layers[*layer].name)));
            }
        }
        for layer in order {
            if self.fields[layer].is_none() {
                let of = &self.graph.model.layers[layer];
                let class = match self.within.get(&layer) {
                    Some(inner) => names::snake_case(&inner.ty),
                    None => match self.graph.calls_of[layer].first().map(|call| &self.steps[*call]) {
                        Some(Step::Layer { name, .. }) if name == "Glu" || of.is_operation() => names::snake_case(name),
                        _ => names::snake_case(&of.class),
                    },
                };
                self.fields[layer] = Some(fields.counted(&class));
            }
        }
    }

    pub fn name_wires(&mut self) {
        let mut taken = Names::default();
        for (index, (name, _)) in self.inputs.iter_mut().enumerate() {
            *name = taken.fresh(name);
            self.wires.insert(Wire::Input(index), name.clone());
        }
        let outputs: Vec<String> =
            (0..self.graph.outputs.len()).map(|output| taken.fresh(&self.output_name(output))).collect();
        self.output_names = outputs;
        for chain in &self.chains {
            let last = chain.calls.last().copied();
            for (place, wire) in chain.wires.iter().enumerate() {
                if let (Some(wire), None) = (wire, chain.output) {
                    let wanted = last.map_or_else(|| "h".to_owned(), |call| self.wire_name(call, place, *wire));
                    self.wires.insert(*wire, taken.fresh(&wanted));
                }
            }
        }
    }

    /// What an output is called: as in Keras, or by what it is.
    fn output_name(&self, output: usize) -> String {
        if let Some(name) = self.graph.model.output_names.get(output) {
            return names::identifier(name);
        }
        let Wire::Output { call, .. } = self.graph.outputs[output] else { return "output".to_owned() };
        let layer = self.layer(call);
        if !names::is_automatic(layer) && !layer.is_operation() {
            return names::identifier(&layer.name);
        }
        match self.steps[call].text() {
            text if text.contains("Softmax") => "class",
            text if text.contains("Sigmoid") => "probability",
            _ => "y",
        }
        .to_owned()
    }

    /// What a branch is called: as its last layer where that has a name, by the input where it comes from one alone, or by
    /// what was done last.
    fn wire_name(&self, call: usize, place: usize, wire: Wire) -> String {
        let layer = self.layer(call);
        if place > 0 || self.outputs_of(call) > 1 {
            if let Some(inner) = self.within.get(&self.graph.calls[call].layer) {
                return inner.output_names[place].clone();
            }
            return ["states", "state_h", "state_c"].get(place).map_or("state", |name| name).to_owned();
        }
        let own = names::identifier(&layer.name);
        if self.shared.contains(&self.graph.calls[call].layer) {
            return match self.only_input_of(wire).filter(|_| self.inputs.len() > 1) {
                Some(input) => format!("{}_{own}", self.inputs[input].0.trim_end_matches('_')),
                None => own,
            };
        }
        if !names::is_automatic(layer) && !layer.is_operation() {
            return own;
        }
        if let (true, Some(input)) = (self.inputs.len() > 1, self.only_input_of(wire)) {
            let name = &self.inputs[input].0;
            let noun = noun(&self.graph, call);
            return format!("{}_{}", name.trim_end_matches('_'), if noun == "h" { "features" } else { noun });
        }
        match (noun(&self.graph, call), self.steps[call].text().contains("Sigmoid")) {
            ("h", true) => "gate",
            (noun, _) => noun,
        }
        .to_owned()
    }

    /// The input from which all of a wire comes, if it is one alone.
    fn only_input_of(&self, wire: Wire) -> Option<usize> {
        let (mut pending, mut seen, mut found) = (vec![wire], HashSet::new(), None);
        while let Some(wire) = pending.pop() {
            match wire {
                Wire::Input(input) if found.is_none_or(|found| found == input) => found = Some(input),
                Wire::Input(_) => return None,
                Wire::Output { call, .. } => {
                    if seen.insert(call) {
                        pending.extend(self.graph.calls[call].operands.iter().map(|operand| operand.wire));
                    }
                }
            }
        }
        found
    }
}

/// What was done last that says more than a change of shape.
fn noun(graph: &Graph<'_>, mut call: usize) -> &'static str {
    loop {
        let class = &graph.model.layers[graph.calls[call].layer].class;
        let says_little =
            matches!(class.as_str(), "Flatten" | "Reshape" | "Permute" | "Dropout" | "Activation" | "ReLU");
        match graph.calls[call].operands.as_slice() {
            [operand] if says_little => match operand.wire {
                Wire::Output { call: before, .. } => call = before,
                Wire::Input(_) => return names::noun(class),
            },
            _ => return names::noun(class),
        }
    }
}
