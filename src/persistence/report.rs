//! What was taken from a file, and what was not.

use std::fmt;

use super::error::Quoted;
use super::{MismatchReason, TensorMismatch};

/// A layer that has one name in the file's model and in this one, but is not the same layer.
///
/// Names that count layers, `dense_1`, change their meaning when layers are added or put in another order. Which layer
/// is meant is told by what leads to it and by what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Displaced {
    /// Its name, with the names of the models around it: `dense_1`, `encoder/dense`.
    pub layer: String,
    /// The layer of this model that the file's is, if that can be told.
    pub same: Option<String>,
}

impl fmt::Display for Displaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = Quoted(&self.layer);
        match &self.same {
            Some(same) => write!(f, "{layer} of the file's model is {} in this one", Quoted(same)),
            None => write!(f, "{layer} stands elsewhere in the file's model than in this one"),
        }
    }
}

/// What [`MatchingWeights::load`](super::MatchingWeights::load) took from a file, and what it did not.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "what does not match is left out without an error"]
pub struct Matching {
    /// The model's parameters that now have the file's values, in the model's order.
    pub loaded: Vec<String>,
    /// The model's parameters that the file has no tensor for, in the model's order.
    pub missing: Vec<String>,
    /// The file's tensors that were not taken and why, in the file's order.
    pub unmatched: Vec<TensorMismatch>,
    /// The layers whose tensors were not taken because they stand elsewhere in the file's model.
    pub displaced: Vec<Displaced>,
    /// The layers whose tensors were taken, but that may be others of this model, like them and behind them: which of
    /// two is new, no graph says.
    pub doubtful: Vec<Displaced>,
}

impl Matching {
    /// A line for all that was not taken; layers come before tensors, and their tensors are not named again.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let missing = self.missing.iter().map(|missing| format!("`{missing}` is missing in the file"));
        let displaced = self.displaced.iter().map(|displaced| {
            let Displaced { layer, same } = displaced;
            let here = same.as_ref().unwrap_or(layer);
            format!("{displaced}; it was left out, `.rename({layer:?}, {here:?})` takes it")
        });
        let others = self.unmatched.iter().filter(|unmatched| unmatched.reason != MismatchReason::Displaced);
        let doubtful = self.doubtful.iter().map(|Displaced { layer, same }| {
            let (layer, same) = (layer.as_str(), same.as_deref().unwrap_or_default());
            format!(
                "{} was taken for the one that comes first here, but may be {}, which is like it and has none before it \
                 in the file's model; `.rename({layer:?}, {same:?})` takes it for that",
                Quoted(layer),
                Quoted(same)
            )
        });
        missing.chain(displaced).chain(doubtful).chain(others.map(TensorMismatch::to_string))
    }
}

impl fmt::Display for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { loaded, missing, unmatched, .. } = self;
        write!(f, "loaded {} tensors, {} missing, {} unmatched", loaded.len(), missing.len(), unmatched.len())?;
        self.lines().try_for_each(|line| write!(f, "\n  {line}"))
    }
}
