// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        output z = series[..., 0, ...] => Dense<_, 1>;
    }
}

fn main() {}
