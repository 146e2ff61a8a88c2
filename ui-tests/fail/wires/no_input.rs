// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        output z = a => Dense<32, 1>;
    }
}

fn main() {
    println!("{}", Fusion::new(42).dense.kernel[0][0]);
}
