// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 8, 8, 3];
        output z = a => Conv2d<_, 4, 3> => GlobalAveragePooling2d(keepdims = True) => Flatten => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Fusion::new(42).predict(&[[[0.0; 3]; 8]; 8]));
}
