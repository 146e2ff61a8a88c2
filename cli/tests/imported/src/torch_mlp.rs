//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `torch_mlp.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct TorchMlp {
        input numbers: [f32; 12];
        input flags: [f32; 5];
        branch numbers_2 = numbers => numbers_0: Dense<_, 16, Relu>
            => numbers_2: Dense<_, 8, LeakyRelu(0.1)>;
        branch flags_2 = flags => flags_0: Dense<_, 8, Gelu>
            => flags_2: BatchNormalization<_>(epsilon = 1e-5);
        output class = concatenate(numbers_2, flags_2)
            => head_0: Dense<_, 16, Silu>(use_bias = false) => head_3: Dense<_, 3, Softmax>;
    }
}
