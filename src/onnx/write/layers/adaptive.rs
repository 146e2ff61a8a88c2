//! Poolings into a number of places that is given.

use super::convolution::{Window, image};
use super::{Entry, Result, Step, entry};
use crate::onnx::write::attributes::{int, signed};
use crate::onnx::write::error::Refusal;
use crate::onnx::write::graph::{Graph, Name};
use crate::onnx::write::wires::{Form, Id, Kind};

pub(super) const LAYERS: &[Entry] = &[
    entry("AdaptiveAveragePooling1D", |step| adaptive(step, &AVERAGE, 1)),
    entry("AdaptiveAveragePooling2D", |step| adaptive(step, &AVERAGE, 2)),
    entry("AdaptiveAveragePooling3D", |step| adaptive(step, &AVERAGE, 3)),
    entry("AdaptiveMaxPooling1D", |step| adaptive(step, &MAX, 1)),
    entry("AdaptiveMaxPooling2D", |step| adaptive(step, &MAX, 2)),
    entry("AdaptiveMaxPooling3D", |step| adaptive(step, &MAX, 3)),
];

/// More windows along a side than this are nodes that nobody wants.
const MOST_WINDOWS: usize = 512;

struct Operators {
    pool: &'static str,
    reduce: &'static str,
}

const AVERAGE: Operators = Operators { pool: "AveragePool", reduce: "ReduceMean" };
const MAX: Operators = Operators { pool: "MaxPool", reduce: "ReduceMax" };

fn adaptive(step: &mut Step<'_>, operators: &Operators, count: usize) -> Result<Vec<Id>> {
    let (input, (sides, channels)) = (step.input()?, image(step, count)?);
    let wanted = step.sizes("output_size", count, 1)?;
    let x = step.graph.name(input, Form::First);
    let fits = sides.iter().zip(&wanted).all(|(side, wanted)| side.is_multiple_of(*wanted));
    let name = if fits {
        let size: Vec<usize> = sides.iter().zip(&wanted).map(|(side, wanted)| side / wanted).collect();
        let (strides, none) = (size.clone(), vec![0; count]);
        let window = Window {
            size,
            strides,
            dilation: vec![1; count],
            before: none.clone(),
            behind: none,
            sides: wanted.clone(),
        };
        step.graph.node(operators.pool, &[&x], window.attributes())
    } else {
        let mut name = x;
        for (axis, (side, wanted)) in sides.iter().zip(&wanted).enumerate() {
            if *wanted > MOST_WINDOWS {
                return Err(
                    step.refuse("output_size", &format!("at most {MOST_WINDOWS} places, or a divisor of the side"))
                );
            }
            name = along(step.graph, operators, &name, axis + 2, *side, *wanted)?;
        }
        name
    };
    let shape = [wanted, vec![channels]].concat();
    Ok(vec![step.graph.wire(Form::First, name, shape, Kind::Float)?])
}

/// Windows of different lengths along one side: each alone, and all joined.
fn along(graph: &mut Graph, operators: &Operators, x: &str, axis: usize, side: usize, wanted: usize) -> Result<Name> {
    let wrong = || Refusal::new("has a side that is too long", "a shorter one");
    let mut parts = Vec::new();
    let axis = signed(&[axis])[0];
    for window in 0..wanted {
        let start = window.checked_mul(side).ok_or_else(wrong)? / wanted;
        let end = (window + 1).checked_mul(side).ok_or_else(wrong)?.div_ceil(wanted);
        let [start, end] = [start, end].map(|place| signed(&[place])[0]);
        let part = graph.slice(x, axis, start, end, 1);
        parts.push(graph.reduce(operators.reduce, &part, &[axis], true));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Ok(graph.node("Concat", &parts, vec![int("axis", axis)]))
}
