//! One layer's configuration: the keys of its class, each from what is known of the layer.

use fusion_core::layer::{Graph, LayerNode};
use fusion_core::shape::{ElementType, Shape};
use fusion_core::weights::{Array, Entry, Kind};
use serde_json::{Map, Value, json};

use super::classes::{Called, Class, class};
use super::{keys, text, weights, wrapped};
use crate::keras::KerasError;

/// A wire: its shape without the batch, and whether it carries numbers or ids.
#[derive(Clone, Copy)]
pub(super) struct Wire {
    pub shape: Shape,
    pub element: ElementType,
}

/// What is known of a layer, which may stand within another one.
#[derive(Clone)]
pub(super) struct Layer {
    pub name: String,
    pub class: String,
    /// What its type says beside its sizes: `relu, no bias`.
    pub details: String,
    /// Its options as text, each with in how many layers the layer stands that it is of.
    pub options: Vec<(usize, &'static str, String)>,
    pub entries: &'static [Entry],
    pub frozen: bool,
    /// The graph of a model that it is, or that it is around.
    pub nested: Option<&'static Graph>,
    /// What it takes when it is first called; empty of one within a layer whose own wires are not known.
    pub inputs: Vec<Wire>,
    /// What it gives.
    pub output: Shape,
}

impl Layer {
    /// A layer of a graph with what it takes and gives when it is first called.
    pub fn of(node: &LayerNode, inputs: Vec<Wire>, output: Shape) -> Self {
        let mut options = Vec::new();
        // Keeping them does not fail.
        let _ = (node.options)(&mut |option| {
            options.push((option.within, option.name, format!("{:?}", option.value)));
            Ok(())
        });
        Self {
            name: node.name.to_owned(),
            class: node.class.to_owned(),
            details: node.details.to_owned(),
            options,
            entries: node.entries,
            frozen: node.frozen,
            nested: node.nested,
            inputs,
            output,
        }
    }

    /// The error that it has no place in a file of Keras's: the end of a sentence that begins with its name.
    pub fn problem(&self, problem: impl Into<String>) -> KerasError {
        KerasError::NotInKeras { layer: self.name.clone(), class: self.class.clone(), problem: problem.into() }
    }

    /// The text of an option of its own.
    pub fn option_text(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(within, option, _)| *within == 0 && *option == name).map(|(.., text)| text.as_str())
    }

    /// An option of its own.
    pub fn option(&self, name: &str) -> Option<Value> {
        self.option_text(name).and_then(text::value)
    }

    /// The array of this name, of its own or of a layer within it; none where it has no numbers.
    pub fn array(&self, name: &str) -> Option<&'static Array> {
        find(self.entries, name).filter(|array| array.shape.length() > 0)
    }

    /// The array that options with this beginning are of. A depthwise kernel alone is called `kernel`.
    fn array_of(&self, options: &str) -> Option<&'static Array> {
        match options {
            "recurrent" | "pointwise" => self.array(&format!("{options}_kernel")),
            "depthwise" => self.array("depthwise_kernel").or_else(|| self.array("kernel")),
            other => self.array(other),
        }
    }

    /// The array `query/kernel`.
    pub fn array_within(&self, layer: &str, name: &str) -> Option<&'static Array> {
        self.entries.iter().find_map(|entry| match &entry.kind {
            Kind::Layer { entries, .. } if entry.name == layer => find(entries, name),
            _ => None,
        })
    }

    /// Its activations, in the order in which its details name them.
    pub fn activations(&self) -> Vec<&str> {
        let is_other = |word: &&str| {
            word.is_empty() || word.starts_with("kernel ") || word.starts_with("no ") || *word == "resets before"
        };
        self.details.split(", ").map(str::trim).filter(|word| !is_other(word)).collect()
    }

    /// What Keras knows of its class.
    pub fn class(&self) -> Result<&'static Class, KerasError> {
        class(&self.class).ok_or_else(|| {
            self.problem(
                "is no layer that Keras has: load the weights alone, `save_weights`, into a model of Keras's own",
            )
        })
    }

    /// Its object in the file, without the calls.
    pub fn object(&self) -> Result<Map<String, Value>, KerasError> {
        let class = self.class()?;
        let mut object = Map::new();
        // Keras exports one of its classes under another name than it has there.
        let name = if class.name == "GroupedQueryAttention" { "GroupQueryAttention" } else { class.name };
        object.insert("module".to_owned(), "keras.layers".into());
        object.insert("class_name".to_owned(), name.into());
        object.insert("config".to_owned(), Value::Object(self.config(class)?));
        object.insert("registered_name".to_owned(), Value::Null);
        if let ([input], false) = (self.inputs.as_slice(), class.called == Called::ByName) {
            object.insert("build_config".to_owned(), json!({ "input_shape": with_batch(&input.shape) }));
        }
        Ok(object)
    }

    fn config(&self, class: &Class) -> Result<Map<String, Value>, KerasError> {
        let mut config = Map::new();
        config.insert("name".to_owned(), self.name.clone().into());
        config.insert("trainable".to_owned(), (!self.frozen).into());
        config.insert("dtype".to_owned(), "float32".into());
        for key in class.keys.split(' ').filter(|key| !key.is_empty()) {
            self.add(key, &mut config)?;
        }
        keys::add_sizes(self, &mut config)?;
        Ok(config)
    }

    /// Adds what a word of the table stands for.
    fn add(&self, word: &str, config: &mut Map<String, Value>) -> Result<(), KerasError> {
        if let Some(absent) = word.strip_prefix('-') {
            config.remove(absent);
        } else if let Some((key, value)) = word.split_once('=') {
            config.insert(key.to_owned(), serde_json::from_str(value).unwrap_or_default());
        } else if let Some(array) = word.strip_suffix('~') {
            config.insert(format!("{array}_initializer"), self.initializer(array));
        } else if let Some(array) = word.strip_suffix('*') {
            config.insert(format!("{array}_initializer"), self.initializer(array));
            self.add_given(array, config)?;
        } else {
            let key = word.trim_end_matches('?');
            let value = match wrapped::value(self, key).transpose()? {
                Some(value) => value,
                None => keys::value(self, key)?,
            };
            if !(word.ends_with('?') && value.is_null()) {
                config.insert(key.to_owned(), value);
            }
        }
        Ok(())
    }

    /// How an array begins. What Keras has no name for does not go along: the numbers are in the file.
    fn initializer(&self, array: &str) -> Value {
        let given = self.array_of(array).and_then(|array| weights::initializer(&array.initializer));
        given.unwrap_or_else(|| {
            let class = match array {
                "bias" | "beta" | "moving_mean" | "alpha" => "Zeros",
                "gamma" | "moving_variance" => "Ones",
                "recurrent" => "Orthogonal",
                "embeddings" => "RandomUniform",
                _ => "GlorotUniform",
            };
            json!({ "module": "keras.initializers", "class_name": class, "config": {}, "registered_name": null })
        })
    }

    /// The penalty of an array and what it is held to, which change how training goes on.
    fn add_given(&self, name: &str, config: &mut Map<String, Value>) -> Result<(), KerasError> {
        let array = self.array_of(name);
        let own =
            |kind: &str| self.problem(format!("has a {kind} of your own as `{name}_{kind}`, which no file can hold"));
        let regularizer = match array.and_then(|array| array.regularizer.as_ref()) {
            Some(given) => weights::regularizer(given).ok_or_else(|| own("regularizer"))?,
            None => Value::Null,
        };
        let constraint = match array.and_then(|array| array.constraint.as_ref()) {
            Some(given) => weights::constraint(given).ok_or_else(|| own("constraint"))?,
            None => Value::Null,
        };
        config.insert(format!("{name}_regularizer"), regularizer);
        config.insert(format!("{name}_constraint"), constraint);
        Ok(())
    }
}

fn find(entries: &'static [Entry], name: &str) -> Option<&'static Array> {
    entries.iter().find_map(|entry| match &entry.kind {
        Kind::Array(array) => (entry.name == name).then_some(array),
        Kind::Layer { entries, .. } => find(entries, name),
    })
}

/// `[null, 32]`
pub(super) fn with_batch(shape: &Shape) -> Value {
    std::iter::once(Value::Null).chain(shape.dimensions().iter().map(|side| Value::from(*side))).collect()
}

/// Keras's name of a kind of numbers.
pub(super) const fn dtype(element: ElementType) -> &'static str {
    if element.is_number() { "float32" } else { "int32" }
}
