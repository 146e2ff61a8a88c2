//! What a layer is called in the file, where that says something.

use std::collections::HashMap;

use super::graph::{Graph, Node};

/// The words behind a module's path in the names of its arrays.
const OF_ARRAYS: [&str; 12] = [
    "weight",
    "bias",
    "kernel",
    "gamma",
    "beta",
    "running_mean",
    "running_var",
    "in_proj_weight",
    "in_proj_bias",
    "embeddings",
    "weight_bias",
    "readvariableop",
];

/// `encoder_0` of the arrays `encoder.0.weight` and `encoder.0.bias`, or of the node `/encoder/encoder.0/MatMul`.
pub(super) fn of_node(graph: &Graph, node: &Node) -> Option<String> {
    let of_arrays = node.inputs.iter().find_map(|name| of_array(graph, name));
    of_arrays.or_else(|| of_path(&node.name))
}

/// What the module of an array is called.
pub(super) fn of_array(graph: &Graph, name: &str) -> Option<String> {
    // An exporter writes equal arrays once: which module's it is, then is not known.
    if !graph.arrays.contains_key(name) || graph.uses.get(name).is_some_and(|uses| *uses > 1) {
        return None;
    }
    let (module, array) = name.rsplit_once('.')?;
    OF_ARRAYS.contains(&array).then(|| identifier(module)).flatten()
}

/// `/encoder/encoder.0/MatMul` has the module `encoder.0`, as TorchScript's exporter writes it.
fn of_path(name: &str) -> Option<String> {
    let mut words = name.strip_prefix('/')?.split('/').rev();
    let _operation = words.next()?;
    let module = words.next()?;
    let outer = words.next();
    match outer {
        // Each name within another one is written with those that it is numbered in, and without others.
        Some(outer) if !module.starts_with(outer) => identifier(&format!("{outer}.{module}")),
        _ => identifier(module),
    }
}

/// In small letters and with `_`, unless it is a number alone.
fn identifier(module: &str) -> Option<String> {
    let letters = module.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    let name: String = letters.collect();
    let name = name.trim_matches('_');
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| name.to_owned())
}

/// Names of layers: those of the file once, and those that Keras counts.
#[derive(Default)]
pub(super) struct Names {
    taken: HashMap<String, usize>,
}

impl Names {
    /// The name, if no layer has it yet; else one of the class with a number.
    pub fn of(&mut self, wanted: Option<&str>, class: &str) -> String {
        if let Some(name) = wanted.filter(|name| !self.taken.contains_key(*name)) {
            self.taken.insert(name.to_owned(), 1);
            return name.to_owned();
        }
        let class = crate::keras::snake_case(class);
        loop {
            let count = self.taken.entry(class.clone()).or_default();
            let name = if *count == 0 { class.clone() } else { format!("{class}_{count}") };
            *count += 1;
            if name == class || !self.taken.contains_key(&name) {
                self.taken.entry(name.clone()).or_insert(1);
                return name;
            }
        }
    }

    /// Keeps names for those that the file gives.
    pub fn keep(&mut self, name: &str) {
        self.taken.entry(name.to_owned()).or_insert(1);
    }
}

/// Whether an input or an output has a name that someone chose.
pub(super) fn is_chosen(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "input",
        "output",
        "inputs",
        "outputs",
        "x",
        "args",
        "onnx",
        "input_layer",
        "keras_tensor",
        "var",
        "arg",
        "tensor",
    ];
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_' || c == '.');
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain
        && !stem.is_empty()
        && !WORDS.contains(&stem)
        && (stem == name || name.starts_with(char::is_alphabetic) && !name.contains("_output_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_modules_are_names() {
        assert_eq!(of_path("/encoder/encoder.0/MatMul").unwrap(), "encoder_0");
        assert_eq!(of_path("/encoder/layers.0/self_attn/MatMul").unwrap(), "layers_0_self_attn");
        assert_eq!(of_path("/fc/Gemm").unwrap(), "fc");
        assert_eq!((of_path("node_linear_3"), of_path("/Add"), of_path("/0/Gemm")), (None, None, None));
    }

    #[test]
    fn each_name_is_there_once() {
        let mut names = Names::default();
        names.keep("dense_1");
        assert_eq!(names.of(Some("fc"), "Dense"), "fc");
        assert_eq!([names.of(Some("fc"), "Dense"), names.of(None, "Dense")], ["dense", "dense_2"]);
    }

    #[test]
    fn names_that_exporters_count_are_none() {
        assert!(is_chosen("title") && is_chosen("conv1_maps") && !is_chosen("input_1") && !is_chosen("7"));
        assert!(!is_chosen("onnx::Add_3") && !is_chosen("/fc/Gemm_output_0") && !is_chosen("x"));
    }
}
