//! What Keras calls the arrays of a layer: its files number them.

use super::config::Config;

/// The classes whose arrays are always called the same, by the names of their groups. Of those without a bias the last
/// name is missing.
const ARRAYS: &[(&[&str], &[&str])] = &[
    (
        &[
            "dense",
            "einsum_dense",
            "conv1d",
            "conv2d",
            "conv3d",
            "conv1d_transpose",
            "conv2d_transpose",
            "conv3d_transpose",
            "depthwise_conv1d",
            "depthwise_conv2d",
        ],
        &["kernel", "bias"],
    ),
    (&["lstm_cell", "gru_cell", "simple_rnn_cell", "conv_lstm_cell"], &["kernel", "recurrent_kernel", "bias"]),
    (&["separable_conv1d", "separable_conv2d"], &["depthwise_kernel", "pointwise_kernel", "bias"]),
    (&["embedding"], &["embeddings"]),
    (&["p_re_lu"], &["alpha"]),
    (&["rms_normalization"], &["scale"]),
    (&["normalization"], &["mean", "variance"]),
    (&["attention", "additive_attention"], &["scale", "concat_score_weight"]),
    (&["position_embedding"], &["position_embeddings"]),
];

/// The fields of layers that have layers, in the order in which Keras gives their weights.
const FIELDS: &[&str] = &[
    "query_dense",
    "_query_dense",
    "key_dense",
    "_key_dense",
    "value_dense",
    "_value_dense",
    "output_dense",
    "_output_dense",
    "forward_layer",
    "backward_layer",
];

/// What Keras calls a layer of this class that is given no name, without the number, and its group in a file:
/// `to_snake_case` of `keras.utils.naming`.
///
/// ```
/// assert_eq!(fusion::keras::snake_case("MultiHeadAttention"), "multi_head_attention");
/// assert_eq!(fusion::keras::snake_case("Conv2D"), "conv2d");
/// ```
#[must_use]
pub fn snake_case(class: &str) -> String {
    let characters: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut name = String::new();
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| characters[before]);
        let next_is_lower = characters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let begins_word = before.is_some_and(|before| before.is_ascii_lowercase() || (next_is_lower && before != '_'));
        if character.is_ascii_uppercase() && begins_word {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}

/// What arrays of these numbers of dimensions are called in a layer of a class, each unless it is one of the layer within
/// too.
///
/// Where the configuration is not known and the number leaves several ways, a normalization has `beta`.
pub(super) fn of_arrays(class: &str, config: Option<&Config<'_>>, ranks: &[usize]) -> Vec<Option<String>> {
    let count = ranks.len();
    let known = ARRAYS.iter().find(|(classes, _)| classes.contains(&class)).map(|(_, names)| *names);
    let names: Vec<Option<&str>> = match class {
        "batch_normalization" | "layer_normalization" | "group_normalization" => {
            let after: &[&str] = if class == "batch_normalization" { &["moving_mean", "moving_variance"] } else { &[] };
            let own = count.saturating_sub(after.len());
            let has = |option, otherwise| config.and_then(|config| config.is(option)).unwrap_or(otherwise);
            let (scale, center) = (has("scale", own > 1), has("center", own > 0));
            let own = [("gamma", scale), ("beta", center)].into_iter().filter(|(_, has)| *has).map(|(name, _)| name);
            own.chain(after.iter().copied()).map(Some).collect()
        }
        // Without a scale the other one is its only array.
        "attention" if count == 1 && config.and_then(|config| config.is("use_scale")) == Some(false) => {
            vec![Some("concat_score_weight")]
        }
        // It has its layer's kernel as one of its own too.
        "spectral_normalization" if count > 1 => vec![None, Some("vector_u")],
        "spectral_normalization" => vec![Some("vector_u")],
        _ => known.unwrap_or_else(|| of_ranks(ranks)).iter().copied().map(Some).collect(),
    };
    let name = |index: usize| match names.get(index) {
        Some(name) => name.map(str::to_owned),
        None => Some(index.to_string()),
    };
    (0..count).map(name).collect()
}

/// What arrays of a layer of an unknown class most likely are.
fn of_ranks(ranks: &[usize]) -> &'static [&'static str] {
    match ranks {
        [2..=usize::MAX] | [2..=usize::MAX, 1] => &["kernel", "bias"],
        _ => &[],
    }
}

/// Whether something is known of a class's arrays.
pub(super) fn is_known(class: &str) -> bool {
    let has_arrays = ARRAYS.iter().any(|(classes, _)| classes.contains(&class));
    has_arrays
        || matches!(
            class,
            "batch_normalization" | "layer_normalization" | "group_normalization" | "spectral_normalization"
        )
}

/// Where a field stands among those of its layer, of which no other has a place.
pub(super) fn place_of_field(field: &str) -> usize {
    FIELDS.iter().position(|known| *known == field).unwrap_or(FIELDS.len())
}

/// What the layer in a field of a layer is called where the file does not say it.
pub(super) fn of_field<'f>(field: &'f str, class: &str) -> std::borrow::Cow<'f, str> {
    let plain = field.trim_start_matches('_');
    match plain {
        "cell" => {
            let class = class.trim_end_matches(|end: char| end.is_ascii_digit() || end == 'd');
            format!("{class}_cell").into()
        }
        "output_dense" => "attention_output".into(),
        _ => plain.strip_suffix("_dense").unwrap_or(plain).into(),
    }
}

/// The field in which a layer of this class has the layer of this name.
pub(crate) fn field_of(name: &str, class: &str) -> String {
    // Of one class Keras does not show the fields, and so keeps what is in them under their private names.
    let private = if class == "grouped_query_attention" { "_" } else { "" };
    match (class, name) {
        ("multi_head_attention" | "grouped_query_attention", "attention_output") => format!("{private}output_dense"),
        ("multi_head_attention" | "grouped_query_attention", _) => format!("{private}{name}_dense"),
        ("bidirectional", _) => format!("{}_layer", name.split('_').next().unwrap_or(name)),
        ("time_distributed" | "spectral_normalization", _) => "layer".to_owned(),
        _ => "cell".to_owned(),
    }
}

/// `dense` of `dense_2`.
pub(super) fn stem(name: &str) -> &str {
    let numbered = name.rsplit_once('_').filter(|(_, end)| !end.is_empty() && end.bytes().all(|c| c.is_ascii_digit()));
    numbered.map_or(name, |(stem, _)| stem)
}

/// 2 of `dense_2`, 0 without a number.
pub(super) fn number(name: &str) -> usize {
    name[stem(name).len()..].trim_start_matches('_').parse().unwrap_or_default()
}
