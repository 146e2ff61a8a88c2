//! Convolutions: of ONNX, whose channels are first.

use super::activations::Activation;
use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::{int, ints, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::Name;
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("Conv1D", |step| convolution(step, 1)),
    entry("Conv2D", |step| convolution(step, 2)),
    entry("Conv3D", |step| convolution(step, 3)),
    entry("DepthwiseConv1D", |step| depthwise(step, 1)),
    entry("DepthwiseConv2D", |step| depthwise(step, 2)),
    entry("SeparableConv1D", |step| separable(step, 1)),
    entry("SeparableConv2D", |step| separable(step, 2)),
];

/// How a window goes over the sides of an image.
pub(super) struct Window {
    pub size: Vec<usize>,
    pub strides: Vec<usize>,
    pub dilation: Vec<usize>,
    pub before: Vec<usize>,
    pub behind: Vec<usize>,
    /// The sides of what comes out.
    pub sides: Vec<usize>,
}

impl Window {
    /// Of a convolution or a pooling over these sides, padded as Keras does.
    pub fn over(
        step: &Step<'_>,
        sides: &[usize],
        size: Vec<usize>,
        strides: Vec<usize>,
        dilation: Vec<usize>,
    ) -> Result<Self> {
        let padding = step.word("padding", "valid");
        let (mut before, mut behind, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for axis in 0..sides.len() {
            let (side, stride) = (sides[axis], strides[axis]);
            let reach = size[axis].saturating_sub(1).saturating_mul(dilation[axis]).saturating_add(1);
            let pads = match padding.as_str() {
                "valid" => (0, 0),
                "causal" => (reach - 1, 0),
                "same" => {
                    let last = (side.div_ceil(stride) - 1).saturating_mul(stride);
                    let all = last.saturating_add(reach).saturating_sub(side);
                    (all / 2, all - all / 2)
                }
                _ => return Err(step.refuse("padding", "`valid`, `same` or `causal`")),
            };
            let padded = side.saturating_add(pads.0).saturating_add(pads.1);
            let room = padded.checked_sub(reach).ok_or_else(|| {
                Refusal::new(
                    format!("has a window of {reach} over a side of {side}"),
                    "a smaller window, or `padding=\"same\"`",
                )
            })?;
            before.push(pads.0);
            behind.push(pads.1);
            out.push(room / stride + 1);
        }
        Ok(Self { size, strides, dilation, before, behind, sides: out })
    }

    /// As attributes of `Conv` or of a pooling.
    pub fn attributes(&self) -> Vec<crate::onnx::proto::AttributeProto> {
        let mut all = vec![ints("kernel_shape", signed(&self.size))];
        if self.strides.iter().any(|stride| *stride != 1) {
            all.push(ints("strides", signed(&self.strides)));
        }
        if self.dilation.iter().any(|dilation| *dilation != 1) {
            all.push(ints("dilations", signed(&self.dilation)));
        }
        if self.before.iter().chain(&self.behind).any(|pad| *pad != 0) {
            all.push(ints("pads", signed(&[self.before.clone(), self.behind.clone()].concat())));
        }
        all
    }
}

/// The sides of an image, and its channels.
pub(super) fn image(step: &Step<'_>, sides: usize) -> Result<(Vec<usize>, usize)> {
    step.channels_last()?;
    let mut shape = step.shape_of_rank(sides + 1)?;
    let channels = shape.pop().unwrap_or(1);
    Ok((shape, channels))
}

fn window(step: &Step<'_>, sides: &[usize]) -> Result<Window> {
    let count = sides.len();
    let size = step.sizes("kernel_size", count, 1)?;
    let (strides, dilation) = (step.sizes("strides", count, 1)?, step.sizes("dilation_rate", count, 1)?);
    Window::over(step, sides, size, strides, dilation)
}

/// An array with its last `moved` dimensions in this order before the others: a kernel as ONNX has it.
pub(super) fn kernel_first(values: &[f32], shape: &[usize], moved: &[usize]) -> (Vec<f32>, Vec<usize>) {
    let taps: usize = shape[..shape.len() - 2].iter().product();
    let (rows, columns) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let turned = moved == [1, 0];
    let (outer, inner) = if turned { (columns, rows) } else { (rows, columns) };
    let mut all = Vec::with_capacity(values.len());
    for a in 0..outer {
        for b in 0..inner {
            let (row, column) = if turned { (b, a) } else { (a, b) };
            all.extend((0..taps).map(|tap| values[(tap * rows + row) * columns + column]));
        }
    }
    (all, [&[outer, inner], &shape[..shape.len() - 2]].concat())
}

/// A layer's output, of these sides and channels, behind its activation.
pub(super) fn finish(step: &mut Step<'_>, name: Name, sides: Vec<usize>, channels: usize) -> Result<Vec<Id>> {
    let shape = [sides, vec![channels]].concat();
    let output = step.graph.wire(Form::First, name, shape, Kind::Float)?;
    let activation = Activation::option(step, "activation", "linear")?;
    Ok(vec![activation.on(step, output)?])
}

/// The layer's bias, if it has one.
pub(super) fn bias(step: &mut Step<'_>, channels: usize) -> Result<Option<Name>> {
    if step.flag("use_bias", true) { Ok(Some(step.weight("bias", &[channels])?)) } else { Ok(None) }
}

fn conv(step: &mut Step<'_>, x: &str, kernel: &str, bias: Option<&str>, window: &Window, groups: usize) -> Name {
    let mut attributes = window.attributes();
    if groups != 1 {
        attributes.push(int("group", signed(&[groups])[0]));
    }
    let inputs: Vec<&str> = [x, kernel].into_iter().chain(bias).collect();
    step.graph.node("Conv", &inputs, attributes)
}

fn convolution(step: &mut Step<'_>, sides: usize) -> Result<Vec<Id>> {
    let (input, (sides, channels)) = (step.input()?, image(step, sides)?);
    let (filters, groups) = (step.size("filters")?, step.option("groups").map_or(Ok(1), |_| step.size("groups"))?);
    let window = window(step, &sides)?;
    let shape = [window.size.clone(), vec![channels / groups, filters]].concat();
    let (values, shape) = kernel_first(&step.values("kernel", &shape)?, &shape, &[1, 0]);
    let (kernel, bias) = (step.keep("kernel", &shape, values), bias(step, filters)?);
    let x = step.graph.name(input, Form::First);
    let name = conv(step, &x, &kernel, bias.as_deref(), &window, groups);
    finish(step, name, window.sides, filters)
}

fn depthwise(step: &mut Step<'_>, sides: usize) -> Result<Vec<Id>> {
    let (name, sides, channels) = depthwise_part(step, sides, "kernel", true)?;
    finish(step, name, sides, channels)
}

/// A convolution of each channel alone.
fn depthwise_part(
    step: &mut Step<'_>,
    sides: usize,
    kernel: &str,
    with_bias: bool,
) -> Result<(Name, Vec<usize>, usize)> {
    let (input, (sides, channels)) = (step.input()?, image(step, sides)?);
    let (multiplier, window) = (step.size("depth_multiplier")?, window(step, &sides)?);
    let shape = [window.size.clone(), vec![channels, multiplier]].concat();
    let (values, shape) = kernel_first(&step.values(kernel, &shape)?, &shape, &[0, 1]);
    let made = channels.saturating_mul(multiplier);
    let shape = [&[made, 1], &shape[2..]].concat();
    let kernel = step.keep(kernel, &shape, values);
    let bias = if with_bias { bias(step, made)? } else { None };
    let x = step.graph.name(input, Form::First);
    let name = conv(step, &x, &kernel, bias.as_deref(), &window, channels);
    Ok((name, window.sides, made))
}

/// A convolution of each channel, and one of one place of all.
fn separable(step: &mut Step<'_>, count: usize) -> Result<Vec<Id>> {
    let (name, sides, made) = depthwise_part(step, count, "depthwise_kernel", false)?;
    let filters = step.size("filters")?;
    let shape = [vec![1; count], vec![made, filters]].concat();
    let (values, shape) = kernel_first(&step.values("pointwise_kernel", &shape)?, &shape, &[1, 0]);
    let (kernel, bias) = (step.keep("pointwise_kernel", &shape, values), bias(step, filters)?);
    let ones = vec![1; count];
    let window = Window {
        size: ones.clone(),
        strides: ones.clone(),
        dilation: ones,
        before: vec![0; count],
        behind: vec![0; count],
        sides,
    };
    let name = conv(step, &name, &kernel, bias.as_deref(), &window, 1);
    finish(step, name, window.sides, filters)
}
