//! Inputs that look alike: ten measures of a tumour's cells as mean, as error and as worst value are
//! three inputs of one shape, so they go by name.
//!
//! Trains one branch each, fused; reports AUC, precision and recall on cases that were held back,
//! and what it costs to swap two of the inputs on purpose.
//!
//! ```text
//! cargo run --release --example tumours
//! ```

#[path = "../shared/mod.rs"]
mod shared;

use std::error::Error;
use std::process::ExitCode;

use flate2::read::GzDecoder;
use fusion::Random;
use fusion::prelude::*;

model! {
    /// How likely a tumour is malignant.
    pub struct Tumours {
        input mean: [f32; 10];
        input error: [f32; 10];
        input worst: [f32; 10];
        branch m = mean => mean_scale: Normalization<_> => Dense<_, 8, Relu>;
        branch e = error => error_scale: Normalization<_> => Dense<_, 8, Relu>;
        branch w = worst => worst_scale: Normalization<_> => Dense<_, 8, Relu>;
        output malignant = concatenate(m, e, w) => Dropout(0.3) => Dense<_, 8, Relu> => Dense<_, 1, Sigmoid>;
    }
}

/// Cases, and whether each is malignant.
#[derive(Default)]
struct Cases {
    mean: Vec<[f32; 10]>,
    error: Vec<[f32; 10]>,
    worst: Vec<[f32; 10]>,
    malignant: Vec<[f32; 1]>,
}

impl Cases {
    /// The file that comes with this example: thirty measures, then 0 for malignant or 1 for benign.
    fn read() -> Result<Self, Box<dyn Error>> {
        let file = GzDecoder::new(include_bytes!("breast_cancer.csv.gz").as_slice());
        let mut cases = Self::default();
        // The first line holds counts and names, and has another number of columns.
        for record in csv::ReaderBuilder::new().flexible(true).from_reader(file).records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let values: Vec<f32> = record
                .iter()
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|error| format!("line {line}: {error}"))?;
            let [groups @ .., benign] = values.as_slice() else { return Err(format!("line {line} is empty").into()) };
            let [mean, error, worst] = groups.as_chunks::<10>().0 else {
                return Err(
                    format!("line {line}: 30 measures and a class are expected, not {} values", values.len()).into()
                );
            };
            cases.push([*mean, *error, *worst], 1.0 - benign);
        }
        Ok(cases)
    }

    fn push(&mut self, [mean, error, worst]: [[f32; 10]; 3], malignant: f32) {
        self.mean.push(mean);
        self.error.push(error);
        self.worst.push(worst);
        self.malignant.push([malignant]);
    }

    /// Seven tenths to train, three held back, drawn by chance from a seed.
    fn split(&self, seed: u64) -> (Self, Self) {
        let random = Random::new(seed);
        let mut order: Vec<usize> = (0..self.mean.len()).collect();
        order.sort_by_key(|index| random.bits(*index as u64));
        let mut parts = (Self::default(), Self::default());
        for (place, index) in order.iter().copied().enumerate() {
            let part = if place < order.len() * 7 / 10 { &mut parts.0 } else { &mut parts.1 };
            part.push([self.mean[index], self.error[index], self.worst[index]], self.malignant[index][0]);
        }
        parts
    }

    fn inputs(&self) -> TumoursInputs<'_> {
        TumoursInputs { mean: &self.mean, error: &self.error, worst: &self.worst }
    }
}

const HELP: &str = "\
Tells malignant tumours from benign ones by three inputs that look alike.

usage: tumours            train, and say what swapped inputs cost
       tumours --help     this text";

fn main() -> ExitCode {
    shared::run(HELP, |words| match words {
        [] => train(),
        [other, ..] => Err(format!("{}\n\n{HELP}", shared::unknown(other, &[])).into()),
    })
}

fn train() -> Result<(), Box<dyn Error>> {
    let cases = Cases::read()?;
    let (training, test) = cases.split(5);
    println!("{} cases to train, {} held back\n", training.mean.len(), test.mean.len());
    let mut model = Tumours::new(1);
    model.mean_scale.adapt(&training.mean)?;
    model.error_scale.adapt(&training.error)?;
    model.worst_scale.adapt(&training.worst)?;
    println!("{}", Tumours::summary());

    let mut trainer = Trainer::new(&mut model, Adam::new(0.003), BinaryCrossentropy::default())
        .metric(Auc::default())
        .metric(Precision::default())
        .metric(Recall::default())
        .epochs(60)
        .batch_size(16)
        .shuffle(2)
        .validation_split(0.15)
        .callback(EarlyStopping::new("val_loss").patience(10).restore_best_weights(true));
    trainer.fit(training.inputs(), &training.malignant)?;
    let scores = trainer.evaluate(test.inputs(), &test.malignant)?;
    println!(
        "\nheld back:      AUC {:.4}, precision {:.3}, recall {:.3}",
        scores["auc"], scores["precision"], scores["recall"]
    );

    // The compiler refuses `(&test.mean, &test.error, &test.worst)`: three inputs of one shape go by
    // name. Here two names are swapped on purpose.
    let swapped = TumoursInputs { mean: &test.worst, worst: &test.mean, ..test.inputs() };
    let scores = trainer.evaluate(swapped, &test.malignant)?;
    println!(
        "mean and worst swapped: AUC {:.4}, precision {:.3}, recall {:.3}",
        scores["auc"], scores["precision"], scores["recall"]
    );
    let swapped = TumoursInputs { error: &test.worst, worst: &test.error, ..test.inputs() };
    let scores = trainer.evaluate(swapped, &test.malignant)?;
    println!(
        "error and worst swapped: AUC {:.4}, precision {:.3}, recall {:.3}",
        scores["auc"], scores["precision"], scores["recall"]
    );
    Ok(())
}
