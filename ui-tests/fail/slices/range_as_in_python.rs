// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        output z = series[:, ::2, 1:] => Flatten => Dense<_, 1>;
    }
}

fn main() {}
