//! What follows from arrays of the file alone: shapes, masks, weights that are put together.

use std::rc::Rc;

use super::error::Refused;
use super::graph::Node;
use super::tensor::{Data, Tensor, indices, product, strides};

/// How many numbers may be made of those of the file.
const MOST: usize = 1 << 24;

/// How many numbers are left to be made, and sizes within it.
pub(super) struct Budget(usize);

impl Budget {
    /// For a file of so many bytes.
    pub fn of(bytes: usize) -> Self {
        Self(MOST + 4 * bytes)
    }

    /// Fails where so many numbers are too many.
    pub fn take(&mut self, numbers: usize) -> Result<(), Refused> {
        let limit = MOST as u64;
        self.0 =
            self.0.checked_sub(numbers).ok_or(Refused::TooMuch { what: "numbers that are made of its own", limit })?;
        Ok(())
    }
}

type Inputs<'a> = [Option<Rc<Tensor>>];

fn given<'a>(inputs: &'a Inputs<'_>, place: usize) -> Result<&'a Tensor, Refused> {
    inputs.get(place).and_then(Option::as_deref).ok_or_else(|| Refused::damaged("a node lacks an input"))
}

fn ints<'a>(inputs: &'a Inputs<'_>, place: usize) -> Result<&'a [i64], Refused> {
    given(inputs, place)?.as_ints().ok_or_else(|| Refused::damaged("an array of sizes has fractions"))
}

/// An axis that may be counted from the end.
pub(super) fn axis_of(axis: i64, rank: usize) -> Result<usize, Refused> {
    let rank_of = i64::try_from(rank).unwrap_or(i64::MAX);
    let axis = if axis < 0 { axis.saturating_add(rank_of) } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < rank).ok_or_else(|| Refused::damaged("an axis is not there"))
}

/// Axes as an attribute, or as an input in later versions.
pub(super) fn axes(node: &Node, inputs: &Inputs<'_>, place: usize) -> Result<Option<Vec<i64>>, Refused> {
    if let Some(axes) = node.ints("axes") {
        return Ok(Some(axes.to_vec()));
    }
    match inputs.get(place) {
        Some(Some(axes)) => {
            axes.as_ints().map(|axes| Some(axes.to_vec())).ok_or_else(|| Refused::damaged("an axis is a fraction"))
        }
        _ => Ok(None),
    }
}

/// The outputs of a node all of whose inputs are known; none where it is not read so.
pub(super) fn fold(node: &Node, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Option<Vec<Tensor>>, Refused> {
    let one = |tensor: Result<Tensor, Refused>| Ok(Some(vec![tensor?]));
    match node.operation.as_str() {
        "Constant" => one(constant(node)),
        "Identity" => one(given(inputs, 0).cloned()),
        "ConstantOfShape" => one(of_shape(node, inputs, budget)),
        "Shape" => one(shape(node, &given(inputs, 0)?.shape)),
        "Cast" | "CastLike" => one(cast(node, given(inputs, 0)?)),
        "Gather" => one(gather(node, given(inputs, 0)?, given(inputs, 1)?, budget)),
        "Concat" => one(concat(node, inputs, budget)),
        "Unsqueeze" => {
            let x = given(inputs, 0)?;
            let axes = axes(node, inputs, 1)?.unwrap_or_default();
            one(Ok(Tensor { shape: unsqueezed(&x.shape, &axes)?, data: x.data.clone() }))
        }
        "Squeeze" => {
            let x = given(inputs, 0)?;
            one(Ok(Tensor { shape: squeezed(&x.shape, axes(node, inputs, 1)?.as_deref())?, data: x.data.clone() }))
        }
        "Reshape" => {
            let x = given(inputs, 0)?;
            let zero_is_zero = node.int("allowzero", 0) == 1;
            one(Ok(Tensor { shape: reshaped(&x.shape, ints(inputs, 1)?, zero_is_zero)?, data: x.data.clone() }))
        }
        "Flatten" => {
            let x = given(inputs, 0)?;
            let axis = usize::try_from(node.int("axis", 1)).ok().filter(|axis| *axis <= x.shape.len());
            let axis = axis.ok_or_else(|| Refused::damaged("an axis is not there"))?;
            let shape = vec![product(&x.shape[..axis]), product(&x.shape[axis..])];
            one(Ok(Tensor { shape, data: x.data.clone() }))
        }
        "Transpose" => {
            let x = given(inputs, 0)?;
            one(Ok(x.transposed(&permutation(node, x.shape.len())?)))
        }
        "Slice" => one(slice(node, inputs)),
        "Split" => {
            let x = given(inputs, 0)?;
            let axis = axis_of(node.int("axis", 0), x.shape.len())?;
            let ranges = split(node, inputs, x.shape[axis])?;
            Ok(Some(ranges.into_iter().map(|(first, length)| cut(x, axis, first, 1, length)).collect()))
        }
        "Expand" => one(expand(given(inputs, 0)?, ints(inputs, 1)?, budget)),
        "Range" => one(range(inputs, budget)),
        "Trilu" => one(trilu(node, inputs)),
        "Where" => {
            let (condition, x, y) = (given(inputs, 0)?, given(inputs, 1)?, given(inputs, 2)?);
            let shape = together(&together(&condition.shape, &x.shape)?, &y.shape)?;
            budget.take(product(&shape))?;
            let which = stretched(condition, &shape).to_floats();
            let (x, y) = (stretched(x, &shape), stretched(y, &shape));
            one(Ok(match (&x.data, &y.data) {
                (Data::Ints(x), Data::Ints(y)) => Tensor::ints(
                    shape,
                    (0..which.len()).map(|at| if which[at] == 0.0 { y[at] } else { x[at] }).collect(),
                ),
                _ => {
                    let (x, y) = (x.to_floats(), y.to_floats());
                    Tensor::floats(
                        shape,
                        (0..which.len()).map(|at| if which[at] == 0.0 { y[at] } else { x[at] }).collect(),
                    )
                }
            }))
        }
        operation => super::arithmetic::arithmetic(operation, inputs, budget),
    }
}

fn constant(node: &Node) -> Result<Tensor, Refused> {
    if let Some(tensor) = node.tensor("value") {
        return tensor;
    }
    if let Some(values) = node.floats("value_floats") {
        return Ok(Tensor::floats(vec![values.len()], values.to_vec()));
    }
    if let Some(values) = node.ints("value_ints") {
        return Ok(Tensor::ints(vec![values.len()], values.to_vec()));
    }
    // A missing attribute of one number is told by what stands for it.
    match (node.int("value_int", i64::MIN), node.float("value_float", f32::NAN)) {
        (i64::MIN, value) if value.is_nan() => Err(Refused::own_layer("is a constant that is no array of numbers")),
        (i64::MIN, value) => Ok(Tensor::floats(Vec::new(), vec![value])),
        (value, _) => Ok(Tensor::ints(Vec::new(), vec![value])),
    }
}

fn of_shape(node: &Node, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Tensor, Refused> {
    let sides = ints(inputs, 0)?.iter().map(|side| usize::try_from(*side)).collect::<Result<Vec<_>, _>>();
    let shape = sides.map_err(|_| Refused::damaged("a side is negative"))?;
    let length = product(&shape);
    budget.take(length)?;
    Ok(match node.tensor("value").transpose()? {
        Some(Tensor { data: Data::Ints(values), .. }) if values.len() == 1 => {
            Tensor::ints(shape, vec![values[0]; length])
        }
        Some(value) => Tensor::floats(shape, vec![value.scalar().unwrap_or_default(); length]),
        None => Tensor::floats(shape, vec![0.0; length]),
    })
}

/// A shape as an array, or a part of it.
pub(super) fn shape(node: &Node, shape: &[usize]) -> Result<Tensor, Refused> {
    let rank = i64::try_from(shape.len()).unwrap_or(i64::MAX);
    let bound = |value: i64| if value < 0 { value.saturating_add(rank) } else { value }.clamp(0, rank);
    let (start, end) = (bound(node.int("start", 0)), bound(node.int("end", rank)));
    let sides = shape.iter().map(|side| i64::try_from(*side).unwrap_or(i64::MAX));
    let (start, end) = (usize::try_from(start).unwrap_or_default(), usize::try_from(end).unwrap_or_default());
    let sides: Vec<i64> = sides.take(end).skip(start).collect();
    Ok(Tensor::ints(vec![sides.len()], sides))
}

/// To whole numbers or to such with fractions.
#[allow(clippy::cast_possible_truncation, reason = "as ONNX does")]
fn cast(node: &Node, x: &Tensor) -> Result<Tensor, Refused> {
    const FLOATS: [i64; 4] = [1, 10, 11, 16];
    let to_floats = FLOATS.contains(&node.int("to", 1));
    Ok(match &x.data {
        Data::Ints(_) if to_floats => Tensor::floats(x.shape.clone(), x.to_floats()),
        Data::Floats(values) if !to_floats => {
            let is_bool = node.int("to", 1) == 9;
            let whole = |value: &f32| if is_bool { i64::from(*value != 0.0) } else { *value as i64 };
            Tensor::ints(x.shape.clone(), values.iter().map(whole).collect())
        }
        _ => x.clone(),
    })
}

fn gather(node: &Node, x: &Tensor, places: &Tensor, budget: &mut Budget) -> Result<Tensor, Refused> {
    let axis = axis_of(node.int("axis", 0), x.shape.len())?;
    let places_of = places.as_ints().ok_or_else(|| Refused::damaged("a place is a fraction"))?;
    let places_of = places_of.iter().map(|place| axis_of(*place, x.shape[axis])).collect::<Result<Vec<_>, _>>()?;
    let shape = [&x.shape[..axis], &places.shape, &x.shape[axis + 1..]].concat();
    budget.take(product(&shape))?;
    let strides = strides(&x.shape);
    let mut all = Vec::with_capacity(product(&shape));
    for before in indices(&x.shape[..axis], &strides[..axis], 0) {
        for place in &places_of {
            all.extend(indices(&x.shape[axis + 1..], &strides[axis + 1..], before + place * strides[axis]));
        }
    }
    Ok(x.gathered(shape, &all))
}

fn concat(node: &Node, inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Tensor, Refused> {
    let parts = (0..inputs.len()).map(|place| given(inputs, place)).collect::<Result<Vec<_>, _>>()?;
    let first = *parts.first().ok_or_else(|| Refused::damaged("nothing is joined"))?;
    let axis = axis_of(node.int("axis", 0), first.shape.len())?;
    let fits = |part: &&Tensor| {
        part.shape.len() == first.shape.len()
            && (0..part.shape.len()).all(|at| at == axis || part.shape[at] == first.shape[at])
    };
    if !parts.iter().all(fits) {
        return Err(Refused::damaged("arrays that are joined have other shapes"));
    }
    let mut shape = first.shape.clone();
    shape[axis] = parts.iter().map(|part| part.shape[axis]).fold(0, usize::saturating_add);
    budget.take(product(&shape))?;
    let before = product(&first.shape[..axis]);
    let block = |part: &Tensor| product(&part.shape[axis..]);
    let is_whole = parts.iter().all(|part| part.as_ints().is_some());
    Ok(if is_whole {
        let pieces = |row: usize| {
            parts.iter().flat_map(move |part| {
                let size = block(part);
                part.as_ints().unwrap_or_default()[row * size..(row + 1) * size].iter().copied()
            })
        };
        Tensor::ints(shape, (0..before).flat_map(pieces).collect())
    } else {
        let floats: Vec<(usize, Vec<f32>)> = parts.iter().map(|part| (block(part), part.to_floats())).collect();
        let pieces =
            |row: usize| floats.iter().flat_map(move |(size, part)| part[row * size..(row + 1) * size].iter().copied());
        Tensor::floats(shape, (0..before).flat_map(pieces).collect())
    })
}

/// With sides of 1 at these places of the new shape.
pub(super) fn unsqueezed(shape: &[usize], axes: &[i64]) -> Result<Vec<usize>, Refused> {
    let rank = shape.len() + axes.len();
    let axes = axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<Vec<_>, _>>()?;
    let mut sides = shape.iter();
    let side = |at: usize| if axes.contains(&at) { Some(1) } else { sides.next().copied() };
    (0..rank).map(side).collect::<Option<_>>().ok_or_else(|| Refused::damaged("an axis is named twice"))
}

/// Without these sides of 1, or without any.
pub(super) fn squeezed(shape: &[usize], axes: Option<&[i64]>) -> Result<Vec<usize>, Refused> {
    let Some(axes) = axes else { return Ok(shape.iter().copied().filter(|side| *side != 1).collect()) };
    let axes = axes.iter().map(|axis| axis_of(*axis, shape.len())).collect::<Result<Vec<_>, _>>()?;
    if axes.iter().any(|axis| shape[*axis] != 1) {
        return Err(Refused::damaged("a side that is left out is not 1"));
    }
    Ok(shape.iter().enumerate().filter(|(at, _)| !axes.contains(at)).map(|(_, side)| *side).collect())
}

/// The shape that is meant: 0 for what was there, −1 for what is left.
pub(super) fn reshaped(shape: &[usize], wanted: &[i64], zero_is_zero: bool) -> Result<Vec<usize>, Refused> {
    let unfitting = || Refused::damaged(format!("{shape:?} cannot become {wanted:?}"));
    let side = |(at, side): (usize, &i64)| match side {
        0 if !zero_is_zero => shape.get(at).copied().map(Some),
        -1 => Some(None),
        side => usize::try_from(*side).ok().map(Some),
    };
    let sides = wanted.iter().enumerate().map(side).collect::<Option<Vec<_>>>().ok_or_else(unfitting)?;
    let known = product(&sides.iter().flatten().copied().collect::<Vec<_>>());
    let all = product(shape);
    let rest = all.checked_div(known).unwrap_or_default();
    if sides.iter().filter(|side| side.is_none()).count() > 1 {
        return Err(unfitting());
    }
    let sides: Vec<usize> = sides.into_iter().map(|side| side.unwrap_or(rest)).collect();
    if product(&sides) == all { Ok(sides) } else { Err(unfitting()) }
}

/// The order of axes of a `Transpose`.
pub(super) fn permutation(node: &Node, rank: usize) -> Result<Vec<usize>, Refused> {
    let axes: Vec<usize> = match node.ints("perm") {
        Some(axes) => axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if sorted == (0..rank).collect::<Vec<_>>() { Ok(axes) } else { Err(Refused::damaged("an axis is named twice")) }
}

/// The first place, how far apart and how many along an axis are taken.
pub(super) type Cut = (usize, usize, usize, usize);

/// Of each axis that is cut: which, from where, how far apart, how many.
pub(super) fn cuts(node: &Node, inputs: &Inputs<'_>, shape: &[usize]) -> Result<Vec<Cut>, Refused> {
    let of_input = |name: &str, place: usize| -> Result<Option<Vec<i64>>, Refused> {
        match node.ints(name) {
            Some(values) => Ok(Some(values.to_vec())),
            None if inputs.get(place).is_some_and(Option::is_some) => Ok(Some(ints(inputs, place)?.to_vec())),
            None => Ok(None),
        }
    };
    let lacking = || Refused::damaged("a slice lacks its bounds");
    let starts = of_input("starts", 1)?.ok_or_else(lacking)?;
    let ends = of_input("ends", 2)?.ok_or_else(lacking)?;
    let axes = of_input("axes", 3)?.unwrap_or_else(|| (0..starts.len()).map(|axis| axis as i64).collect());
    let steps = of_input("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(lacking());
    }
    let cut = |at: usize| {
        let axis = axis_of(axes[at], shape.len())?;
        let side = i64::try_from(shape[axis]).unwrap_or(i64::MAX);
        let bound = |value: i64| if value < 0 { value.saturating_add(side) } else { value }.clamp(0, side);
        if steps[at] < 1 {
            return Err(Refused::own_layer("takes a sequence from its end"));
        }
        let (start, end) = (bound(starts[at]), bound(ends[at]));
        let count = (end - start).max(0).unsigned_abs().div_ceil(steps[at].unsigned_abs());
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Ok((axis, size(start.unsigned_abs()), size(steps[at].unsigned_abs()), size(count)))
    };
    (0..starts.len()).map(cut).collect()
}

fn cut(x: &Tensor, axis: usize, first: usize, step: usize, count: usize) -> Tensor {
    let mut steps = strides(&x.shape);
    let begin = first * steps[axis];
    let mut shape = x.shape.clone();
    shape[axis] = count;
    steps[axis] *= step;
    x.gathered(shape.clone(), &indices(&shape, &steps, begin))
}

fn slice(node: &Node, inputs: &Inputs<'_>) -> Result<Tensor, Refused> {
    let mut x = given(inputs, 0)?.clone();
    for (axis, first, step, count) in cuts(node, inputs, &x.shape.clone())? {
        x = cut(&x, axis, first, step, count);
    }
    Ok(x)
}

/// Of each part of a `Split`, where it begins and how long it is.
pub(super) fn split(node: &Node, inputs: &Inputs<'_>, side: usize) -> Result<Vec<(usize, usize)>, Refused> {
    let given = match (node.ints("split"), inputs.get(1)) {
        (Some(lengths), _) => Some(lengths.to_vec()),
        (None, Some(Some(_))) => Some(ints(inputs, 1)?.to_vec()),
        _ => None,
    };
    let lengths = match given {
        Some(lengths) => lengths.iter().map(|length| usize::try_from(*length).unwrap_or(usize::MAX)).collect(),
        None => {
            let parts = node.outputs.len().max(1);
            let length = side.div_ceil(parts);
            (0..parts).map(|part| length.min(side.saturating_sub(part * length))).collect::<Vec<_>>()
        }
    };
    let ends = lengths.iter().scan(0_usize, |end, length| {
        let start = *end;
        *end = end.saturating_add(*length);
        Some((start, *length))
    });
    let ranges: Vec<(usize, usize)> = ends.collect();
    let fits = ranges.last().is_some_and(|(start, length)| start.saturating_add(*length) == side);
    if fits && ranges.len() == node.outputs.len() {
        Ok(ranges)
    } else {
        Err(Refused::damaged("the parts are not the whole"))
    }
}

/// The shape to which both are stretched.
pub(super) fn together(a: &[usize], b: &[usize]) -> Result<Vec<usize>, Refused> {
    let rank = a.len().max(b.len());
    let side = |shape: &[usize], at: usize| (at + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    let joined = |at: usize| match (side(a, at), side(b, at)) {
        (x, y) if x == y || y == 1 => Ok(x),
        (1, y) => Ok(y),
        _ => Err(Refused::damaged(format!("{a:?} and {b:?} do not go together"))),
    };
    (0..rank).map(joined).collect()
}

/// The same at each place of a shape that it [goes together](together) with.
pub(super) fn stretched(x: &Tensor, shape: &[usize]) -> Tensor {
    if x.shape == shape {
        return x.clone();
    }
    let own = strides(&x.shape);
    let stride = |at: usize| {
        let at = (at + x.shape.len()).checked_sub(shape.len())?;
        (x.shape[at] != 1).then(|| own[at])
    };
    let strides: Vec<usize> = (0..shape.len()).map(|at| stride(at).unwrap_or_default()).collect();
    x.gathered(shape.to_vec(), &indices(shape, &strides, 0))
}

fn expand(x: &Tensor, wanted: &[i64], budget: &mut Budget) -> Result<Tensor, Refused> {
    let wanted = wanted.iter().map(|side| usize::try_from(*side)).collect::<Result<Vec<_>, _>>();
    let shape = together(&x.shape, &wanted.map_err(|_| Refused::damaged("a side is negative"))?)?;
    budget.take(product(&shape))?;
    Ok(stretched(x, &shape))
}

#[allow(clippy::cast_precision_loss, reason = "the budget is smaller")]
fn range(inputs: &Inputs<'_>, budget: &mut Budget) -> Result<Tensor, Refused> {
    let whole = |place: usize| given(inputs, place)?.as_ints().map_or(Ok(None), |values| Ok(values.first().copied()));
    let (Some(start), Some(end), Some(step)) = (whole(0)?, whole(1)?, whole(2)?) else {
        return Err(Refused::own_layer("counts in fractions"));
    };
    let distance = i128::from(end) - i128::from(start);
    let count =
        if step == 0 { 0 } else { (distance + i128::from(step) - i128::from(step.signum())) / i128::from(step) };
    let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
    budget.take(count)?;
    Ok(Tensor::ints(vec![count], (0..count as i64).map(|at| start.wrapping_add(at.wrapping_mul(step))).collect()))
}

/// What is on one side of the diagonal.
fn trilu(node: &Node, inputs: &Inputs<'_>) -> Result<Tensor, Refused> {
    let x = given(inputs, 0)?;
    let [.., rows, columns] = x.shape[..] else { return Err(Refused::damaged("a triangle of what has no rows")) };
    let offset = match inputs.get(1) {
        Some(Some(offset)) => offset.as_ints().and_then(|values| values.first().copied()).unwrap_or_default(),
        _ => 0,
    };
    let upper = node.int("upper", 1) == 1;
    let stays = |place: usize| {
        let (row, column) = ((place / columns % rows.max(1)) as i64, (place % columns) as i64);
        let diagonal = row.saturating_add(offset);
        if upper { column >= diagonal } else { column <= diagonal }
    };
    Ok(match &x.data {
        Data::Ints(values) => Tensor::ints(
            x.shape.clone(),
            values.iter().enumerate().map(|(at, v)| if stays(at) { *v } else { 0 }).collect(),
        ),
        Data::Floats(values) => Tensor::floats(
            x.shape.clone(),
            values.iter().enumerate().map(|(at, v)| if stays(at) { *v } else { 0.0 }).collect(),
        ),
    })
}
