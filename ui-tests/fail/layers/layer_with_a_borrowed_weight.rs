// 1 error
use fusion::prelude::*;

#[derive(Parameters)]
pub struct Scale<'a> {
    pub gain: &'a [f32; 8],
}

fn main() {}
