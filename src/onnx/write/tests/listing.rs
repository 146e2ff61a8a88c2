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
    let expected = "\
input image [batch, 8, 8, 1]
  Transpose(image) → conv2d/Transpose
  Conv(conv2d/Transpose, conv2d/kernel, conv2d/bias) → conv2d/Conv
  Relu(conv2d/Conv) → conv2d/Relu
  BatchNormalization(conv2d/Relu, batch_normalization/gamma, batch_normalization/beta, batch_normalization/moving_mean, batch_normalization/moving_variance) → batch_normalization/BatchNormalization
  MaxPool(batch_normalization/BatchNormalization) → max_pooling2d/MaxPool
  Conv(max_pooling2d/MaxPool, conv2d_1/kernel, conv2d_1/bias) → conv2d_1/Conv
  Div(conv2d_1/Conv, constant/1.4142135) → conv2d_1/Div
  Erf(conv2d_1/Div) → conv2d_1/Erf
  Add(conv2d_1/Erf, constant/1.0) → conv2d_1/Add
  Mul(conv2d_1/Conv, conv2d_1/Add) → conv2d_1/Mul
  Mul(conv2d_1/Mul, constant/0.5) → conv2d_1/Mul_1
  Transpose(conv2d_1/Mul_1) → flatten/Transpose
  Reshape(flatten/Transpose, constant/[-1,32]) → flatten/Reshape
  Gemm(flatten/Reshape, dense/kernel, dense/bias) → dense/Gemm
  Softmax(dense/Gemm) → digit
output digit [batch, 10]
";
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
    let expected = "\
input image [batch, 4, 4, 2]
  Transpose(image) → conv2d/Transpose
  Conv(conv2d/Transpose, conv2d/kernel, conv2d/bias) → conv2d/Conv
  Conv(conv2d/Conv, conv2d_1/kernel, conv2d_1/bias) → conv2d_1/Conv
  Add(conv2d/Conv, conv2d_1/Conv) → add/Add
  ReduceMean(add/Add, constant/[2,3]) → y
output y [batch, 3]
";
    assert_eq!(listed(&*Residual::new(1)), expected);
}

#[test]
fn texts_have_operators_of_their_own_and_outputs_their_names() {
    model! {
        struct Tickets {
            input title: [u32; 7];
            input tags: [f32; 3];
            branch read = title => Embedding<50, 6> => Lstm<_, 4>;
            branch joined = concatenate(read, tags);
            output priority = joined => Dense<_, 1, Sigmoid>;
            output department = joined => Dense<_, 4>;
        }
    }
    let expected = "\
input title [batch, 7]
input tags [batch, 3]
  Gather(embedding/embeddings, title) → embedding/Gather
  Transpose(embedding/Gather) → lstm/Transpose
  LSTM(lstm/Transpose, lstm/kernel, lstm/recurrent_kernel, lstm/bias) → lstm/LSTM, lstm/LSTM.1, lstm/LSTM.2
  Squeeze(lstm/LSTM.1, constant/[0]) → lstm/Squeeze
  Concat(lstm/Squeeze, tags) → concatenate/Concat
  Gemm(concatenate/Concat, dense/kernel, dense/bias) → dense/Gemm
  Sigmoid(dense/Gemm) → priority
  Gemm(concatenate/Concat, dense_1/kernel, dense_1/bias) → department
output priority [batch, 1]
output department [batch, 4]
";
    assert_eq!(listed(&*Tickets::new(1)), expected);
}

#[test]
fn steps_that_do_not_count_are_gone_through_one_by_one() {
    model! { struct Masked = [u32; 5] => Embedding<9, 3>(mask_zero = true) => Gru<_, 2>; }
    let expected = "\
input input [batch, 5]
  Gather(embedding/embeddings, input) → embedding/Gather
  Cast(constant/0) → embedding/Cast
  Equal(input, embedding/Cast) → embedding/Equal
  Not(embedding/Equal) → embedding/Not
  Shape(embedding/Gather) → gru/Shape
  Concat(gru/Shape, constant/[2]) → gru/Concat
  ConstantOfShape(gru/Concat) → gru/ConstantOfShape
  Mul(gru/ConstantOfShape, constant/0.0) → gru/Mul_3
  Scan(gru/ConstantOfShape, gru/Mul_3, embedding/Gather, embedding/Not) → gru/Scan, output, gru/Scan.2
    MatMul(gru/step, gru/kernel) → gru/MatMul
    Add(gru/MatMul, gru/input_bias) → gru/Add
    MatMul(gru/state.0, gru/recurrent_kernel) → gru/MatMul_1
    Add(gru/MatMul_1, gru/recurrent_bias) → gru/Add_1
    Split(gru/Add) → gru/Split, gru/Split.1, gru/Split.2
    Split(gru/Add_1) → gru/Split_1, gru/Split_1.1, gru/Split_1.2
    Add(gru/Split, gru/Split_1) → gru/Add_2
    Sigmoid(gru/Add_2) → gru/Sigmoid
    Add(gru/Split.1, gru/Split_1.1) → gru/Add_3
    Sigmoid(gru/Add_3) → gru/Sigmoid_1
    Mul(gru/Sigmoid_1, gru/Split_1.2) → gru/Mul
    Add(gru/Split.2, gru/Mul) → gru/Add_4
    Tanh(gru/Add_4) → gru/Tanh
    Mul(gru/Sigmoid, gru/state.0) → gru/Mul_1
    Sub(constant/1.0, gru/Sigmoid) → gru/Sub
    Mul(gru/Sub, gru/Tanh) → gru/Mul_2
    Add(gru/Mul_1, gru/Mul_2) → gru/Add_5
    Unsqueeze(gru/counts, constant/[1]) → gru/Unsqueeze
    Where(gru/Unsqueeze, gru/Add_5, gru/state.0) → gru/Where
    Where(gru/Unsqueeze, gru/Add_5, gru/state.1) → gru/Where_1
    Identity(gru/Where_1) → gru/Identity
output output [batch, 2]
";
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
    let expected = "\
input left [batch, 3]
input right [batch, 3]
  Gemm(left, seen/kernel, seen/bias) → seen/Gemm
  Tanh(seen/Gemm) → seen/Tanh
  Gemm(right, seen/kernel, seen/bias) → seen/Gemm_1
  Tanh(seen/Gemm_1) → seen/Tanh_1
  Sub(seen/Tanh, seen/Tanh_1) → subtract/Sub
  Gemm(subtract/Sub, dense/kernel, dense/bias) → distance
output distance [batch, 1]
";
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
    let expected = "\
input x [batch, 3]
  Gemm(x, dense/kernel, dense/bias) → a
  Identity(x) → y
  Identity(a) → b
output y [batch, 3]
output a [batch, 2]
output b [batch, 2]
";
    assert_eq!(listed(&*Same::new(1)), expected);
}
