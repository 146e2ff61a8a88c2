//! Keras's model `recommender`, as `fusion import` wrote it. Its weights are in `recommender.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `recommender`.
    pub struct Recommender {
        input user: [u32; 1];
        input item: [u32; 1];
        branch user_embedded = user => Embedding<20, 6>(embeddings_regularizer = L2(0.001))
            => Flatten;
        branch item_embedded = item => Embedding<30, 6> => Flatten;
        branch user_embedded_2 = user => Embedding<20, 1> => Flatten;
        branch item_embedded_2 = item => Embedding<30, 1> => Flatten;
        output probability = add(dot(user_embedded, item_embedded, axes = 1), user_embedded_2, item_embedded_2)
            => Activation<Sigmoid>;
    }
}
