//! What is checked of every case.

use fusion_core::layer::Kind as WeightsOf;
use fusion_core::shape::Shape;
use fusion_core::weights::{count, non_trainable};

use super::*;
use crate::fixture::json;
use crate::parity;

/// What rounding leaves of a gradient that is 0, of numbers near 1.
const ROUNDING: f32 = 1e-6;

impl Case {
    /// Output, gradients and state are Keras's, in inference and, where it has numbers of it, in training.
    pub fn agrees_with_keras(mut self) {
        let Some(fixture) = self.fixture() else { return };
        self.agrees_in(&fixture, INFERENCE);
        if fixture.has("training_output") {
            self.agrees_in(&fixture, TRAINING);
        }
    }

    fn agrees_in(&mut self, fixture: &Fixture, mode: Mode) {
        let (case, prefix) = match mode.training {
            true => (format!("{} (training)", self.name), "training_"),
            false => (self.name.to_owned(), ""),
        };
        self.set_weights(Some(fixture));
        let x = self.input(Some(fixture));
        if !self.layer.output().element.is_number() {
            return self.agrees_in_ids(fixture, &x);
        }
        let dy = fixture.numbers(&format!("{prefix}upstream"));
        let (tolerance, without_effect) = (self.tolerance, self.without_effect);
        let check = |quantity, array: &str, found: &[f32]| {
            fixture.check_case((&case, quantity), &format!("{prefix}{array}"), found, tolerance);
        };
        let layer = &mut *self.layer;
        layer.gradients(&mut |_, sums| sums.fill(0.0));
        let Run { y, dx, .. } = run(layer, &x, &dy, mode, |_| true);
        check("output", "output", &y);
        if !mode.training {
            self.agrees_prepared(&x, &y);
        }
        let layer = &mut *self.layer;
        let quantity = if x.len() == 1 { "input gradient" } else { "input gradients" };
        for (index, dx) in dx.iter().enumerate().filter(|(index, _)| !x[*index].numbers.is_empty()) {
            check(quantity, &format!("input{index}_gradient"), dx);
        }

        // Once more, without the inputs' gradients: those of the weights add up to twice as much.
        let Run { mut saved, .. } = run(layer, &x, &dy, mode, |_| false);
        layer.gradients(&mut |parameter, sums| {
            if parameter.trainable {
                let half: Vec<f32> = sums.iter().map(|sum| sum / 2.0).collect();
                let array = format!("gradient/{}", fixture.weight(&parameter.to_string()));
                if without_effect.contains(&parameter.to_string().as_str()) {
                    let keras = fixture.numbers(&array);
                    assert!(half.iter().chain(&keras).all(|gradient| gradient.abs() < ROUNDING), "{parameter}");
                } else {
                    check("weight gradients", &array, &half);
                }
            }
        });
        if mode.training {
            layer.update_state(samples(&x, layer.wires()), &mut saved);
            layer.weights(&mut |parameter, values| {
                let name = format!("after/{}", fixture.weight(&parameter.to_string()));
                if fixture.has(&format!("training_{name}")) {
                    check("state", &name, values);
                }
            });
        }
    }

    /// Prepared, it gives what it gives, and with fewer bits nearly that; where its weights stay as they are, the same bits.
    fn agrees_prepared(&self, x: &[Batch], y: &[f32]) {
        let (layer, samples) = (&*self.layer, samples(x, self.layer.wires()));
        let largest = y.iter().fold(1.0_f32, |largest, y| largest.max(y.abs()));
        let kinds = [(WeightsOf::F32, 1e-5), (WeightsOf::F16, 4e-3), (WeightsOf::Int8, 6e-2)];
        let as_it_is = layer.stays_as_it_is();
        for (kind, within) in kinds {
            let (needs, mut found) = (layer.needs(), nan(y.len()));
            let (mut saved, mut scratch) = (nan(needs.kept(false).of(samples)), nan(needs.scratch.of(samples)));
            layer.prepared(kind, x, &mut found, [&mut saved, &mut scratch]);
            if as_it_is {
                assert_eq!(bits(&found), bits(y), "{} prepared as it is", self.name);
            }
            let near = found.iter().zip(y).all(|(a, b)| (a - b).abs() <= within * largest);
            assert!(near, "{} prepared as {kind:?}: {found:?}, not {y:?}", self.name);
        }
    }

    /// Of ids each is Keras's, and nothing has a gradient.
    fn agrees_in_ids(&mut self, fixture: &Fixture, x: &[Batch]) {
        let dy = self.some_dy(x);
        let Run { y, dx, .. } = run(&mut *self.layer, x, &dy, INFERENCE, |_| true);
        let found: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
        assert_eq!(found, fixture.ids("output"), "{}", self.name);
        assert!(dx.iter().flatten().all(|dx| *dx == 0.0), "{}", self.name);
        parity::note(self.name, "output", 0.0);
    }

    /// The layer with its weights, and its input.
    pub(super) fn prepared(mut self) -> (Self, Vec<Batch>) {
        let fixture = self.fixture();
        self.set_weights(fixture.as_ref());
        let x = self.input(fixture.as_ref());
        (self, x)
    }

    /// Some gradient of the loss with respect to the output.
    fn some_dy(&self, x: &[Batch]) -> Vec<f32> {
        random_numbers(samples(x, self.layer.wires()) * self.layer.output().shape.length(), 99)
    }

    /// Without a gradient of its weights, the way back gives the inputs' gradients as before, of some wires or of all.
    pub fn gives_the_same_frozen(self) {
        let (mut case, x) = self.prepared();
        let dy = case.some_dy(&x);
        // What looks at the whole batch works as in inference then.
        let modes = if case.layer.needs().couples_samples { vec![INFERENCE] } else { vec![INFERENCE, TRAINING] };
        for mode in modes {
            let trained = run(&mut *case.layer, &x, &dy, mode, |_| true);
            case.layer.gradients(&mut |_, sums| sums.fill(0.0));
            let mode = Mode { trainable: false, ..mode };
            let frozen = run(&mut *case.layer, &x, &dy, mode, |_| true);
            assert_eq!((bits(&frozen.y), &frozen.dx), (bits(&trained.y), &trained.dx));
            for wire in 0..x.len() {
                let alone = run(&mut *case.layer, &x, &dy, mode, |index| index == wire);
                assert_eq!(alone.dx[wire], trained.dx[wire], "wire {wire} alone");
            }
            case.layer.gradients(&mut |parameter, sums| assert!(sums.iter().all(|x| *x == 0.0), "{parameter}"));
        }
    }

    /// Inside of `TimeDistributed`, each step is as the layer alone gives it, and the weights' gradients add up.
    pub fn agrees_at_each_step(self) {
        let (mut case, x) = self.prepared();
        let Some(mut in_time) = case.in_time.take() else { return };
        copy_weights(&mut *case.layer, &mut *in_time);
        // Each sample is one step of each sequence.
        let step_of = |sample: usize, step: usize| (sample + step) % SAMPLES;
        let input = case.layer.wires()[0].shape.length();
        let sequences =
            [Batch { numbers: in_steps(&x[0].numbers, input, step_of), ids: in_steps(&x[0].ids, input, step_of) }];
        let output = case.layer.output().shape.length();
        let dy = random_numbers(SAMPLES * STEPS * output, 98);
        for mode in [INFERENCE, TRAINING] {
            if mode.training && is_random(&*case.layer, &x) {
                continue;
            }
            for layer in [&mut case.layer, &mut in_time] {
                layer.gradients(&mut |_, sums| sums.fill(0.0));
            }
            let Run { y, dx, .. } = run(&mut *in_time, &sequences, &dy, mode, |_| true);
            for step in 0..STEPS {
                let part = |values: &[f32], length| at_step(values, length, step);
                let x = [Batch {
                    numbers: at_step(&sequences[0].numbers, input, step),
                    ids: at_step(&sequences[0].ids, input, step),
                }];
                let alone = run(&mut *case.layer, &x, &part(&dy, output), mode, |_| true);
                assert_near("output", &part(&y, output), &alone.y, SAME);
                assert_near("input gradient", &part(&dx[0], input), &alone.dx[0], SAME);
            }
            let (expected, found) = (gradients(&mut *case.layer), gradients(&mut *in_time));
            assert_near("weight gradients", &found, &expected, SAME);
        }
    }

    /// The table of weights shows all of them, under Keras's names and in Keras's shapes, and what is copied by it is
    /// the same layer.
    pub fn has_kerass_weights(self) {
        let (mut case, x) = self.prepared();
        let (mut found, mut lengths) = (case.layer.shapes(), vec![]);
        case.layer.weights(&mut |parameter, values| lengths.push((parameter.to_string(), values.len())));
        let of_shapes = found.iter().map(|(name, shape)| (name.clone(), shape.length()));
        assert_eq!(lengths, of_shapes.collect::<Vec<_>>());
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        assert_eq!(found, case.expected_weights());

        let mut copy = case.layer.copied();
        let [original, copied] = [&mut case.layer, &mut copy].map(|layer| {
            let mut bits = vec![];
            layer.weights(&mut |_, values| bits.extend(values.iter().map(|x| x.to_bits())));
            bits
        });
        assert_eq!(original, copied);
        assert_eq!(original.len(), case.layer.counts().0, "the table shows all of them");
        let [y, of_copy] = [&case.layer, &copy].map(|layer| forward(&**layer, &x, INFERENCE, false).0);
        assert_eq!(bits(&of_copy), bits(&y));
    }

    /// Names and shapes in Keras's file, in alphabetical order.
    fn expected_weights(&self) -> Vec<(String, Shape)> {
        let given = self.weights.iter().map(|(name, shape, _)| ((*name).to_owned(), Shape::new(shape)));
        let fixture = self.fixture();
        let of_keras = fixture.iter().flat_map(|fixture| fixture.weights());
        let mut expected: Vec<_> = given.chain(of_keras.map(|(name, shape)| (name, Shape::new(&shape)))).collect();
        expected.sort_by(|(a, _), (b, _)| a.cmp(b));
        expected
    }

    /// Keras's class and automatic name, and as many weights as Keras's file has.
    pub fn shows_kerass_class_and_counts(self) {
        let node = self.layer.node();
        assert_eq!(node.class, self.class);
        assert_eq!(json("names.json")["names"][self.class], self.layer.automatic_name());
        let expected = self.expected_weights();
        let fixture = self.fixture();
        let trained = |name: &str| {
            let given = self.weights.iter().any(|(given, ..)| *given == name);
            let has = |fixture: &Fixture| fixture.has(&format!("gradient/{}", fixture.weight(name)));
            !given && fixture.as_ref().is_some_and(has)
        };
        let all: usize = expected.iter().map(|(_, shape)| shape.length()).sum();
        let others = expected.iter().filter(|(name, _)| !trained(name)).map(|(_, shape)| shape.length()).sum();
        assert_eq!((count(node.entries), non_trainable(node.entries)), (all, others));
        assert_eq!(self.layer.counts(), (all, others));
    }
}

/// Rounding that another order of additions makes.
const SAME: f32 = 2e-6;

fn copy_weights(from: &mut dyn Alone, to: &mut dyn Alone) {
    let mut arrays = vec![];
    from.weights(&mut |_, values| arrays.push(values.to_vec()));
    let mut arrays = arrays.iter();
    to.weights(&mut |parameter, values| {
        values.copy_from_slice(arrays.next().unwrap_or_else(|| panic!("{parameter} is not the layer's")));
    });
    assert_eq!(arrays.len(), 0, "arrays that are not in time");
}

/// Sequences of these samples.
fn in_steps<T: Copy>(x: &[T], length: usize, sample: impl Fn(usize, usize) -> usize) -> Vec<T> {
    if x.is_empty() {
        return vec![];
    }
    let steps = (0..SAMPLES).flat_map(|sequence| (0..STEPS).map(move |step| (sequence, step)));
    steps.flat_map(|(sequence, step)| x[sample(sequence, step) * length..][..length].to_vec()).collect()
}

/// One step of each sequence.
fn at_step<T: Copy>(x: &[T], length: usize, step: usize) -> Vec<T> {
    x.chunks_exact((length * STEPS).max(1)).flat_map(|sequence| sequence[step * length..][..length].to_vec()).collect()
}

/// All gradients of trained weights.
fn gradients(layer: &mut dyn Alone) -> Vec<f32> {
    let mut all = vec![];
    layer.gradients(&mut |parameter, sums| {
        if parameter.trainable {
            all.extend_from_slice(sums);
        }
    });
    all
}

/// Whether training draws random numbers.
pub(super) fn is_random(layer: &dyn Alone, x: &[Batch]) -> bool {
    let other = Mode { random: Random::new(6), ..TRAINING };
    forward(layer, x, TRAINING, false).0 != forward(layer, x, other, false).0
}

#[track_caller]
fn assert_near(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    crate::fixture::assert_close(what, found, expected, tolerance);
}

/// What comes out to the last bit: among ids there are such as are no numbers.
fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}
