//! The nodes of a few models, to be read.

use super::*;

/// What a model becomes.
fn listed<M: WeightFiles>(model: &M) -> String {
    text(&model.to_onnx_bytes().unwrap())
}

#[test]
fn a_chain_of_convolutions_is_turned_round_once() {
    model! {
        struct Digits {
            input image: [f32; 8, 8, 1];
            output digit = image => Conv2d<_, 4, 3, Relu>(padding = Same) => BatchNormalization<_> => MaxPooling2d(2)
                => Dropout(0.5) => Conv2d<_, 8, 3, Gelu> => Flatten => Dense<_, 10, Softmax>;
        }
    }
    let expected = "";
    assert_eq!(listed(&*Digits::new(1)), expected);
}

#[test]
fn residual_blocks_stay_turned_round() {
    model! {
        struct Residual {
            input image: [f32; 4, 4, 2];
            branch seen = image => Conv2d<_, 3, 1>;
            branch more = seen => Conv2d<_, 3, 3>(padding = Same);
            output y = (seen + more) => GlobalAveragePooling2d;
        }
    }
    let expected = "";
    assert_eq!(listed(&*Residual::new(1)), expected);
}

#[test]
fn texts_have_operators_of_their_own_and_outputs_their_names() {
    model! {
        struct Tickets {
            input title: [u32; 7];
            input tags: [f32; 3];
            branch read = title => Embedding<50, 6> => Bidirectional<Lstm<_, 4>>;
            branch joined = concatenate(read, tags);
            output priority = joined => Dense<_, 1, Sigmoid>;
            output department = joined => Dense<_, 4>;
        }
    }
    let expected = "";
    assert_eq!(listed(&*Tickets::new(1)), expected);
}

#[test]
fn steps_that_do_not_count_are_gone_through_one_by_one() {
    model! { struct Masked = [u32; 5] => Embedding<9, 3>(mask_zero = true) => Gru<_, 2>; }
    let expected = "";
    assert_eq!(listed(&*Masked::new(1)), expected);
}

#[test]
fn a_shared_layer_has_its_weights_once() {
    model! {
        struct Twins {
            input left: [f32; 3];
            input right: [f32; 3];
            layer seen: Dense<3, 2, Tanh>;
            branch a = left => seen;
            branch b = right => seen;
            output distance = (a - b) => Dense<_, 1>;
        }
    }
    let expected = "";
    assert_eq!(listed(&*Twins::new(1)), expected);
    let graph = ModelProto::decode(Twins::new(1).to_onnx_bytes().unwrap().as_slice()).unwrap().graph.unwrap();
    let names: Vec<&str> = graph.initializer.iter().map(|array| array.name.as_str()).collect();
    assert_eq!(names, ["seen/kernel", "seen/bias", "dense/kernel", "dense/bias"]);
}

#[test]
fn what_goes_in_may_come_out_and_an_output_may_be_two() {
    model! {
        struct Same {
            input x: [f32; 3];
            branch seen = x => Dense<_, 2>;
            output y = x => Identity;
            output a = seen => Identity;
            output b = seen => Identity;
        }
    }
    let expected = "";
    assert_eq!(listed(&*Same::new(1)), expected);
}
