//! What a digest covers and what it does not.

use fusion_core::Graph;
use fusion_core::graph::{Call, Node, Source};

use super::super::digest;
use super::models::{GRAPH, call, from};

/// A node of a graph that a test makes up.
struct Spec {
    name: &'static str,
    class: &'static str,
    calls: Vec<Call>,
    parameters: usize,
}

fn node(name: &'static str, class: &'static str, inputs: &[usize], output: &[usize], parameters: usize) -> Spec {
    let inputs: Vec<Source> = inputs.iter().map(|node| from(*node)).collect();
    Spec { name, class, calls: vec![call(inputs.leak(), output)], parameters }
}

fn graph(specs: Vec<Spec>, outputs: &[usize]) -> Graph {
    let nodes = specs.into_iter().map(|spec| Node {
        name: spec.name,
        class: spec.class,
        calls: spec.calls.leak(),
        parameters: spec.parameters,
        non_trainable: 0,
        config: |_| Ok(()),
        nested: None,
    });
    let outputs: Vec<Source> = outputs.iter().map(|node| from(*node)).collect();
    Graph { name: "Made", nodes: nodes.collect::<Vec<_>>().leak(), outputs: outputs.leak(), sequential: false }
}

/// Two branches of one shape, and a merge of them.
fn branches(first: &'static str, second: &'static str, merge: &'static str, order: [usize; 2]) -> Graph {
    let nodes = vec![
        node("a", "InputLayer", &[], &[3], 0),
        node("b", "InputLayer", &[], &[3], 0),
        node(first, "Dense", &[0], &[2], 8),
        node(second, "Dense", &[1], &[2], 8),
        node(merge, "Concatenate", &order, &[4], 0),
    ];
    graph(nodes, &[4])
}

/// The graph of the tests with one node changed.
fn changed(index: usize, change: impl FnOnce(&mut Node)) -> String {
    let mut nodes: Vec<Node> = GRAPH.nodes.iter().map(copy).collect();
    change(&mut nodes[index]);
    digest(&Graph { nodes: nodes.leak(), name: "Changed", outputs: GRAPH.outputs, sequential: false })
}

fn copy(node: &Node) -> Node {
    Node { ..*node }
}

#[test]
fn all_that_is_computed_counts() {
    let own = digest(&GRAPH);
    assert_eq!(own.len(), 32);
    assert_eq!(changed(1, |_| ()), own);
    assert_ne!(changed(1, |node| node.class = "Other"), own);
    assert_ne!(changed(1, |node| node.config = |text| text.write_str("tanh")), own);
    assert_ne!(changed(1, |node| node.parameters = 6), own);
    assert_ne!(changed(1, |node| node.nested = Some(&GRAPH)), own);
    assert_ne!(changed(1, |node| node.calls = vec![call(const { &[from(0)] }, &[1, 2])].leak()), own);
    assert_ne!(changed(0, |node| node.calls = vec![call(&[], &[4])].leak()), own);
    assert_ne!(changed(2, |node| node.calls = vec![call(const { &[from(0)] }, &[2])].leak()), own);
}

#[test]
fn names_count_where_weights_go_by_them() {
    let own = digest(&GRAPH);
    assert_eq!(changed(0, |node| node.name = "other"), own);
    assert_ne!(changed(1, |node| node.name = "other"), own);
    let own = digest(&branches("dense", "dense_1", "concatenate", [2, 3]));
    assert_eq!(digest(&branches("dense", "dense_1", "merge", [2, 3])), own);
    // The same computation, but each branch would get the other's weights.
    assert_ne!(digest(&branches("dense_1", "dense", "concatenate", [2, 3])), own);
}

#[test]
fn frozen_layers_are_the_same_layers() {
    assert_eq!(changed(1, |node| node.non_trainable = 8), digest(&GRAPH));
}

#[test]
fn the_order_of_what_is_merged_counts() {
    let own = digest(&branches("dense", "dense_1", "concatenate", [2, 3]));
    assert_ne!(digest(&branches("dense", "dense_1", "concatenate", [3, 2])), own);
}

#[test]
fn the_order_of_independent_branches_does_not_count() {
    let nodes = vec![
        node("concatenate", "Concatenate", &[4, 3], &[4], 0),
        node("unused", "Dense", &[2], &[7], 28),
        node("a", "InputLayer", &[], &[3], 0),
        node("dense_1", "Dense", &[5], &[2], 8),
        node("dense", "Dense", &[2], &[2], 8),
        node("b", "InputLayer", &[], &[3], 0),
    ];
    assert_eq!(digest(&graph(nodes, &[0])), digest(&branches("dense", "dense_1", "concatenate", [2, 3])));
}

#[test]
fn inputs_count_by_position_even_if_unused() {
    let one = |inputs: [&'static [usize]; 2], used: usize| {
        let [first, second] = inputs.map(|shape| node("x", "InputLayer", &[], shape, 0));
        digest(&graph(vec![first, second, node("dense", "Dense", &[used], &[2], 8)], &[2]))
    };
    let own = one([&[3], &[3]], 0);
    assert_ne!(one([&[3], &[3]], 1), own);
    assert_ne!(one([&[3], &[4]], 0), own);
}

#[test]
fn the_order_of_outputs_counts() {
    let nodes = || {
        vec![
            node("x", "InputLayer", &[], &[3], 0),
            node("p", "Dense", &[0], &[2], 8),
            node("q", "Dense", &[0], &[2], 8),
        ]
    };
    assert_ne!(digest(&graph(nodes(), &[1, 2])), digest(&graph(nodes(), &[2, 1])));
}

#[test]
fn a_shared_layer_is_not_two_layers() {
    let merged = |layers: Vec<Spec>, sources: &'static [Source]| {
        let mut nodes = vec![node("a", "InputLayer", &[], &[3], 0), node("b", "InputLayer", &[], &[3], 0)];
        let add = Spec { name: "add", class: "Add", calls: vec![call(sources, &[2])], parameters: 0 };
        nodes.extend(layers);
        nodes.push(add);
        let last = nodes.len() - 1;
        digest(&graph(nodes, &[last]))
    };
    let calls = vec![call(const { &[from(0)] }, &[2]), call(const { &[from(1)] }, &[2])];
    let shared = Spec { name: "dense", class: "Dense", calls, parameters: 8 };
    let two = vec![node("dense", "Dense", &[0], &[2], 8), node("dense_1", "Dense", &[1], &[2], 8)];
    let uses = &[Source { node: 2, call: 0 }, Source { node: 2, call: 1 }];
    assert_ne!(merged(vec![shared], uses), merged(two, const { &[from(2), from(3)] }));
}

/// 2^200 paths lead through this graph, and a recursion would be 10,000 deep.
#[test]
fn deep_and_tangled_graphs_take_no_time_and_no_stack() {
    let mut nodes = vec![node("x", "InputLayer", &[], &[1], 0)];
    for index in 0..200 {
        nodes.push(node("add", "Add", &[index, index], &[1], 0));
    }
    for index in 200..10_000 {
        nodes.push(node("relu", "ReLU", &[index], &[1], 0));
    }
    let deep = graph(nodes, &[10_000]);
    let work = move || digest(&deep).len();
    let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(work).expect("a thread");
    assert_eq!(thread.join().expect("no panic"), 32);
}

/// The macro rules it out; a graph written by hand must not hang either.
#[test]
fn a_cycle_ends() {
    let nodes = vec![
        node("x", "InputLayer", &[], &[1], 0),
        node("a", "Add", &[0, 2], &[1], 0),
        node("b", "ReLU", &[1], &[1], 0),
    ];
    assert_eq!(digest(&graph(nodes, &[2])).len(), 32);
}

/// Files of this version carry it; a change of the algorithm needs another format.
#[test]
fn the_digest_is_always_the_same() {
    assert_eq!(digest(&GRAPH), "17fc82aca2860b44497857b5ecc5a672");
}
