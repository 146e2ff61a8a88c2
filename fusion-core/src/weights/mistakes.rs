//! What is wrong with what is given for an array of weights.

use super::{Array, Constraint, Entry, Initializer, Kind, Regularizer};
use crate::shape::{Shape, Text};

/// The first option that has a value that it cannot have, and what is wrong with it.
pub(crate) const fn mistake(entries: &[Entry]) -> Option<(&'static str, Text)> {
    let mut i = 0;
    while i < entries.len() {
        let found = match &entries[i].kind {
            Kind::Array(array) => of_array(array),
            Kind::Layer { entries, .. } => mistake(entries),
        };
        if found.is_some() {
            return found;
        }
        i += 1;
    }
    None
}

const fn of_array(array: &Array) -> Option<(&'static str, Text)> {
    let [initializer, regularizer, constraint] = array.options;
    if let Initializer::Values(_, shape) = &array.initializer
        && !shape.equals(&array.shape)
    {
        let words = Text::new("the array is ").shape(shape).and(", and the weights are ").shape(&array.shape);
        return Some((initializer, words));
    }
    if let Some(words) = of_initializer(&array.initializer, &array.shape) {
        return Some((initializer, Text::new(words)));
    }
    if let Some(given) = &array.regularizer
        && let Some(words) = of_regularizer(given, &array.shape)
    {
        return Some((regularizer, Text::new(words)));
    }
    if let Some(given) = &array.constraint
        && let Some(words) = of_constraint(given, &array.shape)
    {
        return Some((constraint, words));
    }
    None
}

const fn of_initializer(initializer: &Initializer, shape: &Shape) -> Option<&'static str> {
    let (fits, words) = match initializer {
        Initializer::Constant(value) => (value.is_finite(), "the number must be finite"),
        Initializer::RandomNormal(mean, stddev) | Initializer::TruncatedNormal(mean, stddev) => (
            mean.is_finite() && is_factor(*stddev),
            "the standard deviation, the second number, must be at least 0, and both finite",
        ),
        Initializer::RandomUniform(minval, maxval) => (
            minval.is_finite() && maxval.is_finite() && *minval <= *maxval,
            "the first number must be at most the second, and both finite",
        ),
        Initializer::VarianceScaling(scale, ..) => {
            (is_factor(*scale) && *scale > 0.0, "the scale must be above 0, and finite")
        }
        Initializer::Orthogonal(gain) => {
            (gain.is_finite() && shape.rank() >= 2, "`Orthogonal` is of at least two dimensions, and its gain finite")
        }
        Initializer::Identity(gain) => {
            (gain.is_finite() && shape.rank() == 2, "`Identity` is of a matrix, and its gain finite")
        }
        Initializer::UnitForgetBias(others) => return of_initializer(others, shape),
        _ => return None,
    };
    if fits { None } else { Some(words) }
}

const fn of_regularizer(regularizer: &Regularizer, shape: &Shape) -> Option<&'static str> {
    let (fits, words) = match regularizer {
        Regularizer::L1(factor) | Regularizer::L2(factor) => {
            (is_factor(*factor), "the factor must be at least 0, and finite")
        }
        Regularizer::L1L2(l1, l2) => (is_factor(*l1) && is_factor(*l2), "the factors must be at least 0, and finite"),
        Regularizer::OrthogonalRegularizer(factor, _) => (
            is_factor(*factor) && shape.rank() == 2,
            "`OrthogonalRegularizer` is of a matrix, and its factor at least 0 and finite",
        ),
        Regularizer::Own(_) => return None,
    };
    if fits { None } else { Some(words) }
}

/// What is wrong with a penalty of a layer's output.
pub(crate) const fn of_activity(regularizer: &Regularizer) -> Option<&'static str> {
    match regularizer {
        Regularizer::OrthogonalRegularizer(..) => {
            Some("`OrthogonalRegularizer` is of weights; outputs have `L1`, `L2`, `L1L2` or one of your own")
        }
        other => of_regularizer(other, &Shape::SCALAR),
    }
}

const fn of_constraint(constraint: &Constraint, shape: &Shape) -> Option<Text> {
    let (axes, fits) = match constraint {
        Constraint::MaxNorm { max_value, axes } => (axes, is_factor(*max_value)),
        Constraint::MinMaxNorm { min_value, max_value, rate, axes } => {
            (axes, is_factor(*min_value) && is_factor(*max_value) && *min_value <= *max_value && rate.is_finite())
        }
        Constraint::UnitNorm { axes } => (axes, true),
        Constraint::NonNeg | Constraint::Own(_) => return None,
    };
    if !fits {
        return Some(Text::new("norms are at least 0 and finite, the least before the largest"));
    }
    if axes.are_of(shape) {
        return None;
    }
    let words = Text::new("norms are along axes of the weights, which are ").shape(shape);
    Some(words.and(": the axes are 0 to ").number(shape.rank().saturating_sub(1)))
}

/// Whether this is a number of at least 0.
const fn is_factor(number: f32) -> bool {
    number >= 0.0 && number.is_finite()
}
