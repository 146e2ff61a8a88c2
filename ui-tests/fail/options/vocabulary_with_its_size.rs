// 1 error
use fusion::prelude::*;

static CODES: [u32; 3] = [12, 36, 1138];

model! {
    pub struct Fusion {
        input code: u32;
        output z = code => IntegerLookup<4>(vocabulary = &CODES) => Embedding<4, 4> => Dense<_, 1>;
    }
}

fn main() {}
