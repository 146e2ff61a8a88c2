//! In which order samples come.

/// What [`Trainer::shuffle`](super::Trainer::shuffle) takes: a seed, or whether to shuffle at all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says not how to shuffle",
    label = "expected a seed, such as `7`, or `false`"
)]
pub trait Shuffle {
    /// The seed; none to leave samples as they are.
    #[doc(hidden)]
    fn seed(self) -> Option<u64>;
}

impl Shuffle for u64 {
    fn seed(self) -> Option<u64> {
        Some(self)
    }
}

/// `true` is the seed 0.
impl Shuffle for bool {
    fn seed(self) -> Option<u64> {
        self.then_some(0)
    }
}
