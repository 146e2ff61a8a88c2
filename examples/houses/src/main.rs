//! Prices houses from their attributes and photos, as PyImageSearch's tutorial "Keras: Multiple Inputs and Mixed Data":
//! an MLP of the attributes and a CNN of four photos are two branches of one network.
//!
//! ```text
//! git clone https://github.com/emanhamed/Houses-dataset
//! cargo run --release -p houses -- 'Houses-dataset/Houses Dataset'
//! ```

mod arguments;
mod features;
mod photos;
mod table;

use std::error::Error;
use std::process::ExitCode;

use arguments::{Arguments, HELP};
use features::{ATTRIBUTES, Samples, Scaling};
use fusion::optimizers::InverseTimeDecay;
use fusion::prelude::*;
use photos::{FILES, SIDE};
use table::House;

model! {
    /// The price of a house as a share of the highest, from its attributes and photos.
    pub struct Houses {
        input attributes: [f32; ATTRIBUTES];
        input photos: [f32; SIDE, SIDE, 3];
        block stage<FILTERS>(x) => Conv2d<_, FILTERS, 3>(padding = Same) => Activation<Relu>
            => BatchNormalization<_> => MaxPooling2d(2);
        branch mlp = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch cnn = photos => stage<16> => stage<32> => stage<64> => Flatten
            => Dense<_, 16> => Activation<Relu> => BatchNormalization<_> => Dropout(0.5) => Dense<_, 4, Relu>;
        output price = concatenate(mlp, cnn) => Dense<_, 4, Relu> => Dense<_, 1>;
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Some(arguments)) => train(&arguments).map_err(|error| error.to_string()),
        Ok(None) => {
            println!("{HELP}");
            Ok(())
        }
        Err(error) => Err(format!("{error}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn train(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments { folder, epochs, seed, fewest } = arguments;
    let houses = table::read(folder)?;
    let zip_codes = table::zip_codes(&houses, *fewest);
    let kept: Vec<House> = houses.iter().filter(|house| zip_codes.contains(&house.zip_code)).cloned().collect();
    println!("{} houses, {} of them in {} zip codes of {fewest} or more", houses.len(), kept.len(), zip_codes.len());
    if kept.is_empty() {
        return Err(format!("no zip code has {fewest} houses or more; `--fewest` says how many there are to be").into());
    }
    let (mean, deviation) = mean_and_deviation(kept.iter().map(|house| f64::from(house.price)));
    println!("{mean:.0} dollars on average, with a standard deviation of {deviation:.0}");
    let (training, test) = features::split(kept, *seed);
    let scaling = Scaling::new(&training, zip_codes)?;
    println!("{} to train, {} held back; reading {FILES} photos of each", training.len(), test.len());
    let training = Samples::read(folder, &training, &scaling)?;
    let test = Samples::read(folder, &test, &scaling)?;

    let mut model = Houses::new(*seed);
    println!("{}", Houses::summary());
    // `Adam(lr=1e-3, decay=1e-3 / 200)` of the tutorial's Keras.
    let rate = InverseTimeDecay::new(1e-3, 1, 1e-3 / 200.0);
    Trainer::new(&mut model, Adam::new(rate), MeanAbsolutePercentageError)
        .epochs(*epochs)
        .batch_size(8)
        .shuffle(*seed)
        .validation_data((&test.attributes, &test.photos), &test.prices)
        .fit((&training.attributes, &training.photos), &training.prices)?;

    let prices = model.predict_batch((&test.attributes, &test.photos))?;
    let pairs = prices.iter().zip(&test.prices).map(|([found], [price])| (f64::from(*found), f64::from(*price)));
    let (mean, deviation) = mean_and_deviation(pairs.map(|(found, price)| 100.0 * ((found - price) / price).abs()));
    println!(
        "\nOf the prices held back the network is off by {mean:.2} % on average, with a standard deviation of {deviation:.2} %."
    );
    Ok(())
}

/// The mean of some numbers, and by how much they scatter around it.
fn mean_and_deviation(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = numbers.clone().count() as f64;
    let mean = numbers.clone().sum::<f64>() / count;
    let variance = numbers.map(|number| (number - mean) * (number - mean)).sum::<f64>() / count;
    (mean, variance.sqrt())
}
