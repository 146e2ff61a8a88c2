//! What a weight file may have beside the weights: golden samples and ranges of inputs.

use std::path::Path;

use fusion_core::layer::Operand;
use fusion_core::model::{IntoInputs, Network, Outputs};
use fusion_core::persistence::{GOLDEN, MOST_GOLDEN, RANGE};
use fusion_core::shape::Shape;

use super::{WeightsError, write};

/// A tensor that is no parameter.
pub(crate) struct Extra {
    pub name: String,
    pub dtype: &'static str,
    pub shape: String,
    pub bytes: Vec<u8>,
}

impl Extra {
    /// So many samples of this shape.
    fn new(name: String, dtype: &'static str, samples: usize, shape: &Shape, bytes: Vec<u8>) -> Self {
        // With the samples there may be no more dimensions than a shape has.
        let shape = shape.prepend(samples).unwrap_or(Shape::new(&[samples, shape.length()]));
        Self { name, dtype, shape: shape.to_string(), bytes }
    }

    fn numbers(name: String, samples: usize, shape: &Shape, numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self::new(name, "F32", samples, shape, bytes)
    }

    fn ids(name: String, samples: usize, shape: &Shape, ids: &[u32]) -> Self {
        Self::new(name, "U32", samples, shape, ids.iter().flat_map(|id| id.to_le_bytes()).collect())
    }

    /// A batch on an input.
    fn operand(name: String, operand: &Operand<'_>) -> Self {
        let (samples, shape) = (operand.samples, operand.shape);
        if operand.ids.is_empty() {
            Self::numbers(name, samples, shape, operand.numbers)
        } else {
            Self::ids(name, samples, shape, operand.ids)
        }
    }
}

/// A weight file with more in it than weights; made by [`WeightFiles::weights_file`](super::WeightFiles::weights_file).
///
/// What it has beside them are tensors with names of their own, `fusion.golden/input/a`, `fusion.golden/output/z` and
/// `fusion.range/a`. Everything that loads weights leaves them out.
#[must_use = "nothing is written before `save`"]
pub struct WeightsFile<'m, N> {
    network: &'m N,
    extras: Vec<Extra>,
    problem: Option<String>,
}

impl<'m, N: Network> WeightsFile<'m, N> {
    pub(super) fn new(network: &'m N) -> Self {
        Self { network, extras: Vec::new(), problem: None }
    }

    /// Puts in a few samples and what the model must make of them, for a
    /// [`self_test`](super::WeightFiles::self_test): at most 64. The outputs are those that Keras gives, or those of the
    /// machine that trains, in the order of the model's outputs, `(&z,)` or `(&y, &z)`.
    pub fn golden<'a>(mut self, inputs: impl IntoInputs<'a, N>, outputs: <N::Outputs as Outputs>::Slices<'_>) -> Self {
        let operands = N::many(inputs.into_inputs());
        let samples = operands.as_ref().first().map_or(0, |operand| operand.samples);
        if samples == 0 || samples > MOST_GOLDEN {
            self.refuse(format!("a file has 1 to {MOST_GOLDEN} golden samples, not {samples}"));
            return self;
        }
        self.extras.retain(|extra| !extra.name.starts_with(GOLDEN));
        self.put_inputs(operands.as_ref(), samples);
        let mut names = N::GRAPH.outputs.iter();
        N::Outputs::numbers(outputs, &mut |numbers| {
            let Some((name, step)) = names.next() else { return };
            let shape = &N::GRAPH.steps[*step].output.shape;
            if numbers.len() != samples * shape.length() {
                let found = numbers.len() / shape.length().max(1);
                self.refuse(format!("there are {samples} golden samples, but {found} of the output `{name}`"));
            }
            if !numbers.iter().all(|number| number.is_finite()) {
                self.refuse(format!("a golden sample of the output `{name}` is NaN or infinite"));
            }
            self.extras.push(Extra::numbers(format!("{GOLDEN}output/{name}"), samples, shape, numbers));
        });
        self
    }

    /// Puts in the smallest and the largest value at each place of each input, of these samples: as a rule, those that the
    /// model was trained with. [`Included::predict_checked`](super::Included::predict_checked) then refuses what lies
    /// outside.
    pub fn ranges<'a>(mut self, inputs: impl IntoInputs<'a, N>) -> Self {
        let operands = N::many(inputs.into_inputs());
        self.extras.retain(|extra| !extra.name.starts_with(RANGE));
        for (wire, operand) in N::GRAPH.inputs.iter().zip(operands.as_ref()) {
            let name = format!("{RANGE}{}", wire.name);
            let extra = if wire.element.is_number() {
                self.check_finite(wire.name, operand.numbers);
                bounds(operand.numbers, wire.shape.length(), f32::min, f32::max)
                    .map(|bounds| Extra::numbers(name, 2, &wire.shape, &bounds))
            } else {
                bounds(operand.ids, wire.shape.length(), u32::min, u32::max)
                    .map(|bounds| Extra::ids(name, 2, &wire.shape, &bounds))
            };
            match extra {
                Some(extra) => self.extras.push(extra),
                None => self.refuse(format!("there is no sample of the input `{}` to take a range of", wire.name)),
            }
        }
        self
    }

    /// Writes the file, as [`save_weights`](super::WeightFiles::save_weights) does.
    ///
    /// # Errors
    /// As there; also [`WeightsError::Golden`] if what was put in is none of the model's.
    pub fn save(self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        let network = self.network;
        let extras = self.checked()?;
        write::check_ending(path.as_ref())?;
        write::save(network, &extras, path.as_ref())
    }

    /// The bytes that [`WeightsFile::save`] writes.
    ///
    /// # Errors
    /// [`WeightsError::Golden`] if what was put in is none of the model's.
    pub fn to_bytes(self) -> Result<Vec<u8>, WeightsError> {
        Ok(write::to_bytes(self.network, &self.checked()?))
    }

    /// What was put in, if it is all of the model's.
    fn checked(self) -> Result<Vec<Extra>, WeightsError> {
        match self.problem {
            Some(problem) => Err(WeightsError::Golden { problem }),
            None => Ok(self.extras),
        }
    }

    fn put_inputs(&mut self, operands: &[Operand<'_>], samples: usize) {
        for (wire, operand) in N::GRAPH.inputs.iter().zip(operands) {
            if operand.samples != samples {
                let found = operand.samples;
                self.refuse(format!("there are {samples} golden samples, but {found} of the input `{}`", wire.name));
            }
            self.check_finite(wire.name, operand.numbers);
            self.extras.push(Extra::operand(format!("{GOLDEN}input/{}", wire.name), operand));
        }
    }

    fn check_finite(&mut self, input: &str, numbers: &[f32]) {
        if !numbers.iter().all(|number| number.is_finite()) {
            self.refuse(format!("a sample of the input `{input}` is NaN or infinite"));
        }
    }

    /// The first problem is the one that is said.
    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }
}

/// The smallest and the largest value at each place of samples of this length; none where there is no sample.
fn bounds<T: Copy>(values: &[T], length: usize, min: fn(T, T) -> T, max: fn(T, T) -> T) -> Option<Vec<T>> {
    let mut samples = values.chunks_exact(length.max(1));
    let first = samples.next()?;
    let (mut low, mut high) = (first.to_vec(), first.to_vec());
    for sample in samples {
        for ((low, high), value) in low.iter_mut().zip(&mut high).zip(sample) {
            (*low, *high) = (min(*low, *value), max(*high, *value));
        }
    }
    low.extend(high);
    Some(low)
}
