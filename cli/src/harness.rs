//! The test that goes with an imported model: its weights fit, and its outputs are those of Keras.

use std::fmt::Write as _;

use crate::gaps;
use crate::golden::{Array, Golden};
use crate::network::Network;

/// The text of `tests/NAME.rs`, for a module in this folder of the package: `src/`.
///
/// # Errors
/// Where the golden arrays are not those of the model.
pub fn test(
    network: &Network<'_>,
    origin: &str,
    name: &str,
    within: &str,
    golden: Option<&Golden>,
) -> Result<String, String> {
    let ty = &network.ty;
    let names = match golden {
        Some(_) if network.inputs.len() > 1 => format!("{{{ty}, {ty}Inputs}}"),
        _ => ty.clone(),
    };
    let (package, file) = ("env!(\"CARGO_MANIFEST_DIR\")", format!("\"/{within}{name}.safetensors\""));
    // As the formatter breaks it.
    let weights = match package.len() + 2 + file.len() {
        ..=60 => format!("concat!({package}, {file})"),
        _ => format!("concat!(\n    {package},\n    {file}\n)"),
    };
    let path = if golden.is_some() { "use std::path::Path;\n\n" } else { "" };
    // In the order in which they are formatted.
    let mut uses = ["use fusion::prelude::*;\n".to_owned(), format!("use {name}::{names};\n")];
    if name < "fusion" {
        uses.reverse();
    }
    let to_fill_in = to_fill_in(network, &format!("{within}{name}.rs"));
    let mut text = format!(
        "//! Whether `{within}{name}.rs` and `{within}{name}.safetensors` are the model that {origin} saved.\n{to_fill_in}\n\
         #[path = \"../{within}{name}.rs\"]\nmod {name};\n\n{path}{}\n\
         const WEIGHTS: &str = {weights};\n\n\
         #[test]\nfn the_weights_are_those_of_the_model() {{\n    \
         let mut model = {ty}::new(0);\n    model.load_weights(WEIGHTS).unwrap();\n}}\n",
        uses.concat()
    );
    if let Some(golden) = golden {
        check(network, golden)?;
        compare(network, origin, name, &mut text);
    }
    Ok(text)
}

/// The layers that are left to be written, for the head of the test.
fn to_fill_in(network: &Network<'_>, file: &str) -> String {
    let gaps = gaps::all(network);
    if gaps.is_empty() {
        return String::new();
    }
    let mut text = format!("//!\n//! To fill in, in `{file}`, before it computes anything:\n");
    for (path, gap) in gaps {
        let what: Vec<&str> = gap.problems.iter().map(|problem| problem.what.as_str()).collect();
        let _ = writeln!(text, "//! - `{}`, for `{}`: {}", gap.ty, path.join("/"), what.join("; "));
    }
    text
}

/// The files that the test reads beside the weights, by their names: the numbers as bytes, little end first.
pub fn files(network: &Network<'_>, golden: &Golden) -> Vec<(String, Vec<u8>)> {
    let inputs = network.inputs.iter().zip(&golden.inputs).map(|((name, ty), array)| {
        let bytes = if ty.contains("u32") {
            array.values.iter().flat_map(|value| id(*value).to_le_bytes()).collect()
        } else {
            floats(array)
        };
        (format!("{name}.bin"), bytes)
    });
    let outputs = network.output_names.iter().zip(&golden.outputs);
    inputs.chain(outputs.map(|(name, array)| (format!("output_{name}.bin"), floats(array)))).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`check` looked at them")]
fn id(value: f64) -> u32 {
    value as u32
}

#[allow(clippy::cast_possible_truncation, reason = "a model computes with `f32`")]
fn floats(array: &Array) -> Vec<u8> {
    array.values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()
}

/// Whether the arrays are as many as the model has, of its shapes.
fn check(network: &Network<'_>, golden: &Golden) -> Result<(), String> {
    let (inputs, outputs) = (network.inputs.len(), network.output_names.len());
    if (golden.inputs.len(), golden.outputs.len()) != (inputs, outputs) {
        return Err(format!(
            "the golden file has {} inputs and {} outputs, but the model has {inputs} and {outputs}",
            golden.inputs.len(),
            golden.outputs.len()
        ));
    }
    for ((name, ty), array) in network.inputs.iter().zip(&golden.inputs) {
        let samples = array.shape.first().copied().unwrap_or_default();
        let length = sides(ty).iter().try_fold(samples, |length, side| length.checked_mul(*side));
        if samples == 0 || length != Some(array.values.len()) {
            return Err(format!(
                "the golden input `{name}` has the shape {:?}, but the model takes {ty} for each sample",
                array.shape
            ));
        }
        let is_id = |value: &f64| value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value);
        if ty.contains("u32") && !array.values.iter().all(is_id) {
            return Err(format!("the golden input `{name}` has numbers that are no ids"));
        }
    }
    Ok(())
}

/// `7` and `3` of `[f32; 7, 3]`.
fn sides(ty: &str) -> Vec<usize> {
    let Some((_, sides)) = ty.trim_matches(['[', ']']).split_once("; ") else { return Vec::new() };
    sides.split(", ").filter_map(|side| side.replace('_', "").parse().ok()).collect()
}

/// `[[f32; 3]; 7]` of `[f32; 7, 3]`.
fn nested(ty: &str) -> String {
    let element = if ty.contains("u32") { "u32" } else { "f32" };
    sides(ty).iter().rev().fold(element.to_owned(), |inner, side| {
        format!("[{inner}; {}]", crate::layers::values::integer(i64::try_from(*side).unwrap_or(i64::MAX)))
    })
}

fn compare(network: &Network<'_>, origin: &str, name: &str, text: &mut String) {
    // With 16 bits Keras computes three digits.
    let tolerance = if network.halved { "1e-2" } else { "1e-4" };
    let ty = &network.ty;
    let of = crate::names::identifier(&origin.to_lowercase());
    let _ = write!(
        text,
        "\n#[test]\nfn outputs_are_{of}s() {{\n    let mut model = {ty}::new(0);\n    model.load_weights(WEIGHTS).unwrap();\n"
    );
    for (input, ty) in &network.inputs {
        let read = if ty.contains("u32") { "u32::from_le_bytes" } else { "f32::from_le_bytes" };
        let _ = writeln!(text, "    let {} = numbers(\"{input}\", {read});", local(input));
    }
    if let [(input, ty)] = network.inputs.as_slice() {
        let _ = writeln!(text, "    let samples = rows::<{}>(&{}).unwrap();", nested(ty), local(input));
        text.push_str("    let outputs = model.predict_batch(samples).unwrap();\n");
    } else {
        let _ = writeln!(text, "    let inputs = {ty}Inputs {{");
        for (input, ty) in &network.inputs {
            let _ = writeln!(text, "        {input}: rows::<{}>(&{}).unwrap(),", nested(ty), local(input));
        }
        text.push_str("    };\n    let outputs = model.predict_batch(inputs).unwrap();\n");
    }
    for output in &network.output_names {
        let field = if network.output_names.len() > 1 { format!("outputs.{output}") } else { "outputs".to_owned() };
        let _ = writeln!(text, "    compare(\"output_{output}\", Tensor::numbers(&{field}));");
    }
    let _ = write!(
        text,
        "}}\n\n\
         /// What {origin} was given, and what it gave: the numbers of `tests/{name}`.\n\
         fn numbers<T>(name: &str, of: fn([u8; 4]) -> T) -> Vec<T> {{\n    \
         let folder = Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"tests/{name}\");\n    \
         let bytes = std::fs::read(folder.join(format!(\"{{name}}.bin\"))).unwrap();\n    \
         bytes.as_chunks().0.iter().map(|bytes| of(*bytes)).collect()\n}}\n\n\
         fn compare(name: &str, outputs: &[f32]) {{\n    \
         let expected = numbers(name, f32::from_le_bytes);\n    \
         assert_eq!(outputs.len(), expected.len(), \"{{name}}\");\n    \
         for (place, (y, expected)) in outputs.iter().zip(&expected).enumerate() {{\n        \
         let near = (y - expected).abs() <= {tolerance} * expected.abs().max(1.0);\n        \
         assert!(near, \"{{name}}, number {{place}}: {{y}}, in Keras {{expected}}\");\n    }}\n}}\n"
    );
}

/// An input's name as that of a variable.
fn local(input: &str) -> String {
    let name = input.trim_start_matches('_');
    match name {
        "model" | "inputs" | "outputs" | "samples" | "numbers" | "compare" => format!("{name}_"),
        name => name.to_owned(),
    }
}
