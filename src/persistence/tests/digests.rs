//! What a digest covers and what it does not.

use fusion_core::layer::{From, Graph, LayerNode, Needs, Output, Source, StepNode, Wire};
use fusion_core::shape::{ElementType, Shape};
use fusion_core::weights::{Entry, Initializer};

use super::super::digest;

/// One weight.
const WEIGHT: Entry = Entry::array::<f32>("weight", 0, Shape::SCALAR, Initializer::Zeros);

/// A layer of so many weights.
fn layer(name: &'static str, class: &'static str, weights: usize) -> LayerNode {
    LayerNode { name, class, entries: vec![WEIGHT; weights].leak(), ..LayerNode::NONE }
}

/// A use of a layer.
fn step(layer: usize, operands: &[From], output: &[usize]) -> StepNode {
    let operands: Vec<Source> = operands.iter().map(|from| Source { from: *from, again: false }).collect();
    StepNode::new(Output::new(Shape::new(output)), Needs::NONE).of(layer, operands.leak())
}

fn graph(inputs: &[&[usize]], layers: Vec<LayerNode>, steps: Vec<StepNode>, outputs: &[usize]) -> Graph {
    let wire = |shape: &&[usize]| Wire { name: "x", shape: Shape::new(shape), element: ElementType::F32 };
    Graph {
        name: "Made",
        sequential: false,
        inputs: inputs.iter().map(wire).collect::<Vec<_>>().leak(),
        layers: layers.leak(),
        steps: steps.leak(),
        outputs: outputs.iter().map(|step| ("y", *step)).collect::<Vec<_>>().leak(),
    }
}

/// Two layers in a row, after a change.
fn changed(change: impl FnOnce(&mut Vec<LayerNode>, &mut Vec<StepNode>)) -> String {
    let first = LayerNode { details: "relu", ..layer("dense", "Dense", 8) };
    let mut layers = vec![first, layer("dense_1", "Dense", 6)];
    let mut steps = vec![step(0, &[From::Input(0)], &[2]), step(1, &[From::Step(0)], &[2])];
    change(&mut layers, &mut steps);
    digest(&graph(&[&[3]], layers, steps, &[1]))
}

/// Two branches of one shape, and a merge of them.
fn branches(first: &'static str, second: &'static str, merge: &'static str, order: [usize; 2]) -> Graph {
    let layers = vec![layer(first, "Dense", 8), layer(second, "Dense", 8), layer(merge, "Concatenate", 0)];
    let merged = order.map(From::Step);
    let steps = vec![step(0, &[From::Input(0)], &[2]), step(1, &[From::Input(1)], &[2]), step(2, &merged, &[4])];
    graph(&[&[3], &[3]], layers, steps, &[2])
}

#[test]
fn all_that_is_computed_counts() {
    let own = changed(|_, _| ());
    assert_eq!((own.len(), &own[..2]), (34, "2:"));
    assert_ne!(changed(|layers, _| layers[0].class = "Other"), own);
    assert_ne!(changed(|layers, _| layers[0].details = "tanh"), own);
    assert_ne!(changed(|layers, _| layers[0].entries = &[]), own);
    assert_ne!(changed(|layers, _| layers[0].nested = Some(Box::leak(Box::new(branches("a", "b", "c", [0, 1]))))), own);
    assert_ne!(changed(|_, steps| steps[0].output.shape = Shape::new(&[1, 2])), own);
    assert_ne!(changed(|_, steps| steps[0].output.element = ElementType::U32), own);
    assert_ne!(changed(|_, steps| steps[1] = step(1, &[From::Input(0)], &[2])), own);
    let input = |input: &[usize]| {
        digest(&graph(&[input], vec![layer("dense", "Dense", 8)], vec![step(0, &[From::Input(0)], &[2])], &[0]))
    };
    assert_ne!(input(&[3]), input(&[4]));
}

#[test]
fn names_count_where_weights_go_by_them() {
    assert_ne!(changed(|layers, _| layers[0].name = "other"), changed(|_, _| ()));
    let own = digest(&branches("dense", "dense_1", "concatenate", [0, 1]));
    assert_eq!(digest(&branches("dense", "dense_1", "merge", [0, 1])), own);
    // The same computation, but each branch would get the other's weights.
    assert_ne!(digest(&branches("dense_1", "dense", "concatenate", [0, 1])), own);
}

#[test]
fn what_is_named_or_frozen_is_the_same_layer() {
    assert_eq!(changed(|layers, _| layers[0].frozen = true), changed(|_, _| ()));
    assert_eq!(changed(|layers, _| layers[0].chosen = true), changed(|_, _| ()));
}

#[test]
fn the_order_of_what_is_merged_counts() {
    let own = digest(&branches("dense", "dense_1", "concatenate", [0, 1]));
    assert_ne!(digest(&branches("dense", "dense_1", "concatenate", [1, 0])), own);
}

/// Of inputs by name, only which is which counts.
#[test]
fn the_order_of_names_does_not_count() {
    fn wire(name: &'static str) -> Wire {
        Wire { name, ..Wire::of::<[f32; 2]>("") }
    }
    let named = |names: [&'static str; 2], order: [usize; 2], nested: bool| {
        let inner = graph(&[&[2], &[2]], vec![layer("add", "Add", 0)], vec![], &[]);
        let inner = Graph { inputs: vec![wire("p"), wire("o")].leak(), ..inner };
        let nested: Option<&'static Graph> = if nested { Some(Box::leak(Box::new(inner))) } else { None };
        let wires: &'static [Wire] = names.map(wire).to_vec().leak();
        let step = StepNode { names: wires, ..step(0, &order.map(From::Input), &[2]) };
        let layers = vec![LayerNode { nested, ..layer("distance", "Distance", 0) }];
        digest(&graph(&[&[2], &[2]], layers, vec![step], &[0]))
    };
    for nested in [false, true] {
        let own = named(["o", "p"], [0, 1], nested);
        assert_eq!(named(["p", "o"], [1, 0], nested), own);
        assert_ne!(named(["p", "o"], [0, 1], nested), own);
    }
}

#[test]
fn the_order_of_independent_branches_does_not_count() {
    let layers = vec![
        layer("dense_1", "Dense", 8),
        layer("unused", "Dense", 28),
        layer("dense", "Dense", 8),
        layer("concatenate", "Concatenate", 0),
    ];
    let merged = [From::Step(2), From::Step(0)];
    let steps = vec![
        step(0, &[From::Input(1)], &[2]),
        step(1, &[From::Input(0)], &[7]),
        step(2, &[From::Input(0)], &[2]),
        step(3, &merged, &[4]),
    ];
    let other = graph(&[&[3], &[3]], layers, steps, &[3]);
    assert_eq!(digest(&other), digest(&branches("dense", "dense_1", "concatenate", [0, 1])));
}

#[test]
fn inputs_count_by_position_even_if_unused() {
    let one = |inputs: [&[usize]; 2], used: usize| {
        let steps = vec![step(0, &[From::Input(used)], &[2])];
        digest(&graph(&inputs, vec![layer("dense", "Dense", 8)], steps, &[0]))
    };
    let own = one([&[3], &[3]], 0);
    assert_ne!(one([&[3], &[3]], 1), own);
    assert_ne!(one([&[3], &[4]], 0), own);
}

#[test]
fn the_order_of_outputs_counts() {
    let of = |outputs: &[usize]| {
        let layers = vec![layer("p", "Dense", 8), layer("q", "Dense", 8)];
        let steps = vec![step(0, &[From::Input(0)], &[2]), step(1, &[From::Input(0)], &[2])];
        digest(&graph(&[&[3]], layers, steps, outputs))
    };
    assert_ne!(of(&[0, 1]), of(&[1, 0]));
}

/// An output that only names a wire is that wire, an input too.
#[test]
fn outputs_that_name_a_wire_are_the_wire() {
    let of = |named: Option<From>, output: usize| {
        let mut steps = vec![step(0, &[From::Input(0)], &[3])];
        steps.extend(named.map(|from| StepNode { layer: None, ..step(0, &[from], &[3]) }));
        digest(&graph(&[&[3]], vec![layer("dense", "Dense", 12)], steps, &[output]))
    };
    assert_eq!(of(Some(From::Step(0)), 1), of(None, 0));
    assert_ne!(of(Some(From::Input(0)), 1), of(None, 0));
}

#[test]
fn a_shared_layer_is_not_two_layers() {
    let merged = |layers: Vec<LayerNode>| {
        let second = layers.len() - 1;
        let merge = layers.len();
        let steps = vec![
            step(0, &[From::Input(0)], &[2]),
            step(second, &[From::Input(1)], &[2]),
            step(merge, &[From::Step(0), From::Step(1)], &[2]),
        ];
        let layers = layers.into_iter().chain([layer("add", "Add", 0)]).collect();
        digest(&graph(&[&[3], &[3]], layers, steps, &[2]))
    };
    let shared = merged(vec![layer("dense", "Dense", 8)]);
    assert_ne!(merged(vec![layer("dense", "Dense", 8), layer("dense_1", "Dense", 8)]), shared);
}

/// 2^200 paths lead through this graph, and a recursion would be 10,000 deep.
#[test]
fn deep_and_tangled_graphs_take_no_time_and_no_stack() {
    let mut steps = vec![step(0, &[From::Input(0), From::Input(0)], &[1])];
    steps.extend((1..200).map(|index| step(0, &[From::Step(index - 1), From::Step(index - 1)], &[1])));
    steps.extend((200..10_000).map(|index| step(1, &[From::Step(index - 1)], &[1])));
    let deep = graph(&[&[1]], vec![layer("add", "Add", 0), layer("relu", "ReLU", 0)], steps, &[9_999]);
    let work = move || digest(&deep).len();
    let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(work).expect("a thread");
    assert_eq!(thread.join().expect("no panic"), 34);
}

/// The macro rules it out; a graph written by hand must not hang either.
#[test]
fn a_cycle_ends() {
    let steps = vec![step(0, &[From::Input(0), From::Step(1)], &[1]), step(1, &[From::Step(0)], &[1])];
    let cycle = graph(&[&[1]], vec![layer("a", "Add", 0), layer("b", "ReLU", 0)], steps, &[1]);
    assert_eq!(digest(&cycle).len(), 34);
}

/// Files of this version carry it; a change of the algorithm needs another version.
#[test]
fn the_digest_is_always_the_same() {
    assert_eq!(changed(|_, _| ()), "2:ee8884110504d96558ea2e321ba5d4c1");
}

fusion::model! {
    /// Where its weights begin and what they are held to is the layers' own.
    struct Plain {
        input words: [u32; 3];
        output y = words => fusion::layers::Embedding<7, 4> => fusion::layers::Lstm<_, 5>
            => fusion::layers::BatchNormalization<_> => fusion::layers::Dense<_, 2>;
    }
}

fusion::model! {
    /// All of it is given.
    struct Given {
        input words: [u32; 3];
        output y = words => fusion::layers::Embedding<7, 4>(embeddings_initializer = Constant(0.5))
            => fusion::layers::Lstm<_, 5>(recurrent_initializer = Identity(0.5), bias_constraint = NonNeg)
            => fusion::layers::BatchNormalization<_>(moving_mean_initializer = Ones, beta_regularizer = L1(0.1))
            => fusion::layers::Dense<_, 2>(kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(2.0));
    }
}

#[test]
fn how_weights_begin_and_what_they_are_held_to_is_no_part_of_it() {
    use fusion::{Model, Network, persistence::WeightFiles};
    assert_eq!(digest(Plain::GRAPH), digest(Given::GRAPH));
    let file = Plain::new(1).weights_to_bytes();
    Given::new(2).load_weights_from_bytes(&file).unwrap();
}
