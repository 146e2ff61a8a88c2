//! What the network must beat: a linear model of the same features, and each branch alone.

use std::error::Error;

use fusion::prelude::*;

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
    measures.scale.adapt(&training.measures)?;
    measures.dollars.adapt(&training.prices)?;
    let loss = train(&mut measures, &training.measures, &training.prices, &validation.measures, &validation.prices)?;
    let mut grades = GradesAlone::new(1);
    grades.dollars.adapt(&training.prices)?;
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
    M: Model<Network: TrainNetwork<Outputs = ([f32; 1],)>>,
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

/// The constant, the measures, and all grades but one of each kind, as those of a kind add up to
/// the constant.
const FEATURES: usize = 1 + MEASURES + GRADES - 3;

/// A stone's features for the linear model.
fn features(stones: &Stones, stone: usize) -> [f64; FEATURES] {
    let grades = stones.grades[stone].iter().enumerate().filter(|(grade, _)| ![0, 5, 12].contains(grade));
    let mut values = std::iter::once(&1.0).chain(&stones.measures[stone]).chain(grades.map(|(_, grade)| grade));
    std::array::from_fn(|_| values.next().copied().map_or(0.0, f64::from))
}

/// Ordinary least squares: solves XᵀX w = Xᵀy by Gauss's elimination, in f64.
fn least_squares(training: &Stones, test: &Stones) -> Result<Vec<[f32; 1]>, Box<dyn Error>> {
    // Each row is one equation, its right side behind the features' columns.
    let mut equations = [[0.0f64; FEATURES + 1]; FEATURES];
    for stone in 0..training.len() {
        let (x, y) = (features(training, stone), f64::from(training.prices[stone][0]));
        for (equation, x_i) in equations.iter_mut().zip(x) {
            for (sum, x_j) in equation.iter_mut().zip(x.into_iter().chain([y])) {
                *sum += x_i * x_j;
            }
        }
    }
    for pivot in 0..FEATURES {
        // The matrix is positive definite, so that the diagonal is a good pivot as it stands.
        let row = equations[pivot].map(|value| value / equations[pivot][pivot]);
        if !row[FEATURES].is_finite() {
            return Err("the features depend on each other".into());
        }
        for (index, equation) in equations.iter_mut().enumerate() {
            let factor = if index == pivot { 0.0 } else { equation[pivot] };
            equation.iter_mut().zip(row).for_each(|(value, of_pivot)| *value -= factor * of_pivot);
        }
        equations[pivot] = row;
    }
    let price =
        |stone| features(test, stone).iter().zip(&equations).map(|(x, equation)| x * equation[FEATURES]).sum::<f64>();
    Ok((0..test.len()).map(|stone| [price(stone) as f32]).collect())
}
