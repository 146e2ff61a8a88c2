//! Layers around other layers.

use super::statistics::signed_batch;
use super::{Entry, Result, Step, steps};
use crate::keras::model::Layer;
use crate::keras::model::graph::Call;
use crate::onnx::write::error::{ExportError, Refusal};
use crate::onnx::write::model;
use crate::onnx::write::step::inner_layer;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] =
    &[steps("SpectralNormalization", spectral), steps("TimeDistributed", time_distributed)];

/// The layer within, with its kernel as the training left it.
fn spectral(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let input = step.input()?;
    let layer = within(step)?;
    inner(step, &layer, input)
}

fn within(step: &Step<'_>) -> Result<Layer> {
    inner_layer(step.layer, "layer")
        .ok_or_else(|| Refusal::new("wraps what is no layer that can be read", "a layer of Keras's own"))
}

/// The steps of all samples as samples of their own.
fn time_distributed(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, shape) = (step.input()?, step.shape()?);
    let Some((steps, rest)) = shape.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(Refusal::new(format!("takes samples of the shape {shape:?}"), "sequences"));
    };
    let layer = within(step)?;
    let kind = step.graph.kind(input);
    let x = step.graph.last(input);
    let flat = step.graph.reshape(&x, &signed_batch(rest));
    let each = step.graph.wire(Form::Last, flat, rest.to_vec(), kind)?;
    if let Some(mask) = step.graph.wires[input].mask.filter(|mask| step.graph.rank(*mask) > 2) {
        let sides = step.graph.shape(mask)[1..].to_vec();
        let name = step.graph.last(mask);
        let name = step.graph.reshape(&name, &signed_batch(&sides));
        let mask = step.graph.wire(Form::Last, name, sides, Kind::Bool)?;
        step.graph.wires[each].mask = Some(mask);
    }
    let mut outputs = Vec::new();
    for output in inner(step, &layer, each)? {
        let kind = step.graph.kind(output);
        let out = [&[*steps], step.graph.shape(output)].concat();
        let name = step.graph.last(output);
        let name = step.graph.reshape(&name, &signed_batch(&out));
        outputs.push(step.graph.wire(Form::Last, name, out, kind)?);
    }
    Ok(outputs)
}

/// What the layer within makes of a wire; it may be a whole model.
fn inner(step: &mut Step<'_>, layer: &Layer, input: Id) -> Result<Vec<Id>> {
    if let Some(model) = &layer.model {
        let path = format!("{}/{}", step.path, layer.name);
        let written = model::write(step.graph, step.weights, model, &[input], &path);
        step.graph.scope.clone_from(&step.path);
        return written.map_err(|error| match error {
            ExportError::Layer { layer, class, what, instead } => {
                Refusal::new(format!("wraps the layer `{layer}` (`{class}`), which {what}"), instead)
            }
            other => Refusal::new(format!("wraps a model: {other}"), "a model that can be written alone"),
        });
    }
    let call = Call { layer: 0, operands: Vec::new(), values: Vec::new(), masks: Vec::new() };
    let prefix = step.prefix.clone();
    let mut within = step.within(layer, &call, input, prefix);
    super::write(&mut within).map_err(|refusal| {
        Refusal::new(
            format!("wraps the layer `{}` (`{}`), which {}", layer.name, layer.class, refusal.what),
            refusal.instead,
        )
    })
}
