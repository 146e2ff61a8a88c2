//! The files for TensorBoard, read as it reads them.

use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

model! { struct Line = [f32; 1] => Dense<1, 1>; }

const X: [[f32; 1]; 6] = [[0.0], [0.5], [1.0], [1.5], [2.0], [-1.0]];
const Y: [[f32; 1]; 6] = [[1.0], [2.0], [3.0], [4.0], [5.0], [-1.0]];

/// CRC-32C bit by bit, masked.
fn checksum(bytes: &[u8]) -> u32 {
    let one = |crc: u32, _| (crc >> 1) ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
    let crc = !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), one));
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The records of a file that are whole.
fn records(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while bytes.len() >= 12 {
        let (length, rest) = bytes.split_at(8);
        assert_eq!(checksum(length).to_le_bytes(), rest[..4]);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        if rest.len() < length + 8 {
            break;
        }
        let (record, rest) = rest[4..].split_at(length);
        assert_eq!(checksum(record).to_le_bytes(), rest[..4]);
        records.push(record);
        bytes = &rest[4..];
    }
    records
}

/// What a field of a message holds.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(&self) -> &'a [u8] {
        match self {
            Field::Bytes(bytes) => bytes,
            Field::Number(_) => panic!("no bytes"),
        }
    }
    fn number(&self) -> u64 {
        match self {
            Field::Number(number) => *number,
            Field::Bytes(_) => panic!("no number"),
        }
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if *first < 0x80 {
            break;
        }
    }
    number
}

fn fields(mut bytes: &[u8]) -> BTreeMap<u64, Field<'_>> {
    let mut fields = BTreeMap::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            kind => {
                let length = if kind == 1 { 8 } else { varint(&mut bytes) as usize };
                let (these, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(these)
            }
        };
        assert!(fields.insert(key >> 3, field).is_none());
    }
    fields
}

/// An event of a file: its tag, its step, its plugin and its numbers' bytes.
type Event = (String, u64, String, Vec<u8>);

fn events(bytes: &[u8]) -> Vec<Event> {
    let records = records(bytes);
    assert_eq!(fields(records[0])[&3].bytes(), b"brain.Event:2");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let event = |record: &&[u8]| {
        let event = fields(record);
        let value = fields(fields(event[&5].bytes())[&1].bytes());
        let plugin = fields(fields(value[&9].bytes())[&1].bytes());
        let content = fields(value[&8].bytes())[&4].bytes().to_vec();
        (text(value[&1].bytes()), event[&2].number(), text(plugin[&1].bytes()), content)
    };
    records[1..].iter().map(event).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn scalars(events: &[Event], tag: &str) -> Vec<(u64, f32)> {
    let of_tag = events.iter().filter(|event| event.0 == tag);
    of_tag
        .map(|(_, step, plugin, content)| {
            assert_eq!(plugin, "scalars");
            (*step, f32::from_le_bytes(content.as_slice().try_into().unwrap()))
        })
        .collect()
}

#[test]
fn everything_is_where_keras_writes_it() {
    let logs = std::env::temp_dir().join(format!("fusion-tensorboard-{}", std::process::id()));
    let mut model = Line::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(ExponentialDecay::new(0.1, 3, 0.5)), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(3)
        .batch_size(2)
        .validation_data(&X, &Y)
        .callback(TensorBoard::new(&logs).histogram_freq(2).update_freq(2))
        .verbose(false);
    let history = trainer.fit(&X, &Y).unwrap();
    let [train, validation] = ["train", "validation"].map(|part| files(&logs.join(part)));
    assert_eq!([train.len(), validation.len()], [1, 1]);
    assert!(train[0].file_name().unwrap().to_str().unwrap().starts_with("events.out.tfevents."));
    let bytes = fs::read(&train[0]).unwrap();
    let train = events(&bytes);
    let validation = events(&fs::read(&validation[0]).unwrap());

    let of_history = |name: &str| -> Vec<(u64, f32)> { (0..).zip(history[name].iter().map(|x| *x as f32)).collect() };
    assert_eq!(scalars(&train, "epoch_loss"), of_history("loss"));
    assert_eq!(scalars(&train, "epoch_mae"), of_history("mae"));
    assert_eq!(scalars(&train, "epoch_learning_rate"), of_history("learning_rate"));
    assert_eq!(scalars(&validation, "epoch_loss"), of_history("val_loss"));
    let by_steps: Vec<(u64, f32)> = of_history("val_mae").iter().map(|(epoch, mae)| (3 * (epoch + 1), *mae)).collect();
    assert_eq!(scalars(&validation, "evaluation_mae_vs_iterations"), by_steps);
    let batches = scalars(&train, "batch_loss");
    assert_eq!(batches.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [2, 4, 6, 8]);
    // The sixth step ends the second epoch.
    assert_eq!(batches[2].1, of_history("loss")[1].1);

    let histograms: Vec<&Event> = train.iter().filter(|event| event.2 == "histograms").collect();
    let tags: Vec<(&str, u64)> = histograms.iter().map(|event| (event.0.as_str(), event.1)).collect();
    let [kernel, bias] = ["dense/kernel/histogram", "dense/bias/histogram"];
    assert_eq!(tags, [(kernel, 0), (bias, 0), (kernel, 2), (bias, 2)]);
    let numbers: Vec<f64> = histograms[2].3.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let weight = f64::from(trainer.model().dense.kernel[0][0]);
    assert_eq!(numbers.len(), 90);
    assert_eq!(numbers[87..], [weight, weight, 1.0]);

    // However a program ends, what is whole in the file can be read.
    for length in (records(&bytes)[0].len() + 16..bytes.len()).step_by(11) {
        let events = events(&bytes[..length]);
        assert_eq!(events[..], train[..events.len()]);
    }
    // Another `fit` writes beside it.
    trainer.fit(&X, &Y).unwrap();
    assert_eq!(files(&logs.join("train")).len(), 2);
    fs::remove_dir_all(&logs).unwrap();
}

#[test]
fn what_is_written_is_there_before_the_end() {
    let logs = std::env::temp_dir().join(format!("fusion-tensorboard-early-{}", std::process::id()));
    let folder = logs.join("train");
    let looks = LambdaCallback::new().on_epoch_end(move |epoch, _, _| {
        let events = events(&fs::read(&files(&folder)[0]).unwrap());
        assert_eq!(scalars(&events, "epoch_loss").len(), epoch + 1);
    });
    let mut model = Line::new(1);
    let trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).epochs(3).verbose(false);
    trainer.callback(TensorBoard::new(&logs)).callback(looks).fit(&X, &Y).unwrap();
    assert!(!logs.join("validation").exists());
    fs::remove_dir_all(&logs).unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let file = std::env::temp_dir().join(format!("fusion-tensorboard-file-{}", std::process::id()));
    fs::write(&file, "no folder").unwrap();
    let mut model = Line::new(1);
    let trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).epochs(3).verbose(false);
    let error = { trainer }.callback(TensorBoard::new(&file)).fit(&X, &Y).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot write events to `{}`: ", file.join("train").display())), "{error}");
    fs::remove_file(&file).unwrap();
}
