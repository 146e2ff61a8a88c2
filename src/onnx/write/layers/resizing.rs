//! Images of another size.

use super::borders::cut;
use super::convolution::image;
use super::{Entry, Result, Step, entry};
use crate::onnx::proto::AttributeProto;
use crate::onnx::write::attributes::{float, int, signed, text};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("CenterCrop", center_crop),
    entry("Resizing", resizing),
    entry("UpSampling1D", |step| up_sampling(step, 1)),
    entry("UpSampling2D", |step| up_sampling(step, 2)),
    entry("UpSampling3D", |step| up_sampling(step, 3)),
];

/// How places between pixels are filled. Keras's pixels are at their centres, as `half_pixel` says.
fn interpolation(word: &str, smooth: bool) -> Option<Vec<AttributeProto>> {
    let mut attributes = vec![text("coordinate_transformation_mode", "half_pixel")];
    match word {
        "nearest" => attributes.extend([text("mode", "nearest"), text("nearest_mode", "round_prefer_ceil")]),
        "bilinear" => attributes.push(text("mode", "linear")),
        // Keys's kernel, of which no part lies outside.
        "bicubic" => {
            attributes.extend([text("mode", "cubic"), float("cubic_coeff_a", -0.5), int("exclude_outside", 1)]);
        }
        _ => return None,
    }
    if smooth && word != "nearest" {
        attributes.push(int("antialias", 1));
    }
    Some(attributes)
}

/// An image resized to these sides.
fn resized(step: &mut Step<'_>, input: Id, sides: &[usize], how: Vec<AttributeProto>) -> Result<Id> {
    let mut shape = step.graph.shape(input).to_vec();
    let x = step.graph.name(input, Form::First);
    let name = if let Some(scales) = scales(&shape, sides) {
        let scales = step.graph.floats(&[scales.len()], &scales);
        step.graph.node("Resize", &[&x, "", &scales], how)
    } else {
        // The batch stays whatever it is. An attribute `axes` would say so too, but ONNX Runtime loses it when it moves
        // transposes.
        let batch = step.graph.node("Shape", &[&x], vec![int("start", 0), int("end", 2)]);
        let lengths = step.graph.integers(&signed(sides));
        let sizes = step.graph.node("Concat", &[&batch, &lengths], vec![int("axis", 0)]);
        step.graph.node("Resize", &[&x, "", "", &sizes], how)
    };
    shape[..sides.len()].copy_from_slice(sides);
    step.graph.wire(Form::First, name, shape, Kind::Float)
}

/// How much longer each dimension becomes, if whole numbers say it.
fn scales(from: &[usize], to: &[usize]) -> Option<Vec<f32>> {
    #[allow(clippy::cast_precision_loss, reason = "of a few pixels")]
    let times = |(from, to): (&usize, &usize)| to.is_multiple_of(*from).then(|| (to / from) as f32);
    let times: Option<Vec<f32>> = from.iter().zip(to).map(times).collect();
    Some([vec![1.0, 1.0], times?].concat())
}

fn resizing(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (mut input, (mut sides, _)) = (step.input()?, image(step, 2)?);
    let wanted = [step.size("height")?, step.size("width")?];
    let word = step.word("interpolation", "bilinear");
    let how = interpolation(&word, step.flag("antialias", false));
    let how = how.ok_or_else(|| step.refuse("interpolation", "`nearest`, `bilinear` or `bicubic`"))?;
    if step.flag("pad_to_aspect_ratio", false) {
        input = padded(step, input, &mut sides, wanted)?;
    } else if step.flag("crop_to_aspect_ratio", false) {
        input = cropped(step, input, &mut sides, wanted)?;
    }
    Ok(vec![resized(step, input, &wanted, how)?])
}

/// The largest part in the middle with the shape of what is wanted.
fn cropped(step: &mut Step<'_>, input: Id, sides: &mut Vec<usize>, wanted: [usize; 2]) -> Result<Id> {
    let [height, width] = [sides[0], sides[1]];
    let crop_height = (width.saturating_mul(wanted[0]) / wanted[1]).clamp(1, height);
    let crop_width = (height.saturating_mul(wanted[1]) / wanted[0]).clamp(1, width);
    let (top, left) = ((height - crop_height) / 2, (width - crop_width) / 2);
    let mut shape = step.graph.shape(input).to_vec();
    (shape[0], shape[1]) = (crop_height, crop_width);
    *sides = vec![crop_height, crop_width];
    Ok(cut(step, input, &[(top, top + crop_height), (left, left + crop_width)], shape)?.remove(0))
}

/// With a border that makes the shape that of what is wanted.
fn padded(step: &mut Step<'_>, input: Id, sides: &mut Vec<usize>, wanted: [usize; 2]) -> Result<Id> {
    let [height, width] = [sides[0], sides[1]];
    let pad_height = (width.saturating_mul(wanted[0]) / wanted[1]).max(height);
    let pad_width = (height.saturating_mul(wanted[1]) / wanted[0]).max(width);
    let (top, left) = ((pad_height - height) / 2, (pad_width - width) / 2);
    let pads = signed(&[top, left, pad_height - height - top, pad_width - width - left]);
    let (pads, axes) = (step.graph.integers(&pads), step.graph.integers(&[2, 3]));
    let value = step.graph.number(step.number("fill_value", 0.0));
    let x = step.graph.name(input, Form::First);
    let name = step.graph.node("Pad", &[&x, &pads, &value, &axes], vec![]);
    let mut shape = step.graph.shape(input).to_vec();
    (shape[0], shape[1]) = (pad_height, pad_width);
    *sides = vec![pad_height, pad_width];
    step.graph.wire(Form::First, name, shape, Kind::Float)
}

/// The middle of an image; of one that is too small, what of its shape there is, resized.
fn center_crop(step: &mut Step<'_>) -> Result<Vec<Id>> {
    let (input, (mut sides, channels)) = (step.input()?, image(step, 2)?);
    let wanted = [step.size("height")?, step.size("width")?];
    if sides[0] < wanted[0] || sides[1] < wanted[1] {
        let part = cropped(step, input, &mut sides, wanted)?;
        let how = interpolation("bilinear", false).unwrap_or_default();
        return Ok(vec![resized(step, part, &wanted, how)?]);
    }
    let (top, left) = ((sides[0] - wanted[0]) / 2, (sides[1] - wanted[1]) / 2);
    let places = [(top, top + wanted[0]), (left, left + wanted[1])];
    cut(step, input, &places, vec![wanted[0], wanted[1], channels])
}

fn up_sampling(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, _)) = (step.input()?, image(step, count)?);
    let times = step.sizes("size", count, 2)?;
    let word = step.word("interpolation", "nearest");
    let how = interpolation(&word, false).ok_or_else(|| step.refuse("interpolation", "`nearest` or `bilinear`"))?;
    let wanted = sides.iter().zip(&times).map(|(side, times)| side.checked_mul(*times));
    let wanted: Option<Vec<usize>> = wanted.collect();
    let wanted = wanted.ok_or_else(|| Refusal::new("makes an image that is too large", "a smaller `size`"))?;
    Ok(vec![resized(step, input, &wanted, how)?])
}
