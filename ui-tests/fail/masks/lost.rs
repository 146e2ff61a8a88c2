// 2 errors
#![deny(deprecated)]
use fusion::prelude::*;

model! {
    pub struct Tags {
        input words: [u32; 6];
        branch x = words => Embedding<9, 4>(mask_zero = true) => Dropout(0.5);
        branch y = x => Lstm<_, 8>;
        branch z = x => Flatten => Dense<_, 8>;
        output tags = (x * 2.0) => Lstm<_, 3>;
        output sum = add(y, z);
    }
}

// Nothing is lost, or it is meant.
model! {
    pub struct Kept = [f32; 6, 4] => Masking => Dense<_, 3> => Lstm<_, 8> => Dense<_, 3>;
}
model! {
    #[allow(deprecated)]
    pub struct Meant = [f32; 6, 4] => Masking => Flatten => Dense<_, 3>;
}

fn main() {}
