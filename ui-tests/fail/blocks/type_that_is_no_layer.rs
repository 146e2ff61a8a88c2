// 1 error
use fusion::prelude::*;

struct Mine;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block odd(x) => Mine;
        branch x = a => odd => odd;
        output z = x => odd => Dense<_, 1>;
    }
}

fn main() {}
