//! `MultiHeadAttention` of a sequence to itself, 64 steps, 4 heads and 64 features, against `matrixmultiply`: first against
//! nothing but its products, then against the same layer by hand with these products.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench attention`.

#[path = "support/products.rs"]
mod products;
mod support;

use std::hint::black_box;

use fusion::activations::{Activation, Softmax, TrainActivation};
use fusion::kernels::memory::AlignedVec;
use fusion::layer::{Backward, Forward, Layer, Operand, Several, TrainLayer, Wire, Wires};
use fusion::layers::MultiHeadAttention;
use fusion::shape::{Tensor, zeroed_box};
use fusion::weights::Random;
use products::{arrays, assert_near, layer, numbers, product};
use support::{report, side_by_side};

const STEPS: usize = 64;
const FEATURES: usize = 64;
const HEADS: usize = 4;
const DIM: usize = 16;

type Sequence = [[f32; FEATURES]; STEPS];
type Attention = MultiHeadAttention<FEATURES, HEADS, DIM>;

struct Itself;
impl Wires for Itself {
    const WIRES: &'static [Wire] = &[Wire::of::<Sequence>("query"), Wire::of::<Sequence>("value")];
}
type Inputs = Several<Itself, 2>;

/// The layer by hand. Without `whole` it is its products alone, on whatever numbers there are.
struct ByHand {
    whole: bool,
    arrays: Vec<Vec<f32>>,
    /// Queries, keys and values.
    projected: [Vec<f32>; 3],
    /// Of each sample and head.
    weights: Vec<f32>,
    weights_gradient: Vec<f32>,
    mean: Vec<f32>,
    mean_gradient: Vec<f32>,
    projected_gradient: [Vec<f32>; 3],
    gradients: Vec<Vec<f32>>,
}

/// The matrices here are as wide as the features, or of a head.
const WIDE: [usize; 2] = [FEATURES, 1];
const TURNED: [usize; 2] = [1, FEATURES];
const SQUARE: [usize; 2] = [STEPS, 1];

impl ByHand {
    fn new(arrays: Vec<Vec<f32>>, samples: usize, whole: bool) -> Self {
        let of_sequences = || vec![0.5; samples * STEPS * FEATURES];
        let weights = vec![0.5; samples * HEADS * STEPS * STEPS];
        Self {
            whole,
            gradients: arrays.iter().map(|array| vec![0.0; array.len()]).collect(),
            arrays,
            projected: [of_sequences(), of_sequences(), of_sequences()],
            weights_gradient: weights.clone(),
            weights,
            mean: of_sequences(),
            mean_gradient: of_sequences(),
            projected_gradient: [of_sequences(), of_sequences(), of_sequences()],
        }
    }

    fn project(&self, x: &[f32], place: usize, y: &mut [f32]) {
        let [kernel, bias] = [2 * place, 2 * place + 1].map(|index| &self.arrays[index]);
        if self.whole {
            y.chunks_exact_mut(FEATURES).for_each(|y| y.copy_from_slice(bias));
        }
        let sizes = (x.len() / FEATURES, FEATURES, FEATURES);
        product(sizes, (x, WIDE), (kernel, WIDE), if self.whole { 1.0 } else { 0.0 }, (y, WIDE));
    }

    fn forward(&mut self, x: &[f32], y: &mut [f32]) {
        let mut projected = std::mem::take(&mut self.projected);
        let mut weights = std::mem::take(&mut self.weights);
        let mut mean = std::mem::take(&mut self.mean);
        for (place, projected) in projected.iter_mut().enumerate() {
            self.project(x, place, projected);
        }
        let [queries, keys, values] = &mut projected;
        if self.whole {
            queries.iter_mut().for_each(|query| *query *= 0.25);
        }
        for (head, weights) in weights.chunks_exact_mut(STEPS * STEPS).enumerate() {
            let at = head / HEADS * STEPS * FEATURES + head % HEADS * DIM;
            let (query, key, value) = ((&queries[at..], WIDE), (&keys[at..], TURNED), (&values[at..], WIDE));
            product((STEPS, DIM, STEPS), query, key, 0.0, (weights, SQUARE));
            if self.whole {
                <Softmax as Activation>::forward(weights, STEPS);
            }
            product((STEPS, STEPS, DIM), (weights, SQUARE), value, 0.0, (&mut mean[at..], WIDE));
        }
        self.project(&mean, 3, y);
        (self.projected, self.weights, self.mean) = (projected, weights, mean);
    }

    /// Adds to the gradients of the arrays at this place, and makes or adds up that of what went in.
    fn project_gradient(&mut self, x: &[f32], dy: &[f32], place: usize, beta: f32, dx: &mut [f32]) {
        let rows = x.len() / FEATURES;
        let gradient = &mut self.gradients[2 * place];
        product((FEATURES, rows, FEATURES), (x, TURNED), (dy, WIDE), 1.0, (gradient, WIDE));
        if self.whole {
            let bias = &mut self.gradients[2 * place + 1];
            dy.chunks_exact(FEATURES).for_each(|dy| bias.iter_mut().zip(dy).for_each(|(bias, dy)| *bias += dy));
        }
        product((rows, FEATURES, FEATURES), (dy, WIDE), (&self.arrays[2 * place], TURNED), beta, (dx, WIDE));
    }

    fn backward(&mut self, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let (mean, mut mean_gradient) = (std::mem::take(&mut self.mean), std::mem::take(&mut self.mean_gradient));
        self.project_gradient(&mean, dy, 3, 0.0, &mut mean_gradient);
        let [queries, keys, values] = &self.projected;
        let [dqueries, dkeys, dvalues] = &mut self.projected_gradient;
        let weights = self.weights.chunks_exact(STEPS * STEPS);
        for (head, (weights, dweights)) in
            weights.zip(self.weights_gradient.chunks_exact_mut(STEPS * STEPS)).enumerate()
        {
            let at = head / HEADS * STEPS * FEATURES + head % HEADS * DIM;
            let dmean = (&mean_gradient[at..], WIDE);
            product((STEPS, DIM, STEPS), dmean, (&values[at..], TURNED), 0.0, (dweights, SQUARE));
            product((STEPS, STEPS, DIM), (weights, [1, STEPS]), dmean, 0.0, (&mut dvalues[at..], WIDE));
            if self.whole {
                <Softmax as TrainActivation>::backward(&[], weights, dweights, STEPS);
            }
            product((STEPS, STEPS, DIM), (dweights, SQUARE), (&keys[at..], WIDE), 0.0, (&mut dqueries[at..], WIDE));
            product((STEPS, STEPS, DIM), (dweights, [1, STEPS]), (&queries[at..], WIDE), 0.0, (&mut dkeys[at..], WIDE));
        }
        if self.whole {
            dqueries.iter_mut().for_each(|query| *query *= 0.25);
        }
        for place in 0..3 {
            let gradient = std::mem::take(&mut self.projected_gradient[place]);
            self.project_gradient(x, &gradient, place, if place == 0 { 0.0 } else { 1.0 }, dx);
            self.projected_gradient[place] = gradient;
        }
        (self.mean, self.mean_gradient) = (mean, mean_gradient);
    }
}

fn compare(samples: usize) {
    let mut layer = layer::<Attention>();
    let arrays = arrays(&mut *layer);
    let (x, dy) = (numbers::<Sequence>(samples, 2), numbers::<Sequence>(samples, 3));
    let needs = <Attention as Layer<Inputs>>::NEEDS;
    let mut saved = AlignedVec::zeroed(needs.saved.of(samples));
    let mut scratch = AlignedVec::zeroed(needs.scratch.or(needs.backward_scratch).of(samples));
    let mut y = vec![Sequence::ZERO; samples];
    let mut others = [false, true].map(|whole| ByHand::new(arrays.clone(), samples, whole));
    let mut other_y = [0, 1].map(|_| vec![Sequence::ZERO; samples]);
    let operands = [Operand::of(&x), Operand::of(&x)];
    {
        let mut ours = || {
            let cx = &mut Forward::new(saved.as_mut_slice(), scratch.as_mut_slice()).training(Random::new(1));
            Layer::<Inputs>::forward(&*layer, cx, black_box(&operands), &mut y);
        };
        let ([products, by_hand], [of_products, of_hand]) = (&mut others, &mut other_y);
        let mut products = || products.forward(Tensor::numbers(black_box(&x)), Tensor::numbers_mut(of_products));
        let mut by_hand = || by_hand.forward(Tensor::numbers(black_box(&x)), Tensor::numbers_mut(of_hand));
        let [ours, products, by_hand] = side_by_side([&mut ours, &mut products, &mut by_hand]);
        report(&format!("forward, batch {samples}"), samples as f64, ours, "its products alone", products);
        report(&format!("forward, batch {samples}"), samples as f64, ours, "by hand           ", by_hand);
    }
    assert_near(Sequence::numbers(&y), Sequence::numbers(&other_y[1]));

    let mut gradient = zeroed_box::<Attention>();
    let (mut of_query, mut of_value) = (numbers::<Sequence>(samples, 0), numbers::<Sequence>(samples, 0));
    let mut other_dx = [0, 1].map(|_| vec![Sequence::ZERO; samples]);
    let mut kept = AlignedVec::zeroed(saved.as_mut_slice().len());
    let mut given = dy.clone();
    {
        let mut ours = || {
            // What was kept is used up: a whole step of training writes it anew.
            kept.as_mut_slice().copy_from_slice(saved.as_mut_slice());
            let cx = Backward::new(Some(&mut *gradient), kept.as_mut_slice(), scratch.as_mut_slice());
            let mut dx = [Some(Sequence::numbers_mut(&mut of_query)), Some(Sequence::numbers_mut(&mut of_value))];
            let cx = &mut cx.training(Random::new(1));
            TrainLayer::<Inputs>::backward(&*layer, cx, black_box(&operands), &y, &mut given, &mut dx);
        };
        let ([products, by_hand], [of_products, of_hand]) = (&mut others, &mut other_dx);
        let (x, dy) = (Sequence::numbers(&x), Sequence::numbers(&dy));
        let mut products = || products.backward(black_box(x), dy, Tensor::numbers_mut(of_products));
        let mut by_hand = || by_hand.backward(black_box(x), dy, Tensor::numbers_mut(of_hand));
        let [ours, products, by_hand] = side_by_side([&mut ours, &mut products, &mut by_hand]);
        report(&format!("backward, batch {samples}"), samples as f64, ours, "its products alone", products);
        report(&format!("backward, batch {samples}"), samples as f64, ours, "by hand           ", by_hand);
    }
    let (of_query, of_value) = (Sequence::numbers(&of_query), Sequence::numbers(&of_value));
    let sum: Vec<f32> = of_query.iter().zip(of_value).map(|(a, b)| a + b).collect();
    assert_near(&sum, Sequence::numbers(&other_dx[1]));
}

fn main() {
    println!("ns a sample, the shortest and the median, kernels at {:?}", fusion::kernels::level());
    [1, 32].into_iter().for_each(compare);
}
