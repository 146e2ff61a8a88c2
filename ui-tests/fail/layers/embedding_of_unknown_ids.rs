// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [u32; 4];
        output z = a => Embedding<_, 8> => Flatten => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(42).predict(&[0; 4]));
}
