// 1 error
//! So would one that the table knows nothing of.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: [f32; 4],
        pub shift: [f32; 4],
        pub hidden: Box<f32>,
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
