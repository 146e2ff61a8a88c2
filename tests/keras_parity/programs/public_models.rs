//! Public programs in our own words, at the small sizes of `tools/keras/golden/public_networks.py`. `docs/programs.md`
//! says where each comes from.

use fusion::prelude::*;

use super::own::Length;

model! {
    /// TabTransformer (keras-io, `tabtransformer`): attention between the columns of a table that hold categories.
    pub struct TabTransformer {
        input age: f32;
        input gain: f32;
        input hours: f32;
        input job: u32;
        input education: u32;
        input relation: u32;
        input country: u32;
        block normalized(x) => LayerNormalization<_>(epsilon = 1e-6);
        block transformer(x) {
            branch attended = (query = x, value = x) => MultiHeadAttention<_, 2, 4>;
            branch h = attended + x => normalized;
            branch f = h => normalized => Dense<_, 4, Gelu> => Dropout(0.0);
            output f + h => normalized;
        }
        block hidden<UNITS>(x) => BatchNormalization<_> => Dense<_, UNITS, Selu> => Dropout(0.0);
        branch jobs = job => Embedding<9, 4>;
        branch educations = education => Embedding<16, 4>;
        branch relations = relation => Embedding<6, 4>;
        branch countries = country => Embedding<12, 4>;
        branch columns = stack(jobs, educations, relations, countries, axis = 1)
            => repeat 2 { transformer } => Flatten;
        branch numbers = stack(age, gain, hours, axis = 1) => normalized;
        output income = concatenate(columns, numbers) => hidden<38> => hidden<19> => income: Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// The behaviour sequence transformer (keras-io, `movielens_recommendations_transformers`): films that someone has
    /// rated, in order, and the one to be rated.
    pub struct BehaviorSequence {
        input films: [u32; 3];
        input film: [u32; 1];
        input ratings: [f32; 3];
        input sex: u32;
        input age: u32;
        input occupation: u32;
        layer film_embedding: Embedding<16, 4>;
        #[frozen]
        layer genres_vector: Embedding<16, 5>;
        layer with_genres: Dense<9, 4, Relu>;
        block encode(id) {
            branch learnt = id => film_embedding;
            branch genres = id => genres_vector;
            output concatenate(learnt, genres) => with_genres;
        }
        block hidden<UNITS>(x) => Dense<_, UNITS> => BatchNormalization<_> => LeakyRelu => Dropout(0.0);
        branch sexes = sex => Embedding<2, 1>;
        branch ages = age => Embedding<7, 2>;
        branch occupations = occupation => Embedding<21, 4>;
        branch weights = ratings => ExpandDims(2);
        branch seen = films => encode => PositionEmbedding<_, 4>;
        branch asked = film => encode;
        branch x = concatenate(seen * weights, asked, axis = 1);
        branch attended = (query = x, value = x) => MultiHeadAttention<_, 3, 4> => Dropout(0.0);
        branch h = x + attended => LayerNormalization<_>;
        branch f = h => LeakyRelu => Dense<_, 4> => Dropout(0.0);
        branch features = h + f => LayerNormalization<_> => Flatten;
        output rating = concatenate(features, sexes, ages, occupations) => hidden<16> => hidden<8> => Dense<_, 1>;
    }
}

model! {
    /// Gated residual and variable selection networks (keras-io, `classification_with_grn_and_vsn`): one of each column,
    /// and one of all of them that says how much each counts.
    pub struct VariableSelection {
        input age: f32;
        input wage: f32;
        input weeks: f32;
        input worker: u32;
        input sex: u32;
        input state: u32;
        block gated_linear_unit(x) {
            branch linear = x => Dense<_, 6>;
            branch gate = x => Dense<_, 6, Sigmoid>;
            output linear * gate;
        }
        block gated_residual<SKIP>(x) {
            branch h = x => Dense<_, 6, Elu> => Dense<_, 6> => Dropout(0.0);
            branch skip = x => SKIP;
            branch gated = h => gated_linear_unit;
            output skip + gated => LayerNormalization<_>;
        }
        block number(x) => ExpandDims(1) => Dense<_, 6>;
        block column(x) => gated_residual<Identity>;
        branch ages = age => number;
        branch wages = wage => number;
        branch weeks_worked = weeks => number;
        branch workers = worker => Embedding<9, 6>;
        branch sexes = sex => Embedding<2, 6>;
        branch states = state => Embedding<12, 6>;
        branch weights = concatenate(ages, wages, weeks_worked, workers, sexes, states)
            => gated_residual<Dense<_, 6>> => Dense<_, 6, Softmax>;
        branch column_1 = ages => column;
        branch column_2 = wages => column;
        branch column_3 = weeks_worked => column;
        branch column_4 = workers => column;
        branch column_5 = sexes => column;
        branch column_6 = states => column;
        branch each = stack(column_1, column_2, column_3, column_4, column_5, column_6, axis = 1);
        output income = dot(weights, each, axes = 1) => income: Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// What an image is to [`Siamese`].
    pub struct Tower {
        input image: [f32; 10, 10, 1];
        output features = image => BatchNormalization<_> => Conv2d<_, 3, 3, Tanh> => AveragePooling2d(2)
            => Conv2d<_, 4, 3, Tanh> => AveragePooling2d(2) => Flatten => BatchNormalization<_> => Dense<_, 3, Tanh>;
    }
}

model! {
    /// A siamese network for a contrastive loss (keras-io, `siamese_contrastive`): how far two images are from each other.
    pub struct Siamese {
        input left: [f32; 10, 10, 1];
        input right: [f32; 10, 10, 1];
        layer tower: Tower;
        branch l = left => tower;
        branch r = right => tower;
        output apart = l - r => Length => BatchNormalization<_> => Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// LSTM-FCN (titu1994/LSTM-FCN): a series once as one step with many numbers, once as many steps with one.
    pub struct LstmFcn {
        input series: [f32; 1, 12];
        block convolved<FILTERS, SIZE>(x) => Conv1d<_, FILTERS, SIZE>(padding = Same, kernel_initializer = HeUniform)
            => BatchNormalization<_> => Activation<Relu>;
        branch x = series => Lstm<_, 3> => Dropout(0.0);
        branch y = series => Permute([2, 1]) => convolved<6, 8> => convolved<8, 5> => convolved<6, 3>
            => GlobalAveragePooling1d;
        output class = concatenate(x, y) => Dense<_, 4, Softmax>;
    }
}

model! {
    /// Text and metadata (LEO-TRI/thesis): a text read in both directions, twice, beside what else is known of what it
    /// describes.
    pub struct TextAndMetadata {
        input numbers: [f32; 5];
        input place: [u32; 1];
        input text: [u32; 7];
        block hidden(x) => Dense<_, 8, Relu> => Dropout(0.0);
        branch found = place => CategoryEncoding<6>(output_mode = OneHot);
        branch words = text => Embedding<30, 5> => Bidirectional<Lstm<_, 4>(return_sequences = true)>
            => Bidirectional<Lstm<_, 4>>;
        output good = concatenate(numbers, found, words) => repeat 2 { hidden } => Dense<_, 6, Relu>
            => Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// Quora question pairs (bradleypallen/keras-quora-question-pairs): whether two questions are one, by the largest of
    /// what is found in each of their words.
    pub struct QuestionPairs {
        input one: [u32; 4];
        input other: [u32; 4];
        block question(words) => #[frozen] Embedding<30, 6> => TimeDistributed<Dense<_, 6, Relu>> => GlobalMaxPooling1d;
        block hidden(x) => Dense<_, 10, Relu> => Dropout(0.0) => BatchNormalization<_>;
        branch a = one => question;
        branch b = other => question;
        output duplicate = concatenate(a, b) => repeat 4 { hidden } => Dense<_, 1, Sigmoid>;
    }
}

model! {
    /// node2vec (keras-io, `node2vec_movielens`): whether two films are near in a graph, by one table for both.
    pub struct Node2Vec {
        input target: u32;
        input context: u32;
        layer item_embeddings: Embedding<20, 5>(embeddings_initializer = HeNormal, embeddings_regularizer = L2(1e-6));
        branch t = target => item_embeddings;
        branch c = context => item_embeddings;
        output near = dot_similarity: dot(t, c, axes = 1);
    }
}

model! {
    /// U-Net (zhixuhao/unet): what is halved on the way down is joined on the way up.
    pub struct UNet {
        input image: [f32; 8, 8, 1];
        block convolved<FILTERS, SIZE>(x)
            => Conv2d<_, FILTERS, SIZE, Relu>(padding = Same, kernel_initializer = HeNormal);
        block twice<FILTERS>(x) => repeat 2 { convolved<FILTERS, 3> };
        block up<FILTERS>(x, skip) {
            branch wide = x => UpSampling2d(2) => convolved<FILTERS, 2>;
            output concatenate(skip, wide, axis = 3) => twice<FILTERS>;
        }
        branch c1 = image => twice<3>;
        branch c2 = c1 => MaxPooling2d(2) => twice<4>;
        branch c3 = c2 => MaxPooling2d(2) => twice<5> => Dropout(0.0);
        branch c4 = c3 => MaxPooling2d(2) => twice<6> => Dropout(0.0);
        branch u3 = (x = c4, skip = c3) => up<5>;
        branch u2 = (x = u3, skip = c2) => up<4>;
        branch u1 = (x = u2, skip = c1) => up<3>;
        output mask = u1 => convolved<2, 3> => Conv2d<_, 1, 1, Sigmoid>;
    }
}
