// 1 error
//! Another struct of the name, whose fields convert.
use fusion::Parameters;
use hostile::becomes;

pub struct Other {
    pub gain: [f32; 4],
    pub shift: Vec<f32>,
}

#[derive(Parameters)]
#[becomes(
    pub type Scale = Other;
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
