//! Whether `src/gaps.rs` and `src/gaps.safetensors` are the model that Keras saved.
//!
//! To fill in, in `src/gaps.rs`, before it computes anything:
//! - `Scale1`, for `scale_1`: `LayerScale` has no counterpart
//! - `Mean`, for `mean`: the operation `Mean` has no counterpart as it is used here
//! - `Logaddexp`, for `logaddexp`: the operation `Logaddexp` has no counterpart as it is used here
//! - `LayerScale`, for `layer_scale`: `LayerScale` has no counterpart

#[path = "../src/gaps.rs"]
mod gaps;

use fusion::prelude::*;
use gaps::Gaps;

const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/gaps.safetensors");

#[test]
fn the_weights_are_those_of_the_model() {
    let mut model = Gaps::new(0);
    model.load_weights(WEIGHTS).unwrap();
}
