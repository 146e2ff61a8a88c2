//! Keras's model `shared_embedding`, as `fusion import` wrote it. Its weights are in `shared_embedding.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `shared_embedding`.
    pub struct SharedEmbedding {
        input a: [u32; 6];
        input b: [u32; 6];
        layer embedding: Embedding<40, 5>;
        branch a_embedded = a => embedding => Flatten;
        branch b_embedded = b => embedding => Flatten;
        output y = concatenate(a_embedded, b_embedded) => Dense<_, 2>;
    }
}
