//! A model of Keras, as `fusion import` wrote it. Its weights are in `tagging.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of Keras.
    pub struct Tagging {
        input ids: [u32; 6];
        output tags = ids => Embedding<9, 4>(mask_zero = true)
            => rnn: Lstm<_, 5>(return_sequences = true) => tags: Dense<_, 3, Softmax>;
    }
}
