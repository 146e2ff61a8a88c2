//! Layers without a counterpart as structs of one's own, with their weights and a way forward to be written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fusion::keras::LayerWeights;

use crate::graph::Wire;
use crate::layers::{Problem, values};
use crate::names;
use crate::network::Network;

/// A layer that is left to be written.
#[derive(Debug, Clone)]
pub struct Gap {
    /// What it is called in the module.
    pub ty: String,
    /// Why it is one.
    pub problems: Vec<Problem>,
}

/// The name of an array below its layer, as the fields of the struct have it: `0` is `array_0`.
pub fn field_path(name: &str) -> String {
    let field = |part: &str| match part.chars().all(|letter| letter.is_ascii_digit()) {
        true => format!("array_{part}"),
        false => names::identifier(part),
    };
    name.split('/').map(field).collect::<Vec<_>>().join("/")
}

/// All gaps of a model and of those within it, with the layers' paths.
pub fn all<'n>(network: &'n Network<'_>) -> Vec<(Vec<String>, &'n Gap)> {
    let mut found = Vec::new();
    collect(network, &mut Vec::new(), &mut |path, _, _, gap| found.push((path.to_vec(), gap)));
    found
}

fn collect<'n, 'a>(
    network: &'n Network<'a>,
    path: &mut Vec<String>,
    show: &mut impl FnMut(&[String], &'n Network<'a>, usize, &'n Gap),
) {
    for (index, layer) in network.graph.model.layers.iter().enumerate() {
        path.push(layer.name.clone());
        if let Some(inner) = network.within.get(&index) {
            collect(inner, path, show);
        }
        if let Some(gap) = network.gaps.get(&index) {
            show(path, network, index, gap);
        }
        path.pop();
    }
}

/// What they need in scope before the prelude and behind it, and the structs; empty where there is no gap.
pub fn texts(network: &Network<'_>, weights: &[LayerWeights]) -> [String; 3] {
    let (mut structs, mut several, mut sized) = (String::new(), false, false);
    collect(network, &mut Vec::new(), &mut |path, network, layer, gap| {
        let found = weights.iter().find(|known| known.path == path);
        let arrays = found.into_iter().flat_map(|found| &found.weights).map(|weight| {
            let path: Vec<String> = field_path(&weight.name).split('/').map(str::to_owned).collect();
            (path, weight.shape.clone())
        });
        let _ =
            write!(structs, "\n{}\n{}", declaration(network, layer, gap, arrays.collect()), way(network, layer, gap));
        several |= operands(network, layer) > 1;
        sized |= shape(network, layer).is_some();
    });
    if structs.is_empty() {
        return <[String; 3]>::default();
    }
    let own =
        if several { "{Backward, Forward, Operand, Output, Several, Wires}" } else { "{Backward, Forward, Output}" };
    let shape = if sized { "use fusion::shape::Shape;\n" } else { "" };
    [format!("use fusion::layer::{own};\n"), shape.to_owned(), structs]
}

/// How many wires the layer takes.
fn operands(network: &Network<'_>, layer: usize) -> usize {
    network.graph.calls_of[layer].first().map_or(1, |call| network.graph.calls[*call].operands.len())
}

/// The struct of the weights, and those of the layers within it.
fn declaration(network: &Network<'_>, layer: usize, gap: &Gap, arrays: Vec<(Vec<String>, Vec<usize>)>) -> String {
    let of = &network.graph.model.layers[layer];
    let why: Vec<&str> = gap.problems.iter().map(|problem| problem.what.as_str()).collect();
    let mut docs = format!("/// To fill in: `{}` of the class `{}` in Keras: {}.\n", of.name, of.class, why.join("; "));
    if of.option("trainable") == Some(&serde_json::Value::Bool(false)) {
        docs.push_str("///\n/// It is not trained in Keras: write `#[frozen]` before it in the model.\n");
    }
    structs(&gap.ty, &docs, &arrays)
}

fn structs(ty: &str, docs: &str, arrays: &[(Vec<String>, Vec<usize>)]) -> String {
    if arrays.is_empty() {
        return format!("{docs}#[derive(Clone, Debug, PartialEq, Default, Parameters)]\npub struct {ty};\n");
    }
    let (mut fields, mut within) = (String::new(), BTreeMap::<&str, Vec<(Vec<String>, Vec<usize>)>>::new());
    for (path, shape) in arrays {
        match path.as_slice() {
            [name] => {
                let sides = shape.iter().rev().fold("f32".to_owned(), |inner, side| {
                    format!("[{inner}; {}]", values::integer(i64::try_from(*side).unwrap_or(i64::MAX)))
                });
                // A number alone is an array of one.
                let ty = if shape.is_empty() { "[f32; 1]".to_owned() } else { sides };
                let called = match name.strip_prefix("array_") {
                    Some(number) => format!("Its array {number}, which has no name in the file"),
                    None => format!("Keras's `{name}`"),
                };
                let _ = write!(fields, "    /// {called}.\n    pub {name}: {ty},\n");
            }
            [first, rest @ ..] => within.entry(first).or_default().push((rest.to_vec(), shape.clone())),
            [] => {}
        }
    }
    let mut text = String::new();
    for (name, arrays) in within {
        let inner = format!("{ty}{}", values::camel(name));
        let _ = write!(fields, "    /// Keras's `{name}`.\n    pub {name}: {inner},\n");
        let _ = writeln!(
            text,
            "\n{}",
            structs(&inner, &format!("/// The weights of `{name}` in [`{ty}`].\n"), &arrays).trim_end()
        );
    }
    format!("{docs}#[derive(Clone, Debug, PartialEq, Parameters)]\npub struct {ty} {{\n{fields}}}\n{text}")
}

/// What comes out, as far as a layer that takes it says so: the size of each dimension, none where it varies.
fn shape(network: &Network<'_>, layer: usize) -> Option<Vec<Option<usize>>> {
    let calls = &network.graph.calls_of[layer];
    let operands = network.graph.calls.iter().flat_map(|call| &call.operands);
    let of_layer = |wire: Wire| matches!(wire, Wire::Output { call, .. } if calls.contains(&call));
    operands
        .filter(|operand| of_layer(operand.wire))
        .find_map(|operand| Some(operand.shape.as_ref()?.get(1..)?.to_vec()))
}

/// The way forward, to be written.
fn way(network: &Network<'_>, layer: usize, gap: &Gap) -> String {
    let several = operands(network, layer) > 1;
    let input = if several { "W::WIRES[0].shape" } else { "In::SHAPE" };
    let (output, unknown) = match shape(network, layer) {
        Some(sides) => {
            let side = |(place, side): (usize, &Option<usize>)| match side {
                Some(side) => values::integer(i64::try_from(*side).unwrap_or(i64::MAX)),
                None => format!("{input}.dim({place})"),
            };
            let sides: Vec<String> = sides.iter().enumerate().map(side).collect();
            (format!("Shape::new(&[{}])", sides.join(", ")), "")
        }
        None => (input.to_owned(), "    // The file does not say what comes out; this is what goes in.\n"),
    };
    let (generics, takes, x, dx) = if several {
        ("W: Wires, const K: usize, O: OptionsOf<Self>", "Several<W, K>", "&[Operand<'_>]", "&mut [Option<&mut [f32]>]")
    } else {
        ("In: Tensor, O: OptionsOf<Self>", "In", "&[In]", "Option<&mut [In]>")
    };
    let of = &network.graph.model.layers[layer];
    let [name, class] = [&of.name, &of.class].map(|text| text.replace(['"', '\\', '{', '}'], "_"));
    let ty = &gap.ty;
    format!(
        "impl<{generics}> Layer<{takes}, O> for {ty} {{\n{unknown}    const OUTPUT: Output = Output::new({output});\n\n    \
         fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: {x}, _y: &mut [Out]) {{\n        \
         todo!(\"write what `{name}` computes in Keras, a `{class}`\")\n    }}\n}}\n\n\
         impl<{generics}> TrainLayer<{takes}, O> for {ty} {{\n    \
         fn backward<Out: Tensor>(\n        &self,\n        _cx: &mut Backward<'_, Self>,\n        _x: {x},\n        \
         _y: &[Out],\n        _dy: &mut [Out],\n        _dx: {dx},\n    ) {{\n        \
         // Without the feature `training` of fusion there is none, and this is left out.\n        todo!(\"write the way back through `{name}`\")\n    }}\n}}\n",
    )
}
