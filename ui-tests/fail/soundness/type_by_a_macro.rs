// 1 error
//! The table would have 4000 numbers of a struct of four.
use fusion::Parameters;

#[derive(Parameters)]
pub struct Scale {
    #[parameter(shape = [4000])]
    pub gain: hostile::once!(3, [f32; 4], [f32; 4000]),
}

fn main() {}
