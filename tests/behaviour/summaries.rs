//! The summaries of ten models, and of models within models, against what Keras 3.15.1 prints for them.

mod models;

use fusion::layer::{From, Graph, LayerNode, Needs, Output, Source, StepNode, Wire};
use fusion::shape::Shape;
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

/// What Keras prints with `expand_nested` and `show_trainable`, on terminals of several widths.
mod nested {
    use fusion::prelude::*;
    use fusion::summary::Summary;

    model! {
        struct Encoder {
            input x: [f32; 8];
            branch h = x => Dense<_, 6, Relu>;
            output code = h => Dense<_, 3>;
        }
    }
    model! { struct Scaler = [f32; 3] => Dense<_, 4> => BatchNormalization<_>; }
    model! {
        struct Tower {
            input x: [f32; 8];
            branch code = x => #[frozen] encoder: Encoder;
            output y = code => scaler: Scaler;
        }
    }
    model! {
        struct Nested {
            input a: [f32; 8];
            input b: [f32; 8];
            branch left = a => tower: Tower;
            branch right = b => #[frozen] fixed: Dense<_, 2>;
            output y = concatenate(left, right) => Dropout(0.5) => Dense<_, 1>;
        }
    }
    model! { struct NestedChain = [f32; 8] => encoder: Encoder => Dense<_, 1>; }

    fn both(summary: Summary) -> Summary {
        summary.expand_nested(true).show_trainable(true)
    }

    #[test]
    fn models_within_models_open() {
        for (columns, printed) in [
            (40, fixture!("nested.40")),
            (60, fixture!("nested.60")),
            (80, fixture!("nested.80")),
            (120, fixture!("nested.120")),
        ] {
            assert_eq!(format!("{}\n", both(Nested::summary()).terminal_width(columns)), printed, "{columns}");
        }
        let summary = Nested::summary().terminal_width(80);
        assert_eq!(format!("{}\n", summary.expand_nested(true)), fixture!("nested.expand_nested"));
        assert_eq!(format!("{}\n", summary.show_trainable(true)), fixture!("nested.show_trainable"));
        let chain = both(NestedChain::summary()).terminal_width(80);
        assert_eq!(format!("{chain}\n"), fixture!("nested_chain"));
    }

    #[test]
    fn totals_wrap_on_a_narrow_terminal() {
        let summary = Nested::summary().terminal_width(36);
        assert_eq!(format!("{summary}\n"), fixture!("nested.narrow"));
        for columns in 0..40 {
            assert!(both(Nested::summary()).terminal_width(columns).to_string().contains("Non-trainable"));
        }
    }
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
            layer::<3>("dense", "Dense", &[&["used"]], &[1]),
            layer::<9>("lost", "Dense", &[&["unused"]], &[1]),
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
        layers: &[layer::<1>("one", "Dense", &[&["two"]], &[1]), layer::<1>("two", "Dense", &[&["one"]], &[1])],
    };
    assert!(text(CIRCLE.graph(|index| index), 0).contains("two (Dense)"));

    const NUMBER: StepNode = StepNode::new(Output::new(Shape::new(&[1])), Needs::NONE);
    static OUTSIDE: Graph = Graph {
        name: "outside",
        sequential: false,
        inputs: &[],
        layers: &[
            LayerNode { name: "never_called", class: "Dense", ..LayerNode::NONE },
            LayerNode { name: "called", class: "Dense", ..LayerNode::NONE },
        ],
        steps: &[
            NUMBER.of(1, &[Source { from: From::Step(9), again: false }]),
            NUMBER.alias(&[Source { from: From::Step(1), again: false }]),
        ],
        outputs: &[("y", 0), ("z", 1), ("outside", 7)],
    };
    let printed = text(&OUTSIDE, 0);
    assert!(printed.contains("called (Dense)") && !printed.contains("never_called"), "{printed}");
    assert!(printed.contains(" Total params: 0 (0.00 B)\n"));
}

/// An output that only names a wire is no layer: Keras has none for it.
#[test]
fn an_output_that_names_a_wire_is_that_wire() {
    let graph = |steps: &'static [StepNode], outputs: &'static [(&'static str, usize)]| Graph {
        name: "named",
        sequential: false,
        inputs: const { &[Wire::of::<[f32; 2]>("x")] },
        layers: const { &[LayerNode { name: "dense", class: "Dense", ..LayerNode::NONE }] },
        steps,
        outputs,
    };
    const DENSE: StepNode = StepNode::new(Output::new(Shape::new(&[1])), Needs::NONE).of(0, &[Source::input(0)]);
    const ALIAS: StepNode = StepNode::new(Output::new(Shape::new(&[1])), Needs::NONE).alias(&[Source::step(0)]);
    let plain = Box::leak(Box::new(graph(const { &[DENSE] }, &[("y", 0)])));
    let named = Box::leak(Box::new(graph(const { &[DENSE, ALIAS] }, &[("y", 1)])));
    assert_eq!(text(named, 0), text(plain, 0));
    assert!(text(named, 0).contains("dense (Dense)"));
    const INPUT: StepNode = StepNode::new(Output::new(Shape::new(&[2])), Needs::NONE).alias(&[Source::input(0)]);
    let input = Box::leak(Box::new(graph(const { &[DENSE, INPUT] }, &[("y", 1)])));
    assert!(text(input, 0).contains("x (InputLayer)") && !text(input, 0).contains("dense"));
}

/// What `println!` prints for a summary on a terminal of 80 columns.
fn text(graph: &'static Graph, columns: usize) -> String {
    format!("{}\n", Summary::new(graph).terminal_width(80).line_length(columns))
}
