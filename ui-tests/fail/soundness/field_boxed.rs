// 1 error
//! A box of zeros would be a null pointer.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: Box<[f32; 4]>,
        pub shift: [f32; 4],
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
