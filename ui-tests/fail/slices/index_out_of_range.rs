// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        output z = series[.., 3] => Dense<_, 1>;
    }
}

fn main() {}
