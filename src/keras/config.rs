//! A model's configuration: which layers it has, of which classes and in which order.

use std::collections::HashMap;

use serde_json::Value;

use super::KerasError;
use super::names::snake_case;
use super::tree::LONGEST_NAME;
use crate::nesting::nests_deeper;

/// The longest configuration that is read, in bytes; that of a network of a thousand layers has about one million.
pub(super) const LONGEST: usize = 8 * 1024 * 1024;
/// How deep brackets may nest in it; a model within a model takes four.
const DEEPEST: usize = 100;

/// The JSON of a configuration.
pub(super) fn parse(json: &str) -> Result<Value, KerasError> {
    if json.len() > LONGEST {
        return Err(KerasError::TooMuch { what: "bytes of configuration", limit: LONGEST as u64 });
    }
    if nests_deeper(json.as_bytes(), DEEPEST) {
        return Err(KerasError::TooMuch {
            what: "brackets within each other in its configuration",
            limit: DEEPEST as u64,
        });
    }
    serde_json::from_str(json).map_err(|error| KerasError::Config { problem: error.to_string() })
}

/// A model or a layer, as its configuration says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Config<'c> {
    /// Keras's class name.
    pub class: &'c str,
    /// The options; for a model its layers too.
    options: &'c Value,
    /// The name beside the options, as functional models have it.
    name: Option<&'c str>,
}

impl<'c> Config<'c> {
    /// The configuration of a whole model.
    pub fn of(json: &'c Value) -> Result<Self, KerasError> {
        let model = Self::of_layer(json).filter(|model| model.layers().is_some());
        model.ok_or_else(|| KerasError::Config {
            problem: "it must have `class_name` and `config` with `layers`, as a functional or sequential model's"
                .into(),
        })
    }

    fn of_layer(json: &'c Value) -> Option<Self> {
        let (class, options) = (json.get("class_name")?.as_str()?, json.get("config")?);
        // A class of the user's has its module before its name.
        let class = class.rsplit('>').next().unwrap_or(class);
        Some(Self { class, options, name: json.get("name").and_then(Value::as_str) })
    }

    /// What it is called.
    pub fn name(&self) -> Option<&'c str> {
        let name = self.options.get("name").and_then(Value::as_str).or(self.name);
        // A hostile file may have long ones, which would stand in many paths.
        name.filter(|name| name.len() <= LONGEST_NAME)
    }

    /// Whether an option that is true or false is true.
    pub fn is(&self, option: &str) -> Option<bool> {
        self.options.get(option)?.as_bool()
    }

    /// The layer within a wrapper, or a cell: `layer`, `cell`, `backward_layer`.
    pub fn inside(&self, field: &str) -> Option<Self> {
        // What a `Bidirectional` calls forward is the layer that it was given.
        let field = if field == "forward_layer" { "layer" } else { field };
        Self::of_layer(self.options.get(field)?)
    }

    /// Of a model its layers, in the order of `model.layers`.
    pub fn layers(&self) -> Option<Vec<Self>> {
        // The first versions of Keras had a sequential model's layers as its whole configuration.
        let layers = self.options.get("layers").unwrap_or(self.options).as_array()?;
        Some(layers.iter().filter_map(Self::of_layer).collect())
    }

    /// Of a model its layers, by their names and groups.
    pub fn by_names(&self) -> Option<Layers<'c>> {
        let (mut counted, mut layers) = (HashMap::<String, usize>::new(), Layers::default());
        for layer in self.layers()? {
            let class = snake_case(layer.class);
            let count = counted.entry(class.clone()).or_default();
            let group = if *count == 0 { class } else { format!("{class}_{count}") };
            *count += 1;
            if let Some(name) = layer.name() {
                let at = layers.by_name.len();
                layers.by_name.insert(name, Known { layer, group: group.clone(), at });
            }
            layers.by_group.insert(group, layer);
        }
        Some(layers)
    }
}

/// The layers of one model.
#[derive(Default)]
pub(super) struct Layers<'c> {
    by_group: HashMap<String, Config<'c>>,
    by_name: HashMap<&'c str, Known<'c>>,
}

/// A layer of a model, in which group its weights are in Keras's files and which layer it is.
pub(super) struct Known<'c> {
    layer: Config<'c>,
    pub group: String,
    pub at: usize,
}

impl<'c> Layers<'c> {
    /// The layer of this name, or without one that of this group, `dense_1`.
    pub fn get(&self, name: Option<&str>, group: &str) -> Option<Config<'c>> {
        match name {
            Some(name) => self.by_name.get(name).map(|known| known.layer),
            None => self.by_group.get(group).copied(),
        }
    }

    /// Where the layer of this name stands.
    pub fn place(&self, name: &str) -> Option<&Known<'c>> {
        self.by_name.get(name)
    }
}
