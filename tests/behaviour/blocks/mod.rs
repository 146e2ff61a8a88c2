//! Blocks, repetitions, slices and operators do what the same network does that is written out.

mod twice;

use fusion::prelude::*;
use fusion::weights::{Random, walk_ref};
use twice::{long, short};

/// The layers that have weights, by their names.
fn layers<M: Model>() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    walk_ref(&*M::new(1), &mut |parameter, _| {
        let path = parameter.to_string();
        let name = path.split('/').next().unwrap_or_default().to_owned();
        if names.last() != Some(&name) {
            names.push(name);
        }
    });
    names
}

/// All layers and merges, in order.
fn all_layers<M: Model>() -> Vec<String> {
    M::graph().layers.iter().map(|layer| layer.name.to_owned()).collect()
}

fn numbers<const N: usize>(samples: usize, seed: u64) -> Vec<[f32; N]> {
    let random = Random::new(seed);
    let sample = |sample| std::array::from_fn(|i| random.of_sample(sample).uniform(i as u64) * 2.0 - 1.0);
    (0..samples as u64).map(sample).collect()
}

fn series(samples: usize) -> Vec<[[f32; 3]; 6]> {
    rows(numbers::<18>(samples, 1).as_flattened()).unwrap().to_vec()
}

fn words(samples: usize) -> Vec<[u32; 8]> {
    (0..samples as u32).map(|sample| std::array::from_fn(|i| (sample * 5 + i as u32 * 7) % 9)).collect()
}

fn bits(numbers: &[[f32; 2]]) -> Vec<u32> {
    numbers.as_flattened().iter().map(|number| number.to_bits()).collect()
}

#[test]
fn a_network_and_the_same_written_out_give_the_same_bits() {
    let (series, words) = (series(70), words(70));
    let (short, long) = (short::Net::new(7), long::Net::new(7));
    assert_eq!(
        bits(&short.predict_batch((&series, &words)).unwrap()),
        bits(&long.predict_batch((&series, &words)).unwrap())
    );
    assert_eq!(short.predict(&series[3], &words[3]), long.predict(&series[3], &words[3]));
}

#[test]
fn a_network_and_the_same_written_out_are_trained_alike() {
    /// The whole file after a training with dropout, batch normalization and a frozen layer.
    fn trained<M: Model>(mut model: Box<M>, fit: impl FnOnce(&mut M)) -> (Vec<u8>, Vec<u8>) {
        let before = model.weights_to_bytes();
        fit(&mut model);
        (before, model.weights_to_bytes())
    }
    let (series, words, targets) = (series(70), words(70), numbers::<2>(70, 3));
    macro_rules! fit {
        ($net:path) => {
            trained(<$net>::new(7), |model| {
                let trainer = Trainer::new(model, Adam::new(0.01), MeanSquaredError);
                trainer.epochs(2).batch_size(16).shuffle(5).verbose(false).fit((&series, &words), &targets).unwrap();
            })
        };
    }
    let (short, long) = (fit!(short::Net), fit!(long::Net));
    assert_ne!(short.0, short.1);
    assert_eq!(short, long);
}

#[test]
fn a_network_and_the_same_written_out_are_one_table() {
    assert_eq!(short::Net::summary().to_string(), long::Net::summary().to_string());
    assert_eq!(layers::<short::Net>(), layers::<long::Net>());
    assert_eq!(short::Net::PARAMETERS, long::Net::PARAMETERS);
    assert_eq!(short::Net::MULTIPLY_ACCUMULATES, long::Net::MULTIPLY_ACCUMULATES);
}

#[test]
fn a_file_of_blocks_is_one_of_the_network_written_out() {
    let (series, words) = (series(2), words(2));
    let file = tempfile::NamedTempFile::new().unwrap();
    let (short, mut long) = (short::Net::new(7), long::Net::new(8));
    short.save_weights(file.path()).unwrap();
    assert_ne!(short.predict(&series[0], &words[0]), long.predict(&series[0], &words[0]));
    long.load_weights(file.path()).unwrap();
    assert_eq!(short.predict(&series[0], &words[0]), long.predict(&series[0], &words[0]));
}

model! {
    /// A block that names a layer, in another one, and a name of the model's own that it would come to.
    struct Named {
        input a: [f32; 4];
        block encode(x) => hidden: Dense<_, 3, Tanh> => Dense<_, 4>;
        block twice(x) => encode => Dense<_, 4, Relu> => encode;
        output z = a => encode => twice => hidden_1: Dense<_, 1>;
    }
}

#[test]
fn layers_of_each_use_have_names_and_weights_of_their_own() {
    let names = ["hidden", "dense", "hidden_2", "dense_1", "dense_2", "hidden_3", "dense_3", "hidden_1"];
    assert_eq!(layers::<Named>(), names);
    let model = Named::new(1);
    assert_ne!(model.hidden.kernel, model.hidden_2.kernel);
    assert_ne!(model.hidden_2.kernel, model.hidden_3.kernel);
}

model! {
    /// A layer that a block uses twice, in two uses of the block, and one of the model's that is repeated.
    struct Shared {
        input a: [f32; 4];
        layer outer: Dense<4, 4, Tanh>;
        block twice(x) {
            layer same: Dense<4, 4, Tanh>;
            branch h = x => same;
            output x * h => same;
        }
        output z = a => twice => twice => repeat 3 { outer };
    }
}

model! {
    /// The same.
    struct SharedByHand {
        input a: [f32; 4];
        layer outer: Dense<4, 4, Tanh>;
        layer same: Dense<4, 4, Tanh>;
        layer same_1: Dense<4, 4, Tanh>;
        branch h = a => same;
        branch x = multiply(a, h) => same;
        branch g = x => same_1;
        output z = multiply(x, g) => same_1 => outer => outer => outer;
    }
}

#[test]
fn a_layer_of_a_block_is_shared_within_one_use_and_not_between_uses() {
    assert_eq!(layers::<Shared>(), ["outer", "same", "same_1"]);
    assert_eq!(Shared::PARAMETERS, 60);
    let (mut shared, by_hand) = (Shared::new(1), SharedByHand::new(2));
    shared.same = by_hand.same.clone();
    shared.same_1 = by_hand.same_1.clone();
    shared.outer = by_hand.outer.clone();
    assert_eq!(shared.predict(&[0.1, -0.4, 0.7, 1.0]), by_hand.predict(&[0.1, -0.4, 0.7, 1.0]));
}

model! {
    /// One use is frozen with all that is in it, and another one within a block.
    struct Frozen {
        input a: [f32; 4];
        block encode(x) {
            layer inner: Dense<4, 4, Tanh>;
            output x => inner => Dense<_, 4, Tanh> => BatchNormalization<_>;
        }
        block pair(x) => encode => encode;
        block half(x) => #[frozen] encode => Dense<_, 4, Sigmoid>;
        output z = a => encode => #[frozen] pair => repeat 2 { half } => encode;
    }
}

#[test]
fn a_frozen_use_stays_as_it_is_and_no_other() {
    let (a, targets) = (numbers::<4>(30, 1), numbers::<4>(30, 2));
    let mut model = Frozen::new(1);
    let before = model.duplicate();
    Trainer::new(&mut model, Adam::default(), MeanSquaredError).verbose(false).fit(&a, &targets).unwrap();
    let values = |model: &Frozen| {
        let mut all = Vec::new();
        walk_ref(model, &mut |parameter, values| all.push((parameter.to_string(), values.to_vec())));
        all
    };
    let moved = values(&before).into_iter().zip(values(&model)).filter(|(before, after)| before != after);
    let mut moved: Vec<String> = moved.filter_map(|((path, _), _)| path.split('/').next().map(str::to_owned)).collect();
    moved.dedup();
    // Of six uses of `encode` the second and third are those of `pair`, the fourth and fifth those of `half`.
    assert_eq!(
        moved,
        ["inner", "dense", "batch_normalization", "dense_4", "dense_6", "inner_5", "dense_7", "batch_normalization_5"]
    );
}

/// A parameter's place takes any constant.
const WIDTH: usize = 3;

model! {
    /// Parameters that are sizes, constants, activations, rates, options, layers, and how often.
    struct Given {
        input a: [f32; 4];
        input image: [f32; 4, 4, 1];
        block any<LAYER, A, UNITS, RATE>(x) => LAYER => Activation<A> => Dense<_, { UNITS + 1 }, A> => Dropout(rate = RATE);
        block convolved<FILTERS, PADDING, STRIDES>(x) => Conv2d<_, FILTERS, 3>(padding = PADDING, strides = STRIDES);
        block deep<DEPTH, LAYER>(x) => repeat DEPTH { repeat 2 { LAYER } => Dropout(0.1) };
        branch x = a => any<Dense<_, 5, Tanh>, Relu, { WIDTH * 2 }, 0.5> => any<Identity, Sigmoid, WIDTH, 0.0>
            => deep<2, Dense<_, 4>>;
        branch y = image => convolved<2, Same, 1> => convolved<WIDTH, Padding::Valid, 2> => Flatten;
        output z = concatenate(x, y) => deep<1, encoder::Encoder> => Dense<_, 1>;
    }
}

mod encoder {
    fusion::model! {
        /// A model that a block is given.
        pub struct Encoder = [f32; 7] => fusion::layers::Dense<7, 7>;
    }
}

#[test]
fn a_parameter_stands_for_whatever_a_use_gives() {
    let expected = [
        "dense",
        "activation",
        "dense_1",
        "dropout",
        "identity",
        "activation_1",
        "dense_2",
        "dropout_1",
        "dense_3",
        "dense_4",
        "dropout_2",
        "dense_5",
        "dense_6",
        "dropout_3",
        "conv2d",
        "conv2d_1",
        "flatten",
        "concatenate",
        "encoder",
        "encoder_1",
        "dropout_4",
        "dense_7",
    ];
    assert_eq!(all_layers::<Given>(), expected);
    let model = Given::new(1);
    assert_eq!((model.dense_1.kernel.len(), model.dense_1.bias.len(), model.dense_2.bias.len()), (5, 7, 4));
    assert_eq!((model.conv2d.bias.len(), model.conv2d_1.bias.len()), (2, 3));
    assert_ne!(model.encoder.dense.kernel, model.encoder_1.dense.kernel);
}

model! {
    /// Outputs by their names, one of them left out.
    struct Part {
        input a: [f32; 4];
        block heads(x) {
            branch h = x => Dense<_, 3>;
            output mean = h => Dense<_, 2>;
            output spread = x => Dense<_, 5, Softplus> => Dense<_, 2>;
            output skew = h => Activation<Tanh> => Dense<_, 2>;
        }
        branch (s = skew, m = mean, _) = a => heads;
        output skew = s;
        output mean = m;
    }
}

#[test]
fn outputs_go_by_their_names_and_one_that_nothing_takes_leaves_no_layers() {
    assert_eq!(all_layers::<Part>(), ["dense", "activation", "dense_1", "dense_2"]);
    assert_eq!(Part::PARAMETERS, 15 + 8 + 8);
    let mut model = Part::new(1);
    (model.dense_1.bias, model.dense_2.bias) = ([1.0, 2.0], [3.0, 4.0]);
    let output = model.predict(&[0.0; 4]);
    assert_eq!((output.skew, output.mean), ([1.0, 2.0], [3.0, 4.0]));
}

model! {
    /// Several wires by name, in any order, or by the name that they have.
    struct Wires {
        input query: [f32; 3];
        input memory: [f32; 2];
        block cross(query, memory) {
            branch known = memory => Dense<_, 3>;
            output query - known;
        }
        output a = (query, memory) => cross;
        output b = (memory = query[..2], query = query) => cross;
        output c = (query = query + query, memory) => cross;
    }
}

#[test]
fn a_block_takes_several_wires_by_name() {
    let mut model = Wires::new(1);
    model.dense.kernel = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    model.dense_1.kernel = model.dense.kernel;
    model.dense_2.kernel = model.dense.kernel;
    let output = model.predict(&[1.0, 2.0, 3.0], &[10.0, 20.0]);
    assert_eq!(output.a, [-9.0, -18.0, 3.0]);
    assert_eq!(output.b, [0.0, 0.0, 3.0]);
    assert_eq!(output.c, [-8.0, -16.0, 6.0]);
}

model! {
    /// Parts of ids and of numbers, of branches and of what operators make.
    struct Slices {
        input table: [u32; 4, 2];
        input x: [f32; 3, 4];
        branch ids = table[.., 1];
        branch few = ids[(..).step_by(2)];
        branch rows = few => Embedding<9, 2>;
        output looked_up = rows[-1];
        output column = x[.., -1];
        output corner = x[1.., ..=1];
        output last_but_one = (x + x)[0][1..-1];
        output all = x[...];
    }
}

#[test]
fn slices_are_those_of_a_sample() {
    let mut model = Slices::new(1);
    for (id, row) in model.embedding.embeddings.iter_mut().enumerate() {
        *row = [id as f32, -(id as f32)];
    }
    let x = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]];
    let output = model.predict(&[[0, 1], [0, 2], [0, 5], [0, 4]], &x);
    assert_eq!(output.looked_up, [5.0, -5.0]);
    assert_eq!(output.column, [4.0, 8.0, 12.0]);
    assert_eq!(output.corner, [[5.0, 6.0], [9.0, 10.0]]);
    assert_eq!(output.last_but_one, [4.0, 6.0]);
    assert_eq!(output.all, x);
}

/// A family of models, as big as their numbers say.
macro_rules! family {
    ($name:ident, $units:literal, $depth:literal, $many:tt, $times:expr) => {
        model! {
            pub struct $name {
                input a: [f32; 4];
                block residual(x) {
                    branch h = x => Dense<_, $units, Relu>;
                    output x + h;
                }
                output z = a => Dense<_, $units> => repeat $depth { residual } => repeat $many { Dropout(0.1) }
                    => repeat $times { Activation<Relu> };
            }
        }
    };
}
family!(Narrow, 2, 1, 2, 3);
family!(Wide, 8, 3, 1, 2);

#[test]
fn numbers_of_a_macro_around_it_are_numbers() {
    let count = |layers: &[String], name: &str| layers.iter().filter(|layer| layer.starts_with(name)).count();
    let (narrow, wide) = (all_layers::<Narrow>(), all_layers::<Wide>());
    assert_eq!(["dense", "dropout", "activation"].map(|name| count(&narrow, name)), [2, 2, 3]);
    assert_eq!(["dense", "dropout", "activation"].map(|name| count(&wide, name)), [4, 1, 2]);
    assert_eq!(Wide::new(1).predict(&[0.0; 4]), [0.0; 8]);
    assert_eq!(Narrow::new(1).predict(&[0.0; 4]), [0.0; 2]);
}

model! {
    /// A merge and a merge within it with names.
    struct Merges {
        input a: [f32; 2];
        input b: [f32; 2];
        output z = joined: concatenate(a * b, add(a, b, maximum(a, b)), a - b - b) => Dense<_, 1>;
    }
}

#[test]
fn merges_hold_merges_and_have_names() {
    let expected = ["multiply", "maximum", "add", "subtract", "subtract_1", "joined", "dense"];
    assert_eq!(all_layers::<Merges>(), expected);
    let mut model = Merges::new(1);
    model.dense.kernel = [[1.0], [10.0], [100.0], [1e3], [1e4], [1e5]];
    let z = model.predict_named(MergesInput { a: &[1.0, 5.0], b: &[3.0, 2.0] });
    // 3, 10, 1 + 3 + 3, 5 + 2 + 5, 1 − 3 − 3, 5 − 2 − 2
    assert_eq!(z, [3.0 + 100.0 + 700.0 + 12e3 - 5e4 + 1e5]);
}
