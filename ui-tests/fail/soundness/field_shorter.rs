// 1 error
//! The table would reach beyond the struct.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: [f32; 4],
        pub shift: [f32; 1],
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
