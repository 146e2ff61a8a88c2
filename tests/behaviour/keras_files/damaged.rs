//! Files of Keras's that are damaged at random, and hostile ones: an error, and a model that is as it
//! was.

use std::io::{Cursor, Write};

use fusion::keras::Archive;
use fusion::prelude::*;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{OF_KERAS_2, OF_KERAS_3, all, file};
use crate::damaged_files::{Mutation, mutation};

const HOSTILE: &str = "hostile.zip";

model! { struct Coder = [f32; 3] => Dense<_, 4>; }
model! { struct Net = [f32; 3] => Dense<_, 3> => coder: Coder => Dense<_, 1>; }

/// Loads the bytes: an error leaves the model alone, and what loads is finite.
fn check(bytes: &[u8]) -> Result<(), String> {
    let mut model = Net::new(1);
    let before = model.weights_to_bytes();
    let loaded = model.load_weights_from_bytes(bytes);
    if let Err(error) = loaded {
        assert!(!error.to_string().is_empty());
        assert_eq!(model.weights_to_bytes(), before);
        return Err(error.to_string());
    }
    assert!(model.predict(&[0.5; 3])[0].is_finite());
    Ok(())
}

/// A `.keras` of this configuration and these weights.
fn archive(config: &[u8], weights: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("config.json", config), ("model.weights.h5", weights)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Which part of which file is damaged.
#[derive(Clone, Copy, Debug)]
enum Damaged {
    Keras,
    Weights,
    Whole,
    OfKeras2,
    /// The configuration in a `.keras`, whose check sum then is right.
    Config,
    /// The weights in one.
    Within,
}

fn damaged() -> impl Strategy<Value = Damaged> {
    use Damaged::{Config, Keras, OfKeras2, Weights, Whole, Within};
    prop::sample::select(vec![Keras, Weights, Whole, OfKeras2, Config, Within])
}

impl Damaged {
    fn bytes(self, damage: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let of_keras_3 = |suffix: &str| file(OF_KERAS_3, &format!("sequential_named{suffix}")).unwrap();
        let config = || Archive::from_bytes(&of_keras_3(".keras")).unwrap().config().unwrap().to_string().into_bytes();
        let damaged = |mut bytes: Vec<u8>| {
            damage(&mut bytes);
            bytes
        };
        match self {
            Self::Keras => damaged(of_keras_3(".keras")),
            Self::Weights => damaged(of_keras_3(".weights.h5")),
            Self::Whole => damaged(of_keras_3(".h5")),
            Self::OfKeras2 => damaged(file(OF_KERAS_2, "sequential_named.h5").unwrap()),
            Self::Config => archive(&damaged(config()), &of_keras_3(".weights.h5")),
            Self::Within => archive(&config(), &damaged(of_keras_3(".weights.h5"))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_is_half_loaded(what in damaged(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let bytes = what.bytes(|bytes| mutations.iter().for_each(|mutation: &Mutation| mutation.apply(bytes)));
        let _ = check(&bytes);
    }
}

#[test]
fn what_is_whole_is_loaded() {
    for what in [Damaged::Keras, Damaged::Weights, Damaged::Whole, Damaged::OfKeras2, Damaged::Config, Damaged::Within]
    {
        assert_eq!(check(&what.bytes(|_| ())), Ok(()), "{what:?}");
    }
}

/// Each is refused for what it is, in a thread with little stack.
#[test]
fn hostile_files_are_refused() {
    let expected = [
        ("circle.weights.h5", "too many groups within each other"),
        ("deep.weights.h5", "too many groups within each other"),
        ("fan.weights.h5", "too many"),
        ("same_values.weights.h5", "too many bytes of numbers for its size"),
        ("huge.weights.h5", "too many bytes of numbers for its size"),
        ("unwritten.weights.h5", "too many bytes of numbers for its size"),
        ("packed.weights.h5", "too many bytes of numbers for its size"),
        ("other_numbers.weights.h5", "`layers/dense/vars/2` has numbers of type i8"),
        ("names_of_nothing.h5", "dense"),
        ("empty.h5", "without a model's weights"),
        ("zeros.keras", "too many bytes when unpacked"),
        ("deep_config.keras", "too many brackets within each other"),
        ("long_config.keras", "too many bytes"),
        ("no_config.keras", "its configuration is not that of a model"),
    ];
    let work = move || {
        for (name, text) in expected {
            let error = Archive::from_bytes(&file(HOSTILE, name).unwrap()).unwrap_err().to_string();
            assert!(error.contains(text), "{name}: {error}");
        }
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().expect("no panic");
    for (name, bytes) in all(HOSTILE) {
        assert!(check(&bytes).is_err(), "{name}");
    }
}
