// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        block last(x) = x[5] => Dense<_, 4>;
        branch p = series => last;
        branch q = series[..4] => last;
        output z = concatenate(p, q) => Dense<_, 1>;
    }
}

fn main() {}
