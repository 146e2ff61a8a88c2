// 3 errors
//! Whatever stands at the place of a field by another name is no array of the table.
use fusion::Parameters;
use hostile::becomes;

#[derive(Parameters)]
#[becomes(
    pub struct Scale {
        pub gain: [f32; 4],
        pub offset: [f32; 4],
    }
)]
pub struct Scale {
    pub gain: [f32; 4],
    pub shift: [f32; 4],
}

fn main() {}
