//! Names: of types, inputs, branches, outputs and layers.

use std::collections::{HashMap, HashSet};

pub use fusion::keras::snake_case;

use crate::config::Layer;
use crate::layers::values::camel;

/// Words that Rust or `model!` keeps for itself.
const KEPT: [&str; 52] = [
    "as", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn", "for", "if", "impl",
    "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "type", "unsafe", "use", "where", "while", "async", "await", "abstract", "become", "box", "do",
    "final", "gen", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield", "repeat",
];

/// Names that are taken, each once.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    counts: HashMap<String, usize>,
}

impl Names {
    /// This name, with a number where it is taken.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let count = self.counts.entry(wanted.to_owned()).or_insert(0);
        loop {
            *count += 1;
            let name = if *count == 1 { wanted.to_owned() } else { format!("{wanted}_{count}") };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// A name of Keras's as one of Rust: `block1/conv-2` → `block1_conv_2`, `Conv_1` → `conv_1`.
pub fn identifier(name: &str) -> String {
    let mut text = String::new();
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
        before = letter;
    }
    let text = text.trim_matches('_').to_owned();
    match text.chars().next() {
        None => "layer".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{text}"),
        Some(_) if KEPT.contains(&text.as_str()) => format!("{text}_"),
        Some(_) => text,
    }
}

/// A name as one of a type: `my_encoder` → `MyEncoder`.
pub fn type_name(name: &str) -> String {
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let name = camel(&name);
    match name.chars().next() {
        None => "Model".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("Model{name}"),
        Some(_) => name,
    }
}

/// Whether Keras made the name: `dense`, `dense_1`, `input_1` of Keras 2.
pub fn is_automatic(layer: &Layer) -> bool {
    let classes: &[&str] = match layer.class.as_str() {
        "InputLayer" => &["input", "input_layer"],
        "Functional" | "Model" => &["functional", "model"],
        other => &[&snake_case(other)],
    };
    is_numbered(&layer.name, classes)
}

/// Whether a name is one of these, or one with a number: `dense_1`.
pub fn is_numbered(name: &str, classes: &[&str]) -> bool {
    classes.iter().any(|class| match name.strip_prefix(class) {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('_')
            .is_some_and(|number| !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit())),
        None => false,
    })
}

/// The names of fields: those that are written, and those that the macro counts, in the order of declaration.
#[derive(Debug, Default)]
pub struct Fields {
    names: Names,
    counts: HashMap<String, usize>,
}

impl Fields {
    /// A name that is written.
    pub fn reserve(&mut self, name: &str) -> String {
        self.names.fresh(name)
    }

    /// `dense`, `dense_1`, …
    pub fn counted(&mut self, class: &str) -> String {
        loop {
            let count = self.counts.entry(class.to_owned()).or_insert(0);
            let name = if *count == 0 { class.to_owned() } else { format!("{class}_{count}") };
            *count += 1;
            if self.names.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// What a wire that a layer of this class gives is called, where nothing better is known.
pub fn noun(class: &str) -> &'static str {
    match class {
        "Add" | "Subtract" => "sum",
        "Average" => "mean",
        "Multiply" => "gated",
        "Concatenate" | "Stack" => "joined",
        "Dot" => "product",
        "Embedding" => "embedded",
        "MultiHeadAttention" | "Attention" | "AdditiveAttention" | "GroupedQueryAttention" => "attended",
        "LayerNormalization" | "BatchNormalization" | "GroupNormalization" | "RMSNormalization" => "normalized",
        "Flatten" | "Reshape" | "Permute" => "flat",
        "LSTM" | "GRU" | "SimpleRNN" | "Bidirectional" | "ConvLSTM2D" => "encoded",
        "UpSampling2D" | "UpSampling1D" | "Conv2DTranspose" => "raised",
        "CategoryEncoding" | "IntegerLookup" | "Discretization" | "Hashing" => "found",
        other if other.starts_with("Global") => "pooled",
        other if other.ends_with("Pooling2D") || other.ends_with("Pooling1D") || other.ends_with("Pooling3D") => {
            "pooled"
        }
        _ => "h",
    }
}

/// The type of the model that the user names.
///
/// # Errors
/// A name that stands for something else in a program, or in the text of a model.
pub fn type_of_model(name: &str) -> Result<String, String> {
    let ty = type_name(name);
    let file = snake_case(&ty);
    let what = if !name.chars().any(|letter| letter.is_ascii_alphabetic()) {
        "which has no letters from a to z".to_owned()
    } else if FILES.contains(&file.as_str()) {
        format!("whose file would be `{file}.rs`, which a package has for something else")
    } else if KEPT.contains(&file.as_str()) {
        format!("whose module would be `{file}`, a word that Rust keeps for itself")
    } else if kept_types().any(|kept| kept == ty) {
        format!("which gives a type `{ty}`, and that has a meaning in a program with `fusion` already")
    } else {
        return Ok(ty);
    };
    Err(format!("`--name {name}`, {what}; take another one, such as `--name My{}`", camel(&ty)))
}

/// Files and modules that a package has, or that shadow a crate which is used.
const FILES: [&str; 10] = ["main", "lib", "mod", "build", "fusion", "fusion_core", "std", "core", "alloc", "test"];

/// Types that a program has in scope, which no model is called.
pub fn kept_types() -> impl Iterator<Item = &'static str> {
    const OTHERS: [&str; 73] = [
        "Model",
        "Network",
        "Layer",
        "Tensor",
        "Samples",
        "Trainer",
        "History",
        "Mode",
        "Loss",
        "Metric",
        "Optimizer",
        "TrainLayer",
        "TrainNetwork",
        "OptionsOf",
        "IntoInputs",
        "WeightFiles",
        "Parameters",
        "Options",
        "Forward",
        "Output",
        "Shape",
        "Several",
        "Wires",
        "Operand",
        "Self",
        "Path",
        "Option",
        "Some",
        "None",
        "Result",
        "Ok",
        "Err",
        "Vec",
        "Box",
        "String",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "PartialEq",
        "Send",
        "Sync",
        "Sized",
        "Drop",
        "Fn",
        "Iterator",
        "From",
        "Into",
        "Zeros",
        "Ones",
        "Constant",
        "GlorotUniform",
        "GlorotNormal",
        "HeUniform",
        "HeNormal",
        "LecunUniform",
        "LecunNormal",
        "RandomNormal",
        "TruncatedNormal",
        "RandomUniform",
        "Orthogonal",
        "VarianceScaling",
        "Distribution",
        "L1",
        "L2",
        "L1L2",
        "MaxNorm",
        "MinMaxNorm",
        "NonNeg",
        "UnitNorm",
        "Same",
        "Valid",
        "Causal",
    ];
    OTHERS.into_iter().chain(crate::layers::type_names())
}
