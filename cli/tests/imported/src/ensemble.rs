//! Keras's model `ensemble`, as `fusion import` wrote it. Its weights are in `ensemble.safetensors`.

use fusion::prelude::*;

model! {
    /// `m1` of the Keras model.
    pub struct M1 {
        input features: [f32; 16];
        output y = features => Dense<_, 8, Relu> => Dense<_, 1>;
    }
}

model! {
    /// Keras's model `ensemble`.
    pub struct Ensemble {
        input features: [f32; 16];
        branch m1 = features => M1;
        branch m2 = features => m2: M1;
        branch m3 = features => m3: M1;
        output y = average(m1, m2, m3);
    }
}
