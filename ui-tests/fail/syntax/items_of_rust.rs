// 4 errors
use fusion::prelude::*;

model! {
    pub struct Fusion {
        const WIDTH: usize = 8;
        pub(crate) input a: [f32; 32];
        use std::fmt;
        impl Copy for Fusion {}
        output z = a => Dense<_, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32]);
    println!("{z:?}");
}
