// 2 errors
//! The same within a model.
use fusion::prelude::*;
use hostile::becomes;

model! {
    #[becomes(
        pub struct Line {
            pub dense: Box<Dense<2, 1>>,
        }
    )]
    pub struct Line = [f32; 2] => Dense<2, 1>;
}

fn main() {}
