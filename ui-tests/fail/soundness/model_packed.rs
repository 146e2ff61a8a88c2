// 7 errors
//! Layers would lie where none may.
use fusion::prelude::*;
use hostile::becomes;

model! {
    #[becomes(
        #[repr(C, packed)]
        pub struct Line {
            pub lstm: Lstm<2, 1>,
        }
    )]
    pub struct Line = [f32; 3, 2] => Lstm<2, 1>;
}

fn main() {}
