//! Prices diamonds: measures and grades are two inputs, each with a branch of its own, fused.
//!
//! Trains on the stones of `diamonds.csv.gz`, compares with two baselines on stones that were held
//! back, saves the weights, and prices a single stone from the saved file:
//!
//! ```text
//! cargo run --release --example fusion
//! cargo run --release --example fusion -- price 0.9 61.5 57 6.2 6.1 3.8 Ideal E VS1
//! ```

mod baseline;
mod report;
#[path = "../shared/mod.rs"]
mod shared;
mod stones;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use fusion::prelude::*;
use stones::{GRADES, MEASURES, Stone, Stones};

model! {
    /// Price of a diamond in dollars, from its measures and its grades.
    pub struct Diamonds {
        input measures: [f32; MEASURES];
        input grades: [f32; GRADES];
        branch size = measures => scale: Normalization<_> => Dense<_, 32, Relu> => Dense<_, 16, Relu>;
        branch quality = grades => Dense<_, 16, Relu>;
        output price = concatenate(size, quality) => Dense<_, 32, Relu> => Dense<_, 16, Relu> => Dense<_, 1>
            => dollars: Normalization<_>(invert = true);
    }
}

const WEIGHTS: &str = "diamonds.safetensors";
const HELP: &str = "\
Prices diamonds with a network of two inputs.

usage: fusion                      train, compare with two baselines, save diamonds.safetensors
       fusion price STONE          price one stone with the saved weights
       fusion --help               this text

STONE: carat depth table x y z cut color clarity, such as
       0.9 61.5 57 6.2 6.1 3.8 Ideal E VS1";

/// What a stone is worth takes no more than these: a microcontroller would do.
const _: () = assert!(Diamonds::WEIGHT_BYTES < 16_384);

fn main() -> ExitCode {
    shared::run(HELP, |words| match words {
        [] => train(),
        ["price", stone @ ..] => price(stone),
        [other, ..] => Err(format!("{}\n\n{HELP}", shared::unknown(other, &["price"])).into()),
    })
}

fn train() -> Result<(), Box<dyn Error>> {
    let stones = Stones::read()?;
    let (training, validation, test) = stones.split(11);
    println!(
        "{} stones: {} to train, {} to stop in time, {} held back\n",
        stones.len(),
        training.len(),
        validation.len(),
        test.len()
    );

    let mut model = Diamonds::new(1);
    // The scaling is what the training part alone tells; it travels with the weights.
    model.scale.adapt(&training.measures)?;
    model.dollars.adapt(&training.prices)?;
    println!("{}", Diamonds::summary());
    let mut trainer = Trainer::new(&mut model, Adam::new(0.003), MeanAbsoluteError)
        .epochs(60)
        .batch_size(128)
        .shuffle(3)
        .validation_data((&validation.measures, &validation.grades), &validation.prices)
        .callback(EarlyStopping::new("val_loss").patience(8).restore_best_weights(true));
    trainer.fit((&training.measures, &training.grades), &training.prices)?;

    let prices = model.predict_batch((&test.measures, &test.grades))?;
    let baselines = baseline::predictions(&training, &validation, &test)?;
    println!("{}", report::table(&test, &prices, &baselines));
    println!("{}", report::some_stones(&test, &prices));

    model.save_weights(WEIGHTS)?;
    println!("The weights are in {WEIGHTS}. To price a stone with them:");
    println!("  cargo run --release --example fusion -- price 0.9 61.5 57 6.2 6.1 3.8 Ideal E VS1");
    Ok(())
}

fn price(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let stone = Stone::parse(words).map_err(|error| format!("{error}\n\n{HELP}"))?;
    if !Path::new(WEIGHTS).exists() {
        return Err(
            format!("there is no {WEIGHTS} here; `cargo run --release --example fusion` trains and saves one").into()
        );
    }
    let mut model = Diamonds::new(0);
    model.load_weights(WEIGHTS)?;
    let [dollars] = model.predict(&stone.measures, &stone.grades);
    println!("about {dollars:.0} dollars");
    Ok(())
}
