//! Chains → layers and operations.

use std::collections::HashSet;

use quote::format_ident;
use syn::{Attribute, Meta};

use super::{Field, Kind, Operation, Resolver, frozen_and_rest};
use crate::parse::{Chain, Item, Layer, LayerOption, SharedLayer, Source, Step};
use crate::text;
use crate::{check, keras};

impl<'a> Resolver<'a, '_> {
    /// Lays out fields and operations in the order of declaration; operands come later.
    pub(super) fn operations(&mut self) {
        for chain in &self.chains {
            self.value_names.insert(chain.name.to_string());
        }
        for item in &self.declaration.items {
            match item {
                Item::Layer(shared) => drop(self.shared_index(shared)),
                Item::Chain(chain) => {
                    if let Some(index) = self.chains.iter().position(|kept| std::ptr::eq(*kept, chain)) {
                        self.chain(chain, index);
                    }
                }
                Item::Input(_) | Item::BrokenLayer(_) => {}
            }
        }
    }

    fn shared_layer(&mut self, shared: &'a SharedLayer) {
        self.check_attributes(&shared.attributes);
        let (frozen, attributes) = frozen_and_rest(&shared.attributes);
        let name = self.given_name(&shared.name);
        self.check_underscores(&shared.layer);
        self.check_options(&shared.layer.options, &shared.layer.last.to_string());
        self.shared.push((shared, self.layers.len()));
        self.layers.push(Field { name, chosen: true, attributes, frozen, layer: &shared.layer, calls: Vec::new() });
    }

    fn chain(&mut self, chain: &'a Chain, index: usize) {
        let start = self.operations.len();
        self.check_named(chain);
        if let Source::Merge { name, layer, .. } = &chain.source {
            let merge = text::snake_case(&layer.last.to_string());
            self.check_options(&layer.options, &merge);
            let (name, chosen) = match name {
                Some(name) => (self.given_name(name), true),
                None => (self.counted_name(&merge), false),
            };
            let calls = vec![self.operations.len()];
            self.layers.push(Field { name, chosen, attributes: Vec::new(), frozen: false, layer, calls });
            self.operation(chain, 0, Kind::Layer { layer: self.layers.len() - 1 });
        }
        for (position, step) in chain.steps.iter().enumerate() {
            match self.layer_of(step) {
                Some(layer) => {
                    self.layers[layer].calls.push(self.operations.len());
                    self.operation(chain, position + 1, Kind::Layer { layer });
                }
                None => self.broken[index] = true,
            }
        }
        if self.operations.len() == start && chain.is_output {
            self.operation(chain, 0, Kind::Copy);
        }
        self.spans.push(start..self.operations.len());
    }

    fn operation(&mut self, chain: &'a Chain, position: usize, kind: Kind) {
        let last = position == chain.steps.len();
        let first = self.chains.iter().find(|other| other.name == chain.name);
        // A name that is taken was reported; what is generated needs another.
        let taken = self.inputs.iter().any(|input| input.name == chain.name)
            || first.is_some_and(|first| !std::ptr::eq(*first, chain));
        let name = if taken { format_ident!("{}_", chain.name) } else { chain.name.clone() };
        let value = match last {
            true if taken => self.value_name(name.to_string()),
            true => name.clone(),
            false => self.value_name(format!("{name}_{position}")),
        };
        let label = format_ident!("{}_{}_{}", self.declaration.name, name, position);
        self.operations.push(Operation { value, label, chain, position, kind, operands: Vec::new(), tainted: false });
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

    fn check_underscores(&mut self, layer: &Layer) {
        if let Some((underscore, message)) = keras::underscore(layer) {
            self.mistakes.at(underscore, message);
        }
    }

    fn check_options(&mut self, options: &[LayerOption], layer: &str) {
        for (option, message) in check::repeated_options(options, layer) {
            match &option.name {
                Some(name) => self.mistakes.at(name, message),
                None => self.mistakes.at(&option.value, message),
            }
        }
    }

    /// The field of a step: a shared layer's, or a new one; none if it surely is no layer.
    fn layer_of(&mut self, step: &'a Step) -> Option<usize> {
        if let Some(word) = step.layer.word().map(ToString::to_string) {
            for item in &self.declaration.items {
                match item {
                    Item::Layer(shared) if shared.name == word => return Some(self.use_shared(step, shared)),
                    Item::BrokenLayer(name) if *name == word => return None,
                    _ => {}
                }
            }
        }
        let mistake = |message| (step.layer.written(), message);
        let sizes = check::sizes_as_options(&step.layer).map(mistake).or_else(|| keras::mistake(&step.layer));
        if let Some((place, message)) = sizes.or_else(|| self.no_layer(&step.layer).map(mistake)) {
            self.mistakes.at(place, message);
            return None;
        }
        self.check_underscores(&step.layer);
        self.check_options(&step.layer.options, &step.layer.last.to_string());
        let (name, chosen) = match &step.name {
            Some(name) => (self.given_name(name), true),
            None => (self.counted_name(&text::snake_case(&step.layer.last.to_string())), false),
        };
        self.check_attributes(&step.attributes);
        let (frozen, attributes) = frozen_and_rest(&step.attributes);
        self.layers.push(Field { name, chosen, attributes, frozen, layer: &step.layer, calls: Vec::new() });
        Some(self.layers.len() - 1)
    }

    fn no_layer(&self, layer: &Layer) -> Option<String> {
        let model = self.declaration.name.to_string();
        if text::of(&layer.ty()) == model {
            return Some(format!("model `{model}` cannot be a layer of itself"));
        }
        let wires = self.inputs.iter().map(|input| &input.name).chain(self.chains.iter().map(|chain| &chain.name));
        let wires: Vec<String> = wires.map(ToString::to_string).collect();
        let shared = self.declaration.items.iter().filter_map(|item| match item {
            Item::Layer(shared) => Some(shared.name.to_string()),
            _ => None,
        });
        check::no_layer(layer, &wires, &shared.collect::<Vec<_>>())
    }

    /// What a shared layer is stands where it is declared, not where it is used.
    fn use_shared(&mut self, step: &'a Step, shared: &'a SharedLayer) -> usize {
        let name = &shared.name;
        self.used.insert(name.to_string());
        if let Some(other) = &step.name {
            self.mistakes.at(other, format!("the shared layer `{name}` has its name already"));
        }
        if let Some(options) = &step.layer.options_group {
            self.mistakes.at(options, format!("the options of the shared layer `{name}` stand where it is declared"));
        }
        if let Some(attribute) = step.attributes.first() {
            let message = format!("the attributes of the shared layer `{name}` stand where it is declared");
            self.mistakes.at(attribute, message);
        }
        self.shared_index(shared)
    }

    /// A shared layer may be declared below its first use; its field then stands where it is used.
    fn shared_index(&mut self, shared: &'a SharedLayer) -> usize {
        if let Some((_, index)) = self.shared.iter().find(|(known, _)| std::ptr::eq(*known, shared)) {
            return *index;
        }
        self.shared_layer(shared);
        self.layers.len() - 1
    }

    /// All that the macro writes names every layer, so that none can be there or not by `cfg`.
    fn check_attributes(&mut self, attributes: &[Attribute]) {
        for attribute in attributes {
            if attribute.path().is_ident("frozen") && !matches!(attribute.meta, Meta::Path(_)) {
                let message = "`#[frozen]` takes no value: a layer with it is not trained, one without it is";
                self.mistakes.at(attribute, message.to_owned());
            }
            if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                let message = "a layer cannot be left out by `cfg`; declare two models, each with its `#[cfg(…)]`";
                self.mistakes.at(attribute, message.to_owned());
            }
        }
    }
}
