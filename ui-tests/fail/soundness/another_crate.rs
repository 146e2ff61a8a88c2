// 1 error
//! The path of the crate leads to a comparison of one's own.
use fusion::Parameters;
use hostile::becomes;

mod other {
    pub use fusion::{shape::Tensor, weights};
    pub mod shape {
        pub use fusion::shape::Plain;
        pub const fn is<T>(_field: &impl Sized) {}
    }
}

#[derive(Parameters)]
#[parameters(crate = other)]
#[becomes(
    pub struct Scale {
        pub gain: Box<[f32; 4]>,
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
}

fn main() {}
