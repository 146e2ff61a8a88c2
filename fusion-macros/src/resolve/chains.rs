//! Chains → layers and operations.

use std::borrow::Cow;
use std::collections::HashSet;

use quote::format_ident;
use syn::{Attribute, Ident, Meta};

use super::{Field, Kind, Operation, Resolver, frozen_and_rest};
use crate::flat::{Chain, Item, Merge, Origin, SharedLayer, Source, Step, StepKind};
use crate::syntax::{Layer, LayerOption};
use crate::text;
use crate::{check, keras, syntax};

impl<'a> Resolver<'a, '_> {
    /// Lays out fields and operations in the order of declaration; operands come later.
    pub(super) fn operations(&mut self) {
        for chain in &self.chains {
            self.value_names.insert(chain.name.to_string());
        }
        for item in &self.flat.items {
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
        if self.is_new(&shared.origin) {
            self.check_attributes(&shared.attributes);
            self.check_underscores(&shared.layer);
            match keras::mistake(&shared.layer) {
                Some((place, message)) => self.mistakes.at(place, message),
                None => self.check_options_of(&shared.layer),
            }
        }
        let (frozen, attributes) = frozen_and_rest(&shared.attributes);
        let name = self.given_name(&shared.name);
        self.shared.push((shared, self.layers.len()));
        let layer = keras::completed(&self.declaration.krate, &shared.layer);
        let (frozen, written) = (frozen || shared.frozen, shared.layer.written());
        let (origin, calls) = (shared.origin.clone(), Vec::new());
        self.layers.push(Field {
            name,
            chosen: true,
            attributes,
            frozen,
            layer,
            builtin: false,
            written,
            origin,
            calls,
            twin: None,
        });
    }

    fn chain(&mut self, chain: &'a Chain, index: usize) {
        let start = self.operations.len();
        self.check_named(chain);
        if let Source::Merge(merge) = &chain.source {
            self.merge(chain, merge);
        }
        for (position, step) in chain.steps.iter().enumerate() {
            if let StepKind::Part { .. } = step.kind {
                self.operation(chain, position + 1, Kind::Part);
                continue;
            }
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

    /// A merge is a layer like others, whose type the macro names.
    fn merge(&mut self, chain: &'a Chain, merge: &'a Merge) {
        let Merge { name, layer, call, origin, .. } = merge;
        let class = text::snake_case(&layer.last.to_string());
        if self.is_new(origin) {
            self.check_options(&layer.options, &class);
        }
        let (name, chosen) = match name {
            Some(name) => (self.given_name(name), true),
            None => (self.counted_name(&class), false),
        };
        let (written, origin, calls) = (call.clone(), origin.clone(), vec![self.operations.len()]);
        self.layers.push(Field {
            name,
            chosen,
            attributes: Vec::new(),
            frozen: false,
            layer: Cow::Borrowed(layer),
            builtin: true,
            written,
            origin,
            calls,
            twin: None,
        });
        self.operation(chain, 0, Kind::Layer { layer: self.layers.len() - 1 });
    }

    /// Whether what was written here was not looked at yet, by another use of its block.
    fn is_new(&mut self, origin: &Origin) -> bool {
        self.reported.insert(origin.node)
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
        let new = chain.steps.first().is_none_or(|step| self.named.insert(step.origin.node));
        if !new && !chain.steps.is_empty() {
            return;
        }
        if chain.steps.is_empty() || operands.is_empty() {
            let message = "wires in parentheses are the inputs of a layer or a model: `(a = x, b = y) => Inner`; to join wires, name a merge: `concatenate(x, y)`";
            self.mistakes.at(call, message.to_owned());
            return;
        }
        let mut seen = HashSet::new();
        for name in operands.iter().map(|(name, wire)| name.as_ref().unwrap_or(&wire.name)) {
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

    /// A layer's options, and those of a layer within; an activation may have several parameters without names.
    fn check_options_of(&mut self, layer: &Layer) {
        self.check_options(&layer.options, &layer.last.to_string());
        if let (Some(within), None) = (&layer.within, keras::activation_within(layer)) {
            self.check_options_of(&within.layer);
        }
    }

    /// The field of a step: a shared layer's, or a new one; none if it surely is no layer.
    fn layer_of(&mut self, step: &'a Step) -> Option<usize> {
        let new = self.is_new(&step.origin);
        if let Some(word) = step.layer.word().map(ToString::to_string) {
            for item in &self.flat.items {
                match item {
                    Item::Layer(shared) if shared.name == word => {
                        let index = self.use_shared(step, shared, new);
                        return keras::mistake(&shared.layer).is_none().then_some(index);
                    }
                    Item::BrokenLayer(name) if *name == word => return None,
                    _ => {}
                }
            }
        }
        let builtin = matches!(step.kind, StepKind::Builtin);
        if !builtin && self.is_no_layer(step, new) {
            return None;
        }
        let (name, chosen) = match &step.name {
            Some(name) => (self.given_name(name), true),
            None => (self.counted_name(&keras::automatic_name(&step.layer.last)), false),
        };
        let (frozen, attributes) = frozen_and_rest(&step.attributes);
        let layer = keras::completed(&self.declaration.krate, &step.layer);
        let (frozen, written, origin) = (frozen || step.frozen, step.written.clone(), step.origin.clone());
        self.layers.push(Field {
            name,
            chosen,
            attributes,
            frozen,
            layer,
            builtin,
            written,
            origin,
            calls: Vec::new(),
            twin: None,
        });
        Some(self.layers.len() - 1)
    }

    /// Whether a step surely is no layer. What is wrong is said if it is new.
    fn is_no_layer(&mut self, step: &'a Step, new: bool) -> bool {
        let mistake = |message| (step.layer.written(), message);
        let sizes = check::sizes_as_options(&step.layer).map(mistake).or_else(|| keras::mistake(&step.layer));
        let found = sizes.or_else(|| self.no_layer(&step.layer).map(mistake));
        if !new {
            return found.is_some();
        }
        if let Some((place, message)) = found {
            self.mistakes.at(place, message);
            return true;
        }
        self.check_underscores(&step.layer);
        self.check_options_of(&step.layer);
        self.check_attributes(&step.attributes);
        false
    }

    fn no_layer(&self, layer: &Layer) -> Option<String> {
        let model = self.declaration.name.to_string();
        if text::of(&layer.ty()) == model {
            return Some(format!("model `{model}` cannot be a layer of itself"));
        }
        let wires = self
            .inputs
            .iter()
            .map(|input| &input.name)
            .chain(self.chains.iter().filter(|chain| chain.declared).map(|chain| &chain.name));
        let wires: Vec<String> = wires.map(ToString::to_string).collect();
        let shared = self.flat.items.iter().filter_map(|item| match item {
            Item::Layer(shared) if shared.declared => Some(shared.name.to_string()),
            _ => None,
        });
        let blocks = self.declaration.items.iter().filter_map(|item| match item {
            syntax::Item::Block(block) => Some(block.name.to_string()),
            _ => None,
        });
        check::no_layer(layer, &wires, &shared.chain(blocks).collect::<Vec<_>>())
    }

    /// What a shared layer is stands where it is declared, not where it is used.
    fn use_shared(&mut self, step: &'a Step, shared: &'a SharedLayer, new: bool) -> usize {
        let name = &shared.name;
        self.used.insert(name.to_string());
        if new {
            self.check_use_of_shared(step, name);
        }
        self.shared_index(shared)
    }

    fn check_use_of_shared(&mut self, step: &Step, name: &Ident) {
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
