//! Pooling: of windows, and of all places.

use super::super::error::Refused;
use super::super::fold::{axes, axis_of};
use super::super::graph::Node;
use super::super::layers::Layer;
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value};
use super::convolution::{Padding, Window, bordered, class, image};

pub(super) fn pool(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let mut view = reader.layers.channels_last(&view)?;
    let is_max = node.operation == "MaxPool";
    if node.outputs.len() > 1 {
        return Err(Refused::own_layer("gives the places of the largest too"));
    }
    let sides = view.sides();
    let (channels, sides) = sides.split_last().map(|(last, sides)| (*last, sides.to_vec())).unwrap_or_default();
    let kernel =
        node.ints("kernel_shape").unwrap_or_default().iter().map(|side| usize::try_from(*side).unwrap_or_default());
    let mut window = Window::of(node, &kernel.collect::<Vec<_>>(), &sides)?;
    if window.dilations.iter().any(|dilation| *dilation != 1) {
        return Err(Refused::own_layer("pools places with others between them: `dilations`"));
    }
    let out = window.outputs(&sides)?;
    let rest = |at: usize| (sides[at] + window.pads[at].0 + window.pads[at].1 - window.kernel[at]) % window.strides[at];
    if node.int("ceil_mode", 0) == 1 && (0..sides.len()).any(|at| rest(at) != 0) {
        return Err(Refused::new(
            "pools windows that reach over the end: `ceil_mode`",
            "`ceil_mode=False`, with padding before it",
        ));
    }
    let mut padding = window.padding(&sides);
    let counts_zeros = !is_max && node.int("count_include_pad", 0) == 1;
    if padding == Padding::Own || (padding == Padding::Same && counts_zeros) {
        // Zeros are no larger than anything behind a `Relu`, and of a mean they count where it says so.
        if !(counts_zeros || (is_max && is_never_negative(reader, &view))) {
            let what = if is_max {
                "pads a maximum, of what may be negative"
            } else {
                "pads a mean without counting what it pads"
            };
            return Err(Refused::new(what, "padding as `padding=\"same\"` of Keras puts it, or behind a `Relu`"));
        }
        view = bordered(reader, &view, "ZeroPadding", &window.pads)?;
        window.pads = vec![(0, 0); sides.len()];
        padding = Padding::Valid;
    }
    let name = if is_max { "MaxPooling" } else { "AveragePooling" };
    let layer = Layer::new(class(name, sides.len(), "")?, view.place)
        .option("pool_size", window.kernel.clone())
        .option("strides", window.strides.clone())
        .option("padding", if padding == Padding::Same { "same" } else { "valid" });
    let place = reader.layers.add(layer, [out.as_slice(), &[channels]].concat())?;
    Ok(vec![Value::Wire(image(&view, place, &out, channels))])
}

/// Whether no number of a wire is below 0, as behind a `Relu`.
fn is_never_negative(reader: &Reader<'_>, view: &View) -> bool {
    const KEEPING: [&str; 4] = ["ZeroPadding", "MaxPooling", "AveragePooling", "UpSampling"];
    let mut place = view.place;
    loop {
        let layer = &reader.layers.all[place.layer];
        let before = layer.takes().first().copied();
        match (layer.options.get("activation").and_then(|name| name.as_str()), before) {
            (Some("relu" | "relu6" | "sigmoid" | "softplus" | "hard_sigmoid" | "softmax"), _) => return true,
            (None, Some(before)) if KEEPING.iter().any(|name| layer.class.starts_with(name)) => place = before,
            _ => return false,
        }
    }
}

pub(super) fn global(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let view = reader.layers.channels_last(&view)?;
    let name = if node.operation == "GlobalMaxPool" { "GlobalMaxPooling" } else { "GlobalAveragePooling" };
    let axes: Vec<usize> = (2..view.rank()).collect();
    Ok(vec![Value::Wire(over(reader, &view, name, &axes, true)?)])
}

/// The mean, or the largest, along some axes: a pooling over all their places.
pub(super) fn reduce(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let axes = axes(node, &reader.arrays(node), 1)?;
    let axes = match axes {
        Some(axes) => axes.iter().map(|axis| axis_of(*axis, view.rank())).collect::<Result<Vec<_>, _>>()?,
        None if node.int("noop_with_empty_axes", 0) == 1 => return Ok(vec![Value::Wire(view)]),
        None => (0..view.rank()).collect(),
    };
    if axes.iter().any(|axis| view.axes[*axis].contains(&BATCH)) {
        return Err(Refused::own_layer("goes along the batch"));
    }
    let name = if node.operation == "ReduceMax" { "GlobalMaxPooling" } else { "GlobalAveragePooling" };
    Ok(vec![Value::Wire(over(reader, &view, name, &axes, node.int("keepdims", 1) == 1)?)])
}

fn over(reader: &mut Reader<'_>, view: &View, name: &str, axes: &[usize], keeps: bool) -> Result<View, Refused> {
    let gone: Vec<usize> = axes.iter().flat_map(|axis| view.axes[*axis].clone()).collect();
    let reduced = |view: View| {
        let axis = |at: usize| if axes.contains(&at) { keeps.then(Vec::new) } else { Some(view.axes[at].clone()) };
        let axes = (0..view.rank()).filter_map(axis).collect();
        view.with_axes(axes)
    };
    if gone.is_empty() {
        return Ok(reduced(view.clone()));
    }
    let flat: Vec<usize> = view.order[1..].concat();
    let (places, rest): (Vec<usize>, Vec<usize>) = flat.into_iter().partition(|atom| gone.contains(atom));
    let sides = view.order.len().saturating_sub(2);
    let is_image = (1..=3).contains(&sides) && view.order[1..=sides].concat() == places && view.last() == rest;
    let (view, sides) = if is_image {
        (view.clone(), sides)
    } else {
        (reader.layers.arranged(view, vec![vec![BATCH], places, rest.clone()])?, 1)
    };
    let mut new = reduced(view);
    new.order = vec![vec![BATCH], rest];
    let layer = Layer::new(class(name, sides, "")?, new.place);
    let place = reader.layers.add(layer, new.sides())?;
    Ok(View { place, sole: true, ..new })
}
