//! ONNX files that are damaged at random, hostile ones, and those with what has no counterpart.

use std::fs;
use std::path::{Path, PathBuf};

use fusion::onnx::{OnnxError, read};
use proptest::prelude::*;

use crate::damaged_files::{Mutation, mutation};

/// The files that PyTorch's exporters and tf2onnx wrote.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/onnx");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "onnx")).collect();
    files.sort();
    assert!(files.len() > 20, "{files:?}");
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_is_more_than_an_error(which in any::<prop::sample::Index>(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let mut bytes = fs::read(which.get(&files())).unwrap();
        mutations.iter().for_each(|mutation: &Mutation| mutation.apply(&mut bytes));
        if let Err(error) = read(&bytes) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn what_is_whole_is_read() {
    for file in files() {
        let model = read(&fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(!model.archive.layers().is_empty() && !model.outputs.is_empty(), "{}", file.display());
    }
}

/// A field of a message: its number, and bytes.
fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
    [[vec![field << 3 | 2], varint(content.len() as u64)].concat().as_slice(), content].concat()
}

fn text(field: u8, content: &str) -> Vec<u8> {
    bytes(field, content.as_bytes())
}

fn number(field: u8, value: i64) -> Vec<u8> {
    [vec![field << 3], varint(value.cast_unsigned())].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut all = Vec::new();
    while value > 127 {
        all.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    all.push(value as u8);
    all
}

fn node(operation: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|name| text(1, name)).collect();
    let attributes: Vec<u8> = attributes.iter().flat_map(|attribute| bytes(5, attribute)).collect();
    bytes(1, &[inputs, text(2, output), text(3, &format!("node_{output}")), text(4, operation), attributes].concat())
}

fn int(name: &str, value: i64) -> Vec<u8> {
    [text(1, name), number(3, value), vec![0xa0, 1, 2]].concat()
}

/// An array of numbers as raw bytes: of what type, and how many there are said to be.
fn array(name: &str, dims: &[i64], ty: i64, raw: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|side| number(1, *side)).collect();
    bytes(5, &[dims, number(2, ty), text(8, name), bytes(9, raw)].concat())
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> Vec<u8> {
    array(name, dims, 1, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    array(name, &[values.len() as i64], 7, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn wire(field: u8, name: &str, sides: &[i64]) -> Vec<u8> {
    let sides: Vec<u8> = sides
        .iter()
        .flat_map(|side| if *side < 0 { bytes(1, &text(2, "n")) } else { bytes(1, &number(1, *side)) })
        .collect();
    bytes(field, &[text(1, name), bytes(2, &bytes(1, &[number(1, 1), bytes(2, &sides)].concat()))].concat())
}

/// A file of these pieces of a graph, with an input `x` of these sides and the output `y`.
fn file(sides: &[i64], pieces: &[Vec<u8>]) -> Vec<u8> {
    let graph = [pieces.concat(), wire(11, "x", sides), wire(12, "y", &[-1, 1])].concat();
    [number(1, 10), bytes(8, &number(2, 20)), bytes(7, &graph)].concat()
}

fn refused(sides: &[i64], pieces: &[Vec<u8>]) -> String {
    read(&file(sides, pieces)).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_file_that_is_put_together_by_hand_is_read() {
    let kernel = floats("fc.weight", &[1, 2], &[0.5, -1.0]);
    let of_tensor = [text(1, "transB"), number(3, 1), vec![0xa0, 1, 2]].concat();
    let model = read(&file(&[-1, 2], &[kernel, node("Gemm", &["x", "fc.weight"], "y", &[of_tensor])])).unwrap();
    let layer = &model.archive.layers()[0];
    assert_eq!((layer.path.as_slice(), layer.weights[0].values.as_slice()), (&["fc".to_owned()][..], &[0.5, -1.0][..]));
    assert_eq!(layer.weights[0].shape, [2, 1]);
}

/// Each is refused for what it is, in a thread with little stack, at once.
#[test]
#[allow(clippy::type_complexity, reason = "a table: the shape of the input, the nodes, what is said")]
fn hostile_files_are_refused() {
    let relu = |from: &str, to: &str| node("Relu", &[from], to, &[]);
    let many = ints("many", &[1 << 20, 1 << 20]);
    let chain: Vec<Vec<u8>> = (0..60_000).map(|at| relu(&format!("h{at}"), &format!("h{}", at + 1))).collect();
    let expected: Vec<(Vec<i64>, Vec<Vec<u8>>, &str)> = vec![
        (vec![-1, 2], vec![relu("h", "y"), relu("y", "h")], "needs what is made of it"),
        (vec![-1, 2], vec![relu("h", "y")], "nothing gives `h`"),
        (vec![-1, 2], vec![], "no node gives its output `y`"),
        (vec![-1, 2], vec![relu("x", "y"), relu("x", "y")], "two nodes give `y`"),
        (
            vec![-1, 2],
            vec![floats("w", &[1 << 40, 1 << 40], &[1.0]), relu("x", "y")],
            "has 1 numbers, but its shape is",
        ),
        (vec![-1, 2], vec![floats("w", &[-1], &[1.0]), relu("x", "y")], "is negative"),
        (vec![-1, 2], chain, "too many nodes"),
        (vec![-1, 2], vec![many, node("ConstantOfShape", &["many"], "y", &[])], "too many numbers that are made"),
        (vec![-1, 1 << 40], vec![relu("x", "y")], "is larger than memory"),
        (vec![-1, -1], vec![relu("x", "y")], "varies in more than its batch"),
        (vec![], vec![relu("x", "y")], "has no axes"),
        (vec![-1, 2], vec![ints("s", &[-1, 3]), node("Reshape", &["x", "s"], "y", &[])], "cannot become"),
        (vec![-1, 2], vec![ints("a", &[9]), node("Unsqueeze", &["x", "a"], "y", &[])], "an axis is not there"),
        (vec![-1, 2], vec![node("Transpose", &["x"], "y", &[])], ""),
        (
            vec![-1, 2],
            vec![ints("a", &(0..100).collect::<Vec<_>>()), node("Unsqueeze", &["x", "a"], "y", &[])],
            "too many axes",
        ),
        (vec![-1, 2], vec![relu(&"x".repeat(5000), "y")], "too many bytes in a name"),
    ];
    let work = move || {
        for (sides, pieces, text) in expected {
            let outcome = read(&file(&sides, &pieces)).map(|_| ());
            if text.is_empty() {
                continue;
            }
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains(text), "{text}: {error}");
        }
        // Messages within messages.
        let mut deep = text(4, "If");
        for _ in 0..10_000 {
            deep = bytes(5, &bytes(6, &bytes(1, &deep)));
        }
        assert!(refused(&[-1, 2], &[bytes(1, &deep)]).contains("it is not a whole ONNX file"));
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().expect("no panic");
    for bytes in [&b""[..], b"\x08", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"] {
        assert!(read(bytes).unwrap_err().to_string().starts_with("it is not a whole ONNX file"));
    }
}

#[test]
fn weights_in_another_file_are_an_error_that_says_what_to_do() {
    let outside = bytes(5, &[number(1, 2), number(2, 1), text(8, "fc.weight"), number(14, 1)].concat());
    let error = refused(&[-1, 2], &[outside, node("Relu", &["x"], "y", &[])]);
    assert!(error.contains("`fc.weight` are in another file") && error.contains("external_data=False"), "{error}");
}

#[test]
fn all_that_has_no_counterpart_is_listed_with_its_attributes() {
    let pieces = [
        node("CumSum", &["x"], "a", &[int("reverse", 1)]),
        node("Sinh", &["x"], "b", &[]),
        node("Concat", &["a", "b"], "y", &[int("axis", 1)]),
        // What no output needs is no matter.
        node("Einsum", &["x"], "c", &[]),
    ];
    let Err(OnnxError::NoCounterpart(problems)) = read(&file(&[-1, 2], &pieces)) else {
        panic!("it has no counterpart")
    };
    let found: Vec<(&str, &str)> = problems.iter().map(|of| (of.node.as_str(), of.operation.as_str())).collect();
    assert_eq!(found, [("node_a", "CumSum(reverse = 1)"), ("node_b", "Sinh")]);
    let text = OnnxError::NoCounterpart(problems).to_string();
    assert!(text.starts_with("2 things in the model have no counterpart:\n  node_a (CumSum(reverse = 1)): "), "{text}");
}
