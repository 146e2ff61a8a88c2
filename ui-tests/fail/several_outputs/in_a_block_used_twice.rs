// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input series: [f32; 64, 3];
        block states(x) {
            branch (h, c) = x => Lstm<_, 4>(return_state = true);
            output h + c;
        }
        branch a = series => states;
        branch b = series[..8] => states;
        output z = a + b => Dense<_, 1>;
    }
}

fn main() {}
