//! Golden samples and ranges in a file, for a self-test and for refusing what a model was not made for.

use fusion::persistence::WeightsFile;
use fusion::prelude::*;
use fusion_core::persistence::{
    self, CheckedError, GOLDEN, Included, RANGE, SelfTestError, copy_numbers, count_numbers, included,
};

model! {
    /// Numbers and ids, and two outputs.
    struct Tickets {
        input text: [u32; 2];
        input facts: [f32; 3];
        branch words = text => Embedding<5, 2> => Flatten;
        branch all = concatenate(words, facts) => Dense<_, 4, Relu>;
        output queue = all => Dense<_, 3, Softmax>;
        output hours = all => Dense<_, 1>;
    }
}

const TEXT: [[u32; 2]; 3] = [[0, 1], [4, 3], [2, 2]];
const FACTS: [[f32; 3]; 3] = [[0.5, -1.0, 2.0], [0.0, 0.25, 0.0], [-3.0, 1.0, 0.5]];

/// A file with all that there can be.
fn file(model: &Tickets) -> Vec<u8> {
    let outputs = model.predict_batch((&TEXT, &FACTS)).expect("outputs");
    let file = model.weights_file().golden((&TEXT, &FACTS), (&outputs.queue, &outputs.hours));
    file.ranges((&TEXT, &FACTS)).to_bytes().expect("a file")
}

/// As `include_weights!` makes it.
fn in_the_program(bytes: &[u8]) -> Included<Tickets> {
    let numbers = |start| {
        let mut numbers = vec![0.0; count_numbers(bytes, start)];
        copy_numbers(bytes, start, &mut numbers);
        numbers.leak()
    };
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a header")) as usize;
    let words = bytes[8 + length..].as_chunks().0.iter().enumerate();
    let not_finite = words.filter(|(_, word)| !f32::from_le_bytes(**word).is_finite()).map(|(index, _)| index);
    included(bytes, "tickets.safetensors", &not_finite.collect::<Vec<_>>(), numbers(GOLDEN), numbers(RANGE))
}

#[test]
fn a_model_reproduces_its_golden_samples() {
    let model = Tickets::new(3);
    let bytes = file(&model);
    assert_eq!(model.self_test(&bytes, 0.0).expect("the same bits"), 0.0);
    assert_eq!(in_the_program(&bytes).self_test(0.0).expect("the same bits"), 0.0);
}

#[test]
fn a_self_test_says_which_sample_differs_and_by_how_much() {
    let mut model = Tickets::new(3);
    let bytes = file(&model);
    model.dense_2.bias[0] += 0.25;
    let error = model.self_test(&bytes, 1e-5).expect_err("another model");
    let SelfTestError::Differs { sample: 0, output: "hours", position: 0, expected, found } = error else {
        panic!("{error}")
    };
    assert!((found - expected - 0.25).abs() < 1e-6);
    let text = format!("golden sample 0: the output `hours` is {found} at position 0, but must be {expected}, ");
    assert!(error.to_string().starts_with(&text), "{error}");
    model.dense_2.bias[0] = f32::NAN;
    assert!(model.self_test(&bytes, f32::INFINITY).is_err());
}

#[test]
fn without_golden_samples_there_is_no_self_test() {
    let model = Tickets::new(3);
    assert!(matches!(model.self_test(&model.weights_to_bytes(), 1.0), Err(SelfTestError::NoSamples)));
    assert!(matches!(model.self_test(b"no file", 1.0), Err(SelfTestError::NoSamples)));
    assert!(matches!(super::two().self_test(&file(&model), 1.0), Err(SelfTestError::NoSamples)));
    assert!(matches!(in_the_program(&model.weights_to_bytes()).self_test(1.0), Err(SelfTestError::NoSamples)));
}

#[test]
fn every_loader_leaves_out_what_is_no_weight() {
    let (saved, directory) = (Tickets::new(3), super::files::Directory::new());
    let (bytes, path) = (file(&saved), directory.join("tickets.safetensors"));
    std::fs::write(&path, &bytes).expect("a temporary directory");
    let mut loaded = [4, 5, 6, 7].map(Tickets::new);
    loaded[0].load_weights(&path).expect("the model's file");
    loaded[1].load_weights_from_bytes(&bytes).expect("the model's bytes");
    let matching = loaded[2].load_matching_weights(&path).expect("the model's file");
    assert!(matching.unmatched.is_empty() && matching.missing.is_empty());
    persistence::WeightFiles::load_weights_from_bytes(&mut loaded[3], &bytes).expect("the model's bytes");
    for model in loaded {
        assert_eq!(model.weights_to_bytes(), saved.weights_to_bytes());
    }
}

/// Their bits would be those of a NaN.
#[test]
fn large_ids_are_ids() {
    let model = Tickets::new(3);
    let text = [[u32::MAX, 0], [0x7f80_0000, 1]];
    let bytes = model.weights_file().ranges((&text, &FACTS[..2])).to_bytes().expect("a file");
    let included = in_the_program(&bytes);
    let input = TicketsInput { text: &[u32::MAX - 1, 0], facts: &FACTS[0] };
    // Within the range, but the embedding has no such row.
    assert!(matches!(included.predict_checked(input, 0.0), Err(CheckedError::Predict(_))));
}

/// Sizes that no file has.
#[test]
fn sizes_that_overflow_are_errors() {
    let mut model = Tickets::new(3);
    for header in [
        r#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,18446744073709551615]}}"#,
        r#"{"fusion.golden/input/text":{"dtype":"U32","shape":[9223372036854775808,0],"data_offsets":[0,0]}}"#,
        r#"{"fusion.golden/input/text":{"dtype":"U32","shape":[9223372036854775808,2],"data_offsets":[0,0]}}"#,
    ] {
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        assert!(model.self_test(&bytes, 1.0).is_err());
        assert!(persistence::WeightFiles::load_weights_from_bytes(&mut model, &bytes).is_err());
    }
}

#[test]
fn a_sample_outside_of_the_ranges_is_refused() {
    let model = in_the_program(&file(&Tickets::new(3)));
    let checked = |text, facts, margin| model.predict_checked((&text, &facts), margin);
    let output = checked(TEXT[1], FACTS[1], 0.0).expect("a sample of those");
    assert_eq!(output.queue, model.predict(&TEXT[1], &FACTS[1]).queue);
    let error = checked(TEXT[0], [0.0, 1.25, 0.0], 0.0).map(|_| ()).expect_err("more than 1.0");
    let text = "input `facts`: 1.25 at position 1 is not what the model was made for, which is -1 to 1 there";
    assert_eq!(error.to_string(), text);
    assert!(checked(TEXT[0], [0.0, 1.25, 0.0], 0.125).is_ok());
    assert!(checked(TEXT[0], [0.0, 1.26, 0.0], 0.125).is_err());
    let error = checked(TEXT[0], [0.0, 0.0, f32::NAN], 9.0).map(|_| ()).expect_err("no number");
    assert_eq!(error.to_string(), "input `facts`: NaN at position 2");
    let error = checked([0, 5], FACTS[0], 9.0).map(|_| ()).expect_err("an id that none of those had there");
    assert!(matches!(error, CheckedError::IdOutOfRange { input: "text", position: 1, id: 5, .. }), "{error}");
    // Without ranges only what is no number is refused.
    let model = in_the_program(&Tickets::new(3).weights_to_bytes());
    assert!(model.predict_checked(TicketsInput { text: &TEXT[0], facts: &[1e9; 3] }, 0.0).is_ok());
    let unknown = TicketsInput { text: &[0, 5], facts: &FACTS[0] };
    assert!(matches!(model.predict_checked(unknown, 0.0), Err(CheckedError::Predict(_))));
    let infinite = TicketsInput { text: &TEXT[0], facts: &[f32::INFINITY; 3] };
    assert!(model.predict_checked(infinite, 0.0).is_err());
}

#[test]
fn what_cannot_be_golden_is_refused_and_not_written() {
    let model = Tickets::new(3);
    let outputs = model.predict_batch((&TEXT, &FACTS)).expect("outputs");
    let said = |file: WeightsFile<'_, Tickets>| file.to_bytes().expect_err("no file").to_string();
    let golden = |queue: &[[f32; 3]]| said(model.weights_file().golden((&TEXT, &FACTS), (queue, &outputs.hours)));
    let start = "the weights were not saved, as ";
    let text = "there are 3 golden samples, but 2 of the output `queue`";
    assert_eq!(golden(&outputs.queue[..2]), format!("{start}{text}"));
    let text = "a golden sample of the output `queue` is NaN or infinite";
    assert_eq!(golden(&[[f32::NAN; 3]; 3]), format!("{start}{text}"));
    let none = model.weights_file().golden((&TEXT[..0], &FACTS[..0]), (&[], &[]));
    assert_eq!(said(none), format!("{start}a file has 1 to 64 golden samples, not 0"));
    let ranges = model.weights_file().ranges((&TEXT[..0], &FACTS[..0]));
    assert_eq!(said(ranges), format!("{start}there is no sample of the input `text` to take a range of"));
    let path = super::files::Directory::new().join("none.safetensors");
    assert!(model.weights_file().ranges((&TEXT[..0], &FACTS[..0])).save(&path).is_err());
    assert!(!path.exists());
}

/// What others put into a file under such names does not fit.
#[test]
#[should_panic(expected = "`fusion.golden/input/text` is not of the shape and type of its input or output")]
fn golden_samples_of_another_model_are_refused() {
    let bytes = file(&Tickets::new(3));
    let header = String::from_utf8_lossy(&bytes[8..]).into_owned();
    let (before, after) = header.split_at(header.find("fusion.golden/input/text").expect("a golden sample"));
    let place = 8 + before.len() + after.find("[3, 2]").expect("its shape");
    let mut damaged = bytes;
    damaged[place..place + 6].copy_from_slice(b"[2, 3]");
    let _ = in_the_program(&damaged);
}
