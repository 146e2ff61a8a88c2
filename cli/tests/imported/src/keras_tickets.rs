//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_tickets.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasTickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch title_encoded = title => Embedding<50, 6> => Lstm<_, 8>;
        branch body_encoded = body => Embedding<50, 6> => Lstm<_, 4>;
        branch joined = concatenate(title_encoded, body_encoded, tags);
        output y = joined => Dense<_, 1>;
        output y_2 = joined => Dense<_, 4>;
    }
}
