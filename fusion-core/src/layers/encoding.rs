//! What the layers share that give ids below a bound: as they are, or as rows of zeros and ones.

use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Text};

/// What a layer gives for the ids that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputMode {
    /// The ids themselves, `u32`.
    Int,
    /// Which id there is: a row for each.
    OneHot,
    /// Which ids there are along the last dimension.
    MultiHot,
    /// How often each id is there along the last dimension.
    Count,
    /// The same, each id with a weight of its own: the more documents it is in, the less it says. Of
    /// [`IntegerLookup`](super::IntegerLookup) alone.
    TfIdf,
}

impl OutputMode {
    /// How many ids make a row.
    const fn ids_of_row(self, places: &Shape) -> usize {
        if matches!(self, Self::OneHot) || places.rank() == 0 { 1 } else { places.last() }
    }

    /// What comes of ids below `bins` at these places, unless something is wrong already; `what` stands there, "ids" or
    /// "numbers".
    pub(super) const fn output(self, places: &Shape, bins: usize, what: &str, wrong: Option<Mistake>) -> Output {
        if matches!(self, Self::Int) {
            return Output::ids(*places).or(wrong);
        }
        let likely = Output::new(places.with_last(bins)).or(wrong);
        if matches!(self, Self::TfIdf) {
            let text = "`TfIdf` counts by the weights that `IntegerLookup` has; here `output_mode` may be `Count`";
            return likely.or(Some(Mistake::option("output_mode", Text::new(text))));
        }
        if matches!(self, Self::OneHot) && (places.rank() == 0 || places.last() != 1) {
            let takes = Text::new("takes ").and(what).and(" of at most five dimensions, as its rows are one more");
            return match places.append(bins) {
                Some(shape) => Output { shape, ..likely },
                None => likely.or(Some(Mistake::shape(takes))),
            };
        }
        if places.rank() > 0 {
            return likely;
        }
        let one = if what.len() == 3 { "id" } else { "number" };
        let advice = Text::new("for a single ").and(one).and(" write `output_mode = OneHot`");
        let takes = Text::new("takes ").and(what).and(" along a dimension, [").and(what).and("]");
        likely.or(Some(Mistake::shape(takes).advice(advice)))
    }

    /// The same without the weights.
    pub(super) const fn unweighted(self) -> Self {
        if matches!(self, Self::TfIdf) { Self::Count } else { self }
    }

    /// Writes what comes of the ids at these places; where there is none, a row is without it, and an id is 0.
    pub(super) fn write(self, ids: impl Iterator<Item = Option<u32>>, (places, bins): (&Shape, usize), y: &mut [f32]) {
        if matches!(self, Self::Int) {
            return y.iter_mut().zip(ids).for_each(|(y, id)| *y = f32::from_bits(id.unwrap_or(0)));
        }
        let ids_of_row = self.ids_of_row(places);
        y.fill(0.0);
        for (index, id) in ids.enumerate() {
            if let Some(id) = id {
                let number = &mut y[index / ids_of_row * bins + id as usize];
                *number = if matches!(self, Self::Count) { *number + 1.0 } else { 1.0 };
            }
        }
    }
}
