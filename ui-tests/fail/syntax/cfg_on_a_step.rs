// 1 error
//! A layer is there or not for the whole of what the macro writes.
use fusion::prelude::*;

model! {
    pub struct Sometimes {
        input a: [f32; 3];
        output z = a => #[cfg(test)] Dense<3, 3> => Dense<3, 1>;
    }
}

fn main() {}
