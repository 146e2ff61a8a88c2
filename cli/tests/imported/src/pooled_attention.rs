//! Keras's model `attention`, as `fusion import` wrote it. Its weights are in `pooled_attention.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `attention`.
    pub struct PooledAttention {
        input query: [f32; 5, 8];
        input memory: [f32; 7, 6];
        branch memory_features = memory => Dense<_, 8>;
        branch attended = (query, value = memory_features) => MultiHeadAttention<_, 2, 4>;
        branch normalized = query + attended => LayerNormalization<_>;
        branch h = normalized => Dense<_, 16, Gelu> => Dense<_, 8>;
        output probability = normalized + h => LayerNormalization<_> => GlobalAveragePooling1d
            => Dense<_, 1, Sigmoid>;
    }
}
