// 1 error
use fusion::prelude::*;

struct Square;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 8, Square> => Dense<8, 1>;
    }
}

fn main() {}
