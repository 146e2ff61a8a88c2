//! The files that TensorBoard reads: records with checksums (`TFRecord`), each a protocol buffer (`Event`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// So many buckets has a histogram, as TensorFlow's.
const BUCKETS: usize = 30;

/// One file, to which whole events are added.
pub(super) struct EventFile(File);

impl EventFile {
    /// A new one in this folder, which is made where there is none.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (seconds, process) = (now() as u64, std::process::id());
        let create = |number: usize| {
            let name = format!("events.out.tfevents.{seconds:010}.fusion.{process}.{number}.v2");
            OpenOptions::new().write(true).create_new(true).open(folder.join(name))
        };
        let taken = |file: &io::Result<File>| file.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::AlreadyExists);
        // There is an end to it, as some number is free.
        let file = (0..).map(create).find(|file| !taken(file)).unwrap_or_else(|| create(0))?;
        let mut file = Self(file);
        file.write(Events::default().begin())?;
        Ok(file)
    }

    /// Adds events at once, so that whenever the program ends, all events but the last are whole.
    pub fn write(&mut self, events: &Events) -> io::Result<()> {
        self.0.write_all(&events.0)
    }
}

/// Events as they stand in a file.
#[derive(Default)]
pub(super) struct Events(Vec<u8>);

impl Events {
    /// What every file begins with.
    fn begin(&mut self) -> &Self {
        let mut event = Message::default();
        event.double(1, now());
        event.bytes(3, b"brain.Event:2");
        self.record(&event.0);
        self
    }

    /// A number under a tag, as `tf.summary.scalar` writes it.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f64) {
        const FLOAT: u64 = 1;
        let tensor = tensor(FLOAT, &[], &(value as f32).to_le_bytes());
        self.summary(tag, "scalars", step, &tensor);
    }

    /// How numbers are spread, as `tf.summary.histogram` writes it: for each bucket its ends and how many it has.
    pub fn histogram(&mut self, tag: &str, step: u64, numbers: &[f32]) {
        const DOUBLE: u64 = 2;
        let rows = buckets(numbers);
        let bytes: Vec<u8> = rows.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
        self.summary(tag, "histograms", step, &tensor(DOUBLE, &[BUCKETS, 3], &bytes));
    }

    fn summary(&mut self, tag: &str, plugin: &str, step: u64, tensor: &Message) {
        let (mut data, mut metadata, mut value, mut summary) = <(Message, Message, Message, Message)>::default();
        data.bytes(1, plugin.as_bytes());
        metadata.bytes(1, &data.0);
        value.bytes(1, tag.as_bytes());
        value.bytes(8, &tensor.0);
        value.bytes(9, &metadata.0);
        summary.bytes(1, &value.0);
        let mut event = Message::default();
        event.double(1, now());
        event.number(2, step);
        event.bytes(5, &summary.0);
        self.record(&event.0);
    }

    /// A record: its length and its bytes, each with a checksum behind it.
    fn record(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_le_bytes();
        for part in [&length, bytes] {
            self.0.extend_from_slice(part);
            self.0.extend_from_slice(&checksum(part).to_le_bytes());
        }
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// CRC-32C, turned and moved so that a checksum of what has checksums in it is none of zeros.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);
    CRC.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A `TensorProto`.
fn tensor(kind: u64, shape: &[usize], content: &[u8]) -> Message {
    let (mut dimensions, mut tensor) = <(Message, Message)>::default();
    for size in shape {
        let mut dimension = Message::default();
        dimension.number(1, *size as u64);
        dimensions.bytes(2, &dimension.0);
    }
    tensor.number(1, kind);
    tensor.bytes(2, &dimensions.0);
    tensor.bytes(4, content);
    tensor
}

/// As many buckets of one width as there are, each from its left end to its right with its count; where all numbers are
/// one, all are in the last. What is no number is in none.
fn buckets(numbers: &[f32]) -> [[f64; 3]; BUCKETS] {
    let finite = || numbers.iter().map(|number| f64::from(*number)).filter(|number| number.is_finite());
    let (least, most) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    if least > most {
        return [[0.0; 3]; BUCKETS];
    }
    let width = (most - least) / BUCKETS as f64;
    let edge = |index: usize| if index == BUCKETS { most } else { least + width * index as f64 };
    let mut rows = std::array::from_fn(|index| [edge(index), edge(index + 1), 0.0]);
    for number in finite() {
        let index = if width == 0.0 { BUCKETS - 1 } else { ((number - least) / width) as usize };
        rows[index.min(BUCKETS - 1)][2] += 1.0;
    }
    rows
}

/// A protocol buffer's message: its fields, one after the other.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn double(&mut self, field: u64, number: f64) {
        self.varint(field << 3 | 1);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more come.
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event that TensorFlow has written, from its step on: `tf.summary.scalar("epoch_loss", 0.5, step=3)`.
    const OF_TENSORFLOW: &[u8] =
        b"\x10\x03*'\n%\n\nepoch_lossB\n\x08\x01\x12\x00\"\x04\x00\x00\x00?J\x0b\n\t\n\x07scalars";

    #[test]
    fn a_scalar_is_written_as_tensorflow_writes_it() {
        let mut events = Events::default();
        events.scalar("epoch_loss", 3, 0.5);
        let bytes = &events.0;
        // The length and its checksum, the time.
        let (event, check) = bytes[12..].split_at(bytes.len() - 16);
        assert_eq!(&event[9..], OF_TENSORFLOW);
        assert_eq!(bytes[..8], (event.len() as u64).to_le_bytes());
        assert_eq!(check, checksum(event).to_le_bytes());
    }

    #[test]
    fn checksums_are_those_of_the_format() {
        // The length of TensorFlow's first record, 24 bytes, and the checksum that it wrote behind it.
        assert_eq!(checksum(&24_u64.to_le_bytes()), 0x224b_7fa3);
        assert_eq!(checksum(b"123456789"), 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8));
    }

    #[test]
    fn numbers_are_counted_as_tensorflow_counts_them() {
        let rows = buckets(&[1.0, 2.0, 3.0, 4.5]);
        assert_eq!((rows[0][0], rows[29][1]), (1.0, 4.5));
        let filled: Vec<usize> = (0..BUCKETS).filter(|index| rows[*index][2] > 0.0).collect();
        assert_eq!(filled, [0, 8, 17, 29]);
        assert!(rows.windows(2).all(|pair| pair[0][1] == pair[1][0]));
        assert_eq!(buckets(&[2.0; 3])[28..], [[2.0, 2.0, 0.0], [2.0, 2.0, 3.0]]);
        assert_eq!(buckets(&[f32::NAN]), [[0.0; 3]; BUCKETS]);
    }
}
