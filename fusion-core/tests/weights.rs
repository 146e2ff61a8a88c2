//! The memory of weights and of wires, seen through the table and as other elements (`docs/unsafe.md`).

use std::marker::PhantomData;

use fusion_core::activations::Linear;
use fusion_core::layers::{Dense, Flatten, NoBias};
use fusion_core::shape::{Tensor, copy_plain, zeroed_box, zeroed_vec};
use fusion_core::weights::{Parameters, walk, walk_ref};

/// A field of each kind, in an order that leaves gaps.
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(crate = fusion_core)]
struct Every {
    first: [f32; 3],
    dense: Dense<2, 3>,
    nothing: Flatten,
    without: Dense<1, 2, Linear, NoBias>,
    #[parameter(trainable = false)]
    state: [[f32; 2]; 2],
    none: [f32; 0],
    marker: PhantomData<u8>,
    last: [f32; 1],
}

const PATHS: [&str; 7] = ["first", "dense/kernel", "dense/bias", "without/kernel", "state", "none", "last"];

#[test]
fn the_walk_shows_each_array_where_it_lies() {
    let mut one = zeroed_box::<Every>();
    let (mut two, mut paths, mut next) = (one.clone(), Vec::new(), 0.0);
    walk([&mut *one, &mut *two], &mut |parameter, [of_one, of_two]| {
        assert_eq!((parameter.to_string() == "state", of_one.len()), (!parameter.trainable, of_two.len()));
        paths.push(parameter.to_string());
        for (one, two) in of_one.iter_mut().zip(of_two) {
            assert_eq!((*one, *two), (0.0, 0.0));
            (*one, *two, next) = (next, -next, next + 1.0);
        }
    });
    assert_eq!((paths.as_slice(), next), (PATHS.map(str::to_owned).as_slice(), <Every as Parameters>::COUNT as f32));
    assert_eq!(one.first, [0.0, 1.0, 2.0]);
    assert_eq!((one.dense.kernel, one.dense.bias), ([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], [9.0, 10.0, 11.0]));
    assert_eq!((one.without.kernel, one.state), ([[12.0, 13.0]], [[14.0, 15.0], [16.0, 17.0]]));
    assert_eq!((one.last, two.last), ([18.0], [-18.0]));

    copy_plain(&*one, &mut *two);
    let mut seen = Vec::new();
    walk_ref(&*two, &mut |_, values| seen.extend_from_slice(values));
    assert_eq!((seen, &one), ((0..19).map(|index| index as f32).collect(), &two));
}

#[test]
fn memory_of_zeros_is_values() {
    assert_eq!(zeroed_vec::<[[f32; 2]; 3]>(2), [[[0.0; 2]; 3]; 2]);
    assert_eq!(zeroed_vec::<[u32; 3]>(0), [[0_u32; 3]; 0]);
    assert!(zeroed_vec::<Flatten>(3).len() == 3 && *zeroed_box::<[u32; 2]>() == [0, 0]);
}

#[test]
fn ids_lie_on_the_memory_of_a_wire_and_come_back() {
    let mut ids = [[1, u32::MAX], [0x7F80_0001, 4]];
    let bits: Vec<u32> = <[u32; 2]>::memory(&ids).iter().map(|number| number.to_bits()).collect();
    assert_eq!(bits, ids.as_flattened());
    <[u32; 2]>::memory_mut(&mut ids)[3] = f32::from_bits(5);
    assert_eq!(ids[1][1], 5);

    let mut memory = [0.0; 5];
    <[u32; 2]>::of_memory_mut(&mut memory)[1] = [8, 9];
    // What fills no sample is left out.
    assert_eq!(<[u32; 2]>::of_memory(&memory), [[0, 0], [8, 9]]);
    assert!(<[u32; 2]>::of_memory(&[]).is_empty() && <[u32; 2]>::memory(&[]).is_empty());
}
