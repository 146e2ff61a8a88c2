// 1 error
//! Nor does a model get a field that it was not declared with.
use fusion::prelude::*;
use hostile::becomes;

model! {
    #[becomes(
        pub struct Line {
            pub dense: Dense<2, 1>,
            pub hidden: Box<f32>,
        }
    )]
    pub struct Line = [f32; 2] => Dense<2, 1>;
}

fn main() {}
