//! What metrics remember, as numbers that can be kept.

use alloc::vec::Vec;

/// No metric has as many.
const MOST: usize = 1 << 24;

/// What a metric remembers of the batches it has seen: numbers, so that a training that stops in the middle of an epoch
/// goes on with them.
///
/// `f64`, `u64` and `usize` are such states, and so are arrays, vectors and pairs of them. A struct of one's own shows
/// its fields:
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::metrics::MetricState;
///
/// #[derive(Default)]
/// struct Range { least: f64, most: f64 }
/// impl MetricState for Range {
///     fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
///         number(&mut self.least);
///         number(&mut self.most);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no state of a metric",
    label = "what a metric remembers are numbers",
    note = "`f64`, `u64`, `usize`, arrays, vectors and pairs of them are states; for a struct of your own: \
            `impl MetricState for {Self} {{ fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {{ number(&mut self.sum); }} }}`"
)]
pub trait MetricState: Default + Send {
    /// Shows each of its numbers in turn, to be read or written. How many there are may depend on those before.
    fn each(&mut self, number: &mut dyn FnMut(&mut f64));
}

impl MetricState for () {
    fn each(&mut self, _: &mut dyn FnMut(&mut f64)) {}
}

impl MetricState for f64 {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        number(self);
    }
}

macro_rules! counts {
    ($($Count:ty)+) => {$(
        impl MetricState for $Count {
            /// As an `f64`, exactly below 2⁵³.
            fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
                let mut count = *self as f64;
                number(&mut count);
                *self = count as $Count;
            }
        }
    )+};
}
counts!(u64 usize);

impl<A: MetricState, B: MetricState> MetricState for (A, B) {
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.0.each(number);
        self.1.each(number);
    }
}

impl<S: MetricState, const N: usize> MetricState for [S; N]
where
    Self: Default,
{
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        self.iter_mut().for_each(|state| state.each(number));
    }
}

impl<S: MetricState> MetricState for Vec<S> {
    /// Their count comes first. More than an output has numbers is a mistake, and none are made of it.
    fn each(&mut self, number: &mut dyn FnMut(&mut f64)) {
        let mut count = self.len();
        count.each(number);
        if count <= MOST {
            self.resize_with(count, S::default);
        }
        self.iter_mut().for_each(|state| state.each(number));
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn a_state_is_made_again_of_its_numbers() {
        type State = (Vec<[f64; 2]>, (usize, f64));
        let mut state: State = (vec![[1.0, 2.0], [3.0, 4.0]], (5, 6.0));
        let mut kept = Vec::new();
        state.each(&mut |number| kept.push(*number));
        assert_eq!(kept, [2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let (mut again, mut numbers) = (State::default(), kept.into_iter());
        again.each(&mut |number| *number = numbers.next().unwrap());
        assert_eq!(again, state);
    }

    #[test]
    fn no_memory_is_taken_for_a_count_that_lies() {
        for count in [f64::NAN, -1.0, 1e300, f64::INFINITY] {
            let mut state: Vec<f64> = vec![1.0];
            let mut first = true;
            state.each(&mut |number| *number = if core::mem::take(&mut first) { count } else { 7.0 });
            assert!(state.len() <= 1);
        }
    }
}
