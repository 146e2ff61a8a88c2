//! The layers of several wires, a line a case: what goes in, the layer with its options, what comes out.
//!
//! Each line makes the tests of `layer_case`.

use fusion_core::layers::*;
use fusion_core::weights::{Configured, Defaults, Options, OptionsOf, OptionsWithin};

use crate::layer_case::{Case, alone, layer_case};

const TOLERANCE: f32 = 1e-6;

layer_case! { TOLERANCE:
    add: "Add", (x: [f32; 5], y: [f32; 5]) => Add => [f32; 5];
    subtract: "Subtract", (x: [f32; 5], y: [f32; 5]) => Subtract => [f32; 5];
    multiply: "Multiply", (x: [f32; 5], y: [f32; 5], z: [f32; 5]) => Multiply => [f32; 5];
    average: "Average", (x: [f32; 5], y: [f32; 5], z: [f32; 5]) => Average => [f32; 5];
    maximum: "Maximum", (x: [f32; 5], y: [f32; 5]) => Maximum => [f32; 5];
    minimum: "Minimum", (x: [f32; 5], y: [f32; 5]) => Minimum => [f32; 5];
    concatenate: "Concatenate", (x: [f32; 5], y: [f32; 3]) => Concatenate => [f32; 8];
    concatenate_rank3_axis1: "Concatenate",
        (x: [[f32; 3]; 4], y: [[f32; 3]; 2]) => Concatenate [axis = 1] => [[f32; 3]; 6];
    concatenate_rank3_last: "Concatenate", (x: [[f32; 3]; 4], y: [[f32; 2]; 4]) => Concatenate => [[f32; 5]; 4];
    concatenate_rank3_axis2: "Concatenate",
        (x: [[f32; 3]; 4], y: [[f32; 2]; 4]) => Concatenate [axis = 2] => [[f32; 5]; 4],
        numbers_of("concatenate_rank3_last");
    dot: "Dot", (x: [f32; 5], y: [f32; 5]) => Dot [axes = 1] => [f32; 1], tolerance(1e-5);
    dot_normalized: "Dot", (x: [f32; 5], y: [f32; 5]) => Dot [axes = 1, normalize = true] => [f32; 1], tolerance(1e-5);
}
