// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block regular<RATE>(x) => Dense<_, 8> => Dropout(RATE);
        output z = a => regular<0.5> => regular<1.5> => Dense<_, 1>;
    }
}

fn main() {}
