//! Keras's model `tickets`, as `fusion import` wrote it. Its weights are in `tickets.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `tickets`.
    pub struct Tickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch title_encoded = title => Embedding<50, 6> => Lstm<_, 8>;
        branch body_encoded = body => Embedding<50, 6> => Lstm<_, 4>;
        branch joined = concatenate(title_encoded, body_encoded, tags);
        output priority = joined => priority: Dense<_, 1>;
        output department = joined => department: Dense<_, 4>;
    }
}
