// 1 error
use fusion::prelude::*;

static TABLE: [[f32; 3]; 2] = [[0.0; 3]; 2];

model! {
    pub struct Net {
        input ids: [u32; 4];
        output z = ids => Embedding<3, 2>(embeddings_initializer = Values(&TABLE)) => Flatten => Dense<_, 1>;
    }
}

fn main() {}
