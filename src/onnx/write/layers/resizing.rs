//! Images of another size.

use fusion_core::layers::{Interpolation, resizing_weights};

use super::borders::{self, cut};
use super::convolution::image;
use super::{Entry, Result, Step, entry};
use crate::onnx::proto::AttributeProto;
use crate::onnx::write::attributes::{int, signed, text};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("CenterCrop", center_crop),
    entry("Resizing", resizing),
    entry("UpSampling1D", |step| up_sampling(step, 1)),
    entry("UpSampling2D", |step| up_sampling(step, 2)),
    entry("UpSampling3D", |step| up_sampling(step, 3)),
];

/// How places between pixels are filled, as Keras says it.
#[derive(Clone, Copy)]
struct How {
    interpolation: Interpolation,
    antialias: bool,
}

impl How {
    fn of(step: &Step<'_>, default: &str) -> Result<Self> {
        let interpolation = match step.word("interpolation", default).as_str() {
            "nearest" => Interpolation::Nearest,
            "bilinear" => Interpolation::Bilinear,
            "bicubic" => Interpolation::Bicubic,
            "lanczos3" => Interpolation::Lanczos3,
            "lanczos5" => Interpolation::Lanczos5,
            _ => return Err(step.refuse("interpolation", "`nearest`, `bilinear`, `bicubic`, `lanczos3` or `lanczos5`")),
        };
        Ok(Self { interpolation, antialias: step.flag("antialias", false) })
    }

    /// The attributes of `Resize`. Keras's pixels are at their centres, as `half_pixel` says.
    fn attributes(self) -> Vec<AttributeProto> {
        let mut attributes = vec![text("coordinate_transformation_mode", "half_pixel")];
        match self.interpolation {
            Interpolation::Nearest => {
                attributes.extend([text("mode", "nearest"), text("nearest_mode", "round_prefer_ceil")])
            }
            _ => attributes.push(text("mode", "linear")),
        }
        attributes
    }

    /// `[to, from]`: how much each place of a side counts in each of the new one, where ONNX's `Resize` would weigh them
    /// otherwise than TensorFlow.
    fn matrix(self, from: usize, to: usize) -> Result<Option<Vec<f32>>> {
        if resizing_weights(self.interpolation, self.antialias, [1, 1], 0, &mut [0.0]).is_none() {
            return Ok(None);
        }
        if to.checked_mul(from).is_none_or(|count| count > LARGEST_MATRIX) {
            return Err(Refusal::new(format!("resizes a side of {from} to {to}"), "`nearest` or `bilinear`"));
        }
        let (mut matrix, mut weights) = (vec![0.0; to * from], vec![0.0; from]);
        for at in 0..to {
            let counted = resizing_weights(self.interpolation, self.antialias, [from, to], at, &mut weights);
            let Some((first, count)) = counted else { return Ok(None) };
            matrix[at * from + first..][..count].copy_from_slice(&weights[..count]);
        }
        Ok(Some(matrix))
    }
}

/// The most numbers that say how a side is resized.
const LARGEST_MATRIX: usize = 1 << 24;

/// An image resized to these sides.
fn resized(step: &mut Step<'_>, input: Id, sides: &[usize], how: How) -> Result<Id> {
    let mut shape = step.graph.shape(input).to_vec();
    let x = step.graph.name(input, Form::First);
    let name = if let Some(name) = filtered(step, &x, &shape, sides, how)? {
        name
    } else if let Some(scales) = scales(&shape, sides) {
        let scales = step.graph.floats(&[scales.len()], &scales);
        step.graph.node("Resize", &[&x, "", &scales], how.attributes())
    } else {
        // The batch stays whatever it is. An attribute `axes` would say so too, but ONNX Runtime loses it when it moves
        // transposes.
        let batch = step.graph.node("Shape", &[&x], vec![int("start", 0), int("end", 2)]);
        let lengths = step.graph.integers(&signed(sides));
        let sizes = step.graph.node("Concat", &[&batch, &lengths], vec![int("axis", 0)]);
        step.graph.node("Resize", &[&x, "", "", &sizes], how.attributes())
    };
    shape[..sides.len()].copy_from_slice(sides);
    step.graph.wire(Form::First, name, shape, Kind::Float)
}

/// Both sides as products with matrices, where a filter weighs several places.
fn filtered(step: &mut Step<'_>, x: &str, from: &[usize], to: &[usize], how: How) -> Result<Option<Name>> {
    let ([height, width, ..], [rows, columns]) = (from, to) else { return Ok(None) };
    let Some(of_rows) = how.matrix(*height, *rows)? else { return Ok(None) };
    let Some(of_columns) = how.matrix(*width, *columns)? else { return Ok(None) };
    let turned: Vec<f32> =
        (0..*width).flat_map(|place| of_columns.iter().skip(place).step_by(*width).copied()).collect();
    let of_rows = step.graph.floats(&[*rows, *height], &of_rows);
    let of_columns = step.graph.floats(&[*width, *columns], &turned);
    let name = step.graph.node("MatMul", &[x, &of_columns], vec![]);
    Ok(Some(step.graph.node("MatMul", &[&of_rows, &name], vec![])))
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
    let how = How::of(step, "bilinear")?;
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
    // The same at both ends, as Keras has it.
    let borders = [(pad_height - height) / 2, (pad_width - width) / 2];
    let (pad_height, pad_width) = (height + 2 * borders[0], width + 2 * borders[1]);
    let value = step.graph.number(step.number("fill_value", 0.0));
    let x = step.graph.name(input, Form::First);
    let name = borders::padded(step.graph, &x, &borders.map(|border| [border, border]), Form::First, &value);
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
        let how = How { interpolation: Interpolation::Bilinear, antialias: false };
        return Ok(vec![resized(step, part, &wanted, how)?]);
    }
    let (top, left) = ((sides[0] - wanted[0]) / 2, (sides[1] - wanted[1]) / 2);
    let places = [(top, top + wanted[0]), (left, left + wanted[1])];
    cut(step, input, &places, vec![wanted[0], wanted[1], channels])
}

fn up_sampling(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, _)) = (step.input()?, image(step, count)?);
    let times = step.sizes("size", count, 2)?;
    let how = How::of(step, "nearest")?;
    let wanted = sides.iter().zip(&times).map(|(side, times)| side.checked_mul(*times));
    let wanted: Option<Vec<usize>> = wanted.collect();
    let wanted = wanted.ok_or_else(|| Refusal::new("makes an image that is too large", "a smaller `size`"))?;
    Ok(vec![resized(step, input, &wanted, how)?])
}
