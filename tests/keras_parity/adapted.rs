//! What layers find in data by `adapt`, and what they make of the data then.

use fusion_core::layers::{Discretization, IntegerLookup, IntegerLookupOptions, Normalization, OutputMode};
use fusion_core::shape::zeroed;
use fusion_core::weights::{Defaults, Options, OptionsOf};
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

/// The ids that a layer makes of data.
fn ids<L: Layer<In, Defaults>, In: Tensor>(layer: &L, data: &[In]) -> Vec<u32> {
    let mut y = vec![0.0; In::memory(data).len()];
    layer.forward(&mut Forward::new(&mut [], &mut []), data, f32::of_memory_mut(&mut y));
    y.iter().map(|y| y.to_bits()).collect()
}

macro_rules! discretization {
    ($($name:ident: $bins:literal;)+) => {$(
        #[test]
        fn $name() {
            let fixture = Fixture::open(concat!("adapted/", stringify!($name)));
            let data = fixture.numbers("data");
            let mut layer = zeroed::<Discretization<$bins>>();
            layer.adapt(&data).expect("finite numbers");
            let found = fixture.shape("bin_boundaries")[0];
            fixture.check("boundaries", "bin_boundaries", &layer.bin_boundaries[..found], TOLERANCE);
            assert!(layer.bin_boundaries[found..].iter().all(|boundary| *boundary == f32::MAX));
            assert_eq!(ids(&layer, &data), fixture.ids("output"));
        }
    )+};
}

discretization! {
    discretization: 5;
    discretization_few: 6;
    discretization_many: 7;
}

#[test]
fn integer_lookup() {
    let fixture = Fixture::open("adapted/integer_lookup");
    let data = fixture.ids("data");
    let mut layer = zeroed::<IntegerLookup<8>>();
    layer.adapt(&data).expect("ids");
    assert_eq!(ids(&layer, &data), fixture.ids("output"));
    let places: Vec<u32> = (1..8).collect();
    assert_eq!(ids(&layer, &fixture.ids("vocabulary")), places);
}

struct Weighted;
impl OptionsOf<IntegerLookup<6>> for Weighted {
    const VALUE: IntegerLookupOptions = IntegerLookupOptions::DEFAULT.output_mode(OutputMode::TfIdf);
}

#[test]
fn integer_lookup_tf_idf() {
    let fixture = Fixture::open("adapted/integer_lookup_tf_idf");
    let data = fixture.ids("data");
    let rows = <[u32; 5]>::of_memory(u32::memory(&data));
    let mut layer = zeroed::<IntegerLookup<6>>();
    layer.adapt(rows).expect("ids");
    let mut y = vec![[0.0; 6]; rows.len()];
    Layer::<[u32; 5], Weighted>::forward(&layer, &mut Forward::new(&mut [], &mut []), rows, &mut y);
    fixture.check("output", "output", y.as_flattened(), TOLERANCE);
}
