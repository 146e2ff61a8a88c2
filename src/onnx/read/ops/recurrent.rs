//! LSTM, GRU and RNN, there, back, and both ways.

use serde_json::{Value as Json, json};

use super::super::error::Refused;
use super::super::graph::Node;
use super::super::layers::{Argument, Layer, Place};
use super::super::tensor::Tensor;
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value, names};
use crate::keras::Weight;

/// What is known of a node, beside its weights.
struct Cell {
    /// `LSTM`
    class: &'static str,
    /// Keras's gates by their places among ONNX's.
    gates: &'static [usize],
    units: usize,
    directions: usize,
    /// Activations of each direction: of the gates and of the output, which ONNX has in another order.
    options: Vec<(&'static str, Json)>,
    resets_after: bool,
}

fn activation(name: &str) -> Option<&'static str> {
    Some(match name {
        "Sigmoid" => "sigmoid",
        "Tanh" => "tanh",
        "Relu" => "relu",
        "Softsign" => "softsign",
        "Softplus" => "softplus",
        _ => return None,
    })
}

impl Cell {
    fn of(node: &Node) -> Result<Self, Refused> {
        let (class, gates, plain): (_, &[usize], &[&str]) = match node.operation.as_str() {
            // ONNX: input, output, forget, cell; Keras: input, forget, cell, output.
            "LSTM" => ("LSTM", &[0, 2, 3, 1], &["Sigmoid", "Tanh", "Tanh"]),
            "GRU" => ("GRU", &[0, 1, 2], &["Sigmoid", "Tanh"]),
            _ => ("SimpleRNN", &[0], &["Tanh"]),
        };
        let directions = if node.text("direction") == Some("bidirectional") { 2 } else { 1 };
        let units = usize::try_from(node.int("hidden_size", 0)).unwrap_or_default();
        let resets_after = node.int("linear_before_reset", 0) == 1;
        let refused = || Refused::own_layer(format!("is a {class} with options that Keras's has not"));
        if node.attribute_is_set("clip") || node.int("input_forget", 0) == 1 {
            return Err(refused());
        }
        let given = node.texts("activations").filter(|given| !given.is_empty());
        let given = given.unwrap_or_else(|| plain.repeat(directions));
        let (one, other) = given.split_at_checked(plain.len()).ok_or_else(refused)?;
        let names = one.iter().map(|name| activation(name)).collect::<Option<Vec<_>>>().ok_or_else(refused)?;
        if (directions == 2 && one != other) || (class == "LSTM" && names[1] != names[2]) {
            return Err(refused());
        }
        let options = match names.as_slice() {
            [recurrent, own, ..] => vec![("activation", json!(own)), ("recurrent_activation", json!(recurrent))],
            [own] => vec![("activation", json!(own))],
            [] => return Err(refused()),
        };
        Ok(Self { class, gates, units, directions, options, resets_after })
    }

    /// A direction's weights in Keras's order, under these names.
    fn weights(
        &self,
        direction: usize,
        kernel: &Tensor,
        recurrent: &Tensor,
        bias: Option<&Tensor>,
        prefix: &str,
    ) -> Vec<Weight> {
        let width = self.gates.len() * self.units;
        let of_gates = |values: &[f32], features: usize| -> Vec<f32> {
            let rows = direction * width * features;
            let value = |feature: usize, gate: usize, unit: usize| {
                values[rows + (gate * self.units + unit) * features + feature]
            };
            let mut all = Vec::with_capacity(width * features);
            for feature in 0..features {
                for gate in self.gates {
                    all.extend((0..self.units).map(|unit| value(feature, *gate, unit)));
                }
            }
            all
        };
        let cell = match self.class {
            "LSTM" => "lstm_cell",
            "GRU" => "gru_cell",
            _ => "simple_rnn_cell",
        };
        let name = |name: &str| format!("{prefix}{cell}/{name}");
        let features = kernel.shape[2];
        let mut weights = vec![
            Weight {
                name: name("kernel"),
                shape: vec![features, width],
                values: of_gates(&kernel.to_floats(), features),
            },
            Weight {
                name: name("recurrent_kernel"),
                shape: vec![self.units, width],
                values: of_gates(&recurrent.to_floats(), self.units),
            },
        ];
        if let Some(bias) = bias {
            // Those of the input, then those of the state.
            let values = bias.to_floats();
            let half = |half: usize| {
                let first = (2 * direction + half) * width;
                let of = |gate: &usize| values[first + gate * self.units..first + (gate + 1) * self.units].to_vec();
                self.gates.iter().flat_map(of).collect::<Vec<f32>>()
            };
            let (input, state) = (half(0), half(1));
            let (shape, values) = match self.class == "GRU" && self.resets_after {
                true => (vec![2, width], [input, state].concat()),
                false => (vec![width], input.iter().zip(&state).map(|(a, b)| a + b).collect()),
            };
            weights.push(Weight { name: name("bias"), shape, values });
        }
        weights
    }
}

/// What of a node's outputs is taken.
struct Wanted {
    sequence: bool,
    last: bool,
    cell: bool,
}

pub(super) fn recurrent(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let cell = Cell::of(node)?;
    if node.int("layout", 0) == 1 {
        return Err(Refused::own_layer("has the batch first by `layout`"));
    }
    let (kernel, recurrent, bias) = (reader.array(node, 1)?, reader.array(node, 2)?, reader.array_if(node, 3)?);
    let width = cell.gates.len() * cell.units;
    let fits = view.rank() == 3
        && kernel.shape == [cell.directions, width, view.length(&view.axes[2])]
        && recurrent.shape == [cell.directions, width, cell.units]
        && bias.as_ref().is_none_or(|bias| bias.shape == [cell.directions, 2 * width])
        && cell.units > 0;
    if !fits {
        return Err(Refused::damaged(format!("a kernel of {:?} for a sequence of {:?}", kernel.shape, view.shape())));
    }
    unless_all_steps(reader, node, view.length(&view.axes[0]))?;
    if reader.array_if(node, 7)?.is_some_and(|peepholes| peepholes.to_floats().iter().any(|value| *value != 0.0)) {
        return Err(Refused::own_layer("looks at its cells through peepholes"));
    }
    let taken = |place: usize| node.outputs.get(place).is_some_and(|name| reader.graph.uses.contains_key(name));
    let wanted = Wanted { sequence: taken(0), last: taken(1), cell: taken(2) };
    let wanted_order = vec![view.axes[1].clone(), view.axes[0].clone(), view.axes[2].clone()];
    let view = reader.layers.arranged(&view, wanted_order)?;
    let name = names::of_node(reader.graph, node);
    let states = states(reader, node, &cell)?;
    let backwards = node.text("direction") == Some("reverse");
    if (backwards && wanted.sequence)
        || (cell.directions == 2 && (wanted.cell || states.is_some() || (wanted.sequence && wanted.last)))
    {
        return Err(Refused::new(
            "goes back, or both ways, and gives states too",
            "take its last state from one of its own, or its sequence alone",
        ));
    }
    let several = wanted.cell || (wanted.sequence && wanted.last);
    let mut options = cell.options.clone();
    options.extend([
        ("units", json!(cell.units)),
        ("use_bias", json!(bias.is_some())),
        ("return_sequences", json!(wanted.sequence)),
    ]);
    options.extend([("return_state", json!(several)), ("go_backwards", json!(backwards))]);
    if cell.class == "GRU" {
        options.push(("reset_after", json!(cell.resets_after)));
    }
    let weights =
        |direction: usize, prefix: &str| cell.weights(direction, &kernel, &recurrent, bias.as_deref(), prefix);
    let mut layer = if cell.directions == 2 {
        let inner = crate::keras::snake_case(cell.class);
        let mut all = weights(0, &format!("forward_{inner}/"));
        all.extend(weights(1, &format!("backward_{inner}/")));
        let mut config: serde_json::Map<String, Json> =
            options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        config.insert("name".to_owned(), json!(format!("forward_{inner}")));
        let within = json!({"module": "keras.layers", "class_name": cell.class, "config": config});
        let layer = Layer::new("Bidirectional", view.place).option("merge_mode", "concat").option("layer", within);
        Layer { weights: all, ..layer }
    } else {
        let layer = options
            .into_iter()
            .fold(Layer::new(cell.class, view.place), |layer, (name, value)| layer.option(name, value));
        Layer { weights: weights(0, ""), ..layer }
    };
    if let Some(states) = states {
        layer.named.push(("initial_state".to_owned(), Argument::List(states)));
    }
    outputs(reader, &view, &cell, &wanted, several, layer.named(name))
}

/// The layer's outputs as ONNX has them: the sequence [steps, directions, batch, units], states without steps.
fn outputs(reader: &mut Reader<'_>, view: &View, cell: &Cell, wanted: &Wanted, several: bool, layer: Layer) -> Outcome {
    let mut sequence = view.clone();
    let steps = view.axes[0].clone();
    let (directions, units) = (sequence.atom(cell.directions), sequence.atom(cell.units));
    let features = [directions.clone(), units.clone()].concat();
    sequence.axes = vec![steps.clone(), directions.clone(), vec![BATCH], units.clone()];
    sequence.order = vec![vec![BATCH], steps, features.clone()];
    sequence.sole = true;
    let mut state = sequence.clone();
    state.axes = vec![directions, vec![BATCH], units];
    state.order = vec![vec![BATCH], features];
    let first = if wanted.sequence { sequence.sides() } else { state.sides() };
    let states = match (several, cell.class) {
        (false, _) => 0,
        (true, "LSTM") => 2,
        (true, _) => 1,
    };
    let shapes = std::iter::once(first).chain(std::iter::repeat_n(state.sides(), states)).collect();
    let place = reader.layers.add_several(layer, shapes)?;
    let at = |view: &View, output: usize| Value::Wire(View { place: Place { output, ..place }, ..view.clone() });
    let last = at(&state, usize::from(several));
    Ok(vec![at(&sequence, 0), last, at(&state, if several { 2 } else { 0 })])
}

/// Lengths of each sample that are the length of all are none.
fn unless_all_steps(reader: &Reader<'_>, node: &Node, steps: usize) -> Result<(), Refused> {
    match node.input(4).and_then(|name| reader.value(name)) {
        None => Ok(()),
        Some(Value::Array(lengths)) if lengths.to_floats().iter().all(|length| *length == steps as f32) => Ok(()),
        Some(_) => Err(Refused::new(
            "takes as many steps of each sample as another wire says",
            "`Masking`, or `Embedding` with `mask_zero`",
        )),
    }
}

/// What it begins with, if not zeros.
fn states(reader: &mut Reader<'_>, node: &Node, cell: &Cell) -> Result<Option<Vec<Place>>, Refused> {
    let mut states = Vec::new();
    for place in if cell.class == "LSTM" { 5..7 } else { 5..6 } {
        match node.input(place).and_then(|name| reader.value(name)) {
            None => {}
            Some(Value::Array(zeros)) if zeros.to_floats().iter().all(|value| *value == 0.0) => {}
            Some(Value::Wire(state)) if state.rank() == 3 => {
                let wanted = vec![state.axes[1].clone(), state.axes[2].clone()];
                states.push(reader.layers.arranged(&state, wanted)?.place);
            }
            _ => return Err(Refused::own_layer("begins with a state that is the same for all samples")),
        }
    }
    match (states.len(), cell.class) {
        (0, _) => Ok(None),
        (2, "LSTM") | (1, "GRU" | "SimpleRNN") => Ok(Some(states)),
        _ => Err(Refused::own_layer("begins with one state that is given and one that is not")),
    }
}
