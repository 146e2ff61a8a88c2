//! What the network must beat: a linear model of the same features, and each branch alone.

use std::error::Error;

use fusion::Network;
use fusion::prelude::*;
use nalgebra::{DMatrix, DVector};

use crate::stones::{GRADES, MEASURES, Stones};

model! {
    /// The branch of the measures alone.
    struct MeasuresAlone {
        input measures: [f32; MEASURES];
        output price = measures => scale: Normalization<_> => Dense<_, 32, Relu> => Dense<_, 16, Relu> => Dense<_, 1>
            => dollars: Normalization<_>(invert = true);
    }
}

model! {
    /// The branch of the grades alone.
    struct GradesAlone {
        input grades: [f32; GRADES];
        output price = grades => Dense<_, 16, Relu> => Dense<_, 1> => dollars: Normalization<_>(invert = true);
    }
}

/// A baseline's name, and what it says of each stone held back.
pub struct Baseline {
    pub name: &'static str,
    pub prices: Vec<[f32; 1]>,
}

/// Least squares, and the better single branch.
pub fn predictions(training: &Stones, validation: &Stones, test: &Stones) -> Result<[Baseline; 2], Box<dyn Error>> {
    let linear = Baseline { name: "least squares on the same features", prices: least_squares(training, test)? };

    let mut measures = MeasuresAlone::new(1);
    measures.scale.adapt(&training.measures);
    measures.dollars.adapt(&training.prices);
    let loss = train(&mut measures, &training.measures, &training.prices, &validation.measures, &validation.prices)?;
    let mut grades = GradesAlone::new(1);
    grades.dollars.adapt(&training.prices);
    let other_loss = train(&mut grades, &training.grades, &training.prices, &validation.grades, &validation.prices)?;
    let single = if loss <= other_loss {
        Baseline { name: "the measures' branch alone", prices: measures.predict_batch(&test.measures)? }
    } else {
        Baseline { name: "the grades' branch alone", prices: grades.predict_batch(&test.grades)? }
    };
    Ok([linear, single])
}

/// Trains one branch as the whole model is trained; gives its loss on the validation part.
fn train<'a, M, I>(
    model: &'a mut M,
    inputs: I,
    prices: &'a [[f32; 1]],
    validation_inputs: I,
    validation_prices: &'a [[f32; 1]],
) -> Result<f64, Box<dyn Error>>
where
    M: Model,
    M::Network: Network<Outputs = ([f32; 1],)>,
    I: IntoInputs<'a, M::Network> + Copy,
{
    let mut trainer = Trainer::new(model, Adam::new(0.003), MeanAbsoluteError)
        .epochs(60)
        .batch_size(128)
        .shuffle(3)
        .verbose(false)
        .validation_data(validation_inputs, validation_prices)
        .callback(EarlyStopping::new("val_loss").patience(8).restore_best_weights(true));
    trainer.fit(inputs, prices)?;
    Ok(trainer.evaluate(validation_inputs, validation_prices)?["loss"])
}

/// Ordinary least squares by the normal equations; a grade of each kind is left out, as the
/// columns of a kind add up to the constant.
fn least_squares(training: &Stones, test: &Stones) -> Result<Vec<[f32; 1]>, Box<dyn Error>> {
    let features = |stones: &Stones| {
        DMatrix::from_fn(stones.len(), 1 + MEASURES + GRADES, |row, column| match column {
            0 => 1.0,
            column if column <= MEASURES => f64::from(stones.measures[row][column - 1]),
            column => f64::from(stones.grades[row][column - 1 - MEASURES]),
        })
        .remove_columns_at(&[1 + MEASURES, 1 + MEASURES + 5, 1 + MEASURES + 12])
    };
    let x = features(training);
    let prices = DVector::from_iterator(training.len(), training.prices.iter().map(|price| f64::from(price[0])));
    let solver = (x.transpose() * &x).cholesky().ok_or("the features depend on each other")?;
    let weights = solver.solve(&(x.transpose() * prices));
    Ok((features(test) * weights).iter().map(|price| [*price as f32]).collect())
}
