//! Real images: handwritten digits of 8×8 grey levels, an image branch and a branch of the sums of
//! rows and columns, fused.
//!
//! ```text
//! cargo run --release --example digits
//! ```

#[path = "../shared/mod.rs"]
mod shared;

use std::error::Error;
use std::process::ExitCode;

use flate2::read::GzDecoder;
use fusion::Random;
use fusion::classification::{ConfusionMatrix, argmax};
use fusion::prelude::*;

type Image = [[[f32; 1]; 8]; 8];

model! {
    /// Which digit an image shows.
    pub struct Digits {
        input image: [f32; 8, 8, 1];
        input sums: [f32; 16];
        branch x = image
            => Conv2d<1, 16, 3, Relu>(padding = Same)
            => Conv2d<16, 32, 3, Relu>(padding = Same)
            => MaxPooling2d(2) => Dropout(0.25) => Flatten;
        branch y = sums => Dense<_, 16, Relu>;
        output digit = concatenate(x, y) => Dense<_, 64, Relu> => Dropout(0.4) => Dense<_, 10>;
    }
}

/// Images, the sums of their rows and columns, and what they show.
#[derive(Default)]
struct Samples {
    images: Vec<Image>,
    sums: Vec<[f32; 16]>,
    digits: Vec<u32>,
}

impl Samples {
    /// The file that comes with this example: 64 grey levels from 0 to 16, then the digit.
    fn read() -> Result<Self, Box<dyn Error>> {
        let file = GzDecoder::new(include_bytes!("digits.csv.gz").as_slice());
        let mut samples = Self::default();
        for record in csv::ReaderBuilder::new().has_headers(false).from_reader(file).records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let values: Vec<f32> = record
                .iter()
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|error| format!("line {line}: {error}"))?;
            let [levels @ .., digit] = values.as_slice() else { return Err(format!("line {line} is empty").into()) };
            let levels: Vec<f32> = levels.iter().map(|level| level / 16.0).collect();
            let [image] = rows::<Image>(&levels).map_err(|error| format!("line {line}: {error}"))? else {
                return Err(format!(
                    "line {line}: 64 grey levels and a digit are expected, not {} values",
                    values.len()
                )
                .into());
            };
            samples.images.push(*image);
            samples.sums.push(sums(image));
            samples.digits.push(*digit as u32);
        }
        Ok(samples)
    }

    /// Eight tenths to train, two held back, drawn by chance from a seed.
    fn split(&self, seed: u64) -> (Self, Self) {
        let random = Random::new(seed);
        let mut order: Vec<usize> = (0..self.images.len()).collect();
        order.sort_by_key(|index| random.bits(*index as u64));
        let (training, test) = order.split_at(order.len() * 8 / 10);
        (self.pick(training), self.pick(test))
    }

    fn pick(&self, order: &[usize]) -> Self {
        Self {
            images: order.iter().map(|index| self.images[*index]).collect(),
            sums: order.iter().map(|index| self.sums[*index]).collect(),
            digits: order.iter().map(|index| self.digits[*index]).collect(),
        }
    }
}

/// The mean of each row, then of each column.
fn sums(image: &Image) -> [f32; 16] {
    std::array::from_fn(|i| (0..8).map(|j| if i < 8 { image[i][j][0] } else { image[j][i - 8][0] }).sum::<f32>() / 8.0)
}

const HELP: &str = "\
Tells handwritten digits apart with a network of two inputs, the image and its sums.

usage: digits            train, and say how many of the digits held back are right
       digits --help     this text";

fn main() -> ExitCode {
    shared::run(HELP, |words| match words {
        [] => train(),
        [other, ..] => Err(format!("{}\n\n{HELP}", shared::unknown(other, &[])).into()),
    })
}

fn train() -> Result<(), Box<dyn Error>> {
    let (training, test) = Samples::read()?.split(3);
    println!("{} digits to train, {} held back\n", training.digits.len(), test.digits.len());
    let mut model = Digits::new(1);
    println!("{}", Digits::summary());
    let mut trainer = Trainer::new(&mut model, Adam::new(0.002), SparseCategoricalCrossentropy::from_logits())
        .metric(SparseCategoricalAccuracy.named("accuracy"))
        .epochs(30)
        .batch_size(32)
        .shuffle(4);
    trainer.fit((&training.images, &training.sums), &training.digits)?;

    let outputs = model.predict_batch((&test.images, &test.sums))?;
    let found = argmax(&outputs);
    let right = found.iter().zip(&test.digits).filter(|(found, digit)| found == digit).count();
    println!(
        "\nof {} digits held back {right} are right: {:.2} %\n",
        found.len(),
        100.0 * right as f64 / found.len() as f64
    );
    print!("{}", ConfusionMatrix::new(&test.digits, &found)?);
    Ok(())
}
