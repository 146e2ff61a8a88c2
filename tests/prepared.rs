//! Prepared models, as they are served: what they give, what they take, and what fewer bits cost.

use fusion::Prepared;
use fusion::layer::{F16, F32, Int8, Kind, WeightKind};
use fusion::prelude::*;
use fusion::weights::walk;
use fusion_core::model::Difference;

model! {
    /// Layers of every size, one of them twice, a model within, and ids.
    struct Inner { input x: [f32; 70]; output y = x => Dense<_, 90, Tanh> => Dense<_, 70>; }
}
model! {
    struct Wide {
        input a: [f32; 70];
        input ids: [u32; 5];
        layer twice: Dense<70, 70, Relu>;
        branch words = ids => Embedding<30, 70>(embeddings_initializer = GlorotUniform) => Lstm<_, 70>;
        branch x = a => twice => Inner => LayerNormalization<70> => twice;
        output wide = add(x, words) => Dense<_, 300, Gelu> => Dense<_, 3, Softmax>;
        output number = x => Dense<_, 1>(use_bias = false);
    }
}

fn number(index: usize) -> f32 {
    ((index * 37 + 11) % 101) as f32 / 50.0 - 1.0
}

fn data(samples: usize) -> (Vec<[f32; 70]>, Vec<[u32; 5]>) {
    let a = (0..samples).map(|sample| std::array::from_fn(|i| number(sample * 70 + i)));
    let ids = (0..samples).map(|sample| std::array::from_fn(|i| ((sample * 7 + i * 3) % 30) as u32));
    (a.collect(), ids.collect())
}

fn difference<K: WeightKind>(samples: usize) -> Difference {
    let (model, (a, ids)) = (Wide::new(3), data(samples));
    let fast = Prepared::<Wide, K>::of(&model);
    // It needs the model no more.
    let mut gone = model.duplicate();
    walk([&mut *gone], &mut |_, [values]| values.fill(f32::NAN));
    let difference = fast.difference(&model, (&a, &ids)).unwrap();
    // One by one, and as some of many.
    let all = fast.predict_batch((&a, &ids)).unwrap();
    let (mut workspace, mut wide, mut numbers) = (Wide::workspace(), vec![[0.0; 3]; samples], vec![[0.0]; samples]);
    let outputs = WideOutputs { wide: &mut wide[..], number: &mut numbers[..] };
    fast.predict_batch_into((&a, &ids), outputs, &mut workspace).unwrap();
    assert_eq!((&wide, &numbers), (&all.wide, &all.number));
    for sample in [0, samples - 1] {
        let one = fast.predict((&a[sample], &ids[sample]));
        // Where the last bit differs, an integer may be the next one.
        let within = if K::KIND == Kind::Int8 { 1e-2 } else { 1e-5 };
        let near = one.wide.iter().zip(&all.wide[sample]).all(|(one, all)| (one - all).abs() < within);
        assert!(near && (one.number[0] - all.number[sample][0]).abs() < 10.0 * within, "sample {sample}");
    }
    difference
}

#[test]
fn what_fewer_bits_cost_is_bounded() {
    for samples in [1, 2, 50, 200] {
        let [f32, f16, int8] = [difference::<F32>(samples), difference::<F16>(samples), difference::<Int8>(samples)];
        assert!(f32.relative() < 2e-6, "{f32:?} of {samples}");
        assert!(f16.relative() < 2e-3 && f16.absolute > f32.absolute, "{f16:?} of {samples}");
        assert!(int8.relative() < 5e-2 && int8.absolute > f16.absolute, "{int8:?} of {samples}");
    }
}

model! {
    /// Every layer that a normalization behind it is folded into, with a bias and without; one that is folded into a layer
    /// of a model within; and those that are not: behind an activation, of another axis, of a wire that is read twice, of
    /// layers that are used twice.
    struct Folded {
        input image: [f32; 8, 8, 3];
        input series: [f32; 12, 4];
        layer twice: Dense<6, 6>;
        branch images = image
            => Conv2d<_, 5, 3>(padding = Same) => BatchNormalization<_>
            => Conv2d<_, 6, 1>(use_bias = false) => BatchNormalization<_>(scale = false)
            => DepthwiseConv2d<_, 3> => BatchNormalization<_>
            => SeparableConv2d<_, 7, 3>(use_bias = false) => BatchNormalization<_>
            => Conv2dTranspose<_, 4, 3>(strides = 2) => BatchNormalization<_>(center = false)
            => Flatten => Dense<_, 6> => BatchNormalization<_>;
        branch steps = series
            => Conv1d<_, 6, 3> => BatchNormalization<_>
            => Dense<_, 6>(use_bias = false) => BatchNormalization<_> => Dense<_, 90> => BatchNormalization<_>
            => Dense<_, 6, Relu> => BatchNormalization<_>
            => Conv1d<_, 6, 3> => BatchNormalization<8>(axis = 1) => Flatten => Dense<_, 6>;
        branch normal = steps => BatchNormalization<_>;
        branch again = normal => twice => BatchNormalization<_> => twice;
        output sum = images + steps => Within => Dense<_, 3>;
        output other = again;
    }
}
model! { struct Within = [f32; 6] => Dense<_, 6> => BatchNormalization<_> => Activation<Relu>; }

/// A model of weights as training leaves them.
fn trained<M: Model<Network = M> + fusion::Network>() -> Box<M> {
    let mut model = M::new(5);
    walk([&mut *model], &mut |parameter, [values]| {
        let name = parameter.to_string();
        let (size, least) = match name.rsplit('/').next().unwrap() {
            "moving_variance" | "gamma" => (0.5, 1.2),
            "moving_mean" | "beta" | "bias" => (0.5, 0.1),
            _ => return,
        };
        values.iter_mut().enumerate().for_each(|(index, value)| *value = least + size * number(index + name.len()));
    });
    model
}

fn comes_back<K: WeightKind>(model: &Folded) {
    let bytes = model.prepare_as::<K>().weights_to_bytes();
    let loaded = Prepared::<Folded, K>::load_weights_from_bytes(&bytes).unwrap();
    let (image, series) = ([[[[0.5; 3]; 8]; 8]], [[[0.25; 4]; 12]]);
    assert_eq!(
        loaded.difference(model, (&image, &series)),
        model.prepare_as::<K>().difference(model, (&image, &series))
    );
    assert_eq!(loaded.weights_to_bytes(), bytes);
}

#[test]
fn normalizations_are_folded_into_the_layers_before_them() {
    use fusion::model::{Layout, Network};
    let model = trained::<Folded>();
    let folded = |network: &[fusion::model::Place]| {
        let ranges = network.windows(2).map(|pair| [pair[0].wire(Layout::Folded, 1), pair[1].wire(Layout::Folded, 1)]);
        ranges.filter(|[before, here]| !here.is_empty() && before == here).count()
    };
    assert_eq!((folded(Folded::PLACES), folded(Within::PLACES)), (9, 1));
    let image: Vec<[[[f32; 3]; 8]; 8]> = (0..7)
        .map(|s| {
            std::array::from_fn(|i| {
                std::array::from_fn(|j| std::array::from_fn(|k| number(s * 192 + i * 24 + j * 3 + k)))
            })
        })
        .collect();
    let series: Vec<[[f32; 4]; 12]> =
        (0..7).map(|s| std::array::from_fn(|i| std::array::from_fn(|j| number(s * 48 + i * 4 + j + 5)))).collect();
    let [f32, f16, int8] = [
        model.prepare().difference(&model, (&image, &series)).unwrap(),
        model.prepare_as::<F16>().difference(&model, (&image, &series)).unwrap(),
        model.prepare_as::<Int8>().difference(&model, (&image, &series)).unwrap(),
    ];
    assert!(f32.relative() < 4e-6, "{f32:?}");
    comes_back::<F32>(&model);
    comes_back::<F16>(&model);
    comes_back::<Int8>(&model);
    assert!(f16.relative() < 2e-3 && f16.absolute > f32.absolute, "{f16:?}");
    assert!(int8.relative() < 5e-2 && int8.absolute > f16.absolute, "{int8:?}");
}

#[test]
fn it_says_how_many_bytes_it_takes() {
    model! { struct Large = [f32; 784] => Dense<_, 512, Relu> => Dense<_, 512, Relu> => Dense<_, 10, Softmax>; }
    const BYTES: [usize; 3] =
        [Prepared::<Large>::WEIGHT_BYTES, Prepared::<Large, F16>::WEIGHT_BYTES, Prepared::<Large, Int8>::WEIGHT_BYTES];
    let model = Large::new(1);
    let found = [model.prepare().bytes(), model.prepare_as::<F16>().bytes(), model.prepare_as::<Int8>().bytes()];
    assert_eq!(found, BYTES);
    let parts = BYTES.map(|bytes| Large::WEIGHT_BYTES as f32 / bytes as f32);
    assert!(parts[0] > 0.999 && parts[1] > 1.99 && parts[2] > 3.9, "{parts:?}");
}

#[test]
fn ids_that_are_out_of_range_are_errors() {
    let (model, (a, mut ids)) = (Wide::new(1), data(60));
    ids[57][3] = 30;
    let expected = model.predict_batch((&a, &ids)).err().unwrap();
    assert_eq!(model.prepare_as::<Int8>().predict_batch((&a, &ids)).err().unwrap(), expected);
    assert_eq!(model.prepare().difference(&model, (&a, &ids)).err().unwrap(), expected);
}

#[test]
fn a_nan_is_a_difference() {
    model! { struct Line = [f32; 8] => Dense<_, 2>; }
    let mut model = Line::new(1);
    let fast = model.prepare();
    assert_eq!(fast.difference(&model, &[[0.5; 8]]).unwrap().relative(), 0.0);
    model.dense.bias[0] = f32::NAN;
    assert!(fast.difference(&model, &[[0.5; 8]]).unwrap().absolute.is_nan());
    for fast in
        [model.prepare_as::<Int8>().predict_batch(&[[0.5; 8]]), model.prepare_as::<F16>().predict_batch(&[[0.5; 8]])]
    {
        assert!(fast.unwrap()[0][0].is_nan());
    }
}

/// Weights and inputs of which Keras 3.15's `quantize("int8")` makes the numbers below.
fn fill(values: &mut [f32], start: usize, part: f32) {
    for (index, value) in values.iter_mut().enumerate() {
        *value = (((index * 37 + start) % 101) as f32 - 50.0) / 50.0 / part;
    }
}

#[test]
fn integers_are_kerass() {
    model! { struct One = [f32; 8] => Dense<_, 5>; }
    model! { struct Two = [f32; 12] => Dense<_, 20, Relu> => Dense<_, 3>; }
    const ONE: [[f32; 5]; 3] = [
        [0.9220575, -0.67482024, 0.30873293, 0.790136, -0.8128762],
        [-0.88252854, -0.969396, 1.2450918, -0.8408101, -0.9264525],
        [-0.668013, 0.751127, 0.11854114, -0.45285082, 0.97267884],
    ];
    const TWO: [[f32; 3]; 3] = [
        [2.1635165, -1.6015157, -1.1900733],
        [0.34914625, 0.964_657_1, -1.5940943],
        [2.6469004, -1.0997246, -2.2752116],
    ];
    let (mut one, mut two) = (One::new(1), Two::new(1));
    fill(one.dense.kernel.as_flattened_mut(), 1, 1.0);
    fill(&mut one.dense.bias, 6, 4.0);
    fill(two.dense.kernel.as_flattened_mut(), 1, 1.0);
    fill(&mut two.dense.bias, 6, 4.0);
    fill(two.dense_1.kernel.as_flattened_mut(), 8, 1.0);
    fill(&mut two.dense_1.bias, 13, 4.0);
    let (mut x_one, mut x_two) = ([[0.0; 8]; 3], [[0.0; 12]; 3]);
    fill(x_one.as_flattened_mut(), 3, 1.0);
    fill(x_two.as_flattened_mut(), 3, 1.0);
    let (one, two) = (one.prepare_as::<Int8>(), two.prepare_as::<Int8>());
    let (one, two) = (one.predict_batch(&x_one).unwrap(), two.predict_batch(&x_two).unwrap());
    let near = |found: &[f32], keras: &[f32]| found.iter().zip(keras).all(|(a, b)| (a - b).abs() < 2e-6);
    assert!(near(one.as_flattened(), ONE.as_flattened()), "{one:?}");
    assert!(near(two.as_flattened(), TWO.as_flattened()), "{two:?}");
}
