// 1 error
//! Nobody can say that a type is another one.
use fusion::Parameters;
use hostile::becomes;

pub struct Handle(Box<[f32; 4]>);

impl fusion::shape::Is<[f32; 4]> for Handle {}

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: [f32; 4],
        pub shift: Handle,
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
