//! Keras's model `frozen`, as `fusion import` wrote it. Its weights are in `frozen.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `frozen`.
    pub struct Frozen {
        input features: [f32; 6];
        block residual(x) {
            branch h = x => #[frozen] Dense<_, 6, Tanh>;
            output x + h;
        }
        block residual_2(x) {
            branch h = x => Dense<_, 6, Tanh>;
            output x + h;
        }
        output y = features => repeat 3 { #[frozen] Dense<_, 6, Relu> }
            => repeat 3 { Dense<_, 6, Relu> } => repeat 2 { residual } => repeat 2 { residual_2 }
            => Reshape([3, 2]) => #[frozen] Bidirectional<Lstm<_, 2>> => Dense<_, 2>;
    }
}
