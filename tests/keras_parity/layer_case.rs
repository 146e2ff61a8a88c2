//! Runs one layer on the arrays of a fixture and compares output and gradients with Keras's.

use fusion_core::memory::AlignedVec;
use fusion_core::parameters::zeroed_box;
use fusion_core::tensor::Element;
use fusion_core::{Backward, Forward, Layer, OptionsOf, Parameter, Path, Random, Tensor};

use crate::fixture::Fixture;

const TOLERANCE: f32 = 1e-5;

/// A layer's fixture and what is special about it.
pub struct LayerCase {
    name: &'static str,
    weights_below: &'static str,
    training: bool,
}

/// Compares a layer with the fixture `layers/NAME`.
pub fn run_layer<L, O, In, Out>(name: &'static str)
where
    L: Layer<In, O>,
    O: OptionsOf<L>,
    In: Tensor,
    Out: Tensor<Element = f32>,
{
    LayerCase::new(name).run::<L, O, In, Out>();
}

impl LayerCase {
    /// The fixture `layers/NAME`, in inference.
    pub fn new(name: &'static str) -> Self {
        Self { name, weights_below: "", training: false }
    }

    /// Keras's weights stand below this name, `lstm_cell/`, and ours do not.
    #[allow(dead_code, reason = "for the recurrent layers")]
    pub fn weights_below(self, weights_below: &'static str) -> Self {
        Self { weights_below, ..self }
    }

    /// Takes the fixture's arrays of training, `training_output` and so on.
    #[allow(dead_code, reason = "for batch normalization")]
    pub fn training(self) -> Self {
        Self { training: true, ..self }
    }

    /// Runs a layer with the fixture's weights.
    pub fn run<L, O, In, Out>(self)
    where
        L: Layer<In, O>,
        O: OptionsOf<L>,
        In: Tensor,
        Out: Tensor<Element = f32>,
    {
        let fixture = Fixture::open(&format!("layers/{}", self.name));
        let mut layer = zeroed_box::<L>();
        L::walk([&mut layer], &Path::ROOT, &mut |parameter, [values]| {
            values.copy_from_slice(&fixture.numbers(&format!("weight/{}", self.keras_name(parameter))));
        });
        self.run_prepared::<L, O, In, Out>(&mut layer);
    }

    /// Runs a layer that has its weights already.
    pub fn run_prepared<L, O, In, Out>(self, layer: &mut L)
    where
        L: Layer<In, O>,
        O: OptionsOf<L>,
        In: Tensor,
        Out: Tensor<Element = f32>,
    {
        assert!(L::FIT.mistake.is_none(), "{}: the input does not fit", self.name);
        assert_eq!(L::FIT.output, Out::SHAPE, "{}: the output's shape", self.name);
        let fixture = Fixture::open(&format!("layers/{}", self.name));
        let x = input::<In>(&fixture);
        let upstream = fixture.numbers(&self.array("upstream"));
        let mut gradient = zeroed_box::<L>();
        let mut pass = Pass::<Out>::new(
            x.len(),
            L::MEMORY.saved(x.len()),
            [L::MEMORY.scratch(x.len()), L::MEMORY.backward_scratch(x.len())],
        );

        let mut dx = vec![In::ZERO; x.len()];
        In::numbers_mut(&mut dx).fill(f32::NAN);
        pass.run::<L, O, In>(layer, &x, &upstream, Some(&mut dx), &mut gradient, self.training);
        self.check(&fixture, "output", "output", Out::numbers(&pass.y));
        if fixture.has(&self.array("input0_gradient")) && In::Element::IS_NUMBER {
            self.check(&fixture, "input gradient", "input0_gradient", In::numbers(&dx));
        }

        // Once more, without the input's gradient: those of the weights add up to twice as much.
        pass.run::<L, O, In>(layer, &x, &upstream, None, &mut gradient, self.training);
        gradient.walk_ref(&Path::ROOT, &mut |parameter, found| {
            if parameter.trainable {
                let half: Vec<f32> = found.iter().map(|gradient| gradient / 2.0).collect();
                let name = format!("gradient/{}", self.keras_name(parameter));
                self.check(&fixture, "weight gradients", &name, &half);
            }
        });
        if self.training {
            self.check_state::<L, O, In>(layer, &fixture, &mut pass.saved.as_mut_slice()[..pass.saved_floats], x.len());
        }
    }

    fn check_state<L, O, In>(&self, layer: &mut L, fixture: &Fixture, saved: &mut [f32], samples: usize)
    where
        L: Layer<In, O>,
        O: OptionsOf<L>,
        In: Tensor,
    {
        layer.update_state(samples, saved);
        layer.walk_ref(&Path::ROOT, &mut |parameter, found| {
            let name = format!("after/{}", self.keras_name(parameter));
            if fixture.has(&self.array(&name)) {
                self.check(fixture, "state", &name, found);
            }
        });
    }

    fn check(&self, fixture: &Fixture, quantity: &'static str, name: &str, found: &[f32]) {
        let case = format!("{}{}", self.name, if self.training { " (training)" } else { "" });
        fixture.check_case((&case, quantity), &self.array(name), found, TOLERANCE);
    }

    fn keras_name(&self, parameter: &Parameter<'_>) -> String {
        format!("{}{}", self.weights_below, parameter.to_string().trim_start_matches('/'))
    }

    fn array(&self, name: &str) -> String {
        format!("{}{name}", if self.training { "training_" } else { "" })
    }
}

/// The fixture's input, numbers or ids.
fn input<In: Tensor>(fixture: &Fixture) -> Vec<In> {
    let (mut numbers, mut ids) = (vec![], vec![]);
    if In::Element::IS_NUMBER {
        numbers = fixture.numbers("input0");
    } else {
        ids = fixture.ids("input0");
    }
    In::rows(In::Element::choose(&numbers, &ids)).to_vec()
}

/// The memory of a pass, and the output.
struct Pass<Out> {
    y: Vec<Out>,
    saved: AlignedVec,
    saved_floats: usize,
    scratch: AlignedVec,
    /// For `forward` and for `backward`.
    scratch_floats: [usize; 2],
}

impl<Out: Tensor<Element = f32>> Pass<Out> {
    fn new(samples: usize, saved_floats: usize, scratch_floats: [usize; 2]) -> Self {
        let (saved, scratch) =
            (AlignedVec::zeroed(saved_floats), AlignedVec::zeroed(scratch_floats[0].max(scratch_floats[1])));
        Self { y: vec![Out::ZERO; samples], saved, saved_floats, scratch, scratch_floats }
    }

    /// Forward and back; everything that the layer must not rely on is NaN before.
    fn run<L, O, In>(
        &mut self,
        layer: &L,
        x: &[In],
        upstream: &[f32],
        dx: Option<&mut [In]>,
        gradient: &mut L,
        training: bool,
    ) where
        L: Layer<In, O>,
        O: OptionsOf<L>,
        In: Tensor,
    {
        let (trainable, random) = (true, Random::new(0));
        let saved = &mut self.saved.as_mut_slice()[..self.saved_floats];
        let scratch = &mut self.scratch.as_mut_slice()[..self.scratch_floats[0]];
        for memory in [&mut *saved, &mut *scratch, Out::numbers_mut(&mut self.y)] {
            memory.fill(f32::NAN);
        }
        layer.forward(
            &mut Forward { training, trainable, keep: true, random, logits: None, saved, scratch },
            x,
            &mut self.y,
        );
        let scratch = &mut self.scratch.as_mut_slice()[..self.scratch_floats[1]];
        scratch.fill(f32::NAN);
        let mut dy = Out::rows(upstream).to_vec();
        let cx = &mut Backward { training, trainable, random, logits_gradient: None, saved, scratch };
        layer.backward(cx, x, &self.y, &mut dy, dx, gradient);
    }
}
