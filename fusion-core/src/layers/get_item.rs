//! A part of a wire: of each dimension one index, or a range.

use core::fmt;

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::OptionsOf;
use selection::Selection;

mod selection;
mod words;

/// y = x\[items\], of numbers or of ids: what Keras makes of `x[:, 0]`, its operation `GetItem`.
///
/// The items are those of a sample, without the batch, and read as in Python: an index takes its dimension away, a
/// range keeps it, negative ones count from the end, and dimensions that are not written are kept whole. An index that
/// is out of range, and a range of nothing, are mistakes that the compiler tells; a range that goes past the end stops
/// there.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{GetItem, GetItemOptions, Item};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer, Shape};
/// struct Last; // Keras's `x[..., -1]`
/// impl OptionsOf<GetItem> for Last {
///     const VALUE: GetItemOptions = GetItemOptions::DEFAULT.items(&[Item::Rest, Item::At(-1)]);
/// }
/// type Sequence = [[f32; 3]; 5];
/// assert_eq!(<GetItem as Layer<Sequence, Last>>::OUTPUT.shape, Shape::new(&[5]));
///
/// let mut y = [[0.0; 2]];
/// let cx = &mut Forward::new(&mut [], &mut []);
/// Layer::<[[f32; 2]; 2], Last>::forward(&GetItem, cx, &[[[1.0, 2.0], [3.0, 4.0]]], &mut y);
/// assert_eq!(y, [[2.0, 4.0]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = GetItemOptions)]
pub struct GetItem;

/// What [`GetItem`] takes of a dimension; negative numbers count from its end, as in Python.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The index alone: the dimension is no more. Python's `x[2]`.
    At(isize),
    /// From an index on, or from the first, to before another one, or to the last, each `step`-th of them. Python's
    /// `x[2:5]`, `x[2:]`, `x[::2]`.
    Range {
        /// The first; the dimension's own where there is none.
        from: Option<isize>,
        /// The one after the last; all that follow where there is none.
        to: Option<isize>,
        /// From one to the next, at least 1.
        step: isize,
    },
    /// All of it. Python's `x[:]`.
    All,
    /// All of as many dimensions as no other item is for, perhaps of none. Python's `x[...]`.
    Rest,
}

/// As in Python; a weight file's digest reads it.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(index) => write!(f, "{index}"),
            Self::Range { from, to, step } => {
                from.iter().try_for_each(|from| write!(f, "{from}"))?;
                f.write_str(":")?;
                to.iter().try_for_each(|to| write!(f, "{to}"))?;
                if *step == 1 { Ok(()) } else { write!(f, ":{step}") }
            }
            Self::All => f.write_str(":"),
            Self::Rest => f.write_str("..."),
        }
    }
}

/// The options of [`GetItem`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct GetItemOptions {
    #[option(default = Items::NONE, by_hand)]
    items: Items,
}

impl GetItemOptions {
    /// What is taken of each dimension of a sample, without the batch.
    #[must_use]
    pub const fn items(mut self, items: &[Item]) -> Self {
        self.items.count = items.len();
        let mut i = 0;
        while i < items.len() && i < MOST {
            self.items.list[i] = items[i];
            i += 1;
        }
        self
    }
}

/// The items as they were written.
#[derive(Clone, Copy, PartialEq)]
struct Items {
    /// How many were written, also where that is more than there can be.
    count: usize,
    list: [Item; MOST],
}

/// An item for each axis and one more.
const MOST: usize = Shape::MAXIMUM_RANK + 1;

impl Items {
    /// One for each dimension, and [`Item::Rest`] for none.
    const NONE: Self = Self { count: 0, list: [Item::All; MOST] };

    const fn written(&self) -> &[Item] {
        self.list.split_at(if self.count < MOST { self.count } else { MOST }).0
    }

    const fn rests(&self) -> usize {
        let (written, mut rests, mut i) = (self.written(), 0, 0);
        while i < written.len() {
            rests += matches!(written[i], Item::Rest) as usize;
            i += 1;
        }
        rests
    }

    /// The item of a dimension: those before [`Item::Rest`] count from the first, those behind it from the last.
    const fn of_dimension(&self, axis: usize, rank: usize) -> Item {
        let (written, mut rest) = (self.written(), 0);
        while rest < written.len() && !matches!(written[rest], Item::Rest) {
            rest += 1;
        }
        let from_end = rank - axis;
        if axis < rest {
            written[axis]
        } else if from_end + rest < written.len() {
            written[written.len() - from_end]
        } else {
            Item::Rest
        }
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.written()).finish()
    }
}

const fn selection<In: Tensor, O: OptionsOf<GetItem>>() -> Selection {
    Selection::of(&O::VALUE.items, &In::SHAPE)
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for GetItem {
    const OUTPUT: Output = {
        let items = &O::VALUE.items;
        // With more items than there are dimensions nobody knows what was meant: of no numbers nothing is said.
        let known = items.count - items.rests() <= In::SHAPE.rank() && items.rests() <= 1;
        let shape = if known { selection::<In, O>().shape() } else { Shape::new(&[0]) };
        Output::same_as::<In>(shape).or(words::mistake(items, &In::SHAPE))
    };

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let selection = const { selection::<In, O>() };
        let samples = In::memory(x).chunks_exact(In::SHAPE.length());
        for (x, y) in samples.zip(Out::memory_mut(y).chunks_exact_mut(Out::SHAPE.length())) {
            let runs = selection.runs().zip(y.chunks_exact_mut(selection.run()));
            runs.for_each(|(place, y)| y.copy_from_slice(&x[place]));
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for GetItem {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let selection = const { selection::<In, O>() };
        let samples = In::numbers_mut(dx).chunks_exact_mut(In::SHAPE.length());
        for (dx, dy) in samples.zip(Out::numbers(dy).chunks_exact(Out::SHAPE.length())) {
            dx.fill(0.0);
            let runs = selection.runs().zip(dy.chunks_exact(selection.run()));
            runs.for_each(|(place, dy)| dx[place].copy_from_slice(dy));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Item::{All, At, Rest};
    use super::*;
    use crate::layers::testing::{differences, says};
    use crate::shape::ElementType;
    use crate::weights::{Defaults, Options};

    const fn range(from: isize, to: isize) -> Item {
        Item::Range { from: Some(from), to: Some(to), step: 1 }
    }
    const fn every(step: isize) -> Item {
        Item::Range { from: None, to: None, step }
    }

    macro_rules! items {
        ($($name:ident = [$($item:expr),*];)*) => {$(
            struct $name;
            impl OptionsOf<GetItem> for $name {
                const VALUE: GetItemOptions = GetItemOptions::DEFAULT.items(&[$($item),*]);
            }
        )*};
    }
    items! {
        First = [At(0)];
        Last = [Rest, At(-1)];
        Middle = [All, range(1, 3)];
        Odd = [Item::Range { from: Some(1), to: None, step: 2 }, At(1), every(2)];
        One = [At(1), At(-2), At(0)];
        PastTheEnd = [range(-2, 9), range(-9, 2)];
        Third = [At(3)];
        BelowTheFirst = [Rest, At(-4)];
        Empty = [range(2, 2)];
        EmptyInside = [All, range(-1, 1)];
        Standing = [every(0)];
        Backwards = [every(-1)];
        FourItems = [All, At(0), Rest, All, All];
        Eight = [All, All, All, All, All, All, All, All];
        TwoRests = [Rest, At(0), Rest];
    }

    fn shape<In: Tensor, O: OptionsOf<GetItem>>() -> Shape {
        assert_eq!(says::<GetItem, O, In>(), None);
        <GetItem as Layer<In, O>>::OUTPUT.shape
    }

    type Cube = [[[f32; 4]; 3]; 5];

    #[test]
    fn an_index_takes_its_dimension_away_and_a_range_keeps_it() {
        assert_eq!(shape::<Cube, First>(), Shape::new(&[3, 4]));
        assert_eq!(shape::<Cube, Last>(), Shape::new(&[5, 3]));
        assert_eq!(shape::<Cube, Middle>(), Shape::new(&[5, 2, 4]));
        assert_eq!(shape::<Cube, Odd>(), Shape::new(&[2, 2]));
        assert_eq!(shape::<Cube, One>(), Shape::SCALAR);
        assert_eq!(shape::<Cube, PastTheEnd>(), Shape::new(&[2, 2, 4]));
        assert_eq!(shape::<Cube, Defaults>(), Cube::SHAPE);
    }

    #[test]
    fn values_and_gradients_are_those_of_the_places() {
        let cube = |sample: usize| -> Cube {
            core::array::from_fn(|i| {
                core::array::from_fn(|j| core::array::from_fn(|k| ((((sample * 5 + i) * 3 + j) * 4 + k) as f32).sin()))
            })
        };
        let x = &[cube(0), cube(1)];
        let at = |i: usize, j: usize, k: usize| (i * 3 + j) * 4 + k;
        let of = |places: Vec<usize>| move |_: &[f64], x: &[f64]| places.iter().map(|place| x[*place]).collect();
        differences::<_, First, Cube, [[f32; 4]; 3]>(&GetItem, x, of((0..12).collect()));
        differences::<_, Last, Cube, [[f32; 3]; 5]>(&GetItem, x, of((0..15).map(|i| 4 * i + 3).collect()));
        let middle = (0..5).flat_map(|i| (4..12).map(move |place| 12 * i + place));
        differences::<_, Middle, Cube, [[[f32; 4]; 2]; 5]>(&GetItem, x, of(middle.collect()));
        let odd = vec![at(1, 1, 0), at(1, 1, 2), at(3, 1, 0), at(3, 1, 2)];
        differences::<_, Odd, Cube, [[f32; 2]; 2]>(&GetItem, x, of(odd));
        differences::<_, One, Cube, f32>(&GetItem, x, of(vec![at(1, 1, 0)]));
        let clipped = [36..44, 48..56].into_iter().flatten().collect();
        differences::<_, PastTheEnd, Cube, [[[f32; 4]; 2]; 2]>(&GetItem, x, of(clipped));
        differences::<_, Defaults, Cube, Cube>(&GetItem, x, of((0..60).collect()));
    }

    #[test]
    fn ids_stay_ids() {
        type Ids = [[u32; 2]; 3];
        assert_eq!(<GetItem as Layer<Ids, Last>>::OUTPUT.element, ElementType::U32);
        let mut y = [[0; 3]];
        let x = [[[1, 2], [3, u32::MAX], [5, 6]]];
        Layer::<Ids, Last>::forward(&GetItem, &mut Forward::new(&mut [], &mut []), &x, &mut y);
        assert_eq!(y, [[2, u32::MAX, 6]]);
    }

    #[test]
    fn an_index_out_of_range_is_told_with_those_that_there_are() {
        assert_eq!(
            says::<GetItem, Third, [[f32; 4]; 3]>().unwrap(),
            "asks for index 3, but the first dimension of [3, 4] has the indices 0 to 2, or -3 to -1"
        );
        assert_eq!(
            says::<GetItem, BelowTheFirst, [[[f32; 1]; 3]; 5]>().unwrap(),
            "asks for index -4, but the last dimension of [5, 3, 1] has index 0 alone, or -1"
        );
        // The dimension goes also where the index is out of range, so that the next layer has no mistake of its own.
        assert_eq!(<GetItem as Layer<[[f32; 4]; 3], Third>>::OUTPUT.shape, Shape::new(&[4]));
    }

    #[test]
    fn a_range_of_nothing_is_told() {
        assert_eq!(
            says::<GetItem, Empty, [f32; 4]>().unwrap(),
            "takes nothing: no index of [4], 0 to 3, is at or after 2 and before 2"
        );
        assert_eq!(
            says::<GetItem, EmptyInside, Cube>().unwrap(),
            "takes nothing: no index of the second dimension of [5, 3, 4], 0 to 2, is at or after -1 and before 1"
        );
        assert_eq!(says::<GetItem, Standing, [f32; 4]>().unwrap(), "has a step of 0; a step is at least 1");
        assert_eq!(says::<GetItem, Backwards, [f32; 4]>().unwrap(), "has a step of -1; a step is at least 1");
    }

    #[test]
    fn items_are_those_of_a_sample() {
        let without_batch = "; the batch is none of them: Keras's `x[:, 0]` is `x[0]`";
        assert_eq!(
            says::<GetItem, FourItems, Cube>().unwrap(),
            format!("is of 4 dimensions, but a sample of [5, 3, 4] has 3{without_batch}")
        );
        assert_eq!(
            says::<GetItem, Eight, [f32; 4]>().unwrap(),
            format!("is of 8 dimensions, but a sample of [4] has 1{without_batch}")
        );
        assert_eq!(
            says::<GetItem, First, f32>().unwrap(),
            "takes a part of a sample that is a single number already".to_owned()
        );
        assert_eq!(
            says::<GetItem, TwoRests, Cube>().unwrap(),
            "has `...` twice; it stands for all dimensions that are not written, and can do so once"
        );
    }

    #[test]
    fn the_digest_reads_as_python_writes_it() {
        let mut text = String::new();
        Odd::VALUE.write_changes(&mut text).unwrap();
        FourItems::VALUE.write_changes(&mut text).unwrap();
        GetItemOptions::DEFAULT.write_changes(&mut text).unwrap();
        assert_eq!(text, "items=[1::2, 1, ::2] items=[:, 0, ..., :, :] ");
    }
}
