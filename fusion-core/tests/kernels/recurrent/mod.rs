//! Steps of recurrent layers.

pub(super) mod gru;
pub(super) mod lstm;

fn sigmoid(x: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(x)).exp())
}
