//! The networks of whole trainings, as `tools/keras/golden/training_networks.py` has them.

use fusion::prelude::*;

model! {
    /// Penalties, constraints.
    pub struct Regularized {
        input numbers: [f32; 6];
        input flags: [f32; 4];
        branch x = numbers => Dense<_, 8, Relu>(kernel_regularizer = L2(0.01), bias_regularizer = L1(0.001))
            => Dense<_, 5, Tanh>(activity_regularizer = L1(0.002), kernel_constraint = MaxNorm(1.0));
        branch y = flags => Dense<_, 5, Elu>(kernel_constraint = NonNeg);
        output value = average(x, y) => Dense<_, 1>(kernel_regularizer = L1L2(0.001, 0.002));
    }
}

model! {
    /// Classes that count differently. In Keras the last layer was made first.
    pub struct ClassWeight {
        input a: [f32; 7];
        input b: [f32; 3];
        branch x = a => dense_1: Dense<_, 9, Selu>;
        branch y = b => dense_2: Dense<_, 4, Silu>;
        output class = concatenate(x, y) => dense: Dense<_, 3, Softmax>;
    }
}

model! {
    /// A series read in both directions, behind a gate of what does not change.
    pub struct Series {
        input series: [f32; 12, 3];
        input fixed: [f32; 5];
        branch x = series => Conv1d<_, 6, 3, Relu>(padding = Causal) => BatchNormalization<_> => MaxPooling1d(2)
            => Bidirectional<Gru<_, 4>(return_sequences = true)> => GlobalAveragePooling1d;
        branch gate = fixed => Dense<_, 8, Sigmoid>;
        output next = x * gate => LayerNormalization<_> => Dense<_, 2>;
    }
}

model! {
    /// A transformer block over two sequences. Of two layers one after the other the outer was made first.
    pub struct Attended {
        input query: [f32; 5, 8];
        input memory: [f32; 7, 6];
        branch value = memory => Dense<_, 8>;
        branch attended = (query, value) => MultiHeadAttention<_, 2, 4>;
        branch x = query + attended => LayerNormalization<_>;
        branch f = x => dense_2: Dense<_, 16, Gelu> => dense_1: Dense<_, 8>;
        output yes = x + f => LayerNormalization<_> => GlobalAveragePooling1d => dense_3: Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// A table and a bias for each of two ids.
    pub struct Recommender {
        input user: [u32; 1];
        input item: [u32; 1];
        branch users = user => Embedding<20, 6>(embeddings_regularizer = L2(1e-3)) => Flatten;
        branch items = item => Embedding<30, 6> => Flatten;
        branch user_bias = user => Embedding<20, 1> => Flatten;
        branch item_bias = item => Embedding<30, 1> => Flatten;
        output rating = add(dot(users, items, axes = 1), user_bias, item_bias) => Activation<Sigmoid>;
    }
}

model! {
    /// Separable and depthwise convolutions, and a gate of each channel, of which the outer layer was made first.
    pub struct SqueezeExcite {
        input image: [f32; 8, 8, 3];
        branch x = image => SeparableConv2d<_, 6, 3, Relu>(padding = Same) => DepthwiseConv2d<_, 3, Relu6>;
        branch gate = x => GlobalAveragePooling2d(keepdims = true)
            => conv2d_1: Conv2d<_, 3, 1, Relu> => conv2d: Conv2d<_, 6, 1, Sigmoid>;
        output class = x * gate => AveragePooling2d(2) => Flatten => Dense<_, 4>;
    }
}

model! {
    /// Two outputs, behind two batch normalizations.
    pub struct TwoHeads {
        input numbers: [f32; 6];
        input flags: [f32; 4];
        branch x = numbers => Dense<_, 8, Tanh> => BatchNormalization<_>;
        branch y = flags => Dense<_, 5, Elu> => BatchNormalization<_>(momentum = 0.9);
        branch z = concatenate(x, y) => Dense<_, 7, Silu>;
        output value = z => value: Dense<_, 2>;
        output kind = z => kind: Dense<_, 3, Softmax>;
    }
}

model! {
    /// A series with batch normalization, of which classes count differently.
    pub struct WeightedClasses {
        input series: [f32; 10, 4];
        input fixed: [f32; 5];
        branch x = series => Conv1d<_, 6, 3, Relu> => BatchNormalization<_> => GlobalAveragePooling1d;
        branch y = fixed => Dense<_, 4, Tanh>;
        output class = concatenate(x, y) => Dense<_, 4, Softmax>;
    }
}

model! {
    /// Three outputs of an image with batch normalization, and numbers.
    pub struct ThreeHeads {
        input image: [f32; 6, 6, 2];
        input numbers: [f32; 3];
        branch x = image => Conv2d<_, 4, 3>(use_bias = false) => BatchNormalization<_> => Activation<Relu>
            => GlobalAveragePooling2d;
        branch y = concatenate(x, numbers) => Dense<_, 6, Tanh>;
        output size = y => size: Dense<_, 1>;
        output kind = y => kind: Dense<_, 3, Softmax>;
        output good = y => good: Dense<_, 1, Sigmoid>;
    }
}
