use super::*;
use crate::kernels::memory::AlignedVec;
use crate::layer::{F16, F32, Int8, Layer, WeightKind};
use crate::layers::Dense;
use crate::layers::testing::initialized;

type Wide = Dense<90, 70>;

fn bytes<K: WeightKind>(strip_columns: usize) -> Vec<Vec<u8>> {
    let floats = <Wide as Layer<[f32; 90]>>::PREPARED.of(K::KIND) / size_of::<f32>();
    let (mut memory, mut other) = (AlignedVec::zeroed(floats), AlignedVec::zeroed(floats));
    Layer::<[f32; 90]>::prepare::<K>(&*initialized::<Wide>(), strip_columns, memory.as_mut_slice());
    let mut all = Vec::new();
    <Wide as Layer<[f32; 90]>>::prepared_arrays(K::KIND, &mut |_, array| {
        let bytes = array.read(memory.as_slice(), strip_columns);
        assert_eq!(array.first_mistake(&bytes), None);
        array.write(&bytes, other.as_mut_slice(), strip_columns);
        all.push(bytes);
    });
    // As bits: integers may be those of a NaN.
    let bits = |memory: &AlignedVec| memory.as_slice().iter().map(|number| number.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&memory), bits(&other));
    all
}

fn are_the_same_of_all_strips<K: WeightKind>() {
    let expected = bytes::<K>(16);
    assert!(expected.len() >= 2);
    assert!([8, 32, 48, 64].into_iter().all(|columns| bytes::<K>(columns) == expected));
}

#[test]
fn bytes_are_the_same_however_wide_strips_are() {
    are_the_same_of_all_strips::<F32>();
    are_the_same_of_all_strips::<F16>();
    are_the_same_of_all_strips::<Int8>();
}

#[test]
fn scales_give_the_steps_that_they_are_of() {
    for index in 0..20_000_u32 {
        let scale = 127.0 / (f32::from_bits(0x2f00_0000 + index * 65_537) + 1e-7);
        let step = int8_step(scale);
        assert_eq!(int8_step(int8_scale(step)).to_bits(), step.to_bits(), "{scale}");
    }
}
