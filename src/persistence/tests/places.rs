//! Layers of one name that are not the same layer.

use fusion::prelude::*;

use super::super::*;
use super::files::Directory;

model! {
    struct Old {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<_, 5, Relu>;
        branch y = b => Dense<_, 5, Relu>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}
model! {
    /// The same with its branches the other way round: `dense` belongs to `b` now.
    struct Reordered {
        input a: [f32; 3];
        input b: [f32; 3];
        branch y = b => Dense<_, 5, Relu>;
        branch x = a => Dense<_, 5, Relu>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

/// Loads the file of one model into another, after renames.
fn load<A: Model, B: Model>(from: &A, to: &mut B, renames: &[(&str, &str)]) -> Result<Matching, String> {
    let directory = Directory::new();
    let path = directory.join("other.safetensors");
    from.save_weights(&path).expect("a writable directory");
    let mut matching = to.matching_weights(&path);
    for (there, here) in renames {
        matching = matching.rename(there, here);
    }
    matching.load().map_err(|error| error.to_string().replace(&format!("`{}` ", path.display()), ""))
}

/// The layers that are reported, and what they are here.
fn displaced(matching: &Matching) -> Vec<(&str, Option<&str>)> {
    matching.displaced.iter().map(|displaced| (displaced.layer.as_str(), displaced.same.as_deref())).collect()
}

/// What the strict loader says of a file of another model.
fn refusal<A: Model, B: Model>(from: &A, mut to: Box<B>) -> String {
    let error = to.load_weights_from_bytes(&from.weights_to_bytes()).expect_err("another graph");
    error.to_string().split_once("\n  ").map(|(_, lines)| lines.to_owned()).unwrap_or_default()
}

#[test]
fn branches_in_another_order_are_told_and_left_out() {
    let (old, mut new) = (Old::new(1), Reordered::new(2));
    let before = new.weights_to_bytes();
    let matching = load(&*old, &mut *new, &[]).expect("a layer that fits");
    let text = "loaded 2 tensors, 0 missing, 4 unmatched\n  \
        `dense` of the file's model is `dense_1` in this one; it was left out, `.rename(\"dense\", \"dense_1\")` takes it\n  \
        `dense_1` of the file's model is `dense` in this one; it was left out, `.rename(\"dense_1\", \"dense\")` takes it";
    assert_eq!(matching.to_string(), text);
    assert_eq!(matching.loaded, ["dense_2/kernel", "dense_2/bias"]);
    assert!(matching.unmatched.iter().all(|tensor| tensor.reason == MismatchReason::Displaced));
    assert_ne!(new.dense.kernel, old.dense.kernel);
    assert_eq!(new.dense_2, old.dense_2);
    assert_ne!(new.weights_to_bytes(), before);
    let lines =
        "`dense` of the file's model is `dense_1` in this one\n  `dense_1` of the file's model is `dense` in this one";
    assert_eq!(refusal(&*old, new), lines);
}

#[test]
fn what_is_renamed_is_taken() {
    let (old, mut new) = (Old::new(1), Reordered::new(2));
    let matching = load(&*old, &mut *new, &[("dense", "dense_1"), ("dense_1", "dense")]).expect("all layers");
    assert_eq!(matching.to_string(), "loaded 6 tensors, 0 missing, 0 unmatched");
    let (a, b) = (&[1.0, 2.0, 3.0], &[-1.0, 0.5, 0.25]);
    assert_eq!(new.predict_named(ReorderedInput { a, b }), old.predict_named(OldInput { a, b }));
}

#[test]
fn what_the_user_renames_to_a_name_comes_before_what_has_it() {
    let (old, mut new) = (Old::new(1), Reordered::new(2));
    let matching = load(&*old, &mut *new, &[("dense/bias", "dense_1/bias"), ("dense/kernel", "dense_1/kernel")]);
    let matching = matching.expect("two layers");
    let text = "loaded 4 tensors, 2 missing, 2 unmatched\n  \
        `dense/kernel` is missing in the file\n  \
        `dense/bias` is missing in the file\n  \
        `dense_1/kernel` was not taken, as another has its name in the model\n  \
        `dense_1/bias` was not taken, as another has its name in the model";
    assert_eq!(matching.to_string(), text);
    assert_eq!(new.dense_1, old.dense);
}

#[test]
fn names_that_are_not_there_are_errors() {
    let (old, mut new) = (Old::new(1), Reordered::new(2));
    let mut error = |renames: &[(&str, &str)]| load(&*old, &mut *new, renames).expect_err("no such name");
    assert_eq!(error(&[("dense_3", "dense")]), "has no weights called `dense_3`; is `dense_1` meant?");
    assert_eq!(error(&[("conv2d", "dense")]), "has no weights called `conv2d`");
    assert_eq!(error(&[("dens", "dense")]), "has no weights called `dens`; is `dense` meant?");
    let text = "cannot be read into this model, which has no weights called `hidden`";
    assert_eq!(error(&[("dense", "hidden")]), text);
    let text = "cannot be read with two renames of `dense`";
    assert_eq!(error(&[("dense", "dense_1"), ("dense", "dense_2")]), text);
    assert_eq!(error(&[("dense_1", "dense"), ("dense_2", "dense")]), text);
}

#[test]
fn nothing_is_no_success() {
    model! {
        struct Head {
            input a: [f32; 3];
            output x = a => Dense<_, 5, Relu>;
        }
    }
    model! {
        struct Two {
            input b: [f32; 3];
            input a: [f32; 3];
            branch y = b => Dense<_, 5, Relu>;
            branch x = a => Dense<_, 5, Relu>;
            output z = add(x, y);
        }
    }
    let error = load(&*Head::new(1), &mut *Two::new(2), &[]).expect_err("another layer");
    let text = "has nothing that this model can take:\n  \
        `dense_1/kernel` is missing in the file\n  \
        `dense_1/bias` is missing in the file\n  \
        `dense` of the file's model is `dense_1` in this one; it was left out, `.rename(\"dense\", \"dense_1\")` takes it";
    assert_eq!(error, text);
}

model! {
    /// The first model with names of the user's.
    struct Named {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => left: Dense<_, 5, Relu>;
        branch y = b => right: Dense<_, 5, Relu>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

#[test]
fn names_of_the_users_mean_the_same_anywhere() {
    model! {
        struct Elsewhere {
            input b: [f32; 3];
            branch y = b => Dropout(0.5) => right: Dense<_, 5, Relu>;
            output z = y => Dense<_, 5>;
        }
    }
    let (named, mut new) = (Named::new(1), Elsewhere::new(2));
    let matching = load(&*named, &mut *new, &[]).expect("a layer of one name");
    assert_eq!(matching.loaded, ["right/kernel", "right/bias"]);
    assert_eq!(new.right, named.right);
}

#[test]
fn a_layer_more_moves_the_numbers_of_all_behind_it() {
    model! {
        struct More {
            input a: [f32; 3];
            input b: [f32; 3];
            branch x = a => Dense<_, 5, Relu> => Dense<_, 3, Relu>;
            branch y = b => Dense<_, 5, Relu>;
            output z = concatenate(x, y) => Dense<_, 1>;
        }
    }
    let (old, mut new) = (Old::new(1), More::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("the first layer");
    assert_eq!(matching.loaded, ["dense/kernel", "dense/bias"]);
    // What led to the merge then is not what leads to `dense_2` now.
    assert_eq!(displaced(&matching), [("dense_1", Some("dense_2")), ("dense_2", None)]);
    let matching = load(&*old, &mut *new, &[("dense_1", "dense_2")]).expect("two layers");
    assert_eq!(new.dense_2, old.dense_1);
    assert_eq!(matching.missing, ["dense_1/kernel", "dense_1/bias", "dense_3/kernel", "dense_3/bias"]);
}

#[test]
fn outputs_in_another_order_are_other_layers() {
    model! {
        struct Heads {
            input a: [f32; 3];
            branch x = a => Dense<_, 5, Relu>;
            output p = x => Dense<_, 2>;
            output q = x => Dense<_, 2>;
        }
    }
    model! {
        struct Swapped {
            input a: [f32; 3];
            branch x = a => Dense<_, 5, Relu>;
            output q = x => Dense<_, 2>;
            output p = x => Dense<_, 2>;
        }
    }
    let (old, mut new) = (Heads::new(1), Swapped::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("the layer before");
    assert_eq!(displaced(&matching), [("dense_1", Some("dense_2")), ("dense_2", Some("dense_1"))]);
    let lines = "`dense_1` of the file's model is `dense_2` in this one\n  `dense_2` of the file's model is `dense_1` in this one";
    assert_eq!(refusal(&*old, new), lines);
}

/// Twins that only what becomes of them tells apart.
#[test]
fn what_becomes_of_a_layer_tells_which_it_is() {
    model! {
        struct Twins {
            input a: [f32; 3];
            branch x = a => Dense<_, 5, Relu>;
            branch y = a => Dense<_, 5, Relu>;
            output z = concatenate(x, y) => Dense<_, 1>;
        }
    }
    model! {
        struct Exchanged {
            input a: [f32; 3];
            branch y = a => Dense<_, 5, Relu>;
            branch x = a => Dense<_, 5, Relu>;
            output z = concatenate(x, y) => Dense<_, 1>;
        }
    }
    let (old, mut new) = (Twins::new(1), Exchanged::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("the last layer");
    assert_eq!(displaced(&matching), [("dense", Some("dense_1")), ("dense_1", Some("dense"))]);
}

#[test]
fn inputs_are_known_by_their_names() {
    model! {
        /// Inputs and branches the other way round, so that all is as before but for the names.
        struct Both {
            input b: [f32; 3];
            input a: [f32; 3];
            branch y = b => Dense<_, 5, Relu>;
            branch x = a => Dense<_, 5, Relu>;
            output z = concatenate(y, x) => Dense<_, 1>;
        }
    }
    model! {
        struct Renamed {
            input left: [f32; 3];
            input right: [f32; 3];
            branch x = left => Dense<_, 5, Relu>;
            branch y = right => Dense<_, 5, Relu>;
            output out = concatenate(x, y) => Dense<_, 1>;
        }
    }
    let (old, mut new) = (Old::new(1), Both::new(2));
    let lines = "`dense` of the file's model is `dense_1` in this one\n  \
        `dense_1` of the file's model is `dense` in this one\n  \
        `dense_2` stands elsewhere in the file's model than in this one";
    let error = new.load_weights_from_bytes(&old.weights_to_bytes()).expect_err("inputs in another order").to_string();
    let text = "the weight file's content was saved by a model whose inputs or outputs of the same names come in \
        another order:\n  ";
    assert_eq!(error, format!("{text}{lines}"));
    assert!(load(&*old, &mut *new, &[]).expect_err("no layer").starts_with("has nothing that this model can take"));
    let mut renamed = Renamed::new(3);
    renamed.load_weights_from_bytes(&old.weights_to_bytes()).expect("the same graph");
    assert_eq!(renamed.dense, old.dense);
    let matching = load(&*old, &mut *Renamed::new(3), &[]).expect("the same graph");
    assert_eq!(matching.loaded.len(), 6);
}

/// What is changed for another task or other data is no reason to leave anything out.
#[test]
fn options_sizes_and_new_inputs_move_no_layer() {
    model! {
        struct Small {
            input image: [f32; 8, 8, 1];
            output digit = image => Conv2d<_, 4, 3, Relu> => Dropout(0.5) => Conv2d<_, 4, 3, Relu>
                => GlobalAveragePooling2d => Dense<_, 10, Softmax>;
        }
    }
    model! {
        struct Large {
            input age: [f32; 1];
            input image: [f32; 16, 16, 1];
            branch seen = image => Conv2d<_, 4, 3, Tanh> => Dropout(0.1) => Conv2d<_, 4, 3, Relu>
                => GlobalAveragePooling2d;
            output ill = concatenate(seen, age) => Dense<_, 1, Sigmoid>;
        }
    }
    let (old, mut new) = (Small::new(1), Large::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("the features");
    assert_eq!(matching.loaded, ["conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias"]);
    assert_eq!(displaced(&matching), [("dense", None)]);
}

#[test]
fn layers_within_a_model_have_their_places_too() {
    model! {
        struct Inner {
            input a: [f32; 3];
            input b: [f32; 3];
            branch x = a => Dense<_, 2>;
            branch y = b => Dense<_, 2>;
            output z = concatenate(x, y);
        }
    }
    model! {
        struct Outer {
            input a: [f32; 3];
            input b: [f32; 3];
            output z = (a = a, b = b) => inner: Inner => Dense<_, 1>;
        }
    }
    mod reordered {
        use fusion::prelude::*;
        model! {
            pub struct Inner {
                input a: [f32; 3];
                input b: [f32; 3];
                branch y = b => Dense<_, 2>;
                branch x = a => Dense<_, 2>;
                output z = concatenate(x, y);
            }
        }
        model! {
            pub struct Outer {
                input a: [f32; 3];
                input b: [f32; 3];
                output z = (b = b, a = a) => inner: Inner => Dense<_, 1>;
            }
        }
    }
    let (old, mut new) = (Outer::new(1), reordered::Outer::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("the last layer");
    let inner = [("inner/dense", Some("inner/dense_1")), ("inner/dense_1", Some("inner/dense"))];
    assert_eq!(displaced(&matching), inner);
    // The name of the model around them says nothing of theirs.
    let matching = load(&*old, &mut *new, &[("inner", "inner")]).expect("the last layer");
    assert_eq!(displaced(&matching), inner);
    let matching = load(&*old, &mut *new, &[("inner/dense", "inner/dense_1"), ("inner/dense_1", "inner/dense")]);
    assert_eq!(matching.expect("all layers").loaded.len(), 6);
    assert_eq!(new.inner.dense_1, old.inner.dense);
}

/// Of the uses of a shared layer none is the first.
#[test]
fn the_order_of_the_uses_of_a_layer_moves_nothing() {
    model! {
        struct AThenB {
            input a: [f32; 3];
            input b: [f32; 3];
            layer shared: Dense<_, 2>;
            branch x = a => shared;
            branch y = b => shared;
            output z = concatenate(x, y) => Dense<_, 1>;
        }
    }
    model! {
        struct BThenA {
            input a: [f32; 3];
            input b: [f32; 3];
            layer shared: Dense<_, 2>;
            branch y = b => shared;
            branch x = a => shared;
            output z = concatenate(x, y) => Dense<_, 1>;
        }
    }
    let (from, mut to) = (AThenB::new(1), BThenA::new(2));
    to.load_weights_from_bytes(&from.weights_to_bytes()).expect("the same graph");
    assert_eq!(to.shared, from.shared);
    assert_eq!(load(&*from, &mut *to, &[]).expect("the same graph").loaded.len(), 4);
}

/// A layer that is like the one behind it: whether it is the new one, no graph says.
#[test]
fn a_layer_before_one_like_it_is_told() {
    model! { struct Before = [f32; 3] => Dense<_, 3, Relu> => Dense<_, 1>; }
    model! { struct OneMore = [f32; 3] => Dense<_, 3, Relu> => Dropout(0.5) => Dense<_, 3, Relu> => Dense<_, 1>; }
    let (old, mut new) = (Before::new(1), OneMore::new(2));
    let matching = load(&*old, &mut *new, &[]).expect("a layer of one name");
    let text = "`dense` was taken for the one that comes first here, but may be `dense_1`, which is like it and has none \
        before it in the file's model; `.rename(\"dense\", \"dense_1\")` takes it for that";
    assert!(matching.to_string().contains(text), "{matching}");
    let doubtful = |matching: &Matching| {
        matching.doubtful.iter().map(|doubt| (doubt.layer.clone(), doubt.same.clone())).collect::<Vec<_>>()
    };
    let dense = |number: usize| if number == 0 { "dense".to_owned() } else { format!("dense_{number}") };
    assert_eq!(doubtful(&matching), [(dense(0), Some(dense(1)))]);
    assert_eq!(new.dense, old.dense);

    // What the user says is not doubted.
    let matching = load(&*old, &mut *new, &[("dense", "dense_1"), ("dense_1", "dense_2")]).expect("both layers");
    assert_eq!((doubtful(&matching), matching.loaded.len()), (vec![], 4));
    assert_eq!(new.dense_1, old.dense);
    let matching = load(&*old, &mut *new, &[("dense", "dense")]).expect("a layer");
    assert_eq!(doubtful(&matching), []);

    // Each of a row may be the next one.
    model! { struct Row = [f32; 3] => Dense<_, 3, Relu> => Dense<_, 3, Relu> => Dense<_, 3, Relu> => Dense<_, 1>; }
    let matching = load(&*new, &mut *Row::new(3), &[]).expect("layers of one name");
    assert_eq!(doubtful(&matching), [(dense(0), Some(dense(1)))]);
    model! { struct TwoThenHead = [f32; 3] => Dense<_, 3, Relu> => Dense<_, 3, Relu> => Dense<_, 1>; }
    let (two, mut row) = (TwoThenHead::new(4), Row::new(3));
    let matching = load(&*two, &mut *row, &[]).expect("layers of one name");
    assert_eq!(doubtful(&matching), [(dense(0), Some(dense(1))), (dense(1), Some(dense(2)))]);
}

/// A row of layers alike is no reason to doubt, where the file's model has the same one or the user names them.
#[test]
fn layers_alike_that_were_there_are_not_doubted() {
    model! { struct Same = [f32; 3] => Dense<_, 3, Relu> => Dense<_, 3, Relu> => Dense<_, 1>; }
    model! { struct AnotherHead = [f32; 3] => Dense<_, 3, Relu> => Dense<_, 3, Relu> => Dense<_, 4, Softmax>; }
    let matching = load(&*Same::new(1), &mut *AnotherHead::new(2), &[]).expect("the same row");
    assert_eq!((matching.loaded.len(), matching.doubtful.len()), (4, 0));
    model! { struct Called = [f32; 3] => first: Dense<_, 3, Relu> => Dense<_, 1>; }
    model! { struct CalledToo = [f32; 3] => first: Dense<_, 3, Relu> => second: Dense<_, 3, Relu> => Dense<_, 1>; }
    let matching = load(&*Called::new(1), &mut *CalledToo::new(2), &[]).expect("a layer of one name");
    assert_eq!(
        (&matching.loaded[..2], matching.doubtful.len()),
        (&["first/kernel".to_owned(), "first/bias".to_owned()][..], 0)
    );
}
