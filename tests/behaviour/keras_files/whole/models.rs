//! Models that together have every class of Keras's.

use fusion::prelude::*;

model! {
    pub struct Vectors = [f32; 8] => Normalization<_>
        => Dense<_, 12, Relu>(
            kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(3.0), kernel_initializer = HeNormal,
            bias_initializer = Constant(0.1), bias_constraint = NonNeg, activity_regularizer = L1(0.001))
        => BatchNormalization<_>(momentum = 0.9, epsilon = 0.01, gamma_regularizer = L1L2(0.01, 0.02))
        => Dropout(0.25) => GaussianNoise(0.1) => GaussianDropout(0.2) => AlphaDropout(0.1)
        => ActivityRegularization(l1 = 0.01, l2 = 0.001)
        => LayerNormalization<_>(center = false) => GroupNormalization<_>(3) => RmsNormalization<_>(epsilon = 0.001)
        => Rescaling(2.0, offset = -0.5) => PRelu<[f32; 12]>(alpha_initializer = Constant(0.2)) => Elu(0.7)
        => LeakyRelu(0.2) => Relu(max_value = 6.0, negative_slope = 0.1, threshold = 0.01) => Identity
        => #[frozen] hidden: Dense<_, 6>(use_bias = false, kernel_constraint = UnitNorm.axis(1))
        => UnitNormalization => Softmax;
}

model! {
    pub struct Activations = [f32; 8] => Dense<_, 8, Celu> => Dense<_, 8, Elu(0.5)> => Dense<_, 8, Gelu>
        => Dense<_, 8, HardShrink> => Dense<_, 8, HardSigmoid> => Dense<_, 8, HardSilu> => Dense<_, 8, HardTanh>
        => Dense<_, 8, LeakyRelu(0.1)> => Dense<_, 8, LogSigmoid> => Dense<_, 8, LogSoftmax> => Dense<_, 8, Mish>
        => Dense<_, 8>(activation = Relu(max_value = 4.0, negative_slope = 0.5)) => Dense<_, 8, Relu6>
        => Dense<_, 8, Selu> => Dense<_, 8, Sigmoid> => Dense<_, 8, Silu> => Dense<_, 8, SoftShrink>
        => Dense<_, 8, Softmax> => Dense<_, 8, Softplus> => Dense<_, 8, Softsign> => Dense<_, 8, SparsePlus>
        => Dense<_, 8, SparseSigmoid> => Dense<_, 8, Squareplus> => Dense<_, 8, Tanh> => Dense<_, 8, TanhShrink>
        => Dense<_, 8, Exponential> => Activation<LeakyRelu> => Glu => Activation<Elu>;
}

model! {
    pub struct Sequences = [f32; 8, 4] => Masking(-1.0) => Conv1d<_, 6, 3, Relu>(padding = Causal, dilation_rate = 2)
        => Conv1d<_, 6, 3>(groups = 2, strides = 2, padding = Same) => Conv1dTranspose<_, 5, 3>(strides = 2)
        => DepthwiseConv1d<_, 3>(depth_multiplier = 2, padding = Same)
        => SeparableConv1d<_, 8, 3, Tanh>(padding = Same, depth_multiplier = 2, pointwise_regularizer = L2(0.01))
        => MaxPooling1d(3, strides = 1) => AveragePooling1d(2, padding = Same, strides = 1) => UpSampling1d(2)
        => ZeroPadding1d(padding_ends = (1, 2)) => Cropping1d(cropping_ends = (2, 1)) => SpatialDropout1d(0.2)
        => AdaptiveAveragePooling1d(6) => AdaptiveMaxPooling1d(4)
        => EinsumDense<[[f32; 5]; 8], [f32; 5]>(equation = "abc,cd->abd", bias_axes = "d", activation = Tanh)
        => BatchNormalization<4>(axis = 1) => LayerNormalization<20>(axes = [1, 2], shape = [4, 5])
        => Normalization<_, [[f32; 1]; 4]>(mean = &0.5, variance = &2.0)
        => Permute([2, 1]) => Softmax(axis = 1) => GlobalAveragePooling1d => RepeatVector(3) => Reshape([2, 6])
        => Reshape([Reshape::REST, 3]) => GlobalMaxPooling1d(keepdims = true) => Flatten => Dense<_, 2>;
}

model! {
    pub struct Recurrent {
        input x: [f32; 6, 4];
        branch a = x => Lstm<_, 5>(return_sequences = true, kernel_regularizer = L2(0.01), dropout = 0.1, recurrent_dropout = 0.2)
            => Lstm<_, 3, Relu, HardSigmoid>(use_bias = false, go_backwards = true);
        branch b = x => Gru<_, 5>(return_sequences = true) => Gru<_, 3>(reset_after = false, activation = Relu);
        branch c = x => Gru<_, 4>(use_bias = false, reset_after = false, return_sequences = true) => Gru<_, 3>(use_bias = false);
        branch d = x => SimpleRnn<_, 3>(activation = Relu);
        output y = concatenate(a, b, c, d) => Dense<_, 2>;
    }
}

model! {
    pub struct States {
        input x: [f32; 6, 4];
        branch (y, h, c) = x => Lstm<_, 5>(return_state = true, return_sequences = true);
        branch again = (sequence = x, h = h, c = c) => Lstm<_, 5>(unit_forget_bias = false);
        branch (z, state) = x => Gru<_, 3>(return_state = true);
        branch more = (sequence = x, h = state) => Gru<_, 3>;
        branch (u, fh, fc, bh, bc) = x => Bidirectional<Lstm<_, 5>(return_state = true)>;
        branch both = (sequence = x, forward_h = fh, forward_c = fc, backward_h = bh, backward_c = bc)
            => Bidirectional<Lstm<_, 5>>(merge_mode = Sum);
        branch (one, other) = x => Bidirectional<SimpleRnn<_, 3>>(merge_mode = None);
        branch flat = y => Flatten;
        output all = concatenate(flat, again, z, more, u, both, one, other) => Dense<_, 3>;
    }
}

model! {
    pub struct ConvolvedStates = [f32; 3, 6, 6, 2]
        => ConvLstm2d<_, 3, 2, Tanh, Sigmoid, UseBias, 3>(padding = Same, return_sequences = true)
        => Reshape([3, 6, 18]) => ConvLstm1d<_, 4, 3>(strides = 2, use_bias = false) => Flatten => Dense<_, 2>;
}

model! {
    pub struct ConvolvedVolumes = [f32; 2, 4, 4, 4, 1] => ConvLstm3d<_, 2, 2>(dropout = 0.1) => Flatten => Dense<_, 2>;
}

model! {
    pub struct Images = [f32; 12, 12, 3] => CenterCrop(height = 10, width = 10)
        => Resizing(height = 12, width = 8, interpolation = Nearest)
        => Conv2d<_, 6, 3, Relu, UseBias, 2>(strides_hw = (2, 1), kernel_constraint = MaxNorm(3.0).axes(0..3))
        => Conv2d<_, 6, 2>(dilation_rate = 2, padding = Same) => Conv2dTranspose<_, 4, 3>(strides = 2, padding = Same, output_padding = 1)
        => DepthwiseConv2d<_, 3>(depth_multiplier = 2, depthwise_initializer = RandomNormal(0.0, 0.02))
        => SeparableConv2d<_, 6, 3>(padding = Same) => MaxPooling2d(2) => AveragePooling2d(2, strides = 1, padding = Same)
        => UpSampling2d(2, interpolation = Bilinear) => ZeroPadding2d(padding_ends = ((1, 2), (0, 1)))
        => Cropping2d(cropping_hw = (1, 0)) => SpatialDropout2d(0.2) => PRelu<[[[f32; 6]; 1]; 1]>
        => SpectralNormalization<Conv2d<_, 4, 2>, 4>(power_iterations = 2) => GroupNormalization<_>(2)
        => AdaptiveAveragePooling2d(4) => AdaptiveMaxPooling2d(output_size_hw = (2, 3)) => GlobalMaxPooling2d(keepdims = true)
        => GlobalAveragePooling2d => Dense<_, 2>;
}

model! {
    pub struct RandomImages = [f32; 12, 12, 3] => RandomBrightness(0.2, value_range = (0.0, 1.0)) => RandomContrast(0.3)
        => RandomFlip(Horizontal) => RandomRotation(0.1, fill_mode = Constant, fill_value = 0.5)
        => RandomTranslation(height_factor = 0.1, width_factor_range = (-0.2, 0.1))
        => RandomZoom(0.2, interpolation = Nearest) => Conv2d<_, 2, 3> => Flatten => Dense<_, 2>;
}

model! {
    pub struct Volumes = [f32; 6, 6, 6, 2] => Conv3d<_, 4, 2>(strides_dhw = (1, 2, 1), padding = Same)
        => Conv3dTranspose<_, 3, 2>(strides = 2) => MaxPooling3d(pool_size_dhw = (1, 2, 2)) => AveragePooling3d(2)
        => UpSampling3d(2) => ZeroPadding3d(1) => Cropping3d(1) => SpatialDropout3d(0.1)
        => GlobalAveragePooling3d(keepdims = true) => GlobalMaxPooling3d => Dense<_, 2>;
}

model! {
    pub struct Merges {
        input x: [f32; 6, 4];
        branch a = x => Dense<_, 5>;
        branch b = x => Dense<_, 5, Tanh>;
        branch c = add(a, b) => Flatten;
        branch d = subtract(a, b) => Flatten;
        branch e = multiply(a, b) => Flatten;
        branch f = average(a, b) => Flatten;
        branch g = maximum(a, b) => Flatten;
        branch h = minimum(a, b) => Flatten;
        branch i = dot(a, b, axes = 2, normalize = true) => Flatten;
        branch j = dot(a, b, axes_of_each = [1, 1]) => Flatten;
        branch k = concatenate(a, b, axis = 1) => Flatten;
        output y = concatenate(c, d, e, f, g, h, i, j, k) => Dense<_, 3>;
    }
}

model! {
    pub struct Operations {
        input x: [f32; 6, 4];
        branch a = 2.0 * x;
        branch b = x + 1.0;
        branch c = 1.0 - b;
        branch d = c - 0.5;
        branch e = stack(a, d, axis = 1) => Flatten;
        branch (f, g, h) = x => Split(3, axis = 1);
        branch (i, j) = x => Split(indices = [1], axis = -1);
        branch (k, l, m, n) = x => Unstack(axis = 2);
        branch o = x => ExpandDims(2) => Squeeze(2);
        branch p = add(f, g) + h => Flatten;
        branch q = j => Flatten;
        branch r = i => Flatten;
        branch s = o[.., 1..3] => Flatten;
        branch t = x[(..).step_by(2)] => Flatten;
        branch u = x[-1];
        branch v = x[..., 0];
        output y = concatenate(e, k, l, m, n, p, q, r, s, t, u, v) => Dense<_, 3>;
    }
}

model! {
    /// An operation is none of a `Sequential`'s layers.
    pub struct Shorter = [f32; 6, 4] => ExpandDims(1) => Flatten => Dense<_, 3>;
}

model! {
    pub struct ShortOperations {
        input x: [f32; 6, 4];
        branch short = x => Shorter;
        output y = short => Dense<_, 2>;
    }
}

model! {
    pub struct Attentions {
        input x: [f32; 6, 4];
        branch v = x => Dense<_, 4>;
        branch wide = x => Dense<_, 6>;
        branch a = (query = x, value = v) => MultiHeadAttention<_, 2, 3>(dropout = 0.1, kernel_regularizer = L2(0.01));
        branch b = (query = x, value = v, key = x) => MultiHeadAttention<_, 2, 3>(use_causal_mask = true, use_bias = false);
        branch c = (query = x, value = wide) => MultiHeadAttention<_, 2, 3, UseBias, 6, 5, 7>;
        branch d = (query = x, value = v) => GroupQueryAttention<_, 3, 4, 2>;
        branch e = (query = x, value = v) => Attention(use_scale = true);
        branch f = (query = x, value = v) => Attention<ConcatScore>(use_causal_mask = true);
        branch g = (value = v, query = x, key = x) => AdditiveAttention<_>;
        branch h = (query = x, value = v) => AdditiveAttention<_>(use_scale = false, dropout = 0.1);
        output y = concatenate(a, b, c, d, e, f, g, h) => Dense<_, 3>;
    }
}

model! { pub struct PerStep = [f32; 4] => Dense<_, 5, Relu> => Dense<_, 3>; }

model! {
    pub struct Wrappers {
        input x: [f32; 6, 4];
        branch a = x => TimeDistributed<Dense<_, 5, Tanh>(use_bias = false)> => TimeDistributed<Dropout(0.2)>
            => TimeDistributed<BatchNormalization<_>>;
        branch b = x => SpectralNormalization<Dense<_, 5, Relu>, 5>;
        branch c = x => TimeDistributed<PerStep>;
        branch d = x => Bidirectional<Gru<_, 3>(return_sequences = true, reset_after = false)>(merge_mode = Ave)
            => Bidirectional<Lstm<_, 3, Relu>(return_sequences = true, go_backwards = true, kernel_regularizer = L1(0.01))>;
        output y = concatenate(a, b, c, d) => Dense<_, 2>;
    }
}

model! {
    pub struct TwoInputs {
        input a: [f32; 4];
        input b: [f32; 3];
        output sum = concatenate(a, b) => Dense<_, 5>;
        output other = b => Dense<_, 2>;
    }
}

model! {
    pub struct Nested {
        input x: [f32; 4];
        branch b = x => Dense<_, 3>;
        layer inner: TwoInputs;
        branch (sum, other) = (b = b, a = x) => inner;
        branch (sum2, other2) = (a = x, b = b) => inner;
        branch short = x => #[frozen] per_step: PerStep;
        output y = concatenate(sum, other, sum2, other2, short) => Dense<_, 2>;
    }
}

model! {
    pub struct Masks {
        input x: [u32; 6];
        branch h = x => Embedding<5, 4>(mask_zero = true, embeddings_regularizer = L2(0.01), embeddings_constraint = UnitNorm.axis(1));
        branch a = h => Lstm<_, 3>(return_sequences = true) => GlobalAveragePooling1d;
        branch b = h => Bidirectional<Gru<_, 3>>;
        output y = concatenate(a, b) => Dense<_, 2, Sigmoid>;
    }
}

model! {
    pub struct Ids {
        input x: [u32; 6];
        branch a = x => CategoryEncoding<5>(output_mode = Count);
        branch b = x => IntegerLookup(vocabulary = &[1, 3, 4], output_mode = MultiHot);
        branch c = x => IntegerLookup(vocabulary = &[3, 1], num_oov_indices = 2) => Embedding<6, 2> => Flatten;
        branch d = x => Hashing(7, salts = (1, 2)) => Embedding<7, 2> => Flatten;
        branch e = x => Embedding<5, 3> => Discretization(&[-0.1, 0.2]) => Flatten;
        branch f = x => Hashing(4, output_mode = MultiHot);
        branch (one, two) = x => Split(2, axis = 1);
        branch g = (a = one, b = two) => HashedCrossing(5) => Embedding<5, 2> => Flatten;
        branch i = e => Embedding<3, 2> => Flatten;
        output y = concatenate(a, b, c, d, f, g, i) => Dense<_, 2>;
    }
}

model! {
    pub struct Shared {
        input x: [f32; 8];
        layer dense: Dense<8, 8, Tanh>;
        branch a = x => dense;
        branch b = a => dense;
        output y = concatenate(a, b, b => dense) => last: Dense<_, 2>;
    }
}
