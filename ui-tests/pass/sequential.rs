// The short form: one chain without names.
use fusion::prelude::*;

model! {
    /// A small network.
    pub struct Net = [f32; 10] => Dense<10, 64, Relu> => Dropout(0.5) => head: Dense<_, 1>;
}

model! { struct Digits = [f32; 28, 28, 1] => Flatten => Dense<_, 10, Softmax>; }

pub fn main() {
    let net = Net::new(1);
    let _: [f32; 1] = net.predict(&[0.5; 10]);
    let _: f32 = net.head.bias[0];
    assert_eq!(Net::PARAMETERS, 10 * 64 + 64 + 64 + 1);
    let digits = Digits::new(1).predict_batch(&vec![[[[0.5]; 28]; 28]; 3]).unwrap();
    assert!((digits[2].iter().sum::<f32>() - 1.0).abs() < 1e-5);
}
