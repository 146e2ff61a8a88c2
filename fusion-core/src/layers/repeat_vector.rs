//! A vector at each step.

use super::rearranging::rearranging;
use super::window::given_size;
use crate::kernels::{Loop, Moves};
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// y\[t\] = x for n steps t: `[features]` → `[n, features]`, Keras's `layers.RepeatVector`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{RepeatVector, RepeatVectorOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Shape};
/// struct Times4; // `RepeatVector(4)` in `model!`
/// impl OptionsOf<RepeatVector> for Times4 {
///     const VALUE: RepeatVectorOptions = RepeatVectorOptions::DEFAULT.positional(4);
/// }
/// assert_eq!(<RepeatVector as Layer<[f32; 8], Times4>>::OUTPUT.shape, Shape::new(&[4, 8]));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = RepeatVectorOptions)]
pub struct RepeatVector;

/// The options of [`RepeatVector`]: `RepeatVector(4)` or `RepeatVector(n = 4)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct RepeatVectorOptions {
    /// How many times the vector is there, at least 1.
    #[option(positional)]
    n: Option<usize>,
}

impl RepeatVectorOptions {
    const fn times(&self) -> usize {
        given_size(self.n)
    }

    const fn output<In: Tensor>(&self) -> Output {
        let output = Output::same_as::<In>(Shape::new(&[self.times(), In::SHAPE.last()]));
        let advice = Text::new("put `Flatten` before it, or `Reshape`");
        let takes = Mistake::shape(Text::new("takes a vector [features]")).advice(advice);
        output.or(if In::SHAPE.rank() == 1 { None } else { Some(takes) }).or(match self.n {
            None => {
                let advice = Text::new("write `RepeatVector(4)`");
                Some(Mistake::missing(Text::new("needs the number of steps")).advice(advice))
            }
            Some(0) => Some(Mistake::option("n", Text::new("the number of steps must be at least 1"))),
            Some(_) => None,
        })
    }

    const fn moves(&self, input: &Shape) -> Moves {
        let features = input.last();
        let loops = [Loop { count: self.times(), from: 0, to: features }, Loop { count: features, from: 1, to: 1 }];
        Moves::new([0, 0], &loops)
    }
}

rearranging!(RepeatVector);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Times<const N: usize>;
    impl<const N: usize> OptionsOf<RepeatVector> for Times<N> {
        const VALUE: RepeatVectorOptions = RepeatVectorOptions::DEFAULT.n(N);
    }

    #[test]
    fn it_takes_a_vector_and_a_number_of_steps() {
        assert_eq!(says::<RepeatVector, Times<4>, [u32; 3]>(), None);
        assert_eq!(says::<RepeatVector, Times<4>, [[f32; 3]; 2]>().unwrap(), "takes a vector [features]");
        assert_eq!(says::<RepeatVector, Defaults, [f32; 3]>().unwrap(), "needs the number of steps");
        let mistake = <RepeatVector as Layer<[f32; 3], Times<0>>>::OUTPUT.mistake.unwrap();
        assert_eq!((mistake.option, mistake.takes.as_str()), (Some("n"), "the number of steps must be at least 1"));
    }
}
