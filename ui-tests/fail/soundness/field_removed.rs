// 2 errors
//! The table would have an array that is not there.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: [f32; 4],
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
