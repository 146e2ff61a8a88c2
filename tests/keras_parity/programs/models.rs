//! The five programs of `docs/blocks.md`, at the small sizes of `tools/keras/golden/programs.py`.

use fusion::prelude::*;

/// A small photo.
pub type Photo = [[[f32; 3]; 16]; 16];

model! {
    /// Blocks whose input is added to their output.
    pub struct ToyResnet {
        input img: [f32; 16, 16, 3];
        block residual(x) {
            branch h = x => repeat 2 { Conv2d<_, 12, 3, Relu>(padding = Same) };
            output h + x;
        }
        output class = img => Conv2d<_, 8, 3, Relu> => Conv2d<_, 12, 3, Relu> => MaxPooling2d(3)
            => repeat 2 { residual }
            => Conv2d<_, 12, 3, Relu> => GlobalAveragePooling2d => Dense<_, 16, Relu> => Dropout(0.0) => Dense<_, 10>;
    }
}

model! {
    /// A tower of 19 residual blocks, a policy and a value.
    pub struct Connect4 {
        input board: [f32; 6, 7];
        block residual(x) {
            branch h = x => Conv2d<_, 4, 3>(padding = Same) => Activation<Relu> => BatchNormalization<_>
                => Conv2d<_, 4, 3>(padding = Same) => BatchNormalization<_>;
            output x + h => Activation<Relu>;
        }
        block plane<SIZE>(x) => Conv2d<_, 1, SIZE>(padding = Same) => BatchNormalization<_> => Activation<Relu> => Flatten;
        branch tower = board => Reshape([6, 7, 1]) => BatchNormalization<_>
            => Conv2d<_, 4, 3>(padding = Same) => Activation<Relu> => BatchNormalization<_> => repeat 19 { residual };
        output pi = tower => plane<2> => pi: Dense<_, 7, Softmax>;
        output v = tower => plane<1> => Dense<_, 16, Relu> => Dense<_, 16> => v: Dense<_, 1, Tanh>;
    }
}

model! {
    /// Each block explains a part of what the blocks before it left.
    pub struct Nbeats {
        input series: [f32; 10, 1];
        input others: [f32; 10, 2];
        block generic(x, others) {
            branch h = concatenate(x, others[.., 0], others[.., 1]) => repeat 4 { Dense<_, 12, Relu> };
            branch backcast = h => Dense<_, 4>(use_bias = false) => Dense<_, 10>;
            output rest = x - backcast;
            output forecast = h => Dense<_, 4>(use_bias = false) => Dense<_, 3>;
        }
        branch (rest_1 = rest, y_1 = forecast) = (x = series[.., 0], others) => generic;
        branch (rest_2 = rest, y_2 = forecast) = (x = rest_1, others) => generic;
        branch (rest_3 = rest, y_3 = forecast) = (x = rest_2, others) => generic;
        output forecast = add(y_1, y_2, y_3) => Reshape([3, 1]);
        output backcast = rest_3 => Reshape([10, 1]);
    }
}

model! {
    /// Products of features beside a deep network.
    pub struct DeepAndCross {
        input numbers: [f32; 10];
        input soil: u32;
        input area: u32;
        block cross(x0, x) {
            branch weighted = x => Dense<_, 18>;
            output x0 * weighted + x;
        }
        block hidden<UNITS>(x) => Dense<_, UNITS> => BatchNormalization<_> => Activation<Relu> => Dropout(0.0);
        branch soil_type = soil => Embedding<40, 6>;
        branch area_type = area => Embedding<4, 2>;
        branch x0 = concatenate(numbers, soil_type, area_type);
        branch x1 = (x0, x = x0) => cross;
        branch x2 = (x0, x = x1) => cross;
        branch crossed = x2 => BatchNormalization<_>;
        branch deep = x0 => repeat 2 { hidden<16> };
        output cover = concatenate(crossed, deep) => Dense<_, 7, Softmax>;
    }
}

model! {
    /// Gated residual networks, of which each can close itself.
    pub struct GatedResidual {
        input numbers: [f32; 6];
        input work: u32;
        block gated_linear_unit<UNITS>(x) {
            branch linear = x => Dense<_, UNITS>;
            branch gate = x => Dense<_, UNITS, Sigmoid>;
            output linear * gate;
        }
        block gated_residual<UNITS, SKIP>(x) {
            branch h = x => Dense<_, UNITS, Elu> => Dense<_, UNITS> => Dropout(0.0);
            branch skip = x => SKIP;
            branch gated = h => gated_linear_unit<UNITS>;
            output skip + gated => LayerNormalization<_>;
        }
        branch worker = work => Embedding<9, 8>;
        branch measures = numbers => Dense<_, 8>;
        output income = concatenate(measures, worker) => gated_residual<8, Dense<_, 8>>
            => repeat 2 { gated_residual<8, Identity> } => Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// A sequence that becomes another one: what an encoder ends with is what a decoder begins with.
    pub struct Seq2Seq {
        input source: [f32; 7, 5];
        input target: [f32; 6, 8];
        branch (_, h, c) = source => Lstm<_, 10>(return_state = true);
        branch (letters, _, _) =
            (sequence = target, h = h, c = c) => Lstm<_, 10>(return_sequences = true, return_state = true);
        output next = letters => Dense<_, 8, Softmax>;
    }
}
