//! The networks of Keras's functional API guide and of the mixed-data tutorial, a recommender, and one with
//! penalties and constraints.

use fusion::prelude::*;

/// A small photo.
pub type Photo = [[[f32; 3]; 16]; 16];

model! {
    /// The guide's first network.
    pub struct MnistMlp {
        input input_layer: [f32; 64];
        output digit = input_layer => Dense<_, 24, Relu> => Dense<_, 24, Relu> => Dense<_, 10>;
    }
}

model! {
    /// An image as four numbers.
    pub struct Encoder {
        input img: [f32; 12, 12, 1];
        output code = img => Conv2d<1, 4, 3, Relu> => Conv2d<4, 6, 3, Relu> => MaxPooling2d(2)
            => Conv2d<6, 6, 3, Relu>(padding = Same) => Conv2d<6, 4, 3, Relu> => GlobalMaxPooling2d;
    }
}

model! {
    /// Four numbers as an image.
    pub struct Decoder {
        input code: [f32; 4];
        output img = code => Reshape([2, 2, 1]) => Conv2dTranspose<1, 4, 3, Relu> => UpSampling2d(3)
            => Conv2dTranspose<4, 1, 3, Relu>(padding = Same);
    }
}

model! {
    /// Both, chained.
    pub struct Autoencoder {
        input img: [f32; 12, 12, 1];
        output decoded = img => Encoder => Decoder;
    }
}

model! {
    /// The same network in one piece, as the golden file has it.
    pub struct FlatAutoencoder {
        input img: [f32; 12, 12, 1];
        branch code = img => Conv2d<1, 4, 3, Relu> => Conv2d<4, 6, 3, Relu> => MaxPooling2d(2)
            => Conv2d<6, 6, 3, Relu>(padding = Same) => Conv2d<6, 4, 3, Relu> => GlobalMaxPooling2d;
        output decoded = code => Reshape([2, 2, 1]) => Conv2dTranspose<1, 4, 3, Relu> => UpSampling2d(3)
            => Conv2dTranspose<4, 1, 3, Relu>(padding = Same);
    }
}

model! {
    /// One voice of the ensemble.
    pub struct Voice {
        input features: [f32; 16];
        output score = features => Dense<_, 8, Relu> => Dense<_, 1>;
    }
}

model! {
    /// Three voices, averaged.
    pub struct Ensemble {
        input input_layer: [f32; 16];
        branch a = input_layer => m1: Voice;
        branch b = input_layer => m2: Voice;
        branch c = input_layer => m3: Voice;
        output score = average(a, b, c);
    }
}

model! {
    /// Three inputs, two outputs.
    pub struct Tickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch words = title => Embedding<50, 6>;
        branch text = body => Embedding<50, 6>;
        branch title_features = words => Lstm<_, 8>;
        branch body_features = text => Lstm<_, 4>;
        branch x = concatenate(title_features, body_features, tags);
        output priority = x => priority: Dense<_, 1>;
        output department = x => department: Dense<_, 4>;
    }
}

model! {
    /// Blocks whose input is added to their output.
    pub struct ToyResnet {
        input img: [f32; 16, 16, 3];
        branch block_1 = img => Conv2d<3, 8, 3, Relu> => Conv2d<8, 12, 3, Relu> => MaxPooling2d(3);
        branch x_2 = block_1 => Conv2d<12, 12, 3, Relu>(padding = Same) => Conv2d<12, 12, 3, Relu>(padding = Padding::Same);
        branch block_2 = add(x_2, block_1);
        branch x_3 = block_2 => Conv2d<12, 12, 3, Relu>(padding = Same) => Conv2d<12, 12, 3, Relu>(padding = Padding::Same);
        branch block_3 = add(x_3, block_2);
        output class = block_3 => Conv2d<12, 12, 3, Relu> => GlobalAveragePooling2d => Dense<_, 16, Relu> => Dropout(0.5)
            => Dense<_, 10>;
    }
}

model! {
    /// One table of words for two texts.
    pub struct SharedEmbedding {
        input input_layer: [u32; 6];
        input input_layer_1: [u32; 6];
        layer embedding: Embedding<40, 5>;
        branch a = input_layer => embedding => Flatten;
        branch b = input_layer_1 => embedding => Flatten;
        output z = concatenate(a, b) => Dense<_, 2>;
    }
}

model! {
    /// Attributes and a photo, the mixed-data tutorial at a small size.
    pub struct MixedData {
        input attributes: [f32; 10];
        input photo: [f32; 16, 16, 3];
        branch x = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = photo
            => Conv2d<3, 4, 3>(padding = Same) => Activation<Relu> => BatchNormalization<_> => MaxPooling2d(2)
            => Conv2d<4, 8, 3>(padding = Same) => Activation<Relu> => BatchNormalization<_> => MaxPooling2d(2)
            => Flatten => Dense<_, 16> => Activation<Relu> => BatchNormalization<_> => Dense<_, 4, Relu>;
        output price = concatenate(x, y) => Dense<_, 4, Relu> => Dense<_, 1>;
    }
}

model! {
    /// Two towers of single ids and numbers.
    pub struct Recommender {
        input user: u32;
        input item: u32;
        input day: u32;
        input price: f32;
        branch weekday = day => CategoryEncoding<7>(output_mode = OneHot);
        branch user_vector = user => Embedding<12, 6>;
        branch x = concatenate(user_vector, weekday) => Dense<_, 5, Relu>;
        branch item_vector = item => Embedding<15, 6>;
        branch price_vector = price => Reshape([1]);
        branch y = concatenate(item_vector, price_vector) => Dense<_, 5, Relu>;
        output rating = dot(x, y, axes = 1);
    }
}

model! {
    /// Penalties and constraints on weights of each kind; those of a frozen layer do not count.
    pub struct Regularized {
        input numbers: [f32; 6];
        input flags: [f32; 4];
        input words: [u32; 3];
        branch x = numbers => BatchNormalization<6>(gamma_regularizer = L1L2(0.01, 0.02), beta_constraint = NonNeg)
            => Dense<_, 8, Relu>(kernel_regularizer = L2(0.01), bias_regularizer = L1(0.001))
            => Dense<_, 5, Tanh>(kernel_constraint = MaxNorm(1.0));
        branch y = flags
            => Dense<_, 5, Elu>(kernel_constraint = NonNeg, bias_constraint = MinMaxNorm(0.3, 0.5, 0.4));
        branch fixed = flags => #[frozen] Dense<_, 5>(kernel_regularizer = L2(0.7), kernel_constraint = UnitNorm);
        branch z = words
            => Embedding<7, 4>(embeddings_regularizer = L2(0.01), embeddings_constraint = UnitNorm.axis(1))
            => Lstm<_, 5>(
                kernel_regularizer = OrthogonalRegularizer(0.02, Columns),
                recurrent_regularizer = L1(0.003),
                recurrent_constraint = MaxNorm(0.9),
                bias_regularizer = L2(0.01),
            );
        output value = average(x, y, fixed, z) => Dense<_, 1>(kernel_regularizer = L1L2(0.001, 0.002));
    }
}

model! {
    pub struct Activity {
        input numbers: [f32; 6];
        input flags: [f32; 4];
        input words: [u32; 3];
        branch x = numbers => Dense<_, 8, Relu>(activity_regularizer = L2(0.01))
            => Dense<_, 5, Tanh>(activity_regularizer = L1(0.002), kernel_constraint = MaxNorm(1.0));
        branch y = flags => Dense<_, 5, Elu> => ActivityRegularization(l1 = 0.003, l2 = 0.004);
        branch z = numbers => Reshape([3, 2, 1])
            => Conv2d<_, 2, 2>(activation = Relu, activity_regularizer = L1L2(0.001, 0.002))
            => Conv2dTranspose<_, 1, 2>(activity_regularizer = L2(0.003)) => Flatten => Dense<_, 5>;
        branch w = words => Embedding<7, 4>(activity_regularizer = L2(0.01)) => Lstm<_, 5>(activity_regularizer = L1(0.003));
        output value = average(x, y, z, w) => Dense<_, 1>;
    }
}

model! {
    /// A tag for each word; the id 0 is none.
    pub struct Tagging {
        input words: [u32; 6];
        output tags = words
            => Embedding<9, 4>(mask_zero = true)
            => Lstm<_, 5>(return_sequences = true)
            => Dense<_, 3, Softmax>;
    }
}
