//! Pictures of models.

use fusion::plot::Picture;
use fusion::prelude::*;

model! {
    struct Encoder {
        input x: [f32; 8];
        branch h = x => Dense<_, 6, Relu>;
        output code = h => Dense<_, 3>;
    }
}

model! {
    /// Shared, nested, skipped, of several outputs: what a picture has to show.
    struct Whole {
        input series: [f32; 12, 4];
        input a: [f32; 8];
        input b: [f32; 8];
        input user: u32;
        layer tower: Dense<8, 6, Relu>;
        branch (states, h, c) = series => Lstm<_, 5>(return_sequences = true, return_state = true);
        branch code = a => encoder: Encoder;
        branch left = a => tower;
        branch right = b => tower;
        branch id = user => Embedding<10, 4>;
        branch attended = (query = states, value = states) => MultiHeadAttention<_, 2, 3> => GlobalAveragePooling1d;
        output price = concatenate(code, left, right, h, id, attended) => Dense<_, 16, Relu> => Dense<_, 1>;
        output kind = c => Dense<_, 3, Softmax>;
    }
}

#[test]
fn boxes_are_layers_and_arrows_have_shapes() {
    let dot = Whole::picture().to_dot();
    assert!(dot.starts_with("digraph \"Whole\" {\n"), "{dot}");
    assert!(dot.contains("[label=\"series\\nf32\", shape=ellipse];"), "{dot}");
    assert!(dot.contains("[label=\"user\\nu32\", shape=ellipse];"), "{dot}");
    assert!(dot.contains("[label=\"lstm\\nLSTM\"];"), "{dot}");
    assert!(dot.contains("[label=\"encoder\\nFunctional\"];"), "{dot}");
    // Each use of a shared layer is a box.
    assert_eq!(dot.matches("[label=\"tower\\nDense\"];").count(), 2, "{dot}");
    for label in ["[12, 4]", "query: [12, 5]", "value: [12, 5]", "[12, 5]", "single", "[29]"] {
        assert!(dot.contains(&format!("[label=\"{label}\"];")), "{label}: {dot}");
    }
    // Arrows lead from boxes that are there, to boxes after them.
    let boxes = dot.lines().filter(|line| line.contains(" [label=") && !line.contains("->")).count();
    let arrows = dot.lines().filter_map(|line| line.trim().strip_prefix('n')?.split_once(" -> n"));
    for (from, to) in arrows {
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.split(' ').next().unwrap().parse().unwrap());
        assert!(from < to && to < boxes, "{from} -> {to} of {boxes}");
    }
}

#[test]
fn nested_models_open_and_details_are_shown_where_they_are_asked_for() {
    let closed = Whole::picture().to_mermaid();
    assert!(closed.starts_with("flowchart TD\n") && closed.contains("[\"encoder<br/>Functional\"]"), "{closed}");
    let open = Whole::picture().expand_nested(true).details(true).to_mermaid();
    assert!(!open.contains("[\"encoder<br/>Functional\"]"), "{open}");
    assert!(open.contains("[\"encoder/dense<br/>Dense<br/>relu\"]"), "{open}");
    assert!(open.contains("softmax"), "{open}");
    // What leaves the opened model is what left it closed.
    assert_eq!(closed.matches("|\"[3]\"|").count(), open.matches("|\"[3]\"|").count());
}

/// The boxes of the SVG: left, top, width, height.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let value = |line: &str, name: &str| -> f64 {
        line.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let lines =
        svg.lines().filter(|line| line.starts_with("<rect class=\"layer\"") || line.starts_with("<rect class=\"end\""));
    lines.map(|line| ["x", "y", "width", "height"].map(|name| value(line, name))).collect()
}

/// The labels of arrows in the SVG: middle, height and text.
fn labels(svg: &str) -> Vec<(f64, f64, String)> {
    let label = |line: &str| {
        let (x, rest) = line.strip_prefix("<text class=\"shape\" x=\"")?.split_once("\" y=\"")?;
        let (y, text) = rest.strip_suffix("</text>")?.split_once("\">")?;
        Some((x.parse().ok()?, y.parse().ok()?, text.to_owned()))
    };
    svg.lines().filter_map(label).collect()
}

/// Of any model no two boxes overlap and no two labels, all are on the page, and its text is well-formed as far as that
/// goes without a reader of XML.
fn check(picture: Picture, expected: usize) {
    let svg = picture.to_svg();
    let boxes = boxes(&svg);
    assert_eq!(boxes.len(), expected, "{svg}");
    let page: Vec<f64> = svg
        .split("viewBox=\"0 0 ")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    for (index, [x, y, width, height]) in boxes.iter().enumerate() {
        assert!(*x >= 0.0 && *y >= 0.0 && x + width <= page[0] && y + height <= page[1], "{index}: {svg}");
        for [other_x, other_y, other_width, other_height] in &boxes[..index] {
            let beside = x + width <= *other_x || other_x + other_width <= *x;
            let above = y + height <= *other_y || other_y + other_height <= *y;
            assert!(beside || above, "{index}: {svg}");
        }
    }
    let labels = labels(&svg);
    assert!(labels.len() + 1 >= expected, "{svg}");
    for (index, (x, y, text)) in labels.iter().enumerate() {
        for (other_x, other_y, other) in &labels[..index] {
            // A letter takes 6 units and a line 11.
            let apart = 3.0 * (text.len() + other.len()) as f64 + 4.0;
            assert!((x - other_x).abs() >= apart || (y - other_y).abs() >= 11.0, "{text} {other}: {svg}");
        }
    }
    for tag in ["svg", "text", "style", "marker", "defs", "title"] {
        let opened = svg.matches(&format!("<{tag}>")).count() + svg.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, svg.matches(&format!("</{tag}>")).count(), "{tag}: {svg}");
    }
}

model! { struct Chain = [f32; 3] => Dense<3, 2>; }

model! {
    struct Merged {
        input x: [f32; 4];
        branch a = x => Dense<_, 4>;
        branch b = a => Dense<_, 4>;
        branch c = b => Dense<_, 4>;
        output y = x + a + b + c;
    }
}

model! {
    /// Many operands from one row, of one that stands under a narrow name.
    struct Wide {
        input x: [f32; 128, 64];
        branch a = x => Dense<_, 100>;
        branch b = x => Dense<_, 101>;
        branch c = x => Dense<_, 102>;
        branch d = x => Dense<_, 103>;
        branch e = x => Dense<_, 104>;
        branch f = x => Dense<_, 105>;
        branch g = x => Dense<_, 106>;
        output y = concatenate(a, b, c, d, e, f, g, x) => Dense<_, 1>;
    }
}

#[test]
fn no_two_boxes_or_labels_overlap() {
    check(Chain::picture(), 3);
    check(Merged::picture().details(true), 8);
    check(Wide::picture(), 11);
    check(Whole::picture(), 17);
    check(Whole::picture().expand_nested(true), 18);
}

#[test]
fn a_file_is_what_its_ending_says() {
    let directory = std::env::temp_dir().join(format!("fusion-plots-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    for (ending, begins) in [("svg", "<svg "), ("dot", "digraph "), ("gv", "digraph "), ("mmd", "flowchart ")] {
        let path = directory.join(format!("chain.{ending}"));
        Chain::plot(&path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(begins));
    }
    let error = Chain::plot("chain.png").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`chain.png` says not what to draw: its name has to end with .svg, .dot, .gv or .mmd"
    );
    let error = Chain::plot(directory.join("missing").join("chain.svg")).unwrap_err();
    assert!(error.to_string().starts_with("cannot write the picture to `"), "{error}");
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn curves_are_a_panel_for_each_metric() {
    let mut model = Chain::new(1);
    let (x, y) = ([[0.1, 0.5, -0.3]; 8], [[1.0, 0.0]; 8]);
    let history = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(25)
        .validation_split(0.5)
        .callback(LearningRateScheduler::new(|_, rate| rate * 0.9))
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    for svg in [history.curves().to_svg(), history.curves().log_scale(true).to_svg()] {
        for title in ["learning_rate", "loss", "mae"] {
            assert!(svg.contains(&format!(">{title}</text>")), "{title}: {svg}");
        }
        assert!(!svg.contains(">val_loss<"), "{svg}");
        assert_eq!(svg.matches("<path class=\"training\"").count(), 3, "{svg}");
        assert_eq!(svg.matches("<path class=\"validation\"").count(), 2, "{svg}");
        // A point for each epoch.
        let curve = svg.split("<path class=\"validation\" d=\"M").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(curve.split(" L").count(), 25, "{curve}");
    }
    let error = history.plot("curves.png").unwrap_err();
    assert_eq!(error.to_string(), "`curves.png` says not what to draw: its name has to end with .svg");
}
