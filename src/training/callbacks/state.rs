use super::Weights;

/// What a callback remembers: numbers under names, and a model's weights.
///
/// ```
/// use fusion::training::CallbackState;
/// let mut state = CallbackState::default();
/// state.set("wait", 3.0);
/// assert_eq!(state.get("wait"), Some(3.0));
/// assert_eq!(state.get("best"), None);
/// ```
#[derive(Default)]
pub struct CallbackState {
    numbers: Vec<(String, f64)>,
    weights: Option<Weights>,
}

impl CallbackState {
    /// Remembers a number.
    pub fn set(&mut self, name: &str, value: f64) {
        self.numbers.push((name.to_owned(), value));
    }

    /// The number of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.numbers.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The same as a count, 0 where there is none.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        // Counts are whole and far below 2⁵³.
        self.get(name).unwrap_or(0.0) as usize
    }

    /// The numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, f64)> {
        self.numbers.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Remembers weights.
    pub fn set_weights(&mut self, weights: Weights) {
        self.weights = Some(weights);
    }

    /// The weights, if there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&Weights> {
        self.weights.as_ref()
    }

    /// The same to keep.
    #[must_use]
    pub fn into_weights(self) -> Option<Weights> {
        self.weights
    }
}
