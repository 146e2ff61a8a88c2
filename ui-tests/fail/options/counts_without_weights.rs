// 3 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input ids: [u32; 5];
        branch a = ids => IntegerLookup(vocabulary = &[12, 36], output_mode = TfIdf);
        branch b = ids => Hashing(4, output_mode = TfIdf);
        branch c = ids => IntegerLookup(vocabulary = &[12, 36], invert = true, output_mode = Count) => Embedding<40, 2>;
        output z = concatenate(a, b) => Dense<_, 1>;
        output w = c => Flatten => Dense<_, 1>;
    }
}

fn main() {}
