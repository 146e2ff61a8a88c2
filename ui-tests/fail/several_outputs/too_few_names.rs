// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        branch (h, c) = series => Lstm<_, 4>(return_state = true);
        output z = concatenate(h, c) => Dense<_, 1>;
    }
}

fn main() {}
