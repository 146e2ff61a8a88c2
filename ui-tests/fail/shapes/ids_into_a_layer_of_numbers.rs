// 1 error
use fusion::prelude::*;

model! {
    pub struct Words {
        input words: [u32; 20];
        output z = words => Dense<20, 1>;
    }
}

fn main() {}
