//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_shared_embedding.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasSharedEmbedding {
        input a: [u32; 6];
        input b: [u32; 6];
        branch a_embedded = a => Embedding<40, 5> => Flatten;
        branch b_embedded = b => Embedding<40, 5> => Flatten;
        output y = concatenate(a_embedded, b_embedded) => Dense<_, 2>;
    }
}
