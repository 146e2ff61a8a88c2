//! A weight file in the program, in a `static` of any module.

use fusion::persistence::Included;
use fusion::prelude::*;

model! { pub struct Tickets = [f32; 3] => Dense<3, 2, Relu> => Dense<2, 2>; }

mod weights {
    pub static TICKETS: fusion::persistence::Included<super::Tickets> =
        fusion::include_weights!("weights/trained.safetensors");
}

static AGAIN: Included<Tickets> = fusion::include_weights!("weights/trained.safetensors",);

pub fn main() {
    let mut loaded = Tickets::new(9);
    loaded.load_weights(concat!(env!("CARGO_MANIFEST_DIR"), "/weights/trained.safetensors")).expect("the same file");
    for model in [&weights::TICKETS, &AGAIN] {
        assert_eq!(model.predict(&[0.5, -0.25, 2.0]), loaded.predict(&[0.5, -0.25, 2.0]));
        assert_eq!(model.dense.kernel, loaded.dense.kernel);
        assert!(model.self_test(1.0).is_err());
    }
}
