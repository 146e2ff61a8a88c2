//! The summaries of ten models, against what Keras 3.15.1 prints for them.

mod models;

use fusion::graph::{Graph, Node, Source};
use fusion::summary::Summary;
use models::*;

macro_rules! fixture {
    ($name:expr) => {
        include_str!(concat!("../fixtures/summaries/", $name, ".txt"))
    };
}

/// Each model with its summary on a terminal of 80 columns and that of `line_length=120`.
macro_rules! fixtures {
    ($($model:ident $name:literal,)+) => {
        [$(($model, fixture!($name), fixture!(concat!($name, ".wide")))),+]
    };
}

const FIXTURES: [(Model, &str, &str); 10] = fixtures! {
    AUTOENCODER "autoencoder",
    ENSEMBLE "ensemble",
    MIXED_DATA "mixed_data",
    MNIST_MLP "mnist_mlp",
    SEED_FUNCTIONAL "seed_functional",
    SEED_FUSION "seed_fusion",
    SEED_SEQUENTIAL "seed_sequential",
    SHARED_EMBEDDING "shared_embedding",
    TICKETS "tickets",
    TOY_RESNET "toy_resnet",
};

#[test]
fn ten_models_print_as_in_keras() {
    for (model, printed, wide) in FIXTURES {
        let graph = model.graph(|index| index);
        assert_eq!(text(graph, 0), printed);
        assert_eq!(text(graph, 76), printed);
        assert_eq!(text(graph, 120), wide);
    }
}

#[test]
fn narrow_headings_wrap() {
    let graph = TOY_RESNET.graph(|index| index);
    assert_eq!(text(graph, 40), fixture!("toy_resnet.narrow"));
    let graph = AUTOENCODER.graph(|index| index);
    assert_eq!(text(graph, 40), fixture!("autoencoder.narrow"));
}

#[test]
fn any_width_prints() {
    let graph = TOY_RESNET.graph(|index| index);
    let narrowest = Summary::new(graph).line_length(19).to_string();
    for columns in 1..19 {
        let summary = Summary::new(graph).line_length(columns);
        assert_eq!(summary.to_string(), narrowest);
    }
    let widest = Summary::new(graph).line_length(usize::MAX).to_string();
    assert_eq!(widest.lines().nth(1).map(|line| line.chars().count()), Some(65_535));
}

/// Keras's order follows from the connections alone; only inputs keep their declared order.
#[test]
fn order_of_declaration_does_not_matter() {
    for (model, printed, _) in FIXTURES {
        let reversed = model.graph(|index| usize::MAX - index);
        assert_eq!(text(reversed, 0), printed);
        for factor in 1..20 {
            let shuffled = model.graph(|index| (index + 1) * factor * 7919 % 101);
            assert_eq!(text(shuffled, 0), printed);
        }
    }
}

#[test]
fn unused_input_has_a_row_and_unused_layer_has_none() {
    const MODEL: Model = Model {
        name: "unused",
        sequential: false,
        outputs: &["dense"],
        layers: &[
            input("used", &[2]),
            input("unused", &[3]),
            input("unused_too", &[4]),
            layer("dense", "Dense", 3, &[&["used"]], &[1]),
            layer("lost", "Dense", 9, &[&["unused"]], &[1]),
        ],
    };
    let summary = text(MODEL.graph(|index| index), 0);
    let rows = summary.lines().filter(|line| line.contains("None"));
    let names: Vec<_> = rows.filter_map(|row| row.split_whitespace().nth(1)).collect();
    assert_eq!(names, ["used", "unused", "unused_too", "dense"]);
    assert!(summary.contains(" Total params: 3 (12.00 B)\n"));
}

/// No model of this library is like these, but printing them must not panic or hang.
#[test]
fn impossible_graphs_print() {
    const CIRCLE: Model = Model {
        name: "circle",
        sequential: false,
        outputs: &["one"],
        layers: &[layer("one", "Dense", 1, &[&["two"]], &[1]), layer("two", "Dense", 1, &[&["one"]], &[1])],
    };
    assert!(text(CIRCLE.graph(|index| index), 0).contains("two (Dense)"));

    static OUTSIDE: Graph = Graph {
        name: "outside",
        nodes: &[Node {
            name: "never_called",
            class: "Dense",
            calls: &[],
            parameters: 5,
            non_trainable: 7,
            config: |_| Ok(()),
            nested: None,
        }],
        outputs: &[Source { node: 0, call: 0 }, Source { node: 9, call: 0 }],
        sequential: false,
    };
    assert!(text(&OUTSIDE, 0).contains(" Total params: 0 (0.00 B)\n"));
}

/// What `println!` prints for a summary.
fn text(graph: &'static Graph, columns: usize) -> String {
    format!("{}\n", Summary::new(graph).line_length(columns))
}
