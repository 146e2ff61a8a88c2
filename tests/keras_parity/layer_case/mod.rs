//! One line a layer: what it is given and gives, and Keras's numbers of its name.

mod alone;
mod checks;
mod differences;

use fusion_core::layer::{Output, Wire};
use fusion_core::shape::ElementType;
use fusion_core::weights::Random;

pub use alone::{Alone, Batch, Mode, alone, alone_of};
use alone::{Gradients, nan, samples};

use crate::fixture::{Fixture, exists};

/// How many samples a case without numbers of Keras has.
const SAMPLES: usize = 3;

/// A layer on one kind of input, with one set of options.
pub struct Case {
    /// Keras's numbers are `layers/NAME`, if there are any.
    pub name: &'static str,
    folder: &'static str,
    /// Keras's name of the class.
    class: &'static str,
    layer: Box<dyn Alone>,
    /// The layer at each of [`STEPS`] steps.
    in_time: Option<Box<dyn Alone>>,
    without_numbers: bool,
    tolerance: f32,
    /// Names, shapes and values of weights that Keras's file does not have.
    weights: &'static [(&'static str, &'static [usize], f32)],
    /// Weights on which nothing depends, so that their gradients are what rounding leaves.
    without_effect: &'static [&'static str],
}

/// How many steps a [`Case::in_time`] has.
pub const STEPS: usize = 3;

impl Case {
    pub fn new(name: &'static str, class: &'static str, tolerance: f32, layer: Box<dyn Alone>) -> Self {
        let (in_time, weights, without_effect) = (None, &[], &[]);
        let (folder, without_numbers) = ("layers", false);
        Self { name, folder, class, layer, in_time, without_numbers, tolerance, weights, without_effect }
    }

    /// Also inside of `TimeDistributed`, which says so where it cannot: of single numbers, with several outputs.
    pub fn in_time(self, output: Output, layer: impl FnOnce() -> Box<dyn Alone>) -> Self {
        let refused = self.layer.wires()[0].shape.rank() == 0 || !self.layer.output().parts.is_empty();
        assert_eq!(output.mistake.is_some(), refused, "{} in time", self.name);
        Self { in_time: (!refused).then(layer), ..self }
    }

    /// There is no file of Keras's numbers: they are of chance.
    pub fn without_numbers(self) -> Self {
        Self { without_numbers: true, ..self }
    }

    /// Keras's numbers are those of another case.
    pub fn numbers_of(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Keras's numbers are in another folder than `layers`.
    pub fn in_folder(self, folder: &'static str) -> Self {
        Self { folder, ..self }
    }

    /// Keras's numbers agree so far.
    pub fn tolerance(self, tolerance: f32) -> Self {
        Self { tolerance, ..self }
    }

    /// Arrays that Keras's layer was given when it was made, so that its file does not have them: name, shape and value.
    pub fn weights(self, weights: &'static [(&'static str, &'static [usize], f32)]) -> Self {
        Self { weights, ..self }
    }

    /// The output does not depend on these weights, so that their gradients are 0 but for rounding, Keras's as ours.
    pub fn without_effect(self, without_effect: &'static [&'static str]) -> Self {
        Self { without_effect, ..self }
    }

    fn fixture(&self) -> Option<Fixture> {
        let name = format!("{}/{}", self.folder, self.name);
        assert_eq!(exists(&name), !self.without_numbers, "Keras's numbers {name}");
        (!self.without_numbers).then(|| Fixture::open(&name))
    }

    /// The layer's input: Keras's, or random numbers.
    fn input(&self, fixture: Option<&Fixture>) -> Vec<Batch> {
        let of = |(index, wire): (usize, &Wire)| match (fixture, wire.element) {
            (Some(fixture), ElementType::F32) => numbers(fixture.numbers(&format!("input{index}"))),
            (Some(fixture), ElementType::U32) => ids(fixture.ids(&format!("input{index}"))),
            (None, ElementType::F32) => numbers(random_numbers(SAMPLES * wire.shape.length(), index as u64)),
            (None, ElementType::U32) => ids((0..(SAMPLES * wire.shape.length()) as u32).collect()),
        };
        self.layer.wires().iter().enumerate().map(of).collect()
    }

    /// Gives the layer its weights: Keras's, or random numbers.
    fn set_weights(&mut self, fixture: Option<&Fixture>) {
        let (mut stream, given) = (10, self.weights);
        self.layer.weights(&mut |parameter, values| {
            stream += 1;
            if let Some((.., value)) = given.iter().find(|(name, ..)| *name == parameter.to_string()) {
                values.fill(*value);
            } else if let Some(fixture) = fixture {
                values.copy_from_slice(&fixture.numbers(&format!("weight/{}", fixture.weight(&parameter.to_string()))));
            } else {
                values.copy_from_slice(&random_numbers(values.len(), stream));
            }
        });
    }
}

fn numbers(numbers: Vec<f32>) -> Batch {
    Batch { numbers, ids: vec![] }
}

fn ids(ids: Vec<u32>) -> Batch {
    Batch { numbers: vec![], ids }
}

/// Numbers from −1 to 1.
pub fn random_numbers(count: usize, stream: u64) -> Vec<f32> {
    (0..count as u64).map(|index| 2.0 * Random::new(stream).uniform(index) - 1.0).collect()
}

pub const INFERENCE: Mode = Mode { training: false, trainable: true, random: Random::new(5).at_step(2).in_layer(3) };
pub const TRAINING: Mode = Mode { training: true, ..INFERENCE };

/// What became of a batch.
pub struct Run {
    pub y: Vec<f32>,
    /// The gradient of each wire, nothing where it was not asked for.
    pub dx: Vec<Vec<f32>>,
    /// What `forward` kept.
    pub saved: Vec<f32>,
}

/// The output. All memory that the layer must not rely on is NaN before.
fn forward(layer: &dyn Alone, x: &[Batch], mode: Mode, keep: bool) -> (Vec<f32>, Vec<f32>) {
    let (needs, samples) = (layer.needs(), samples(x, layer.wires()));
    let mut y = nan(samples * layer.output().shape.length());
    let (mut saved, mut scratch) = (nan(needs.kept(keep).of(samples)), nan(needs.scratch.of(samples)));
    layer.forward(mode, keep, x, &mut y, [&mut saved, &mut scratch]);
    (y, saved)
}

/// Forward and back, the gradients of the weights added to those that are there. All memory that the layer must not rely
/// on is NaN before; `asked` says of which wires the gradient is wanted, besides being of numbers.
pub fn run(layer: &mut dyn Alone, x: &[Batch], dy: &[f32], mode: Mode, asked: impl Fn(usize) -> bool) -> Run {
    layer.check(x).expect("ids in range");
    let bits = |y: &[f32]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
    let (without, _) = forward(layer, x, mode, false);
    let (y, mut saved) = forward(layer, x, mode, true);
    assert_eq!(bits(&without), bits(&y), "without a way back");
    assert_written("output", &y);

    let (kept, mut end) = (saved.clone(), 0);
    let mut part = |(index, batch): (usize, &Batch)| {
        let begin = end;
        end += batch.numbers.len();
        (asked(index) && !batch.numbers.is_empty()).then_some(begin..end)
    };
    let parts: Vec<_> = x.iter().enumerate().map(&mut part).collect();
    let (mut memory, mut dy) = (nan(end), dy.to_vec());
    let mut scratch = nan(layer.needs().backward_scratch.of(samples(x, layer.wires())));
    let dx = Gradients { memory: &mut memory, parts: &parts };
    layer.backward(mode, x, &y, &mut dy, dx, [&mut saved, &mut scratch]);
    let dx: Vec<_> = parts.into_iter().map(|part| part.map_or(vec![], |part| memory[part].to_vec())).collect();
    dx.iter().for_each(|dx| assert_written("input's gradient", dx));
    Run { y, dx, saved: kept }
}

/// Fails where a number is left as it was before, or came out of such a number.
fn assert_written(what: &str, numbers: &[f32]) {
    let before = |number: &f32| number.to_bits() == f32::NAN.to_bits();
    assert_eq!(numbers.iter().position(before), None, "{what}: a NaN, where all that goes in is finite");
}

/// Declares cases of layers, one a line: what goes in, the layer with its options, what comes out. See `layers.rs` and
/// `merges.rs`. A word after it says what is special: a method of [`Case`].
macro_rules! layer_case {
    // Of several wires.
    ($tolerance:ident: $($name:ident: $class:literal, ($($wire:ident: $in:ty),+) => $layer:ty $([$($options:tt)+])?
        => $out:ty $(, $special:ident($($argument:tt)*))*;)+) => {
        $(pub mod $name {
            #[allow(unused_imports)]
            use super::*;
            layer_case!(@options $layer $([$($options)+])?);

            struct In;
            impl fusion_core::layer::Wires for In {
                const WIRES: &'static [fusion_core::layer::Wire] =
                    &[$(fusion_core::layer::Wire::of::<$in>(stringify!($wire))),+];
            }
            type Several = fusion_core::layer::Several<In, { [$(stringify!($wire)),+].len() }>;

            pub fn case() -> Case {
                Case::new(stringify!($name), $class, $tolerance, alone::<$layer, Given, Several, $out>())
                    $(.$special($($argument)*))*
            }
            layer_case!(@tests);
        })+
        layer_case!(@list $($name $layer),+);
    };
    // Of one tensor.
    ($tolerance:ident: $($name:ident: $class:literal, $in:ty => $layer:ty $([$($options:tt)+])?
        => $out:ty $(, $special:ident($($argument:tt)*))*;)+) => {
        $(pub mod $name {
            #[allow(unused_imports)]
            use super::*;
            layer_case!(@options $layer $([$($options)+])?);

            pub struct InTime;
            impl OptionsOf<TimeDistributed<$layer>> for InTime {
                const VALUE: NoOptions = NoOptions;
            }
            impl OptionsWithin for InTime {
                type Within = Given;
            }

            pub fn case() -> Case {
                Case::new(stringify!($name), $class, $tolerance, alone::<$layer, Given, $in, $out>())
                    .in_time(
                        <TimeDistributed<$layer> as fusion_core::Layer<[$in; STEPS], InTime>>::OUTPUT,
                        alone::<TimeDistributed<$layer>, InTime, [$in; STEPS], [$out; STEPS]>,
                    )
                    $(.$special($($argument)*))*
            }
            layer_case!(@tests);

            #[test]
            fn in_time_it_agrees_at_each_step() {
                case().agrees_at_each_step();
            }
        })+
        layer_case!(@list $($name $layer),+);
    };
    // Those of a layer within stand behind its type.
    (@options $layer:ty [$($option:ident = $value:expr),* ; $inner:ty: $($inner_option:ident = $inner_value:expr),+]) => {
        layer_case!(@carrier Given within GivenWithin of $layer: $($option = $value),*);
        layer_case!(@carrier GivenWithin within Defaults of $inner: $($inner_option = $inner_value),+);
    };
    (@options $layer:ty $([$($option:ident = $value:expr),+])?) => {
        layer_case!(@carrier Given within Defaults of $layer: $($($option = $value),+)?);
    };
    (@carrier $carrier:ident within $within:ident of $layer:ty: $($option:ident = $value:expr),*) => {
        pub struct $carrier;
        impl OptionsOf<$layer> for $carrier {
            const VALUE: <$layer as Configured>::Options =
                <<$layer as Configured>::Options as Options>::DEFAULT$(.$option($value))*;
        }
        impl OptionsWithin for $carrier {
            type Within = $within;
        }
    };
    (@tests) => {
        pub fn parity() {
            case().agrees_with_keras();
        }

        #[test]
        fn output_and_gradients_are_kerass() {
            parity();
        }

        #[test]
        fn gradients_are_those_of_differences() {
            case().has_the_gradients_of_differences();
        }

        #[test]
        fn frozen_it_gives_the_same() {
            case().gives_the_same_frozen();
        }

        #[test]
        fn weights_are_copied_by_kerass_names_and_shapes() {
            case().has_kerass_weights();
        }

        #[test]
        fn the_summary_shows_kerass_class_and_counts() {
            case().shows_kerass_class_and_counts();
        }
    };
    (@list $($name:ident $layer:ty),+) => {
        /// For the page of parity.
        pub const PARITY: &[fn()] = &[$($name::parity),+];
        /// The layers that have a case.
        pub const LAYERS: &[&str] = &[$(stringify!($layer)),+];
    };
}
pub(crate) use layer_case;
