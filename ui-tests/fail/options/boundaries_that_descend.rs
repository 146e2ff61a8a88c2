// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input age: [f32; 1];
        output z = age => Discretization(&[65.0, 18.0]) => Embedding<3, 4> => Flatten => Dense<_, 1>;
    }
}

fn main() {}
