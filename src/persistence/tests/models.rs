//! The models that files are of.

use fusion::prelude::*;
use fusion::weights::{Parameters, walk_ref};

model! { pub(super) struct Two = [f32; 3] => Dense<3, 2, Relu> => Dense<2, 2>; }
model! {
    /// A layer of 60 MB.
    pub(super) struct Big = [f32; 2000] => Dense<2000, 7500>;
}
model! { pub(super) struct Other = [f32; 1] => Dense<1, 1>; }

/// [`Two`] with a value of its own for each parameter.
pub(super) fn two() -> Box<Two> {
    let mut two = Two::new(0);
    two.dense = Dense::new([[0.25, -1.0], [2.0, 3.0], [-4.0, 5.0]], [0.5, -0.5]);
    two.dense_1 = Dense::new([[6.0, 7.0], [8.0, 9.0]], [10.0, 11.0]);
    two
}

/// All values of a model, bit for bit.
pub(super) fn bits<P: Parameters>(model: &P) -> Vec<u32> {
    let mut bits = Vec::new();
    walk_ref(model, &mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}
