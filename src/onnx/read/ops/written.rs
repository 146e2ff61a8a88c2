//! What exporters write out: activations as arithmetic, normalizations as means.

use serde_json::{Value as Json, json};

use super::super::Reader;
use super::super::arithmetic::{OfNumber, erf};
use super::super::error::Refused;
use super::super::graph::Node;
use super::super::layers::{Function, Layer, Place};
use super::super::view::View;

/// How many pieces an activation is looked for in.
const MOST_PIECES: usize = 16;
/// Where what is written out is compared with an activation.
const SAMPLES: [f32; 12] = [-6.5, -3.5, -2.9, -1.3, -0.6, -0.1, 0.0, 0.3, 0.9, 2.1, 3.2, 7.0];

/// Activations that are written out, by what they give.
fn known() -> [(Json, OfNumber); 9] {
    [
        (json!("silu"), |x| x / (1.0 + (-x).exp())),
        (json!("gelu"), |x| 0.5 * x * (1.0 + erf(x / std::f32::consts::SQRT_2))),
        (json!({"class_name": "Gelu", "config": {"approximate": true}}), |x| {
            0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())
        }),
        (json!("hard_silu"), |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        (json!("hard_sigmoid"), |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        (json!("mish"), |x| x * x.exp().ln_1p().tanh()),
        (json!("softplus"), |x| x.exp().ln_1p()),
        (json!("sigmoid"), |x| 1.0 / (1.0 + (-x).exp())),
        (json!("softsign"), |x| x / (1.0 + x.abs())),
    ]
}

/// The wire as an activation of an earlier one, if all that lies between amounts to one.
pub(super) fn recognized(reader: &mut Reader<'_>, view: View) -> Result<View, Refused> {
    let activation_of = |base: Place| {
        let fits = |of_known: &fn(f32) -> f32| is_function(reader, view.place, base, &SAMPLES, *of_known);
        known().into_iter().find(|(_, of_known)| fits(of_known)).map(|(name, _)| name)
    };
    let found = earlier(reader, view.place, activation_of);
    let Some((base, activation)) = found else { return Ok(view) };
    let layer = Layer::new("Activation", base).option("activation", activation);
    let node = reader.layers.add_like(layer, &view)?;
    Ok(View { sole: view.sole, ..node })
}

/// The ids that a wire of ids is made of, where what lies between changes none: exporters count those below 0 from the end.
pub(super) fn ids(reader: &Reader<'_>, view: &View) -> View {
    const IDS: [f32; 6] = [0.0, 1.0, 2.0, 7.0, 40.0, 1000.0];
    let same = |base: Place| is_function(reader, view.place, base, &IDS, |id| id).then_some(());
    match earlier(reader, view.place, same) {
        Some((place, ())) => View { place, sole: false, ..view.clone() },
        None => view.clone(),
    }
}

/// Whether a tensor is this of an earlier one, number by number.
fn is_function(reader: &Reader<'_>, of: Place, base: Place, samples: &[f32], wanted: fn(f32) -> f32) -> bool {
    samples.iter().all(|x| {
        let wanted = wanted(*x);
        value(reader, of, base, *x).is_some_and(|y| (y - wanted).abs() <= 2e-6 * wanted.abs().max(1.0))
    })
}

/// Goes back from a tensor as long as each number is made of that at the same place, and looks at each tensor that all of
/// it is made of.
fn earlier<T>(reader: &Reader<'_>, of: Place, look: impl Fn(Place) -> Option<T>) -> Option<(Place, T)> {
    let mut from = vec![of];
    for piece in 0..MOST_PIECES {
        // The latest, which none of the others is made of.
        let latest = *from.iter().max_by_key(|place| place.layer)?;
        let layer = &reader.layers.all[latest.layer];
        layer.function?;
        from.retain(|place| *place != latest);
        for place in layer.takes() {
            if !from.contains(&place) {
                from.push(place);
            }
        }
        if let ([base], true) = (from.as_slice(), piece > 0)
            && let Some(found) = look(*base)
        {
            return Some((*base, found));
        }
    }
    None
}

/// What a tensor is where an earlier one is this number.
fn value(reader: &Reader<'_>, of: Place, base: Place, x: f32) -> Option<f32> {
    // Of each tensor in between, in the order in which they were made.
    let mut pending = vec![of];
    let mut known = std::collections::BTreeMap::from([(base.layer, x)]);
    while let Some(place) = pending.last().copied() {
        if known.contains_key(&place.layer) {
            pending.pop();
            continue;
        }
        let layer = &reader.layers.all[place.layer];
        let takes = layer.takes();
        let missing: Vec<Place> = takes.iter().filter(|place| !known.contains_key(&place.layer)).copied().collect();
        if missing.is_empty() {
            let given = |at: usize| known[&takes[at].layer];
            let y = match layer.function? {
                Function::One(of) => of(given(0)),
                Function::Constant { of, constant, is_first: true } => of(constant, given(0)),
                Function::Constant { of, constant, is_first: false } => of(given(0), constant),
                Function::Two(of) => of(given(0), *takes.get(1).map(|place| &known[&place.layer])?),
            };
            known.insert(place.layer, y);
        } else {
            pending.extend(missing);
        }
    }
    known.get(&of.layer).copied()
}

/// The wire, the axes and the epsilon of a normalization that ends with this quotient:
/// (x − mean(x)) / √(mean((x − mean(x))²) + epsilon).
pub(super) fn layer_normalization<'g>(reader: &Reader<'g>, node: &Node) -> Option<(&'g str, Vec<i64>, f32)> {
    let graph = reader.graph;
    let made = |name: &str, operation: &str| graph.maker(name).filter(|maker| maker.operation == operation);
    let root = made(node.input(1)?, "Sqrt")?;
    let sum = made(root.input(0)?, "Add")?;
    let epsilon = reader.array_if(sum, 1).ok()??.scalar()?;
    let mean_of_squares = made(sum.input(0)?, "ReduceMean")?;
    let square = graph.maker(mean_of_squares.input(0)?)?;
    let centred = match square.operation.as_str() {
        "Pow" if reader.array_if(square, 1).ok()??.scalar() == Some(2.0) => square.input(0)?,
        "Mul" if square.input(0) == square.input(1) => square.input(0)?,
        _ => return None,
    };
    let difference = |name: &str| -> Option<(&'g str, Vec<i64>)> {
        let difference = made(name, "Sub")?;
        let x = difference.input(0)?;
        let mean = made(difference.input(1)?, "ReduceMean")?;
        (mean.input(0)? == x).then_some((x, axes_of(reader, mean)?))
    };
    let (x, axes) = difference(centred)?;
    let (same, _) = difference(node.input(0)?)?;
    (x == same && axes_of(reader, mean_of_squares)? == axes).then_some((x, axes, epsilon))
}

fn axes_of(reader: &Reader<'_>, node: &Node) -> Option<Vec<i64>> {
    super::super::fold::axes(node, &reader.arrays(node), 1).ok()?
}
