// 4 errors
//! Another layer at the place of one.
use fusion::prelude::*;
use hostile::becomes;

model! {
    #[becomes(
        pub struct Line {
            pub dense: Dense<1, 1>,
        }
    )]
    pub struct Line = [f32; 2] => Dense<2, 1>;
}

fn main() {}
