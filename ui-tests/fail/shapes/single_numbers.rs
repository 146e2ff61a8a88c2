// 7 errors
//! Layers along a dimension are given single numbers and ids.
use fusion::prelude::*;

model! {
    pub struct Layers {
        input price: f32;
        input user: u32;
        output dense = price => Dense<1, 4>;
        output softmax = price => Activation<Softmax>;
        output sequence = price => Lstm<1, 4>;
        output ids = user => Dense<1, 4>;
        output vector = price => Embedding<10, 4>;
        output tokens = user => CategoryEncoding<10>;
    }
}

model! {
    pub struct Merge {
        input price: f32;
        input size: [f32; 2];
        output z = concatenate(price, size) => Dense<3, 1>;
    }
}

fn main() {
    let layers = Layers::new(42);
    println!("{:?}", layers.predict_named(LayersInput { price: &1.0, user: &2 }).dense);
    println!("{:?}", Merge::new(42).predict(&1.0, &[0.0; 2]));
}
