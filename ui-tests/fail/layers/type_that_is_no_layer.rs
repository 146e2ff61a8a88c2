// 1 error
use fusion::prelude::*;

pub struct Helper<const N: usize>;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 8, Relu> => Helper<8> => Dense<8, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32]);
    println!("{z:?}");
}
