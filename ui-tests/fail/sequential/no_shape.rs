// 1 error
use fusion::prelude::*;

model! {
    pub struct Net = Dense<10, 64, Relu> => Dense<64, 1>;
}

fn main() {
    let z: [f32; 1] = Net::new(42).predict(&[0.0; 10]);
    println!("{z:?}");
}
