//! Files damaged at random: never a panic, never a model that is half loaded.

use std::collections::HashMap;

use fusion::prelude::*;
use proptest::prelude::*;
use proptest::sample::Index;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

model! { struct Two = [f32; 3] => Dense<3, 2> => Dense<2, 2>; }

/// A model with a value of its own for each weight.
fn two() -> Box<Two> {
    let mut model = Two::new(1);
    (model.dense.bias, model.dense_1.bias) = ([0.5, -0.5], [10.0, 11.0]);
    model
}

/// The bits of every weight, as its own file has them in order.
fn bits(model: &Two) -> Vec<u32> {
    let Two { dense, dense_1, .. } = model;
    let (kernel, kernel_1) = (dense.kernel.as_flattened(), dense_1.kernel.as_flattened());
    [kernel, &dense.bias, kernel_1, &dense_1.bias].concat().iter().map(|weight| weight.to_bits()).collect()
}

/// A file as Keras's, which says nothing of the graph.
fn kerass_file() -> Vec<u8> {
    let data: Vec<u8> = (1..=14).flat_map(|weight| (weight as f32 / 2.0).to_le_bytes()).collect();
    let view = |shape: &[usize], range| TensorView::new(Dtype::F32, shape.to_vec(), &data[range]).expect("a tensor");
    let tensors = [
        ("dense/kernel", view(&[3, 2], 0..24)),
        ("dense/bias", view(&[2], 24..32)),
        ("dense_1/kernel", view(&[2, 2], 32..48)),
        ("dense_1/bias", view(&[2], 48..56)),
    ];
    safetensors::serialize(tensors, Some(HashMap::new())).expect("a file")
}

/// One change to a file.
#[derive(Clone, Debug)]
pub enum Mutation {
    Flip(Index, u8),
    Truncate(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    /// Bytes from one place over those of another.
    Splice(Index, Index, usize),
    HeaderLength(u64),
    /// What JSON can be broken with, at a place within the header.
    Token(Index, &'static str),
}

pub fn mutation() -> impl Strategy<Value = Mutation> {
    const TOKENS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "0",
        "-1",
        "1e99",
        "18446744073709551615",
        "null",
        "\\u0000",
        "F32",
        "F16",
        " ",
    ];
    prop_oneof![
        4 => (any::<Index>(), 1..=255u8).prop_map(|(at, mask)| Mutation::Flip(at, mask)),
        1 => any::<Index>().prop_map(Mutation::Truncate),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Remove(from, to)),
        1 => (any::<Index>(), any::<Index>(), 1..40usize).prop_map(|(from, to, length)| Mutation::Splice(from, to, length)),
        1 => prop_oneof![0..1000u64, any::<u64>()].prop_map(Mutation::HeaderLength),
        2 => (any::<Index>(), prop::sample::select(TOKENS)).prop_map(|(at, token)| Mutation::Token(at, token)),
    ]
}

impl Mutation {
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.len() < 8 {
            return;
        }
        let length = bytes.len();
        match self {
            Self::Flip(at, mask) => bytes[at.index(length)] ^= mask,
            Self::Truncate(at) => bytes.truncate(at.index(length)),
            Self::Insert(at, new) => drop(bytes.splice(at.index(length)..at.index(length), new.iter().copied())),
            Self::Remove(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                drop(bytes.drain(from.min(to)..from.max(to)));
            }
            Self::Splice(from, to, count) => {
                let (from, to) = (from.index(length), to.index(length));
                bytes.copy_within(from..from + count.min(&(length - from.max(to))), to);
            }
            Self::HeaderLength(new) => bytes[..8].copy_from_slice(&new.to_le_bytes()),
            Self::Token(at, token) => {
                let json = usize::from(bytes[0]) + 256 * usize::from(bytes[1]);
                let at = 8 + at.index(json.clamp(1, length - 7));
                let end = (at + token.len()).min(length);
                drop(bytes.splice(at.min(length)..end, token.bytes()));
            }
        }
    }
}

/// What the file says, by the safetensors crate's own reading.
fn stored(bytes: &[u8]) -> Option<Vec<u32>> {
    let file = SafeTensors::deserialize(bytes).ok()?;
    let mut all = Vec::new();
    for name in ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"] {
        let data = file.tensor(name).ok()?.data();
        all.extend(data.as_chunks().0.iter().map(|value| u32::from_le_bytes(*value)));
    }
    Some(all)
}

/// Loads the bytes: an error leaves the model alone, and what loads is what the file says.
fn check(bytes: &[u8]) -> Box<Two> {
    let mut model = two();
    match model.load_weights_from_bytes(bytes) {
        Ok(()) => {
            assert_eq!(Some(bits(&model)), stored(bytes));
            assert!(bits(&model).iter().all(|bits| f32::from_bits(*bits).is_finite()));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(bits(&model), bits(&two()));
        }
    }
    check_without_a_heap(bytes);
    model
}

/// The loader of programs without a heap: it reads what the safetensors crate reads, or leaves the model alone.
fn check_without_a_heap(bytes: &[u8]) {
    let mut model = two();
    match fusion_core::persistence::WeightFiles::load_weights_from_bytes(&mut model, bytes) {
        Ok(()) => {
            // What that crate refuses in texts, such as bytes that are no UTF-8, is none of the numbers.
            assert!(stored(bytes).is_none_or(|stored| bits(&model) == stored));
            assert!(bits(&model).iter().all(|bits| f32::from_bits(*bits).is_finite()));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(bits(&model), bits(&two()));
        }
    }
}

/// A file must do what its bytes do; and what matches must be finite.
fn check_files(bytes: &[u8], expected: &Two, path: &std::path::Path) {
    std::fs::write(path, bytes).expect("a temporary directory");
    let mut model = two();
    let loaded = model.load_weights(path);
    assert_eq!(bits(&model), bits(expected));
    let mut model = two();
    match model.load_matching_weights(path) {
        Ok(matching) => assert!(loaded.is_err() || matching.loaded.len() == 4),
        Err(_) => assert!(loaded.is_err()),
    }
    assert!(bits(&model).iter().all(|bits| f32::from_bits(*bits).is_finite()));
    assert!(loaded.is_err() || bits(&model) == bits(expected));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_is_half_loaded(mutations in prop::collection::vec(mutation(), 1..4), own in any::<bool>()) {
        let mut bytes = if own { two().weights_to_bytes() } else { kerass_file() };
        for mutation in &mutations {
            mutation.apply(&mut bytes);
        }
        let (model, directory) = (check(&bytes), tempfile::tempdir().expect("a temporary directory"));
        check_files(&bytes, &model, &directory.path().join("weights.safetensors"));
    }
}

/// Every bit of a file, one after the other.
#[test]
fn each_flipped_bit_is_refused_or_is_the_value() {
    let whole = two().weights_to_bytes();
    let data = whole.len() - 56;
    // What a file need not have may be called otherwise.
    let key = whole.windows(16).position(|bytes| bytes == b"fusion.structure").expect("a digest");
    for bit in 0..8 * whole.len() {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        check(&bytes);
        // Outside of the values only a space may change, into what JSON takes for one too.
        let loads = two().load_weights_from_bytes(&bytes).is_ok();
        let may_change = bit / 8 >= data || (key..key + 16).contains(&(bit / 8));
        assert!(!loads || may_change || bytes[bit / 8].is_ascii_whitespace(), "byte {}", bit / 8);
    }
}

#[test]
fn each_shorter_file_is_refused() {
    let whole = two().weights_to_bytes();
    for length in 0..whole.len() {
        let mut model = two();
        assert!(model.load_weights_from_bytes(&whole[..length]).is_err());
        assert_eq!(bits(&model), bits(&two()));
    }
}

/// The deepest JSON that gets to the parser, in a thread with little stack.
#[test]
fn hostile_headers_need_no_stack() {
    let work = || {
        for json in [
            "[".repeat(60_000),
            "{\"a\":".repeat(10_000),
            "[[],".repeat(15_000),
            format!("{{\"a\":[{}1]}}", "[],".repeat(20_000)),
        ] {
            let bytes = [&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat();
            assert!(two().load_weights_from_bytes(&bytes).is_err());
        }
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(work).expect("a thread").join().expect("no panic");
}
