//! Keras's model `class_weight`, as `fusion import` wrote it. Its weights are in `class_weight.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `class_weight`.
    pub struct ClassWeight {
        input a: [f32; 7];
        input b: [f32; 3];
        branch a_features = a => Dense<_, 9, Selu>;
        branch b_features = b => Dense<_, 4, Silu>;
        output class = concatenate(a_features, b_features) => Dense<_, 3, Softmax>;
    }
}
