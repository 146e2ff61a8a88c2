// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        branch (state_h, state_c, _) = series => Lstm<_, 4>(return_state = true);
        output z = concatenate(state_h, state_c) => Dense<_, 1>;
    }
}

fn main() {}
