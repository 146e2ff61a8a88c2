//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `torch_causal.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct TorchCausal {
        input sequence: [f32; 6, 12];
        branch norm1 = sequence => norm1: LayerNormalization<_>(epsilon = 1e-5);
        branch proj = (query = norm1, value = norm1)
            => proj: MultiHeadAttention<_, 3, 4>(use_causal_mask = true);
        branch sum = sequence + proj;
        branch down = sum => norm2: LayerNormalization<_>(epsilon = 1e-5)
            => up: Dense<_, 24, Gelu(approximate = true)> => down: Dense<_, 12>;
        output y = sum + down;
    }
}
