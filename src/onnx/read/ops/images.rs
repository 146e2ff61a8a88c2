//! Borders and sizes of images.

use serde_json::{Value as Json, json};

use super::super::error::Refused;
use super::super::fold::axis_of;
use super::super::graph::Node;
use super::super::layers::Layer;
use super::super::view::{BATCH, View};
use super::super::{Outcome, Reader, Value};
use super::convolution::{bordered, class, image};

/// Zeros around the sides, or less of them, where channels are first.
pub(super) fn pad(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    if node.text("mode").is_some_and(|mode| mode != "constant") {
        return Err(Refused::own_layer(format!("pads by `{}`", node.text("mode").unwrap_or_default())));
    }
    let value = reader.array_if(node, 2)?.and_then(|value| value.scalar()).unwrap_or(node.float("value", 0.0));
    let pads = match node.ints("pads") {
        Some(pads) => pads.to_vec(),
        None => reader.array(node, 1)?.as_ints().unwrap_or_default().to_vec(),
    };
    let rank = view.rank();
    let axes = match reader.array_if(node, 3)? {
        Some(axes) => {
            axes.as_ints().unwrap_or_default().iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_, _>>()?
        }
        None => (0..rank).collect::<Vec<_>>(),
    };
    if pads.len() != 2 * axes.len() || pads.iter().any(|pad| pad.unsigned_abs() > 1 << 20) {
        return Err(Refused::damaged("its `pads` are not two for each axis"));
    }
    let mut ends = vec![(0_i64, 0_i64); rank];
    for (at, axis) in axes.iter().enumerate() {
        ends[*axis] = (pads[at], pads[at + axes.len()]);
    }
    if ends.iter().all(|ends| *ends == (0, 0)) {
        return Ok(vec![Value::Wire(view)]);
    }
    // Which of Keras's axes are padded: those of an image's sides can be.
    let of_order = |of: &Vec<usize>| view.axes.iter().position(|axis| axis == of && !axis.is_empty());
    let padded: Vec<(i64, i64)> = view.order.iter().map(|of| of_order(of).map_or((0, 0), |axis| ends[axis])).collect();
    let others =
        ends.iter().filter(|ends| **ends != (0, 0)).count() == padded.iter().filter(|ends| **ends != (0, 0)).count();
    let fits = others && padded.len() > 2 && padded[0] == (0, 0) && padded[padded.len() - 1] == (0, 0);
    let turned = if fits { view } else { reader.layers.channels_last(&view)? };
    let padded = if fits {
        padded
    } else {
        std::iter::once(ends[0]).chain(ends[2..].iter().copied()).chain([ends[1]]).collect()
    };
    let (sides, around) = (&padded[1..padded.len() - 1], [padded[0], padded[padded.len() - 1]]);
    if around != [(0, 0); 2] || value != 0.0 {
        return Err(Refused::own_layer("pads with other than zeros, or other axes than sides of an image"));
    }
    let part = |less: bool| {
        let of = |end: i64| usize::try_from(if less { -end } else { end }).unwrap_or_default();
        sides.iter().map(|(before, behind)| (of(*before), of(*behind))).collect::<Vec<_>>()
    };
    let mut view = turned;
    for (name, ends) in [("ZeroPadding", part(false)), ("Cropping", part(true))] {
        if ends.iter().any(|ends| *ends != (0, 0)) {
            view = bordered(reader, &view, name, &ends)?;
        }
    }
    Ok(vec![Value::Wire(view)])
}

/// Places that are repeated, or are between others.
pub(super) fn resize(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let is_first = node.operation == "Upsample" || reader.graph.version < 11;
    let scales = match node.floats("scales") {
        Some(scales) => Some(scales.to_vec()),
        None => reader.array_if(node, if is_first { 1 } else { 2 })?.map(|scales| scales.to_floats()),
    };
    let sizes = if is_first { None } else { reader.array_if(node, 3)? };
    let view = turned(reader, &view)?;
    let sides = view.sides();
    let (channels, sides) = sides.split_last().map(|(last, sides)| (*last, sides.to_vec())).unwrap_or_default();
    let refused = || Refused::own_layer("is resized by other than whole numbers, or along channels");
    let times: Vec<usize> = match (scales.filter(|scales| !scales.is_empty()), sizes) {
        (Some(scales), _) => scales.iter().map(|scale| whole(*scale)).collect::<Option<_>>().ok_or_else(refused)?,
        (None, Some(sizes)) => {
            let sizes = sizes.as_ints().unwrap_or_default();
            let shape = view.shape();
            let of = |(at, size): (usize, &i64)| {
                let (size, side) = (usize::try_from(*size).ok()?, *shape.get(at)?);
                size.is_multiple_of(side).then(|| size / side)
            };
            sizes.iter().enumerate().map(of).collect::<Option<_>>().ok_or_else(refused)?
        }
        _ => return Err(Refused::damaged("it is not said to what it is resized")),
    };
    if times.len() != view.rank() || times[0] != 1 || times[1] != 1 {
        return Err(refused());
    }
    let times = &times[2..];
    let (mode, coordinates) =
        (node.text("mode").unwrap_or("nearest"), node.text("coordinate_transformation_mode").unwrap_or("half_pixel"));
    let nearest = node.text("nearest_mode").unwrap_or("round_prefer_floor");
    let is_same = coordinates == "half_pixel"
        || (coordinates == "asymmetric" && nearest == "floor")
        || coordinates == "pytorch_half_pixel";
    let interpolation = match mode {
        "nearest" if is_same || is_first => "nearest",
        "linear" | "bilinear"
            if sides.len() == 2 && matches!(coordinates, "half_pixel" | "pytorch_half_pixel") && !is_first =>
        {
            "bilinear"
        }
        _ => {
            return Err(Refused::new(
                format!("is resized by `{mode}` with `{coordinates}`"),
                "`mode=\"nearest\"`, or `mode=\"bilinear\"` with `align_corners=False`",
            ));
        }
    };
    let size: Json = if let [one] = times { json!(one) } else { json!(times) };
    let mut layer = Layer::new(class("UpSampling", sides.len(), "")?, view.place).option("size", size);
    if interpolation != "nearest" {
        layer = layer.option("interpolation", interpolation);
    }
    let out: Vec<usize> = sides.iter().zip(times).map(|(side, times)| side.saturating_mul(*times)).collect();
    let place = reader.layers.add(layer, [out.as_slice(), &[channels]].concat())?;
    Ok(vec![Value::Wire(image(&view, place, &out, channels))])
}

/// An axis of one place that is repeated, behind one of an image's sides: how Keras's `UpSampling2D` is exported.
pub(super) fn tile(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let (view, times) = (reader.wire(node, 0)?, reader.array(node, 1)?);
    let times: Vec<usize> =
        times.as_ints().unwrap_or_default().iter().map(|times| usize::try_from(*times).unwrap_or_default()).collect();
    if times.len() != view.rank() {
        return Err(Refused::damaged("it is not said how often each axis is repeated"));
    }
    let repeated: Vec<usize> = (0..times.len()).filter(|axis| times[*axis] != 1).collect();
    let refused =
        || Refused::new("repeats a wire", "`UpSampling2D`, `RepeatVector`, or a merge, which stretches by itself");
    let (axis, sides) = match repeated.as_slice() {
        [] => return Ok(vec![Value::Wire(view)]),
        [axis] if *axis > 0 && view.axes[*axis].is_empty() => (*axis, view.order.len().saturating_sub(2)),
        _ => return Err(refused()),
    };
    let side = view.order.iter().position(|of| !of.is_empty() && *of == view.axes[axis - 1]);
    let side = side.filter(|side| (1..=sides).contains(side) && sides < 4).ok_or_else(refused)?;
    let mut made = view.clone();
    let new = made.atom(times[axis]);
    made.axes[axis].clone_from(&new);
    made.order[side].extend(new);
    let mut size = vec![1; sides];
    size[side - 1] = times[axis];
    // One after the other, of two sides, are one.
    let before = &mut reader.layers.all[view.place.layer];
    let known: Option<Vec<usize>> = before.options.get("size").and_then(Json::as_array).map(|size| {
        size.iter().map(|times| times.as_u64().and_then(|times| usize::try_from(times).ok()).unwrap_or(1)).collect()
    });
    if let (Some(known), true) =
        (known.filter(|known| known.len() == sides), view.sole && before.class.starts_with("UpSampling"))
    {
        let both: Vec<usize> = known.iter().zip(&size).map(|(a, b)| a.saturating_mul(*b)).collect();
        before.options.insert("size".to_owned(), json!(both));
        before.shapes = vec![made.sides()];
        return Ok(vec![Value::Wire(made)]);
    }
    let layer = Layer::new(class("UpSampling", sides, "")?, view.place).option("size", json!(size));
    let place = reader.layers.add(layer, made.sides())?;
    Ok(vec![Value::Wire(View { place, sole: true, ..made })])
}

fn turned(reader: &mut Reader<'_>, view: &View) -> Result<View, Refused> {
    if view.axes.first().is_none_or(|axis| *axis != [BATCH]) {
        return Err(Refused::own_layer("is resized along its batch"));
    }
    reader.layers.channels_last(view)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is small and positive")]
fn whole(scale: f32) -> Option<usize> {
    (scale.fract() == 0.0 && (1.0..1024.0).contains(&scale)).then_some(scale as usize)
}
