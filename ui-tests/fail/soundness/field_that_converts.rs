// 1 error
//! A reference to it converts to one of what was declared, but it is a pointer.
use fusion::Parameters;
use hostile::becomes;

pub struct Handle(Box<[f32; 4]>);

impl std::ops::Deref for Handle {
    type Target = [f32; 4];
    fn deref(&self) -> &[f32; 4] {
        &self.0
    }
}

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
