// 1 error
//! Arrays would lie where no `f32` may.
use fusion::Parameters;

#[derive(Parameters)]
#[repr(C, packed)]
pub struct Scale {
    pub gain: [f32; 4],
}

fn main() {}
