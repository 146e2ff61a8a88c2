//! Initializers, regularizers and constraints as Keras knows them by a text, and how they are written here.

use crate::text;

/// By the text without `_`, in Keras's order, with Keras's numbers.
const WRITTEN: &[(&str, &str)] = &[
    ("zeros", "Zeros"),
    ("ones", "Ones"),
    ("constant", "Constant(0.0)"),
    ("normal", "RandomNormal(0.0, 0.05)"),
    ("randomnormal", "RandomNormal(0.0, 0.05)"),
    ("uniform", "RandomUniform(-0.05, 0.05)"),
    ("randomuniform", "RandomUniform(-0.05, 0.05)"),
    ("truncatednormal", "TruncatedNormal(0.0, 0.05)"),
    ("variancescaling", "VarianceScaling(1.0, FanIn, Distribution::TruncatedNormal)"),
    ("glorotnormal", "GlorotNormal"),
    ("glorotuniform", "GlorotUniform"),
    ("henormal", "HeNormal"),
    ("heuniform", "HeUniform"),
    ("lecunnormal", "LecunNormal"),
    ("lecununiform", "LecunUniform"),
    ("orthogonal", "Orthogonal(1.0)"),
    ("identity", "Identity(1.0)"),
    ("l1", "L1(0.01)"),
    ("l2", "L2(0.01)"),
    ("l1l2", "L1L2(0.01, 0.01)"),
    ("orthogonalregularizer", "OrthogonalRegularizer(0.01, Rows)"),
    ("maxnorm", "MaxNorm(2.0)"),
    ("minmaxnorm", "MinMaxNorm(0.0, 1.0, 1.0)"),
    ("nonneg", "NonNeg"),
    ("unitnorm", "UnitNorm"),
];

/// Whether an option of this name is what an array of weights is given, `kernel_initializer`, or meant to be.
pub fn is_of_weights(name: &str) -> bool {
    let kind = name.rsplit_once('_').map(|(_, kind)| kind);
    kind.is_some_and(|kind| text::nearest(kind, ["initializer", "regularizer", "constraint"]).is_some())
}

/// `"he_normal"` → `HeNormal`, if Keras has that.
pub fn written(keras: &str) -> Option<&'static str> {
    let word = keras.replace(['_', '"'], "").to_lowercase();
    WRITTEN.iter().find(|(known, _)| *known == word).map(|(_, here)| *here)
}
