//! Keras's model `masks`, as `fusion import` wrote it. Its weights are in `masks.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `masks`.
    pub struct Masks {
        input ids: [u32; 5];
        input others: [u32; 4];
        layer embedding: Embedding<9, 6>(mask_zero = true);
        branch ids_embedding = ids => embedding;
        branch others_embedding = others => embedding;
        branch attended = (query = ids_embedding, value = others_embedding)
            => MultiHeadAttention<_, 2, 3>;
        branch others_embedding_2 = others => embedding;
        branch attended_2 = (query = attended, value = others_embedding_2)
            => GroupQueryAttention<_, 3, 2, 1>;
        branch others_embedding_3 = others => embedding;
        output y = (query = attended_2, value = others_embedding_3) => Attention
            => GlobalAveragePooling1d => Dense<_, 2>;
    }
}
