// 1 error
use fusion::prelude::*;

#[derive(Parameters)]
pub struct Scale {
    #[parameter(shape = fusion::Shape::new(&[2, 4]))]
    pub gain: [f32; 8],
}

fn main() {}
