//! What layers find in data by `adapt`, and what they make of the data then.

use fusion_core::layers::Normalization;
use fusion_core::shape::zeroed;
use fusion_core::weights::Defaults;
use fusion_core::{Forward, Layer, Tensor};

use crate::fixture::Fixture;

const TOLERANCE: f32 = 1e-5;

/// The output of rows that a layer takes and gives alike.
fn forward<L: Layer<In, Defaults>, In: Tensor>(layer: &L, rows: &[In]) -> Vec<f32> {
    let (mut scratch, mut y) = (vec![f32::NAN; L::NEEDS.scratch.of(rows.len())], rows.to_vec());
    layer.forward(&mut Forward::new(&mut [], &mut scratch), rows, &mut y);
    In::numbers(&y).to_vec()
}

macro_rules! normalization {
    ($($name:ident: $in:ty => $layer:ty;)+) => {$(
        #[test]
        fn $name() {
            let fixture = Fixture::open(concat!("adapted/", stringify!($name)));
            let data = fixture.numbers("data");
            let rows = <$in>::of_memory(&data);
            let mut layer = zeroed::<$layer>();
            layer.adapt(rows).expect("finite rows");
            fixture.check("mean", "mean", Tensor::numbers(&[layer.mean]), TOLERANCE);
            fixture.check("variance", "variance", Tensor::numbers(&[layer.variance]), TOLERANCE);
            fixture.check("output", "output", &forward(&layer, rows), TOLERANCE);
        }
    )+};
}

normalization! {
    normalization: [f32; 4] => Normalization<4>;
    normalization_axis1: [[f32; 2]; 3] => Normalization<2, [[f32; 1]; 3]>;
    normalization_scalar: [f32; 3] => Normalization<3, f32>;
}
