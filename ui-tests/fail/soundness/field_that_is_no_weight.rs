// 1 error
//! Zeros are no `Vec`.
use fusion::Parameters;

#[derive(Parameters)]
pub struct Scale {
    pub gain: Vec<f32>,
}

fn main() {}
