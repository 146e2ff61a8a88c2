//! Convolutions of one, two and three sides.

use serde_json::{Value as Json, json};

use super::super::error::Refused;
use super::super::graph::Node;
use super::super::layers::{Layer, Place};
use super::super::tensor::Tensor;
use super::super::view::View;
use super::super::{Outcome, Reader, Value, names};

/// How a window goes over the sides of an image.
pub(super) struct Window {
    pub kernel: Vec<usize>,
    pub strides: Vec<usize>,
    pub dilations: Vec<usize>,
    /// What is put before and behind each side.
    pub pads: Vec<(usize, usize)>,
}

/// What Keras calls it if all that is put around is as little as keeps the sides, and before no more than behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    Valid,
    Same,
    Own,
}

impl Window {
    /// The window of a node over these sides.
    pub fn of(node: &Node, kernel: &[usize], sides: &[usize]) -> Result<Self, Refused> {
        let rank = kernel.len();
        let of_each = |name: &str| -> Result<Vec<usize>, Refused> {
            let Some(values) = node.ints(name) else { return Ok(vec![1; rank]) };
            let values: Vec<usize> = values.iter().filter_map(|value| usize::try_from(*value).ok()).collect();
            let fits = values.len() == rank && values.iter().all(|value| (1..1 << 20).contains(value));
            if fits { Ok(values) } else { Err(Refused::damaged(format!("its `{name}` are not {rank} numbers"))) }
        };
        let (strides, dilations) = (of_each("strides")?, of_each("dilations")?);
        if sides.len() != rank || kernel.iter().any(|side| !(1..1 << 20).contains(side)) {
            return Err(Refused::damaged("a window of other sides than the image"));
        }
        let least = |at: usize| {
            let (side, stride) = (sides[at], strides[at]);
            let reach = dilations[at] * (kernel[at] - 1) + 1;
            (side.div_ceil(stride).saturating_sub(1).saturating_mul(stride).saturating_add(reach)).saturating_sub(side)
        };
        let pads = match node.text("auto_pad").unwrap_or("NOTSET") {
            "SAME_UPPER" => (0..rank).map(|at| (least(at) / 2, least(at) - least(at) / 2)).collect(),
            "SAME_LOWER" => (0..rank).map(|at| (least(at) - least(at) / 2, least(at) / 2)).collect(),
            "VALID" => vec![(0, 0); rank],
            _ => match node.ints("pads") {
                None => vec![(0, 0); rank],
                Some(pads) if pads.len() == 2 * rank && pads.iter().all(|pad| (0..1 << 20).contains(pad)) => {
                    let pad = |at: usize| usize::try_from(pads[at]).unwrap_or_default();
                    (0..rank).map(|at| (pad(at), pad(at + rank))).collect()
                }
                Some(_) => return Err(Refused::damaged("its `pads` are not two for each side")),
            },
        };
        Ok(Self { kernel: kernel.to_vec(), strides, dilations, pads })
    }

    /// How far a window reaches along a side.
    pub fn reach(&self, at: usize) -> usize {
        self.dilations[at] * (self.kernel[at] - 1) + 1
    }

    /// How Keras says what is put around sides.
    pub fn padding(&self, sides: &[usize]) -> Padding {
        let all = |of: &dyn Fn(usize) -> (usize, usize)| (0..sides.len()).all(|at| self.pads[at] == of(at));
        if all(&|_| (0, 0)) {
            return Padding::Valid;
        }
        let same = |at: usize| {
            let (side, stride) = (sides[at], self.strides[at]);
            let least = (side.div_ceil(stride).saturating_sub(1) * stride + self.reach(at)).saturating_sub(side);
            (least / 2, least - least / 2)
        };
        if all(&same) { Padding::Same } else { Padding::Own }
    }

    /// How long each side is then.
    pub fn outputs(&self, sides: &[usize]) -> Result<Vec<usize>, Refused> {
        let side = |at: usize| {
            let whole = sides[at].saturating_add(self.pads[at].0 + self.pads[at].1);
            whole.checked_sub(self.reach(at)).map(|rest| rest / self.strides[at] + 1)
        };
        (0..sides.len())
            .map(side)
            .collect::<Option<_>>()
            .ok_or_else(|| Refused::damaged("a window is larger than the image"))
    }
}

/// `Conv2D` of `Conv` and two sides.
pub(super) fn class(name: &str, sides: usize, end: &str) -> Result<String, Refused> {
    if (1..=3).contains(&sides) {
        Ok(format!("{name}{sides}D{end}"))
    } else {
        Err(Refused::own_layer(format!("is of {sides} sides")))
    }
}

/// Zeros around the sides, or less of them.
pub(super) fn bordered(
    reader: &mut Reader<'_>,
    view: &View,
    name: &str,
    ends: &[(usize, usize)],
) -> Result<View, Refused> {
    let class = class(name, ends.len(), "")?;
    let option = if name == "Cropping" { "cropping" } else { "padding" };
    let value: Json = match ends {
        [(before, behind)] => json!([before, behind]),
        _ => ends.iter().map(|(before, behind)| json!([before, behind])).collect(),
    };
    let sides: Vec<usize> = view.sides();
    let mut view = view.clone();
    for (at, (before, behind)) in ends.iter().enumerate() {
        let side = match name {
            "Cropping" => sides[at].checked_sub(before + behind).ok_or_else(|| Refused::damaged("nothing is left"))?,
            _ => sides[at].saturating_add(before + behind),
        };
        resized(&mut view, at, side);
    }
    let layer = Layer::new(class, view.place).option(option, value);
    let place = reader.layers.add(layer, view.sides())?;
    Ok(View { place, sole: true, ..view })
}

/// Gives an axis of the sides of an image, which lie behind the batch in Keras, another length.
pub(super) fn resized(view: &mut View, side: usize, length: usize) {
    let old = view.order[1 + side].clone();
    let new = view.atom(length);
    let axis = if old.is_empty() { Some(2 + side) } else { view.axes.iter().position(|axis| *axis == old) };
    if let Some(axis) = axis.filter(|axis| *axis < view.axes.len()) {
        view.axes[axis].clone_from(&new);
    }
    view.order[1 + side] = new;
}

/// An image whose sides and channels are these.
pub(super) fn image(view: &View, place: Place, sides: &[usize], channels: usize) -> View {
    let mut view = view.clone();
    for (at, side) in sides.iter().enumerate() {
        resized(&mut view, at, *side);
    }
    let (new, end) = (view.atom(channels), view.order.len() - 1);
    view.axes[1].clone_from(&new);
    view.order[end] = new;
    View { place, sole: true, ..view }
}

struct Weights {
    kernel: std::rc::Rc<Tensor>,
    bias: Option<Vec<f32>>,
    groups: usize,
}

fn weights(reader: &Reader<'_>, node: &Node) -> Result<Weights, Refused> {
    let kernel = reader.array(node, 1)?;
    if kernel.shape.len() < 3 {
        return Err(Refused::damaged("a kernel without sides"));
    }
    let bias = reader.array_if(node, 2)?.map(|bias| bias.to_floats());
    let groups = usize::try_from(node.int("group", 1)).ok().filter(|groups| *groups > 0);
    Ok(Weights { kernel, bias, groups: groups.ok_or_else(|| Refused::damaged("no groups"))? })
}

pub(super) fn convolution(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let mut view = reader.layers.channels_last(&view)?;
    let Weights { kernel, bias, groups } = weights(reader, node)?;
    let (filters, of_group) = (kernel.shape[0], kernel.shape[1]);
    let rank = kernel.shape.len() - 2;
    let sides = view.sides();
    let (channels, sides) = sides.split_last().map(|(last, sides)| (*last, sides.to_vec())).unwrap_or_default();
    if of_group.saturating_mul(groups) != channels
        || !filters.is_multiple_of(groups)
        || bias.as_ref().is_some_and(|bias| bias.len() != filters)
    {
        return Err(Refused::damaged(format!("a kernel of {:?} over {channels} channels", kernel.shape)));
    }
    let mut window = Window::of(node, &kernel.shape[2..], &sides)?;
    let out = window.outputs(&sides)?;
    let padding = window.padding(&sides);
    if padding == Padding::Own {
        view = bordered(reader, &view, "ZeroPadding", &window.pads)?;
        window.pads = vec![(0, 0); rank];
    }
    let is_depthwise = groups == channels && groups > 1 && rank < 3;
    let places: Vec<usize> = (2..rank + 2).collect();
    let (class, kernel) = if is_depthwise {
        // [channels · multiplier, 1, …] → […, channels, multiplier]
        let multiplier = filters / channels;
        let split = Tensor { shape: [&[channels, multiplier], &kernel.shape[2..]].concat(), data: kernel.data.clone() };
        (class("DepthwiseConv", rank, "")?, split.transposed(&[places.as_slice(), &[0, 1]].concat()))
    } else {
        (class("Conv", rank, "")?, kernel.transposed(&[places.as_slice(), &[1, 0]].concat()))
    };
    let mut layer = Layer::new(class, view.place).named(names::of_node(reader.graph, node));
    layer = layer.option("kernel_size", window.kernel.clone()).option("strides", window.strides.clone());
    layer = layer.option("dilation_rate", window.dilations.clone()).option("use_bias", bias.is_some());
    layer = layer.option("padding", if padding == Padding::Same { "same" } else { "valid" });
    layer = if is_depthwise {
        layer.option("depth_multiplier", filters / channels)
    } else {
        layer.option("filters", filters).option("groups", groups)
    };
    layer = layer.weight("kernel", kernel.shape.clone(), kernel.to_floats()).weight_if("bias", bias);
    let place = reader.layers.add(layer, [out.as_slice(), &[filters]].concat())?;
    Ok(vec![Value::Wire(image(&view, place, &out, filters))])
}

/// The way back of a convolution, of which what stands over may be cut off.
pub(super) fn transposed(reader: &mut Reader<'_>, node: &Node) -> Outcome {
    let view = reader.wire(node, 0)?;
    let view = reader.layers.channels_last(&view)?;
    let Weights { kernel, bias, groups } = weights(reader, node)?;
    let (channels, filters) = (kernel.shape[0], kernel.shape[1]);
    let rank = kernel.shape.len() - 2;
    let sides = view.sides();
    if sides.last() != Some(&channels) || bias.as_ref().is_some_and(|bias| bias.len() != filters) {
        return Err(Refused::damaged(format!("a kernel of {:?} over {sides:?}", kernel.shape)));
    }
    if groups != 1 {
        return Err(Refused::new(
            format!("is transposed in {groups} groups"),
            "a transposed convolution of all channels",
        ));
    }
    let sides = &sides[..rank];
    let window = Window::of(node, &kernel.shape[2..], sides)?;
    if window.dilations.iter().any(|dilation| *dilation != 1)
        || node.ints("output_shape").is_some()
        || node.text("auto_pad").is_some_and(|pad| pad != "NOTSET")
    {
        return Err(Refused::own_layer("is transposed with `dilations`, `output_shape` or `auto_pad`"));
    }
    let more = node.ints("output_padding").map_or_else(|| vec![0; rank], <[i64]>::to_vec);
    // Without anything cut off; where the stride is longer than the kernel, Keras fills up.
    let whole = |at: usize| {
        sides[at]
            .saturating_mul(window.strides[at])
            .saturating_add(window.kernel[at].saturating_sub(window.strides[at]))
    };
    let natural =
        |at: usize| sides[at].saturating_sub(1).saturating_mul(window.strides[at]).saturating_add(window.kernel[at]);
    let mut cut = Vec::new();
    for at in 0..rank {
        let (before, behind) = window.pads[at];
        let behind = (natural(at) as i64)
            .saturating_add(more.get(at).copied().unwrap_or_default())
            .saturating_sub(behind as i64);
        let behind = (whole(at) as i64).saturating_sub(behind);
        let behind = usize::try_from(behind)
            .map_err(|_| Refused::own_layer("gives more places than its kernel reaches: `output_padding`"))?;
        cut.push((before, behind));
    }
    let is_same = (0..rank).all(|at| {
        let over = window.kernel[at].saturating_sub(window.strides[at]);
        cut[at] == (over / 2, over - over / 2)
    });
    let is_cut = !is_same && cut.iter().any(|ends| *ends != (0, 0));
    let same_side = |at: usize| sides[at].saturating_mul(window.strides[at]);
    let out: Vec<usize> = (0..rank).map(|at| if is_same { same_side(at) } else { whole(at) }).collect();
    let places: Vec<usize> = (2..rank + 2).collect();
    let kernel = kernel.transposed(&[places.as_slice(), &[1, 0]].concat());
    let mut layer = Layer::new(class("Conv", rank, "Transpose")?, view.place).named(names::of_node(reader.graph, node));
    layer = layer
        .option("filters", filters)
        .option("kernel_size", window.kernel.clone())
        .option("strides", window.strides.clone());
    let is_valid = cut.iter().all(|ends| *ends == (0, 0));
    layer =
        layer.option("padding", if is_same && !is_valid { "same" } else { "valid" }).option("use_bias", bias.is_some());
    layer = layer.weight("kernel", kernel.shape.clone(), kernel.to_floats()).weight_if("bias", bias);
    let place = reader.layers.add(layer, [out.as_slice(), &[filters]].concat())?;
    let view = image(&view, place, &out, filters);
    Ok(vec![Value::Wire(if is_cut { bordered(reader, &view, "Cropping", &cut)? } else { view })])
}
