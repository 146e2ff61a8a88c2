//! Keras's model `settings`, as `fusion import` wrote it. Its weights are in `settings.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `settings`.
    pub struct Settings {
        input x: [f32; 5, 8];
        input volume: [f32; 3, 3, 6, 2];
        branch x_features = x
            => EinsumDense<[[f32; 8]; 8], [f32; 8]>(equation = "abc,cd->abd", bias_axes = "d", activation = Relu, activity_regularizer = L1(0.02), kernel_initializer = HeNormal, kernel_regularizer = L2(0.01), bias_constraint = NonNeg);
        branch x_attended = (query = x_features, value = x_features)
            => MultiHeadAttention<_, 2, 3>(kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(3.0), bias_initializer = Ones);
        output y = (query = x_attended, value = x)
            => GroupQueryAttention<_, 4, 4, 2>(kernel_regularizer = L1(0.02))
            => PRelu<[[f32; 8]; 1]>(alpha_initializer = Ones, alpha_regularizer = L1(0.02), alpha_constraint = NonNeg)
            => LayerNormalization<_>(center = false, scale = false) => #[frozen] RmsNormalization<_>
            => Dropout(0.5, noise_shape = [1, 8]) => GroupNormalization<_>(2);
        output y_2 = volume => Conv3d<_, 3, 2, Tanh, UseBias, 2, 4>
            => Conv3d<_, 2, 2, Linear, UseBias, 1, 1>;
    }
}
