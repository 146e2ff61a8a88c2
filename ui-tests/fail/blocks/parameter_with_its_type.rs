// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block dense_bn<const UNITS: usize>(x) => Dense<_, UNITS> => BatchNormalization<_>;
        output z = a => dense_bn<8> => Dense<_, 1>;
    }
}

fn main() {}
