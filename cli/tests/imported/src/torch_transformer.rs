//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `torch_transformer.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct TorchTransformer {
        input ids: [u32; 9];
        branch h = ids => Embedding<40, 12> => PositionEmbedding<_, 9>;
        branch encoder_layers_0_self_attn = (query = h, value = h)
            => encoder_layers_0_self_attn: MultiHeadAttention<_, 3, 4>;
        branch encoder_layers_0_norm1 = h + encoder_layers_0_self_attn
            => encoder_layers_0_norm1: LayerNormalization<_>(epsilon = 1e-5);
        branch encoder_layers_0_linear2 = encoder_layers_0_norm1
            => encoder_layers_0_linear1: Dense<_, 24, Gelu>
            => encoder_layers_0_linear2: Dense<_, 12>;
        branch encoder_layers_0_norm2 = encoder_layers_0_norm1 + encoder_layers_0_linear2
            => encoder_layers_0_norm2: LayerNormalization<_>(epsilon = 1e-5);
        branch encoder_layers_1_self_attn = (query = encoder_layers_0_norm2, value = encoder_layers_0_norm2)
            => encoder_layers_1_self_attn: MultiHeadAttention<_, 3, 4>;
        branch encoder_layers_1_norm1 = encoder_layers_0_norm2 + encoder_layers_1_self_attn
            => encoder_layers_1_norm1: LayerNormalization<_>(epsilon = 1e-5);
        branch encoder_layers_1_linear2 = encoder_layers_1_norm1
            => encoder_layers_1_linear1: Dense<_, 24, Gelu>
            => encoder_layers_1_linear2: Dense<_, 12>;
        output scores = encoder_layers_1_norm1 + encoder_layers_1_linear2
            => encoder_layers_1_norm2: LayerNormalization<_>(epsilon = 1e-5)
            => GlobalAveragePooling1d => head: Dense<_, 5>;
    }
}
