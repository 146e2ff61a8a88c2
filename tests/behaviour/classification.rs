//! The text and the picture of what a classifier gets right.

use fusion::classification::{ClassScores, ConfusionMatrix, Normalize};

/// scikit-learn's example of a report.
fn matrix() -> ConfusionMatrix {
    ConfusionMatrix::named(&[0, 1, 2, 2, 2], &[0, 0, 2, 2, 1], ["class 0", "class 1", "class 2"]).unwrap()
}

#[test]
fn a_report_is_scikit_learns() {
    let report = matrix().report();
    // As its documentation of `classification_report` prints it.
    let expected = "              precision    recall  f1-score   support

     class 0       0.50      1.00      0.67         1
     class 1       0.00      0.00      0.00         1
     class 2       1.00      0.67      0.80         3

    accuracy                           0.60         5
   macro avg       0.50      0.56      0.49         5
weighted avg       0.70      0.60      0.61         5
";
    assert_eq!(report.to_string(), expected);
    let scores = ClassScores { precision: 1.0, recall: 2.0 / 3.0, f1_score: 0.8, support: 3.0 };
    assert_eq!(report["class 2"], scores);
    assert_eq!((report.get("class 3"), report.classes().count()), (None, 3));
    assert!(format!("{report:.4}").contains("weighted avg     0.7000    0.6000    0.6133         5\n"));
}

/// The expected numbers are those of scikit-learn 1.9.1, with `labels=range(5)` and `sample_weight`.
#[test]
fn weights_and_classes_that_do_not_occur_count_as_in_scikit_learn() {
    let actual = [0, 3, 1, 1, 0, 3, 3, 1, 0, 0, 1, 3];
    let predicted = [0, 3, 1, 0, 2, 3, 1, 1, 0, 3, 1, 3];
    let weights = [1.0, 0.5, 2.0, 1.0, 1.5, 0.25, 1.0, 3.0, 0.75, 1.0, 1.0, 2.0];
    let matrix = ConfusionMatrix::weighted(&actual, &predicted, &weights, ["a", "b", "c", "d", "e"]).unwrap();
    let report = matrix.report();
    let check = |found: &ClassScores, expected: [f64; 4]| {
        let found = [found.precision, found.recall, found.f1_score, found.support];
        let near = |(found, expected): (f64, f64)| (found - expected).abs() < 1e-12;
        assert!(found.into_iter().zip(expected).all(near), "{found:?} instead of {expected:?}");
    };
    check(&report["a"], [0.636_363_636_363_636_4, 0.411_764_705_882_352_9, 0.5, 4.25]);
    check(&report["b"], [0.857_142_857_142_857_1, 0.857_142_857_142_857_1, 0.857_142_857_142_857_1, 7.0]);
    check(&report["c"], [0.0; 4]);
    check(&report["d"], [0.733_333_333_333_333_3, 0.733_333_333_333_333_3, 0.733_333_333_333_333_3, 3.75]);
    check(report.macro_average(), [0.445_367_965_367_965_36, 0.400_448_179_271_708_67, 0.418_095_238_095_238_13, 15.0]);
    check(report.weighted_average(), [0.763_636_363_636_363_7, 0.7, 0.725, 15.0]);
    assert!((report.accuracy() - 0.7).abs() < 1e-12);
    let shares = matrix.normalized(Normalize::Pred);
    assert_eq!([shares.count(0, 2), shares.count(4, 4)], [1.0, 0.0]);
    assert!((shares.count(0, 3) - 0.266_666_666_666_666_66).abs() < 1e-12);
}

#[test]
#[should_panic = "`dog` is no class; there are: class 0, class 1, class 2"]
fn a_class_that_is_none_is_answered_with_those_there_are() {
    let _ = matrix().report()["dog"];
}

/// How often a text stands between two others.
fn count(svg: &str, text: &str) -> usize {
    svg.matches(text).count()
}

#[test]
fn a_picture_has_a_cell_for_each_pair_of_classes() {
    let svg = matrix().to_svg();
    assert_eq!(count(&svg, "<rect class=\"cell\""), 9);
    assert!(svg.contains("fill-opacity=\"0.667\""), "{svg}");
    assert!(svg.contains("<title>class 2 predicted as class 1: 1 (33.3 %)</title>"), "{svg}");
    // Beside and below.
    assert_eq!(count(&svg, ">class 1</text>"), 2);
    for tag in ["svg", "text", "style", "title"] {
        let opened = count(&svg, &format!("<{tag}>")) + count(&svg, &format!("<{tag} "));
        assert_eq!(opened, count(&svg, &format!("</{tag}>")), "{tag}: {svg}");
    }
    // Of a name that means something in XML.
    let names = ["a < b", "\"c\" & d"];
    let svg = ConfusionMatrix::named(&[0, 1], &[0, 1], names).unwrap().to_svg();
    assert!(svg.contains(">a &lt; b</text>") && svg.contains(">&quot;c&quot; &amp; d</text>"), "{svg}");
}

#[test]
fn a_picture_of_many_classes_leaves_out_what_could_not_be_read() {
    let ids: Vec<u32> = (0..100).collect();
    let svg = ConfusionMatrix::new(&ids, &ids).unwrap().to_svg();
    assert_eq!(count(&svg, "<rect class=\"cell\""), 10_000);
    // The names of the axes.
    assert_eq!(count(&svg, "</text>"), 2);
    let width: f64 = svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!((640.0..800.0).contains(&width), "{width}");
    assert!(!ConfusionMatrix::new(&[], &[]).unwrap().to_svg().contains("NaN"));
}

#[test]
fn a_picture_is_an_svg_file() {
    let error = matrix().plot("confusion.png").unwrap_err();
    assert_eq!(error.to_string(), "`confusion.png` says not what to draw: its name has to end with .svg");
}

#[test]
fn a_picture_of_thousands_of_classes_has_the_cells_that_show_something() {
    let svg = ConfusionMatrix::new(&[4_999, 3], &[0, 3]).unwrap().to_svg();
    assert_eq!(count(&svg, "<rect class=\"cell\""), 2);
}
