//! A wire cut into several.

use core::fmt;

use super::splitting::{Cuts, MOST, cut_along, splitting};
use crate::layer::Mistake;
use crate::shape::{Shape, Text};

/// Cuts a dimension into parts, each an output of its own: what Keras makes of `ops.split(x, 2, axis=1)`.
///
/// `branch (a, b) = x => Split(2, axis = 1);` gives two halves; `Split(indices = [1, 3], axis = 1)` gives the places
/// before 1, from 1 to before 3, and the rest. The dimensions stay: `[4, 3]` becomes `[2, 3]` twice.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Split, SplitOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Halves; // `Split(2, axis = -1)` in `model!`
/// impl OptionsOf<Split> for Halves {
///     const VALUE: SplitOptions = SplitOptions::DEFAULT.positional(2).axis(-1);
/// }
/// let output = <Split as Layer<[[f32; 6]; 4], Halves>>::OUTPUT;
/// assert_eq!((output.parts.len(), output.parts[1].shape), (2, Shape::new(&[4, 3])));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = SplitOptions)]
pub struct Split;

/// The options of [`Split`]: `Split(2, axis = 1)` or `Split(indices = [1, 3], axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct SplitOptions {
    /// How many parts of one size there are.
    #[option(positional)]
    sections: Option<usize>,
    #[option(default = Indices { count: 0, list: [0; MOST] }, by_hand)]
    indices: Indices,
    /// The axis that is cut. As in Keras the batch is axis 0, and negative axes count from the end.
    axis: Option<isize>,
}

/// Where parts end, as they were written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Indices {
    count: usize,
    list: [usize; MOST],
}

impl fmt::Debug for Indices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().take(self.count)).finish()
    }
}

impl SplitOptions {
    /// Where a part ends and the next begins, in ascending order: Keras's `ops.split(x, [1, 3])`.
    #[must_use]
    pub const fn indices<const COUNT: usize>(mut self, indices: [usize; COUNT]) -> Self {
        self.indices.count = COUNT;
        let mut i = 0;
        while i < COUNT && i < MOST {
            self.indices.list[i] = indices[i];
            i += 1;
        }
        self
    }

    #[expect(clippy::result_large_err, reason = "constants have no heap to box a mistake in")]
    const fn cuts(&self, input: &Shape) -> Result<Cuts, Mistake> {
        let dimension = match cut_along(self.axis, input, "Split(2, axis = 1)") {
            Ok(dimension) => dimension,
            Err(mistake) => return Err(mistake),
        };
        let places = input.dim(dimension);
        match self.sections {
            Some(_) if self.indices.count > 0 => {
                let text = Text::new("the parts are given twice: leave out `indices`, or the number of parts");
                Err(Mistake::option("indices", text))
            }
            Some(sections) if sections > 0 && places.is_multiple_of(sections) => {
                Ok(Cuts::even(dimension, sections, places / sections))
            }
            Some(sections) => {
                let text =
                    Text::new("axis ").number(dimension + 1).and(" of ").shape(input).and(" has ").number(places);
                let text = text.and(" places, which cannot be divided into ").number(sections).and(" equal parts");
                Err(Mistake::sentence(Text::new("cannot cut: ").and(text.as_str())))
            }
            None if self.indices.count == 0 => {
                let advice = Text::new("write `Split(2, axis = 1)`, or `Split(indices = [1, 3], axis = 1)`");
                Err(Mistake::missing(Text::new("needs the number of parts")).advice(advice))
            }
            None => self.at_indices(dimension, places),
        }
    }

    #[expect(clippy::result_large_err, reason = "constants have no heap to box a mistake in")]
    const fn at_indices(&self, dimension: usize, places: usize) -> Result<Cuts, Mistake> {
        let (mut cuts, mut i) = (Cuts { count: self.indices.count + 1, ..Cuts::even(dimension, 0, 0) }, 0);
        let mut before = 0;
        while i < self.indices.count && i + 1 < MOST {
            let index = self.indices.list[i];
            if index <= before || index >= places {
                let text = Text::new("the places where it is cut are ascending, above 0 and below ").number(places);
                return Err(Mistake::option("indices", text));
            }
            (cuts.ends[i], before) = (index, index);
            i += 1;
        }
        cuts.ends[i] = places;
        Ok(cuts)
    }
}

splitting!(Split, true);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options, OptionsOf};

    const DEFAULT: SplitOptions = SplitOptions::DEFAULT;

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl OptionsOf<Split> for $name {
                const VALUE: SplitOptions = $options;
            })+
        };
    }
    options! {
        Halves: DEFAULT.sections(2).axis(1);
        Thirds: DEFAULT.sections(3).axis(1);
        One: DEFAULT.sections(1).axis(1);
        NoAxis: DEFAULT.sections(2);
        Batch: DEFAULT.sections(2).axis(0);
        Both: DEFAULT.sections(2).indices([1]).axis(1);
        Cut: DEFAULT.indices([1, 3]).axis(-2);
        Descending: DEFAULT.indices([3, 1]).axis(1);
        Beyond: DEFAULT.indices([1, 4]).axis(1);
        Many: DEFAULT.sections(100).axis(1);
    }

    fn said<O: OptionsOf<Split>>() -> String {
        says::<Split, O, [[f32; 3]; 4]>().unwrap()
    }

    #[test]
    fn each_part_has_its_places() {
        let shapes = <Split as Layer<[[f32; 3]; 4], Cut>>::OUTPUT.parts.iter().map(|part| part.shape);
        assert_eq!(shapes.collect::<Vec<_>>(), [[1, 3], [2, 3], [1, 3]].map(|shape| Shape::new(&shape)));
        assert_eq!(says::<Split, Halves, [[f32; 3]; 4]>(), None);
    }

    #[test]
    fn the_parts_must_be_those_of_a_dimension() {
        let thirds = "cannot cut: axis 1 of [4, 3] has 4 places, which cannot be divided into 3 equal parts";
        assert_eq!(said::<Thirds>(), thirds);
        assert_eq!(said::<One>(), "has one output, which is its input");
        assert_eq!((said::<NoAxis>(), said::<Defaults>()), ("needs an axis".into(), "needs an axis".into()));
        assert_eq!(said::<Batch>(), "axis 0 is the batch; a sample's first dimension is axis 1");
        assert_eq!(said::<Both>(), "the parts are given twice: leave out `indices`, or the number of parts");
        let ascending = "the places where it is cut are ascending, above 0 and below 4";
        assert_eq!((said::<Descending>(), said::<Beyond>()), (ascending.into(), ascending.into()));
        assert_eq!(says::<Split, Many, [f32; 100]>().unwrap(), "would have 100 outputs; 64 are the most");
        assert_eq!(says::<Split, Halves, [u32; 4]>().unwrap(), "takes numbers (`f32`)");
    }
}
