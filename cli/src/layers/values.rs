//! Values of Keras's configs as Rust would have them.

use serde_json::Value;

/// `50_000`: digits in groups, as Clippy wants them.
pub fn integer(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push('_');
        }
        text.push(digit);
    }
    if value < 0 { format!("-{text}") } else { text }
}

/// `0.001`, `1e-5`: the shortest text of the nearest `f32`.
pub fn float(value: &Value) -> Option<String> {
    #[allow(clippy::cast_possible_truncation, reason = "weights and options are `f32`")]
    let value = value.as_f64()? as f32;
    value.is_finite().then(|| grouped(&format!("{value:?}")))
}

/// The digits of a long number in groups, `0.333_333_34`, as Clippy wants them.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (digits, exponent) = rest.split_at(rest.find('e').unwrap_or(rest.len()));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len().max(fraction.len()) <= 5 {
        return number.to_owned();
    }
    let by_three = |digits: &str, first: usize| {
        let (first, rest) = digits.split_at(first.min(digits.len()));
        let rest = rest.as_bytes().chunks(3).map(String::from_utf8_lossy);
        let groups = [std::borrow::Cow::from(first)].into_iter().chain(rest);
        groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join("_")
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{}{exponent}", by_three(whole, whole.len() % 3), by_three(fraction, 3))
}

/// `Same` of `"same"`, `MultiHot` of `"multi_hot"`.
pub fn camel(word: &str) -> String {
    let mut text = String::new();
    let mut upper = true;
    for letter in word.chars() {
        match letter {
            '_' | '-' | ' ' | '.' | '/' => upper = true,
            _ if upper => {
                text.extend(letter.to_uppercase());
                upper = false;
            }
            _ => text.push(letter),
        }
    }
    text
}

/// The class and the options of an initializer, a regularizer, a constraint or an activation, which are a name or an
/// object.
pub fn object(value: &Value) -> Option<(&str, Option<&Value>)> {
    match value {
        Value::String(name) => Some((name, None)),
        Value::Object(object) => match (object.get("class_name")?.as_str()?, object.get("config")) {
            ("function", Some(Value::String(name))) => Some((name, None)),
            (class, config) => Some((class, config)),
        },
        _ => None,
    }
}

/// `GlorotUniform`, `RandomNormal(0.0, 0.01)`.
pub fn initializer(value: &Value) -> Option<String> {
    let (class, config) = object(value)?;
    let with = |names: &[(&str, f64)]| arguments(&camel(class), config, names);
    match camel(class).as_str() {
        name @ ("Zeros" | "Ones" | "GlorotUniform" | "GlorotNormal" | "HeUniform" | "HeNormal" | "LecunUniform"
        | "LecunNormal") => Some(name.to_owned()),
        "Constant" => with(&[("value", 0.0)]),
        "RandomNormal" | "TruncatedNormal" => with(&[("mean", 0.0), ("stddev", 0.05)]),
        "RandomUniform" => with(&[("minval", -0.05), ("maxval", 0.05)]),
        "Orthogonal" | "OrthogonalInitializer" => arguments("Orthogonal", config, &[("gain", 1.0)]),
        "Identity" | "IdentityInitializer" => arguments("Identity", config, &[("gain", 1.0)]),
        "VarianceScaling" => {
            let scale = float(config?.get("scale")?)?;
            let (mode, distribution) = (config?.get("mode")?.as_str()?, config?.get("distribution")?.as_str()?);
            let distribution = if distribution == "normal" { "truncated_normal" } else { distribution };
            Some(format!("VarianceScaling({scale}, {}, Distribution::{})", camel(mode), camel(distribution)))
        }
        _ => None,
    }
}

/// `L2(0.01)`
pub fn regularizer(value: &Value) -> Option<String> {
    let (class, config) = object(value)?;
    match class {
        "L1" | "l1" => arguments("L1", config, &[("l1", 0.01)]),
        "L2" | "l2" => arguments("L2", config, &[("l2", 0.01)]),
        "L1L2" | "l1_l2" => {
            let part = |name| config.and_then(|config| config.get(name)).and_then(Value::as_f64).unwrap_or(0.0) != 0.0;
            match (part("l1"), part("l2")) {
                (true, false) => arguments("L1", config, &[("l1", 0.0)]),
                (false, true) => arguments("L2", config, &[("l2", 0.0)]),
                _ => arguments("L1L2", config, &[("l1", 0.0), ("l2", 0.0)]),
            }
        }
        "OrthogonalRegularizer" => {
            let (factor, mode) = (float(config?.get("factor")?)?, config?.get("mode")?.as_str()?);
            Some(format!("OrthogonalRegularizer({factor}, {})", camel(mode)))
        }
        _ => None,
    }
}

/// `MaxNorm(1.0)`, `UnitNorm.axis(1)`
pub fn constraint(value: &Value) -> Option<String> {
    let (class, config) = object(value)?;
    let name = match camel(class).as_str() {
        "MaxNorm" => arguments("MaxNorm", config, &[("max_value", 2.0)])?,
        "MinMaxNorm" => arguments("MinMaxNorm", config, &[("min_value", 0.0), ("max_value", 1.0), ("rate", 1.0)])?,
        "NonNeg" | "NonNegative" => return Some("NonNeg".to_owned()),
        "UnitNorm" => "UnitNorm".to_owned(),
        _ => return None,
    };
    match config.and_then(|config| config.get("axis")) {
        None => Some(name),
        Some(Value::Number(axis)) if axis.as_u64() == Some(0) => Some(name),
        Some(Value::Number(axis)) => Some(format!("{name}.axis({})", axis.as_u64()?)),
        Some(Value::Array(axes)) => {
            let axes: Vec<u64> = axes.iter().map(Value::as_u64).collect::<Option<_>>()?;
            let (first, last) = (*axes.first()?, *axes.last()?);
            let follow = axes.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
            follow.then(|| format!("{name}.axes({first}..{})", last.saturating_add(1)))
        }
        Some(_) => None,
    }
}

/// `L1L2(0.001, 0.002)`: the options of these names, or what they are where they are not given.
fn arguments(name: &str, config: Option<&Value>, names: &[(&str, f64)]) -> Option<String> {
    let values = names.iter().map(|(name, default)| match config.and_then(|config| config.get(*name)) {
        Some(value) => float(value),
        None => float(&Value::from(*default)),
    });
    let values: Vec<String> = values.collect::<Option<_>>()?;
    Some(format!("{name}({})", values.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_clippy_wants_them() {
        assert_eq!(
            [integer(0), integer(-7), integer(4096), integer(12_345), integer(-1_234_567)],
            ["0", "-7", "4096", "12_345", "-1_234_567"]
        );
        let floats = [json!(1), json!(0.001), json!(1e-6), json!(0.009_999_999_776_482_582)];
        assert_eq!(floats.map(|value| float(&value).unwrap()), ["1.0", "0.001", "1e-6", "0.01"]);
        assert_eq!([float(&json!("x")), float(&json!(1e300))], [None, None]);
    }

    #[test]
    fn initializers_regularizers_and_constraints_have_our_names() {
        let scaling = json!({"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}});
        assert_eq!(initializer(&scaling).unwrap(), "VarianceScaling(2.0, FanOut, Distribution::TruncatedNormal)");
        assert_eq!(initializer(&json!("he_normal")).unwrap(), "HeNormal");
        assert_eq!(initializer(&json!({"class_name": "Mine", "config": {}})), None);
        assert_eq!(regularizer(&json!({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}})).unwrap(), "L2(0.5)");
        assert_eq!(
            constraint(&json!({"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0, 1, 2]}})).unwrap(),
            "MaxNorm(3.0).axes(0..3)"
        );
        assert_eq!(constraint(&json!({"class_name": "UnitNorm", "config": {"axis": [0, 2]}})), None);
    }

    #[test]
    fn long_numbers_are_written_in_groups() {
        let written = |number: f64| super::float(&serde_json::json!(number)).unwrap();
        assert_eq!(written(1.0 / 3.0), "0.333_333_34");
        assert_eq!(written(-1_234_567.0), "-1_234_567.0");
        assert_eq!(written(0.001), "0.001");
        assert_eq!(written(1e-7), "1e-7");
    }
}
