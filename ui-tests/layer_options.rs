//! An option that does not exist, is given twice or has the wrong type is one error at the user's word, on every layer
//! that the macro's table has.
//!
//! All layers of one mistake are models of one program, a line each, checked as everybody's `cargo check` does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::error_counts::{Cases, messages, package};

/// How a layer is written with options in its place: what it takes, its type where the table's example is none that fits
/// there, with the place of the options behind it or among others, and one of its options with a value, if it has any.
struct Known(&'static str, &'static str, Option<(&'static str, &'static str)>);

const SEQUENCE: &str = "[f32; 6, 4]";
const IMAGE: &str = "[f32; 8, 8, 2]";

fn known(layer: &str) -> Known {
    match layer {
        "Activation" | "Flatten" | "Identity" => Known(SEQUENCE, "", None),
        "ActivityRegularization" => Known(SEQUENCE, "", Some(("l1", "0.1"))),
        "BatchNormalization" | "LayerNormalization" => Known(SEQUENCE, "", Some(("epsilon", "0.1"))),
        "Bidirectional" => Known(SEQUENCE, "Bidirectional<Lstm<_, 4>>OPTIONS", Some(("merge_mode", "Sum"))),
        "CategoryEncoding" => Known("[u32; 4]", "", Some(("output_mode", "Count"))),
        "Dropout" => Known(SEQUENCE, "", Some(("rate", "0.5"))),
        "Embedding" => Known("[u32; 4]", "", Some(("embeddings_constraint", "NonNeg"))),
        "GetItem" => Known(SEQUENCE, "", Some(("items", "&[Item::All]"))),
        "ConvLstm1d" => Known("[f32; 3, 6, 4]", "", Some(("return_sequences", "true"))),
        "ConvLstm2d" => Known("[f32; 3, 8, 8, 2]", "", Some(("return_sequences", "true"))),
        "ConvLstm3d" => Known("[f32; 3, 5, 5, 5, 2]", "", Some(("return_sequences", "true"))),
        "Gru" | "Lstm" | "Rnn" | "SimpleRnn" => Known(SEQUENCE, "", Some(("return_sequences", "true"))),
        "PositionEmbedding" => Known(SEQUENCE, "", Some(("embeddings_initializer", "Ones"))),
        layer if layer.ends_with("Attention") => Known(SEQUENCE, "", Some(("dropout", "0.1"))),
        "EinsumDense" => {
            let written = "EinsumDense<[[f32; 5]; 4]>(equation = \"abc,cd->abd\", OPTIONS)";
            Known(SEQUENCE, written, Some(("kernel_initializer", "Ones")))
        }
        "SpectralNormalization" => {
            Known(SEQUENCE, "SpectralNormalization<Dense<_, 4>, 4>OPTIONS", Some(("power_iterations", "2")))
        }
        "Discretization" => Known(SEQUENCE, "Discretization(&[0.5], OPTIONS)", Some(("output_mode", "Count"))),
        "IntegerLookup" => {
            Known("[u32; 4]", "IntegerLookup(vocabulary = &[5], OPTIONS)", Some(("output_mode", "Count")))
        }
        "Hashing" => Known("[u32; 4]", "Hashing(8, OPTIONS)", Some(("output_mode", "Count"))),
        "HashedCrossing" => Known("[u32; 4]", "HashedCrossing(8, OPTIONS)", Some(("output_mode", "OneHot"))),
        "Resizing" => Known(IMAGE, "Resizing(height = 4, width = 4, OPTIONS)", Some(("crop_to_aspect_ratio", "true"))),
        "CenterCrop" => Known(IMAGE, "CenterCrop(width = 4, OPTIONS)", Some(("height", "4"))),
        "RandomFlip" => Known(IMAGE, "", Some(("mode", "Vertical"))),
        "RandomTranslation" => {
            let written = "RandomTranslation(height_factor = 0.1, width_factor = 0.1, OPTIONS)";
            Known(IMAGE, written, Some(("fill_value", "0.5")))
        }
        "RandomZoom" => Known(IMAGE, "RandomZoom(0.1, OPTIONS)", Some(("fill_value", "0.5"))),
        "RandomRotation" => Known(IMAGE, "RandomRotation(0.1, OPTIONS)", Some(("fill_value", "0.5"))),
        "RandomContrast" => Known(IMAGE, "RandomContrast(0.1, OPTIONS)", Some(("value_range", "(0.0, 1.0)"))),
        "RandomBrightness" => Known(IMAGE, "RandomBrightness(0.1, OPTIONS)", Some(("value_range", "(0.0, 1.0)"))),
        "Glu" => Known(SEQUENCE, "", Some(("axis", "1"))),
        "Masking" => Known(SEQUENCE, "", Some(("mask_value", "0.0"))),
        "Normalization" => Known(SEQUENCE, "", Some(("invert", "true"))),
        "Rescaling" => Known(SEQUENCE, "", Some(("scale", "0.5"))),
        "Reshape" => Known(SEQUENCE, "", Some(("target_shape", "[24]"))),
        "TimeDistributed" => Known(SEQUENCE, "TimeDistributed<Dense<_, 4>OPTIONS>", Some(("bias_initializer", "Ones"))),
        "UnitNormalization" => Known(SEQUENCE, "", Some(("axis", "-1"))),
        // What has a kernel.
        "Dense" => Known(SEQUENCE, "", Some(("kernel_regularizer", "L2(0.1)"))),
        "PRelu" => Known("[f32; 32]", "", None),
        "Relu" => Known(SEQUENCE, "", Some(("max_value", "6.0"))),
        "LeakyRelu" => Known(SEQUENCE, "", Some(("negative_slope", "0.1"))),
        "Elu" => Known(SEQUENCE, "", Some(("alpha", "0.5"))),
        "Softmax" | "ExpandDims" => Known(SEQUENCE, "", Some(("axis", "1"))),
        "Squeeze" => Known("[f32; 1, 4]", "", Some(("axis", "1"))),
        "Permute" => Known(SEQUENCE, "", Some(("dims", "[2, 1]"))),
        "RepeatVector" => Known("[f32; 4]", "", Some(("n", "3"))),
        "GaussianNoise" => Known(SEQUENCE, "", Some(("stddev", "0.1"))),
        "AlphaDropout" | "GaussianDropout" => Known(SEQUENCE, "", Some(("rate", "0.5"))),
        "GroupNormalization" => Known(SEQUENCE, "", Some(("groups", "2"))),
        "RmsNormalization" => Known(SEQUENCE, "", Some(("epsilon", "0.1"))),
        _ => Known(of_rank(layer), "", of_family(layer)),
    }
}

fn of_rank(layer: &str) -> &'static str {
    match () {
        () if layer.contains("2d") => IMAGE,
        () if layer.contains("3d") => "[f32; 4, 4, 4, 2]",
        () => SEQUENCE,
    }
}

/// An option of a layer that there is for each rank.
fn of_family(layer: &str) -> Option<(&'static str, &'static str)> {
    const FAMILIES: &[(&str, &str, &str)] = &[
        ("Adaptive", "output_size", "2"),
        ("Global", "keepdims", "true"),
        ("AveragePooling", "pool_size", "2"),
        ("MaxPooling", "pool_size", "2"),
        ("ZeroPadding", "padding", "1"),
        ("Cropping", "cropping", "1"),
        ("UpSampling", "size", "2"),
        ("SpatialDropout", "rate", "0.5"),
        ("Conv", "kernel_initializer", "Ones"),
        ("DepthwiseConv", "depthwise_initializer", "Ones"),
        ("SeparableConv", "pointwise_initializer", "Ones"),
    ];
    let family = FAMILIES.iter().find(|(family, ..)| layer.starts_with(family));
    family.map(|(_, option, value)| (*option, *value))
}

/// Each layer of the table with its example.
fn layers() -> Vec<(String, String)> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fusion-macros/src/keras/table.rs");
    let quoted = |line: &str, before: &str| {
        let rest = line.split_once(before)?.1;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let table = fs::read_to_string(table).unwrap();
    let layers: Vec<(String, String)> = table
        .lines()
        .filter_map(|line| {
            let name = quoted(line, "Facts { name: \"")?;
            let example = quoted(line, "example: Some(\"").unwrap_or_else(|| name.clone());
            Some((name, example))
        })
        .collect();
    assert!(layers.len() > 20, "{layers:?}");
    layers
}

/// A program, and which layer stands on a line of it.
type Program = (String, BTreeMap<u64, String>);

/// The cell of the table's example for `Rnn`.
const CELL: &str = "use fusion::layers::{Cell, StepBack};
#[derive(Clone, Debug, PartialEq, Parameters)]
struct MyCell<const FEATURES: usize, const UNITS: usize> {
    kernel: [[f32; UNITS]; FEATURES],
}
impl<O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> Cell<O> for MyCell<FEATURES, UNITS> {
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;
    fn step(&self, _x: &[f32], state: &[f32], next: &mut [f32], _kept: &mut [f32]) {
        next.copy_from_slice(state);
    }
    fn step_back(&self, _back: StepBack<'_, Self>) {}
}
";

/// A model for each layer, a line each.
fn program(options: impl Fn(&Known) -> Option<String>) -> Program {
    let mut program = format!("use fusion::prelude::*;\nfn main() {{}}\nstruct Nonsense;\n{CELL}");
    let mut lines = BTreeMap::new();
    for (index, (name, example)) in layers().into_iter().enumerate() {
        let known = known(&name);
        let Some(options) = options(&known) else { continue };
        let Known(input, pattern, _) = known;
        let inner = &options[1..options.len() - 1];
        let layer = match pattern {
            "" => format!("{example}{options}"),
            _ if pattern.ends_with("OPTIONS)") => pattern.replace("OPTIONS", inner),
            _ => pattern.replace("OPTIONS", &options),
        };
        let after = "Flatten => Dense<_, 1>";
        let line = program.lines().count() as u64 + 1;
        let source = match &*name {
            name if name.ends_with("Attention") => "(query = x, value = x)",
            "HashedCrossing" => "(a = x, b = x)",
            _ => "x",
        };
        writeln!(
            program,
            "model! {{ struct L{index} {{ input x: {input}; output z = {source} => {layer} => {after}; }} }}"
        )
        .unwrap();
        lines.insert(line, layer);
    }
    (program, lines)
}

/// The programs: the name of a mistake, and the word that is wrong, where it is the same for all.
fn programs() -> [(&'static str, &'static str, Program); 3] {
    let nonsense = program(|_| Some("(nonsense = 1)".to_owned()));
    let twice =
        program(|Known(.., option)| option.map(|(option, value)| format!("({option} = {value}, {option} = {value})")));
    let of_a_type = program(|Known(.., option)| option.map(|(option, _)| format!("({option} = Nonsense)")));
    [
        ("that-does-not-exist", "nonsense", nonsense),
        ("given-twice", "", twice),
        ("of-a-wrong-type", "Nonsense", of_a_type),
    ]
}

/// The line of an error, and what it underlines there.
fn place(error: &Value) -> (u64, String) {
    let Some(span) = error["spans"].as_array().unwrap().iter().find(|span| span["is_primary"] == true) else {
        return (0, String::new());
    };
    let text = &span["text"][0];
    let column = |end: &str| usize::try_from(text[end].as_u64().unwrap()).unwrap() - 1;
    let underlined = text["text"].as_str().unwrap().chars().take(column("highlight_end"));
    (span["line_start"].as_u64().unwrap(), underlined.skip(column("highlight_start")).collect())
}

fn is_a_word(underlined: &str) -> bool {
    !underlined.is_empty() && underlined.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

#[test]
fn a_wrong_option_is_one_error_on_every_layer() {
    let programs = programs();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layer-options-programs");
    fs::create_dir_all(&folder).unwrap();
    let mut cases = Cases::new();
    for (name, _, (program, _)) in &programs {
        let file = folder.join(name).with_extension("rs");
        fs::write(&file, program).unwrap();
        cases.insert((*name).to_owned(), file);
    }
    let (messages, notes) = messages(&package("layer-options", &cases));
    let mut wrong = String::new();
    for (name, word, (_, lines)) in &programs {
        let mut counts: BTreeMap<u64, usize> = lines.keys().map(|line| (*line, 0)).collect();
        for message in messages.iter().filter(|message| message["target"]["name"] == *name) {
            let (line, underlined) = place(&message["message"]);
            *counts.entry(line).or_default() += 1;
            if underlined != *word && !(word.is_empty() && is_a_word(&underlined)) {
                writeln!(wrong, "{name}, line {line}: {underlined:?}: {}", message["message"]["message"]).unwrap();
            }
        }
        for (line, count) in counts.iter().filter(|(_, count)| **count != 1) {
            writeln!(wrong, "{name}: {:?} has {count} errors", lines.get(line)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}{notes}");
}
