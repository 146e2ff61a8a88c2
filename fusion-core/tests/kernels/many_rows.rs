//! Sums over many samples: their error against `f64` does not grow with the number of samples.

use super::{at_every_level, numbers};
use fusion_core::kernels::*;
use fusion_core::losses::{CategoricalCrossentropy, Huber, Loss, MeanAbsoluteError, MeanSquaredError};
use fusion_core::metrics::{BinaryAccuracy, Mean, Metric, Precision, RootMeanSquaredError};
use fusion_core::rows;

const MILLION: usize = 1_000_000;

/// Of the sum of the terms' sizes.
const ERROR: f64 = 1e-6;

/// Numbers of both signs; positive ones, whose sum is as large as their sizes'; rows that come many times in a row,
/// so that each addition rounds as the one before.
fn kinds(seed: u32, samples: usize, length: usize) -> [(&'static str, Vec<f32>); 3] {
    let signed = numbers(seed, samples * length);
    let positive = signed.iter().map(|x| x.abs()).collect();
    let times = samples.div_ceil(20);
    let repeated = (0..samples * length).map(|at| signed[at / length / times * length + at % length].abs()).collect();
    [("both signs", signed), ("positive", positive), ("repeated", repeated)]
}

/// A sum in `f64` and the sum of its terms' sizes.
#[derive(Clone, Copy, Default)]
struct Exact {
    sum: f64,
    size: f64,
}

impl Exact {
    fn add(&mut self, term: f64) {
        self.sum += term;
        self.size += term.abs();
    }

    #[track_caller]
    fn check(&self, what: &str, found: f32) {
        let error = (f64::from(found) - self.sum).abs() / self.size;
        assert!(error < ERROR, "{what}: {found} for {}, wrong by {error:e}", self.sum);
    }
}

#[test]
fn gradients_of_a_dense_layer() {
    for (samples, inputs, outputs) in [
        (MILLION, 1, 1),
        (MILLION, 4, 1),
        (MILLION, 1, 3),
        (2048, 7, 5),
        (2049, 7, 5),
        (70_000, 5, 18),
        (9_000, 30, 33),
    ] {
        for ((kind, x), (_, dy)) in kinds(1, samples, inputs).into_iter().zip(kinds(2, samples, outputs)) {
            let mut exact = vec![Exact::default(); inputs * outputs];
            let mut of_bias = vec![Exact::default(); outputs];
            for (x, dy) in x.chunks_exact(inputs).zip(dy.chunks_exact(outputs)) {
                for (exact, x) in exact.chunks_exact_mut(outputs).zip(x) {
                    exact.iter_mut().zip(dy).for_each(|(exact, dy)| exact.add(f64::from(*x) * f64::from(*dy)));
                }
                of_bias.iter_mut().zip(dy).for_each(|(exact, dy)| exact.add(f64::from(*dy)));
            }
            let sizes = Sizes { rows: samples, inputs, outputs };
            at_every_level(|level| {
                let what = format!("{level:?}, {kind}, {samples} samples of {inputs} and {outputs}");
                let mut scratch = vec![f32::NAN; sizes.gradient_scratch()];
                let mut gradient = vec![0.0; inputs * outputs];
                add_kernel_gradient(&x, &dy, &mut gradient, &mut scratch, sizes);
                exact.iter().zip(gradient).for_each(|(exact, found)| exact.check(&what, found));
                let mut sum = vec![0.0; outputs];
                add_rows(&dy, &mut sum);
                of_bias.iter().zip(sum).for_each(|(exact, found)| exact.check(&what, found));
            });
        }
    }
}

/// A million windows of 3 times 2, in many images or in few.
#[test]
fn gradients_of_a_convolution() {
    for (images, size, filters) in [(1000, 32, 1), (1000, 32, 2), (1, 1000, 1), (2, 720, 3), (3, 40, 20)] {
        let axis =
            |window: usize| Axis { input: size, output: size, window, stride: 1, dilation: 1, before: window / 2 };
        let sizes = Convolution { depth: Axis::ONE, height: axis(3), width: axis(2), channels: 1, filters, groups: 1 };
        let (image, output) = (size * size, size * size * filters);
        for ((kind, x), (_, dy)) in kinds(3, images, image).into_iter().zip(kinds(4, images, output)) {
            let mut exact = vec![Exact::default(); sizes.kernel()];
            for ((x, dy), (i, j)) in x
                .chunks_exact(image)
                .zip(dy.chunks_exact(output))
                .flat_map(|sample| (0..size * size).map(move |at| (sample, (at / size, at % size))))
            {
                for tap in 0..6 {
                    let (row, column) = ((i + tap / 2).wrapping_sub(1), (j + tap % 2).wrapping_sub(1));
                    if row < size && column < size {
                        let x = f64::from(x[row * size + column]);
                        let dy = &dy[(i * size + j) * filters..][..filters];
                        let exact = exact[tap * filters..][..filters].iter_mut().zip(dy);
                        exact.for_each(|(exact, dy)| exact.add(x * f64::from(*dy)));
                    }
                }
            }
            at_every_level(|level| {
                let mut scratch = vec![f32::NAN; sizes.kernel_gradient_scratch()];
                let mut gradient = vec![0.0; sizes.kernel()];
                add_convolution_kernel_gradient(&sizes, &x, &dy, &mut gradient, &mut scratch);
                let what = format!("{level:?}, {kind}, {images} images of {size}, {filters} filters");
                exact.iter().zip(gradient).for_each(|(exact, found)| exact.check(&what, found));
            });
        }
    }
}

/// A few of many ids come often. So many uses are more than a tile of a batch has.
#[test]
fn gradients_of_an_embedding() {
    const USES: usize = 100_000;
    const COLUMNS: usize = 3;
    let ids: Vec<u32> = numbers(5, USES).iter().map(|x| if *x < 0.8 { 7 } else { (x * 1000.0) as u32 }).collect();
    let [signed, positive, _] = kinds(6, USES, COLUMNS);
    for (kind, dy) in [signed, positive] {
        let mut exact = vec![[Exact::default(); 2]; 1000 * COLUMNS];
        for (id, dy) in ids.iter().zip(dy.chunks_exact(COLUMNS)) {
            for ([sum, squares], dy) in exact[*id as usize * COLUMNS..].iter_mut().zip(dy) {
                sum.add(f64::from(*dy));
                squares.add(f64::from(*dy) * f64::from(*dy));
            }
        }
        at_every_level(|level| {
            let (mut sums, mut squares) = (vec![0.0; 1000 * COLUMNS], vec![0.0; 1000 * COLUMNS]);
            add_rows_by_id(&ids, &dy, COLUMNS, &mut sums);
            add_squares_by_id(&ids, &dy, COLUMNS, &mut squares);
            for (at, ([sum, square], found)) in exact.iter().zip(sums.iter().zip(&squares)).enumerate() {
                if sum.size > 0.0 {
                    sum.check(&format!("{level:?}, {kind}, the sum at {at}"), *found.0);
                    square.check(&format!("{level:?}, {kind}, the squares at {at}"), *found.1);
                } else {
                    assert_eq!(found, (&0.0, &0.0), "nothing was added at {at}");
                }
            }
        });
    }
}

/// A sample whose loss is a mean over a million numbers.
#[test]
fn losses_of_large_samples() {
    type Image = [[f32; 1000]; 1000];
    let square = |y: f64, z: f64| (z - y) * (z - y);
    let absolute = |y: f64, z: f64| (z - y).abs();
    let huber = |y: f64, z: f64| if (z - y).abs() < 1.0 { (z - y) * (z - y) / 2.0 } else { (z - y).abs() - 0.5 };
    let positions = |y: &[f32], z: &[f32]| {
        let wide = |vector: &[f32]| vector.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let entropies = y.chunks_exact(1000).zip(z.chunks_exact(1000)).map(|(y, z)| {
            let (y, z) = (wide(y), wide(z));
            let ln_sum = z.iter().map(|z| z.exp()).sum::<f64>().ln();
            y.iter().zip(&z).map(|(y, z)| y * (ln_sum - z)).sum::<f64>()
        });
        entropies.sum::<f64>() / 1000.0
    };
    for ((kind, y), (_, z)) in kinds(7, 1000, 1000).into_iter().zip(kinds(8, 1000, 1000)) {
        let mean = |loss: &dyn Fn(f64, f64) -> f64| {
            y.iter().zip(&z).map(|(y, z)| loss(f64::from(*y), f64::from(*z))).sum::<f64>() / 1e6
        };
        let (targets, predictions) = (rows::<Image>(&y).unwrap(), rows::<Image>(&z).unwrap());
        let losses: [(&str, &dyn Loss<Image, Target = Image>, f64); 3] = [
            ("squares", &MeanSquaredError, mean(&square)),
            ("differences", &MeanAbsoluteError, mean(&absolute)),
            ("Huber", &Huber::new(1.0), mean(&huber)),
        ];
        let entropy = positions(&y, &z);
        at_every_level(|level| {
            let check = |what: &str, loss: &dyn Loss<Image, Target = Image>, exact: f64| {
                let mut found = [0.0];
                loss.losses(targets, predictions, &mut found);
                let error = (f64::from(found[0]) / exact - 1.0).abs();
                assert!(error < ERROR, "{level:?}, {kind}, {what}: {} for {exact}, wrong by {error:e}", found[0]);
            };
            losses.iter().for_each(|(what, loss, exact)| check(what, *loss, *exact));
            check("crossentropy", &CategoricalCrossentropy::from_logits(), entropy);
        });
    }
}

/// Metrics and losses, which are metrics too, over a million samples.
#[test]
fn metrics_of_many_samples() {
    type One = [f32; 1];
    let weights: Vec<f32> = numbers(9, MILLION).iter().map(|x| x.abs()).collect();
    for ((kind, z), (_, noise)) in kinds(10, MILLION, 1).into_iter().zip(kinds(11, MILLION, 1)) {
        let y: Vec<f32> = z.iter().zip(&noise).map(|(z, noise)| f32::from(z + 0.3 * noise > 0.5)).collect();
        let (targets, predictions) = (rows::<One>(&y).unwrap(), rows::<One>(&z).unwrap());
        let total: f64 = weights.iter().map(|w| f64::from(*w)).sum();
        let weighted = |value: &dyn Fn(f64, f64) -> f64| {
            let terms = y.iter().zip(&z).zip(&weights);
            terms.map(|((y, z), w)| f64::from(*w) * value(f64::from(*y), f64::from(*z))).sum::<f64>()
        };
        let mean = |value: &dyn Fn(f64, f64) -> f64| weighted(value) / total;
        let yes = |z: f64| f64::from(z > 0.5);
        let squares = mean(&|y, z| (z - y) * (z - y));
        let accuracy = mean(&|y, z| f64::from(yes(z) == y));
        let precision = weighted(&|y, z| yes(z) * y) / weighted(&|_, z| yes(z));
        let differences = mean(&|y, z| (z - y).abs());
        at_every_level(|level| {
            let check = |what: &str, found: f64, exact: f64| {
                let error = (found / exact - 1.0).abs();
                assert!(error < ERROR, "{level:?}, {kind}, {what}: {found} for {exact}, wrong by {error:e}");
            };
            let mut state = Mean::default();
            Metric::update(&MeanSquaredError, &mut state, targets, predictions, Some(&weights));
            check("squares", state.value(), squares);
            check("root", Metric::<One>::result(&RootMeanSquaredError, &state), squares.sqrt());
            let mut state = Mean::default();
            Metric::update(&MeanAbsoluteError, &mut state, targets, predictions, Some(&weights));
            check("differences", state.value(), differences);
            let mut state = Mean::default();
            BinaryAccuracy.update(&mut state, targets, predictions, Some(&weights));
            check("accuracy", state.value(), accuracy);
            let mut state = Default::default();
            Metric::<One>::update(&Precision::default(), &mut state, targets, predictions, Some(&weights));
            check("precision", Metric::<One>::result(&Precision::default(), &state), precision);
        });
    }
}
