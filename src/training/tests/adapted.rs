//! What a model says that was to be adapted to data.

use super::super::checks::never_adapted;
use crate::prelude::*;

model! {
    struct Inner = [f32; 2] => scale: Normalization<_> => Dense<_, 1>;
}

model! {
    struct Scaled {
        input x: [f32; 2];
        branch known = x => Normalization<_>(mean = &[1.0, 2.0], variance = &0.5);
        branch inner = x => inner: Inner;
        output y = concatenate(x, inner, known) => all: Normalization<_> => Dense<_, 1>;
    }
}

#[test]
fn a_layer_that_was_never_adapted_says_so() {
    let mut model = Scaled::new(1);
    let words = "was never adapted to data, and is as it began; call";
    let both = [
        format!("note: `inner/scale` {words} its `adapt` before `fit`"),
        format!("note: `all` {words} `model.all`'s `adapt` before `fit`"),
    ];
    assert_eq!(never_adapted(model.network()), both);
    model.inner.scale.adapt(&[[1.0, 2.0], [2.0, 5.0]]).expect("finite rows");
    assert_eq!(never_adapted(model.network()), both[1..]);
    model.all.adapt(&[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0; 5]]).expect("finite rows");
    assert!(never_adapted(model.network()).is_empty());
}
