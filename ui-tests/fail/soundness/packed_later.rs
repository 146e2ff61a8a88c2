// 1 error
//! Arrays would lie where no `f32` may.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    #[repr(C, packed)]
    pub struct Scale {
        pub gain: [f32; 4],
        pub shift: [f32; 4],
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
