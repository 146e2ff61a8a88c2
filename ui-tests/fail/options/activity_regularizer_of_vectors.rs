// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dense<_, 8>(activity_regularizer = OrthogonalRegularizer(0.1, Rows)) => Dense<_, 1>;
    }
}

fn main() {}
