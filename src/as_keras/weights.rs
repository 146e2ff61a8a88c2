//! What a layer's arrays are given, and its activations, as Keras writes them.

use fusion_core::weights::{Constraint, Initializer, Regularizer};
use serde_json::{Map, Value, json};

use super::text;

/// Keras's activations that stand in a file by their names.
const ACTIVATIONS: [&str; 29] = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanh_shrink",
];

/// An object of one of Keras's modules.
fn object(module: &str, class: &str, names: &[&str], values: &[Value]) -> Value {
    let config: Map<String, Value> = names.iter().map(|name| (*name).to_owned()).zip(values.iter().cloned()).collect();
    json!({ "module": module, "class_name": class, "config": config, "registered_name": null })
}

/// The class and the numbers of a value that Rust writes as `L2(0.01)`.
fn parts(debug: &dyn std::fmt::Debug) -> Option<(String, Vec<Value>)> {
    match text::value(&format!("{debug:?}"))? {
        Value::Array(mut parts) => {
            let name = parts.remove(0).as_str()?.to_owned();
            Some((name, parts))
        }
        _ => Some((format!("{debug:?}"), Vec::new())),
    }
}

/// An initializer; none of one of the user's own, or of given numbers, which no file of Keras's has.
pub(super) fn initializer(initializer: &Initializer) -> Option<Value> {
    let initializer = match initializer {
        // The forget gate has an option of its own.
        Initializer::UnitForgetBias(others) => others,
        Initializer::Values(..) | Initializer::Own(_) => return None,
        other => other,
    };
    let (class, values) = parts(initializer)?;
    let names: &[&str] = match class.as_str() {
        "Constant" => &["value"],
        "RandomNormal" | "TruncatedNormal" => &["mean", "stddev"],
        "RandomUniform" => &["minval", "maxval"],
        "VarianceScaling" => &["scale", "mode", "distribution"],
        "Orthogonal" | "Identity" => &["gain"],
        _ => &[],
    };
    Some(object("keras.initializers", &class, names, &values))
}

/// A regularizer; none of one of the user's own.
pub(super) fn regularizer(regularizer: &Regularizer) -> Option<Value> {
    if matches!(regularizer, Regularizer::Own(_)) {
        return None;
    }
    let (class, values) = parts(regularizer)?;
    regularizer_of(&class, &values)
}

/// The same of what its text was read as: `["L2", 0.01]`.
pub(super) fn regularizer_of_text(value: &Value) -> Option<Value> {
    let (class, values) = value.as_array()?.split_first()?;
    regularizer_of(class.as_str()?, values)
}

fn regularizer_of(class: &str, values: &[Value]) -> Option<Value> {
    let names: &[&str] = match class {
        "L1" => &["l1"],
        "L2" => &["l2"],
        "L1L2" => &["l1", "l2"],
        "OrthogonalRegularizer" => &["factor", "mode"],
        _ => return None,
    };
    Some(object("keras.regularizers", class, names, values))
}

/// A constraint; none of one of the user's own.
pub(super) fn constraint(constraint: &Constraint) -> Option<Value> {
    let float = |number: &f32| text::value(&format!("{number:?}")).unwrap_or_default();
    let (class, mut names, mut values, axes) = match constraint {
        Constraint::MaxNorm { max_value, axes } => ("MaxNorm", vec!["max_value"], vec![float(max_value)], axes),
        Constraint::MinMaxNorm { min_value, max_value, rate, axes } => {
            let values = [min_value, max_value, rate].map(float).to_vec();
            ("MinMaxNorm", vec!["min_value", "max_value", "rate"], values, axes)
        }
        Constraint::UnitNorm { axes } => ("UnitNorm", Vec::new(), Vec::new(), axes),
        Constraint::NonNeg => return Some(object("keras.constraints", "NonNeg", &[], &[])),
        Constraint::Own(_) => return None,
    };
    let range = axes.range();
    names.push("axis");
    values.push(if range.len() == 1 { json!(range.start) } else { range.collect() });
    Some(object("keras.constraints", class, &names, &values))
}

/// An activation by its name here, `relu`, or `leaky_relu 1036831949` with the bits of its parameters.
///
/// # Errors
/// What is wrong, as the end of a sentence.
pub(super) fn activation(name: &str) -> Result<Value, String> {
    let mut words = name.split(' ');
    let own = words.next().unwrap_or_default();
    let bits = words.map(str::parse).collect::<Result<Vec<u32>, _>>().unwrap_or_default();
    match (bits.is_empty(), ACTIVATIONS.contains(&own)) {
        (true, true) if name == own => return Ok(Value::from(own)),
        (false, true) => {}
        (false, false) if own == "threshold" => {}
        _ => return Err(format!("has the activation `{name}`, which Keras has not")),
    }
    let number = |place: usize| f32::from_bits(bits.get(place).copied().unwrap_or_default());
    let float = |number: f32| text::value(&format!("{number:?}")).unwrap_or_default();
    let (class, names, values): (_, &[&str], Vec<Value>) = match own {
        "leaky_relu" => ("LeakyReLU", &["negative_slope"], vec![float(number(0))]),
        "elu" => ("ELU", &["alpha"], vec![float(number(0))]),
        "relu" => {
            let most = if bits[0] == u32::MAX { Value::Null } else { float(number(0)) };
            ("ReLU", &["max_value", "negative_slope", "threshold"], vec![most, float(number(1)), float(number(2))])
        }
        _ => {
            return Err(format!(
                "gives the activation `{own}` parameters, for which a file of Keras's has no place: leave them out, or \
                 write a layer around the function in Keras"
            ));
        }
    };
    Ok(object("keras.layers", class, names, &values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_keras() {
        let normal = initializer(&Initializer::RandomNormal(0.0, 0.02)).unwrap();
        assert_eq!(normal["config"], json!({ "mean": 0.0, "stddev": 0.02 }));
        assert_eq!(initializer(&Initializer::UnitForgetBias(&Initializer::Zeros)).unwrap()["class_name"], "Zeros");
        assert_eq!(initializer(&Initializer::Own(|_, _, _| {})), None);
        assert_eq!(regularizer(&Regularizer::L2(0.01)).unwrap()["config"], json!({ "l2": 0.01 }));
        assert_eq!(regularizer(&Regularizer::Own(|_, _, _| 0.0)), None);
        let norm = constraint(&Constraint::max_norm(3.0).axes(0..3)).unwrap();
        assert_eq!(norm["config"], json!({ "max_value": 3.0, "axis": [0, 1, 2] }));
        assert_eq!(constraint(&Constraint::unit_norm()).unwrap()["config"], json!({ "axis": 0 }));
        assert_eq!(activation("relu").unwrap(), "relu");
        let slope = activation(&format!("leaky_relu {}", 0.1_f32.to_bits())).unwrap();
        assert_eq!((&slope["class_name"], &slope["config"]["negative_slope"]), (&json!("LeakyReLU"), &json!(0.1)));
        let capped = activation(&format!("relu {}", 6.0_f32.to_bits())).unwrap();
        assert_eq!(capped["config"], json!({ "max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0 }));
        assert!(activation("square").is_err() && activation("gelu 1").is_err() && activation("my own").is_err());
    }
}
