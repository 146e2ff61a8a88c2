//! Calls in an order in which each has what it needs; only what the outputs need.

use std::collections::HashMap;

use serde_json::Value;

use super::{Argument, Layer, Model, Place, Shape};

/// A model as calls of layers.
#[derive(Debug)]
pub struct Graph<'a> {
    pub model: &'a Model,
    /// The model's inputs, in its order.
    pub inputs: Vec<&'a Layer>,
    /// In an order in which each comes behind those it takes from.
    pub calls: Vec<Call<'a>>,
    /// Of each layer of the model, its calls.
    pub calls_of: Vec<Vec<usize>>,
    pub outputs: Vec<Wire>,
}

/// One use of a layer.
#[derive(Debug)]
pub struct Call<'a> {
    /// Which of the model's layers.
    pub layer: usize,
    pub operands: Vec<Operand>,
    /// What it was called with beside wires.
    pub values: Vec<(String, &'a Value)>,
    /// The names of the masks that it is given, and that are not those that the layers here make themselves.
    pub masks: Vec<String>,
}

/// A wire to a call, by the name of the argument where it has one.
#[derive(Debug, Clone)]
pub struct Operand {
    pub name: Option<String>,
    pub wire: Wire,
    pub shape: Shape,
}

/// What flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wire {
    Input(usize),
    Output { call: usize, output: usize },
}

impl<'a> Call<'a> {
    /// What an argument is, by its name or its place.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| *value).filter(|value| !value.is_null())
    }
}

/// The names of the arguments of a call that come without them.
fn signature(class: &str) -> &'static [&'static str] {
    match class {
        "MultiHeadAttention" | "GroupedQueryAttention" => {
            &["query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"]
        }
        "LSTM" | "GRU" | "SimpleRNN" | "RNN" | "ConvLSTM1D" | "ConvLSTM2D" | "ConvLSTM3D" | "Bidirectional" => {
            &["sequences", "initial_state", "mask"]
        }
        "Attention" | "AdditiveAttention" | "BatchNormalization" | "Softmax" => &["inputs", "mask"],
        _ => &[],
    }
}

/// Whether an argument of this name is a mask, and no data.
fn is_mask(name: &str) -> bool {
    name == "mask" || name.ends_with("_mask")
}

/// The calls that a model's outputs need.
pub fn graph(model: &Model) -> Result<Graph<'_>, String> {
    let indices: HashMap<&str, usize> =
        model.layers.iter().enumerate().map(|(index, layer)| (layer.name.as_str(), index)).collect();
    let mut inputs = Vec::new();
    for place in &model.inputs {
        let input = indices.get(place.layer.as_str()).map(|index| &model.layers[*index]);
        match input {
            Some(layer) if layer.class == "InputLayer" => inputs.push(layer),
            _ => {
                return Err(format!(
                    "the input `{}` of the model `{}` is no `InputLayer` of it",
                    place.layer, model.name
                ));
            }
        }
    }
    let mut builder = Builder { model, indices, inputs, calls: Vec::new(), done: HashMap::new() };
    let mut outputs = Vec::new();
    for place in &model.outputs {
        outputs.push(builder.wire(place)?);
    }
    if outputs.is_empty() {
        return Err(format!("the model `{}` has no output", model.name));
    }
    let mut calls_of = vec![Vec::new(); model.layers.len()];
    builder.calls.iter().enumerate().for_each(|(index, call)| calls_of[call.layer].push(index));
    Ok(Graph { model, inputs: builder.inputs, calls: builder.calls, calls_of, outputs })
}

struct Builder<'a> {
    model: &'a Model,
    indices: HashMap<&'a str, usize>,
    inputs: Vec<&'a Layer>,
    calls: Vec<Call<'a>>,
    /// Calls that were begun, and the place of those that have all they need.
    done: HashMap<(usize, usize), Option<usize>>,
}

impl<'a> Builder<'a> {
    /// The wire of this place, behind the calls that it needs: with a list of what is to do instead of recursion, as a
    /// chain is as long as the file says.
    fn wire(&mut self, place: &Place) -> Result<Wire, String> {
        let mut pending = vec![place.clone()];
        while let Some(place) = pending.last().cloned() {
            let Some((layer, call)) = self.find(&place)? else {
                pending.pop();
                continue;
            };
            if matches!(self.done.get(&(layer, call)), Some(Some(_))) {
                pending.pop();
                continue;
            }
            let mut missing = Vec::new();
            for (_, place, _) in data(&self.model.layers[layer], call) {
                if let Some(key) = self.find(place)? {
                    match self.done.get(&key) {
                        Some(Some(_)) => {}
                        Some(None) => return Err(self.cycle(place)),
                        None => missing.push(place.clone()),
                    }
                }
            }
            if missing.is_empty() {
                let made = self.call(layer, call)?;
                self.calls.push(made);
                self.done.insert((layer, call), Some(self.calls.len() - 1));
                pending.pop();
            } else {
                self.done.insert((layer, call), None);
                // What one operand needs comes before what the next one does.
                pending.extend(missing.into_iter().rev());
            }
        }
        self.finished(place)
    }

    fn cycle(&self, place: &Place) -> String {
        format!("in the model `{}` the layer `{}` needs what is made of its own output", self.model.name, place.layer)
    }

    /// The layer and the call of a place, unless it is an input.
    fn find(&self, place: &Place) -> Result<Option<(usize, usize)>, String> {
        let (name, model) = (&place.layer, &self.model.name);
        let Some(&index) = self.indices.get(name.as_str()) else {
            return Err(format!("the model `{model}` has no layer `{name}`, which another layer takes from"));
        };
        if self.model.layers[index].class == "InputLayer" {
            return match self.inputs.iter().any(|input| input.name == *name) {
                true => Ok(None),
                false => {
                    Err(format!("the layer `{name}` of the model `{model}` is an input that the model does not list"))
                }
            };
        }
        let calls = self.model.layers[index].calls.len();
        if place.call >= calls {
            return Err(format!(
                "call {} of the layer `{name}` of the model `{model}` is asked for, but it is called {calls} times",
                place.call
            ));
        }
        Ok(Some((index, place.call)))
    }

    fn finished(&self, place: &Place) -> Result<Wire, String> {
        match self.find(place)? {
            Some(key) => match self.done.get(&key) {
                Some(Some(call)) => Ok(Wire::Output { call: *call, output: place.output }),
                _ => Err(self.cycle(place)),
            },
            None => {
                let input = self.inputs.iter().position(|input| input.name == place.layer);
                Ok(Wire::Input(input.expect("`find` looked for it")))
            }
        }
    }

    fn call(&self, layer: usize, call: usize) -> Result<Call<'a>, String> {
        let of = &self.model.layers[layer];
        let operands = data(of, call).into_iter().map(|(name, place, shape)| {
            Ok(Operand { name: name.map(str::to_owned), wire: self.finished(place)?, shape: shape.clone() })
        });
        let operands = operands.collect::<Result<Vec<_>, String>>()?;
        let (mut values, mut masks) = (Vec::new(), Vec::new());
        for (index, argument) in of.calls[call].arguments.iter().enumerate() {
            match signature(&of.class).get(index) {
                Some(name) => self.beside(name, argument, &mut values, &mut masks),
                None => self.beside(&index.to_string(), argument, &mut values, &mut masks),
            }
        }
        for (name, argument) in &of.calls[call].named {
            self.beside(name, argument, &mut values, &mut masks);
        }
        Ok(Call { layer, operands, values, masks })
    }

    /// What is no data: values, also those in a list beside wires, and masks.
    fn beside(
        &self,
        name: &str,
        argument: &'a Argument,
        values: &mut Vec<(String, &'a Value)>,
        masks: &mut Vec<String>,
    ) {
        match argument {
            Argument::Value(value) => values.push((name.to_owned(), value)),
            _ if is_mask(name) => masks.extend((!self.is_made_here(name, argument)).then(|| name.to_owned())),
            Argument::Wire(..) => {}
            Argument::List(list) => {
                let within = list.iter().enumerate().filter(|(_, argument)| !matches!(argument, Argument::Wire(..)));
                within.for_each(|(place, argument)| self.beside(&format!("{name}[{place}]"), argument, values, masks));
            }
        }
    }

    /// The masks that Keras computes from ids and from `Masking` are made here too, by the layers themselves; one that
    /// comes from elsewhere is not, nor one that says which step sees which.
    fn is_made_here(&self, name: &str, mask: &Argument) -> bool {
        let made = |layer: &Layer| {
            layer.class == "Masking"
                || layer.options.get("mask_zero") == Some(&Value::Bool(true))
                || layer.model.is_some()
        };
        let of_operation = |argument: &Argument| match argument {
            Argument::Wire(place, _) => {
                self.indices.get(place.layer.as_str()).is_some_and(|index| self.model.layers[*index].is_operation())
            }
            Argument::List(_) => false,
            Argument::Value(_) => true,
        };
        let computed = match mask {
            Argument::List(all) => all.iter().all(of_operation),
            one => of_operation(one),
        };
        computed && name != "attention_mask" && self.model.layers.iter().any(made)
    }
}

/// The wires of a call that are not masks: the argument's name, from where, of which shape.
fn data(layer: &Layer, call: usize) -> Vec<(Option<&str>, &Place, &Shape)> {
    fn collect<'a>(
        name: Option<&'a str>,
        argument: &'a Argument,
        all: &mut Vec<(Option<&'a str>, &'a Place, &'a Shape)>,
    ) {
        match argument {
            Argument::Wire(place, shape) => all.push((name, place, shape)),
            Argument::List(list) => list.iter().for_each(|argument| collect(name, argument, all)),
            Argument::Value(_) => {}
        }
    }
    let (call, signature, mut all) = (&layer.calls[call], signature(&layer.class), Vec::new());
    let placed = call.arguments.iter().enumerate().map(|(index, argument)| (signature.get(index).copied(), argument));
    let named = call.named.iter().map(|(name, argument)| (Some(name.as_str()), argument));
    let of_data = placed.chain(named).filter(|(name, _)| !name.is_some_and(is_mask));
    of_data.for_each(|(name, argument)| collect(name, argument, &mut all));
    all
}
