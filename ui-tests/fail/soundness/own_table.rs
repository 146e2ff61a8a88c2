// 1 error
//! A table of weights that is not derived takes an `unsafe`.
use fusion::Parameters;
use fusion::shape::Shape;
use fusion::weights::{Entry, Initializer, OptionsOf};

mod weights {
    use super::*;

    #[derive(Parameters)]
    pub struct Scale {
        pub gain: [f32; 4],
    }
}

pub struct Wide(pub weights::Scale);

impl<O: OptionsOf<Self>> fusion::weights::Parameters<O> for Wide {
    const ENTRIES: &'static [Entry] =
        &[Entry::array::<[f32; 4000]>("gain", 0, Shape::new(&[4000]), Initializer::Zeros)];
}

fn main() {}
