//! Keras's model `regularized`, as `fusion import` wrote it. Its weights are in `regularized.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `regularized`.
    pub struct Regularized {
        input numbers: [f32; 6];
        input flags: [f32; 4];
        branch numbers_features = numbers
            => Dense<_, 8, Relu>(kernel_regularizer = L2(0.01), bias_regularizer = L1(0.001))
            => Dense<_, 5, Tanh>(activity_regularizer = L1(0.002), kernel_constraint = MaxNorm(1.0));
        branch flags_features = flags => Dense<_, 5, Elu>(kernel_constraint = NonNeg);
        output y = average(numbers_features, flags_features)
            => Dense<_, 1>(kernel_regularizer = L1L2(0.001, 0.002));
    }
}
