//! What the layers share whose outputs are the parts of a dimension.

use super::rearranging::{dimension, needs_axis, no_dimension, part_of};
use crate::kernels::Moves;
use crate::layer::{Mistake, Output, Part};
use crate::shape::{Shape, Tensor, Text};

/// The most outputs of a step.
pub(super) const MOST: usize = 64;

/// A dimension and where its parts end, or what is wrong.
#[derive(Clone, Copy)]
pub(super) struct Cuts {
    pub(super) dimension: usize,
    pub(super) count: usize,
    pub(super) ends: [usize; MOST],
}

impl Cuts {
    /// Nothing is cut.
    pub(super) const NONE: Self = Self { dimension: 0, count: 0, ends: [0; MOST] };

    /// `count` parts of the same size.
    pub(super) const fn even(dimension: usize, count: usize, size: usize) -> Self {
        let (mut cuts, mut i) = (Self { dimension, count, ends: [0; MOST] }, 0);
        while i < count && i < MOST {
            cuts.ends[i] = (i + 1) * size;
            i += 1;
        }
        cuts
    }

    const fn begin(&self, part: usize) -> usize {
        if part == 0 { 0 } else { self.ends[part - 1] }
    }

    /// How many places of the dimension a part has.
    pub(super) const fn places(&self, part: usize) -> usize {
        self.ends[part] - self.begin(part)
    }

    /// Where the numbers of a part go: behind those of the parts before it.
    pub(super) fn each(&self, input: &Shape, mut call: impl FnMut(Moves, usize, usize)) {
        let mut start = 0;
        let one_place = input.length() / input.dim(self.dimension).max(1);
        for part in 0..self.count {
            let length = one_place * self.places(part);
            call(part_of(input, self.dimension, self.begin(part), self.places(part)), start, length);
            start += length;
        }
    }

    /// The outputs; those of which there are not as many are of no numbers. Where `keeps` says so, the dimension stays.
    pub(super) const fn parts(&self, input: &Shape, keeps: bool) -> [Part; MOST] {
        let (mut parts, mut part) = ([Part::in_order("part", Shape::new(&[0])); MOST], 0);
        while part < self.count && part < MOST {
            let (mut shape, mut i) = (Shape::SCALAR, 0);
            while i < input.rank() {
                let places = if i == self.dimension { self.places(part) } else { input.dim(i) };
                if keeps || i != self.dimension {
                    shape = match shape.append(places) {
                        Some(shape) => shape,
                        None => shape,
                    };
                }
                i += 1;
            }
            parts[part] = Part::in_order("part", shape);
            part += 1;
        }
        parts
    }
}

/// The dimension that is cut, or what is wrong with the axis.
#[expect(clippy::result_large_err, reason = "constants have no heap to box a mistake in")]
pub(super) const fn cut_along(axis: Option<isize>, input: &Shape, example: &str) -> Result<usize, Mistake> {
    let Some(axis) = axis else { return Err(needs_axis(example)) };
    match dimension(axis, input.rank()) {
        Some(dimension) => Ok(dimension),
        None => Err(no_dimension("axis", axis, "a sample", input)),
    }
}

/// The mistake of one output, or of too many.
pub(super) const fn unless_several(count: usize) -> Option<Mistake> {
    match count {
        0 => None,
        1 => Some(Mistake::sentence(Text::new("has one output, which is its input"))),
        2..=MOST => None,
        _ => {
            let text = Text::new("would have ").number(count).and(" outputs; ").number(MOST).and(" are the most");
            Some(Mistake::sentence(text).advice(Text::new("one of them alone is a slice, `x[3]`")))
        }
    }
}

/// All parts as one output, or what is wrong.
pub(super) const fn output<In: Tensor>(parts: &'static [Part; MOST], cuts: Result<Cuts, Mistake>) -> Output {
    match cuts {
        Ok(cuts) => {
            let count = if cuts.count < MOST { cuts.count } else { MOST };
            let output = Output::of_parts(parts.split_at(count).0).or(unless_several(cuts.count));
            output.or(Mistake::unless_numbers::<In>())
        }
        Err(mistake) => Output::new(In::SHAPE).or(Some(mistake)),
    }
}

/// Makes a struct the layer whose outputs are the parts that its options cut a dimension into.
macro_rules! splitting {
    ($layer:ident, $keeps:literal) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = {
                let cuts = O::VALUE.cuts(&In::SHAPE);
                let parts = const {
                    &match O::VALUE.cuts(&In::SHAPE) {
                        Ok(cuts) => cuts.parts(&In::SHAPE, $keeps),
                        Err(_) => $crate::layers::splitting::Cuts::NONE.parts(&In::SHAPE, $keeps),
                    }
                };
                $crate::layers::splitting::output::<In>(parts, cuts)
            };

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let Ok(cuts) = (const { O::VALUE.cuts(&In::SHAPE) }) else { return };
                let samples = In::numbers(x).chunks_exact(In::SHAPE.length().max(1));
                for (x, y) in samples.zip(Out::numbers_mut(y).chunks_exact_mut(In::SHAPE.length().max(1))) {
                    cuts.each(&In::SHAPE, |moves, start, length| moves.apply(x, &mut y[start..][..length]));
                }
            }
        }

        #[cfg(feature = "training")]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                _x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let (Some(dx), Ok(cuts)) = (dx, const { O::VALUE.cuts(&In::SHAPE) }) else { return };
                let samples = In::numbers_mut(dx).chunks_exact_mut(In::SHAPE.length().max(1));
                for (dx, dy) in samples.zip(Out::numbers(dy).chunks_exact(In::SHAPE.length().max(1))) {
                    cuts.each(&In::SHAPE, |moves, start, length| {
                        moves.back().write(&dy[start..][..length], dx);
                    });
                }
            }
        }
    };
}
pub(super) use splitting;
