// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        branch (_, _, _) = series => Lstm<_, 4>(return_state = true);
        output z = series => Flatten => Dense<_, 1>;
    }
}

fn main() {}
