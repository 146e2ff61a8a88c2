//! Layers of each family as programs use them: they train, and travel through a file.

use fusion::prelude::*;

model! {
    /// A sequence through convolutions and attention.
    struct Series {
        input series: [f32; 24, 3];
        branch steps = series
            => Conv1d<_, 8, 3>(padding = Causal, activation = Relu, use_bias = false)
            => GroupNormalization<_>(2)
            => MaxPooling1d(2)
            => SeparableConv1d<_, 8, 3>(padding = Same, activation = Tanh)
            => SpatialDropout1d(0.1)
            => PositionEmbedding<_, 12>;
        branch seen = (query = steps, value = steps) => MultiHeadAttention<_, 2, 4>(dropout = 0.1, use_bias = false);
        branch both = add(steps, seen) => LayerNormalization<_>(center = false) => RmsNormalization<_>;
        branch once = (query = both, value = steps) => Attention(use_scale = true);
        output next = once => GlobalAveragePooling1d => Dense<_, 1>;
    }
}

model! {
    /// An image whose channels are weighed, through poolings, padding and back to its size.
    struct Pictures {
        input image: [f32; 8, 8, 4];
        branch weights = image => GlobalAveragePooling2d(keepdims = true) => Dense<_, 4, Sigmoid>;
        branch small = image * weights
            => ZeroPadding2d(1)
            => DepthwiseConv2d<_, 3>(strides = 2)
            => BatchNormalization<_>(scale = false)
            => Relu(max_value = 6.0)
            => Conv2d<_, 6, 3>(padding = Same, use_bias = false)
            => LeakyRelu(0.1);
        output again = small => Conv2dTranspose<_, 2, 3>(strides = 2, padding = Same, output_padding = 1) => Cropping2d(1);
    }
}

model! {
    /// A volume, cut into pieces.
    struct Volume {
        input volume: [f32; 4, 4, 4, 1];
        branch (front, back) = volume => Conv3d<_, 4, 2, Relu>(padding = Same) => AveragePooling3d(2) => Split(2, axis = 1);
        output class = stack(front, back, axis = 1) => Flatten => Dense<_, 3, Softmax>;
    }
}

/// Some steps of training, then a file; the model that reads it gives the same.
macro_rules! trains_and_travels {
    ($model:ident, $inputs:expr, $targets:expr, $loss:expr) => {{
        let (inputs, targets) = ($inputs, $targets);
        let mut model = $model::new(1);
        let mut trainer = Trainer::new(&mut model, Adam::new(0.01), $loss).epochs(12).batch_size(4).verbose(false);
        let history = trainer.fit(&inputs, &targets).unwrap();
        let losses = &history["loss"];
        assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
        assert!(losses.last().unwrap() < &(0.9 * losses[0]), "{losses:?}");
        let mut other = $model::new(2);
        other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
        assert_eq!(other.predict_batch(&inputs).unwrap(), model.predict_batch(&inputs).unwrap());
        assert!($model::summary().to_string().contains("Total params"));
    }};
}

fn number(index: usize) -> f32 {
    (index as f32 * 0.7).sin()
}

#[test]
fn convolutions_of_sequences_and_attention_train_and_travel() {
    let series: Vec<[[f32; 3]; 24]> =
        (0..8).map(|s| std::array::from_fn(|i| std::array::from_fn(|j| number(s * 31 + i * 3 + j)))).collect();
    let targets: Vec<[f32; 1]> = (0..8).map(|s| [number(3 * s)]).collect();
    trains_and_travels!(Series, series, targets, MeanSquaredError);
}

#[test]
fn images_train_and_travel() {
    let images: Vec<[[[f32; 4]; 8]; 8]> = (0..8)
        .map(|s| {
            std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|c| number(s * 7 + i * 8 + j + 5 * c))))
        })
        .collect();
    let targets: Vec<[[[f32; 2]; 6]; 6]> = (0..8).map(|s| [[[number(s), 0.5]; 6]; 6]).collect();
    trains_and_travels!(Pictures, images, targets, MeanSquaredError);
}

#[test]
fn volumes_train_and_travel() {
    let volumes: Vec<[[[[f32; 1]; 4]; 4]; 4]> = (0..9)
        .map(|s| {
            std::array::from_fn(|h| {
                std::array::from_fn(|i| std::array::from_fn(|j| [number(s % 3 * 40 + h * 16 + i * 4 + j)]))
            })
        })
        .collect();
    let classes: Vec<u32> = (0..9).map(|s| s % 3).collect();
    trains_and_travels!(Volume, volumes, classes, SparseCategoricalCrossentropy::default());
}
