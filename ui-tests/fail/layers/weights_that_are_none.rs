// 1 error
use fusion::prelude::*;

#[derive(Parameters)]
pub struct Scale {
    pub gain: [f32; 8],
    pub name: String,
}

fn main() {}
