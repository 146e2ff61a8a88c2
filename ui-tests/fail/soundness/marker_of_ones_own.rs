// 4 errors
//! A `PhantomData` that is none.
use fusion::Parameters;

pub struct PhantomData(Box<f32>);

#[derive(Parameters)]
pub struct Scale {
    pub gain: [f32; 4],
    pub marker: PhantomData,
}

fn main() {}
