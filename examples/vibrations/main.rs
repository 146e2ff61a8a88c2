//! Trains the classifier of the example `microcontroller` and writes its weight file, with golden samples for the
//! self-test and the ranges of the inputs.
//!
//! A machine rests, runs, or runs with a worn bearing: 32 accelerations, and the temperatures of bearing and housing.
//! The data are drawn from a seed.
//!
//! ```text
//! cargo run --release --example vibrations
//! ```

mod model;

use std::error::Error;
use std::f32::consts::TAU;

use fusion::Random;
use fusion::prelude::*;
use model::Vibrations;

const SAMPLES: usize = 1500;
const GOLDEN: usize = 16;

/// Inputs, and the state of each sample: 0 rests, 1 runs, 2 is worn.
#[derive(Default)]
struct Samples {
    acceleration: Vec<[f32; 32]>,
    temperature: Vec<[f32; 2]>,
    state: Vec<u32>,
}

impl Samples {
    fn drawn(seed: u64) -> Self {
        let random = Random::new(seed);
        let mut next = 0;
        // Between -1 and 1.
        let mut draw = || {
            next += 1;
            (random.bits(next) >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        let mut samples = Self::default();
        for index in 0..SAMPLES {
            let state = index % 3;
            let (running, worn) = (f32::from(u8::from(state > 0)), f32::from(u8::from(state == 2)));
            let (phase, speed) = (draw() * TAU, 0.4 + 0.1 * draw());
            samples.acceleration.push(std::array::from_fn(|step| {
                let angle = phase + speed * step as f32;
                0.1 * draw() + running * angle.sin() + worn * 0.5 * (5.0 * angle).sin()
            }));
            samples.temperature.push([0.3 + 0.3 * running + 0.2 * worn + 0.1 * draw(), 0.3 + 0.2 * running]);
            samples.state.push(state as u32);
        }
        samples
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, test) = (Samples::drawn(1), Samples::drawn(2));
    let mut model = Vibrations::new(42);
    Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default())
        .epochs(30)
        .fit((&train.acceleration, &train.temperature), &train.state)?;
    let inputs = (&test.acceleration, &test.temperature);
    let outputs = model.predict_batch(inputs)?;
    let right = outputs.iter().zip(&test.state).filter(|(output, state)| {
        let best = (0..3).max_by(|a, b| output[*a].total_cmp(&output[*b]));
        best == Some(**state as usize)
    });
    println!("right: {} of {SAMPLES}", right.count());
    let golden = (&test.acceleration[..GOLDEN], &test.temperature[..GOLDEN]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/microcontroller/vibrations.safetensors");
    model
        .weights_file()
        .golden(golden, (&outputs[..GOLDEN],))
        .ranges((&train.acceleration, &train.temperature))
        .save(path)?;
    println!("{path}");
    Ok(())
}
