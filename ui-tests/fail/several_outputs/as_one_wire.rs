// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        output z = series => Lstm<_, 4>(return_state = true) => Dense<8, 1>;
    }
}

fn main() {}
