//! The networks of public programs with several inputs or outputs, whose layers all exist, at small sizes: each is
//! written whole. `docs/programs.md` says where they come from, which others are compared with Keras, and what others
//! still need.
#![allow(clippy::too_many_arguments)]
use fusion::prelude::*;

// Structured data classification: thirteen columns, numbers normalized, categories one-hot.
model! {
    pub struct Heart {
        input age: [f32; 1];
        input trestbps: [f32; 1];
        input chol: [f32; 1];
        input thalach: [f32; 1];
        input oldpeak: [f32; 1];
        input slope: [f32; 1];
        input sex: u32;
        input cp: u32;
        input fbs: u32;
        input restecg: u32;
        input exang: u32;
        input ca: u32;
        input thal: u32;
        block category<COUNT>(id) => CategoryEncoding<COUNT>(output_mode = OneHot);
        block number(x) => Normalization<_>;
        branch numbers = concatenate(age, trestbps, chol, thalach, oldpeak, slope) => number;
        branch sexes = sex => category<2>;
        branch pains = cp => category<5>;
        branch sugars = fbs => category<2>;
        branch waves = restecg => category<3>;
        branch anginas = exang => category<2>;
        branch vessels = ca => category<4>;
        branch defects = thal => category<4>;
        output z = concatenate(sexes, pains, sugars, waves, anginas, vessels, defects, numbers)
            => Dense<_, 32, Relu> => Dropout(0.5) => Dense<_, 1, Sigmoid>;
    }
}

// Wide & deep: one-hot ids and numbers straight to the output, embeddings through hidden layers.
model! {
    pub struct WideDeep {
        input numbers: [f32; 10];
        input wilderness: u32;
        input soil: u32;
        block hidden<UNITS>(x) => Dense<_, UNITS> => BatchNormalization<_> => Activation<Relu> => Dropout(0.1);
        branch wide_wilderness = wilderness => CategoryEncoding<4>(output_mode = OneHot);
        branch wide_soil = soil => CategoryEncoding<40>(output_mode = OneHot);
        branch wide = concatenate(wide_wilderness, wide_soil, numbers) => BatchNormalization<_>;
        branch deep_wilderness = wilderness => Embedding<4, 2>;
        branch deep_soil = soil => Embedding<40, 6>;
        branch deep = concatenate(deep_wilderness, deep_soil, numbers) => repeat 2 { hidden<32> };
        output class = concatenate(wide, deep) => Dense<_, 7, Softmax>;
    }
}

// Collaborative filtering: both ids are columns of one input.
model! {
    pub struct Recommender {
        input pair: [u32; 2];
        block factors<IDS>(id)
            => Embedding<IDS, 50>(embeddings_initializer = HeNormal, embeddings_regularizer = L2(1e-6));
        branch user = pair[0] => factors<610>;
        branch user_bias = pair[0] => Embedding<610, 1>;
        branch movie = pair[1] => factors<9724>;
        branch movie_bias = pair[1] => Embedding<9724, 1>;
        output rating = dot(user, movie, axes = 1) + user_bias + movie_bias => Activation<Sigmoid>;
    }
}

// Rossmann stores: an embedding for each category, joined.
model! {
    pub struct Rossmann {
        input store: u32;
        input weekday: u32;
        input promotion: [f32; 1];
        input year: u32;
        input month: u32;
        input day: u32;
        input state: u32;
        branch stores = store => Embedding<1115, 10>;
        branch weekdays = weekday => Embedding<7, 6>;
        branch promotions = promotion => Dense<_, 1>;
        branch years = year => Embedding<3, 2>;
        branch months = month => Embedding<12, 6>;
        branch days = day => Embedding<31, 10>;
        branch states = state => Embedding<12, 6>;
        output sales = concatenate(stores, weekdays, promotions, years, months, days, states)
            => Dense<_, 1000, Relu> => Dense<_, 500, Relu> => Dense<_, 1, Sigmoid>;
    }
}

// Neural collaborative filtering: a product of factors beside a perceptron.
model! {
    pub struct NeuMf {
        input user: u32;
        input item: u32;
        block latent<IDS, UNITS>(id) => Embedding<IDS, UNITS>;
        branch user_factor = user => latent<600, 8>;
        branch item_factor = item => latent<900, 8>;
        branch user_mlp = user => latent<600, 32>;
        branch item_mlp = item => latent<900, 32>;
        branch mlp = concatenate(user_mlp, item_mlp) => Dense<_, 32, Relu> => Dense<_, 16, Relu> => Dense<_, 8, Relu>;
        output prediction = concatenate(user_factor * item_factor, mlp) => Dense<_, 1, Sigmoid>;
    }
}

// Questions about images: features of the image times the last state of the question.
model! {
    pub struct Vqa {
        input image: [f32; 4096];
        input question: [u32; 26];
        branch picture = image => Dense<_, 64, Tanh>;
        branch words = question => #[frozen] Embedding<1000, 30>
            => Lstm<_, 32>(return_sequences = true) => Dropout(0.5) => Lstm<_, 32> => Dropout(0.5) => Dense<_, 64, Tanh>;
        output answer = picture * words => Dropout(0.5) => Dense<_, 100, Tanh> => Dropout(0.5) => Dense<_, 100, Softmax>;
    }
}

// A car's camera with its inertial sensors, and with the wished behaviour.
model! {
    pub struct DonkeyImu {
        input image: [f32; 60, 80, 3];
        input imu: [f32; 6];
        block eye(x) => Conv2d<_, 24, 5, Relu>(strides = 2) => Dropout(0.1) => Conv2d<_, 32, 5, Relu>(strides = 2)
            => Dropout(0.1) => Conv2d<_, 64, 3, Relu>(strides = 2) => Dropout(0.1) => Flatten => Dense<_, 100, Relu>;
        branch seen = image => eye => Dropout(0.1);
        branch felt = imu => Dense<_, 14, Relu> => Dense<_, 14, Relu> => Dense<_, 14, Relu>;
        branch z = concatenate(seen, felt) => repeat 2 { Dense<_, 50, Relu> => Dropout(0.1) };
        output angle = z => Dense<_, 1>;
        output throttle = z => Dense<_, 1>;
    }
}
model! {
    pub struct DonkeyBehavior {
        input image: [f32; 60, 80, 3];
        input behavior: [f32; 3];
        block eye(x) => Conv2d<_, 24, 5, Relu>(strides = 2) => Conv2d<_, 32, 5, Relu>(strides = 2)
            => Conv2d<_, 64, 3, Relu>(strides = 2) => Flatten => Dense<_, 100, Relu>;
        branch seen = image => eye;
        branch wished = behavior => repeat 3 { Dense<_, 6, Relu> };
        branch z = concatenate(seen, wished) => repeat 2 { Dense<_, 100, Relu> => Dropout(0.1) };
        output angle = z => Dense<_, 15, Softmax>;
        output throttle = z => Dense<_, 20, Softmax>;
    }
}

// Othello with two heads.
model! {
    pub struct Othello {
        input board: [f32; 6, 6];
        block same<FILTERS>(x) => Conv2d<_, FILTERS, 3>(padding = Same, use_bias = false) => BatchNormalization<_> => Activation<Relu>;
        block valid<FILTERS>(x) => Conv2d<_, FILTERS, 3>(use_bias = false) => BatchNormalization<_> => Activation<Relu>;
        block hidden<UNITS>(x) => Dense<_, UNITS>(use_bias = false) => BatchNormalization<_> => Activation<Relu> => Dropout(0.3);
        branch s = board => Reshape([6, 6, 1]) => repeat 2 { same<32> } => repeat 2 { valid<32> } => Flatten
            => hidden<64> => hidden<32>;
        output pi = s => pi: Dense<_, 37, Softmax>;
        output v = s => v: Dense<_, 1, Tanh>;
    }
}

// The critic of deep deterministic policy gradients.
model! {
    pub struct Critic {
        input state: [f32; 3];
        input action: [f32; 1];
        branch s = state => Dense<_, 16, Relu> => Dense<_, 32, Relu>;
        branch a = action => Dense<_, 32, Relu>;
        output value = concatenate(s, a) => repeat 2 { Dense<_, 256, Relu> } => Dense<_, 1>;
    }
}

// An actor and its critic on one trunk.
model! {
    pub struct ActorCritic {
        input observation: [f32; 4];
        branch common = observation => Dense<_, 128, Relu>;
        output action = common => Dense<_, 2, Softmax>;
        output critic = common => Dense<_, 1>;
    }
}

// Chess, with the channels last.
model! {
    pub struct Chess {
        input planes: [f32; 8, 8, 18];
        block conv<FILTERS, KERNEL>(x)
            => Conv2d<_, FILTERS, KERNEL>(padding = Same, use_bias = false, kernel_regularizer = L2(1e-4))
            => BatchNormalization<_>;
        block residual(x) {
            branch h = x => conv<32, 3> => Activation<Relu> => conv<32, 3>;
            output x + h => Activation<Relu>;
        }
        branch tower = planes => conv<32, 5> => Activation<Relu> => repeat 7 { residual };
        output policy = tower => conv<2, 1> => Activation<Relu> => Flatten
            => policy_out: Dense<_, 1968, Softmax>(kernel_regularizer = L2(1e-4));
        output value = tower => conv<4, 1> => Activation<Relu> => Flatten
            => Dense<_, 32, Relu>(kernel_regularizer = L2(1e-4))
            => value_out: Dense<_, 1, Tanh>(kernel_regularizer = L2(1e-4));
    }
}

// Driving in a simulator: what the camera sees, and the car's state.
model! {
    pub struct AirSim {
        input image: [f32; 59, 255, 3];
        input state: [f32; 4];
        block pooled<FILTERS>(x) => Conv2d<_, FILTERS, 3, Relu>(padding = Same) => MaxPooling2d(2);
        branch seen = image => pooled<16> => repeat 2 { pooled<32> } => Flatten => Dropout(0.2);
        output steering = concatenate(seen, state) => Dense<_, 64, Relu> => Dropout(0.2) => Dense<_, 10, Relu>
            => Dropout(0.2) => Dense<_, 1>;
    }
}

// Two texts, two tasks, which share what stands between them.
model! {
    pub struct TwoTasks {
        input one: [u32; 40];
        input other: [u32; 40];
        block read(words) => Embedding<1000, 16> => Conv1d<_, 32, 3, Relu>(padding = Same) => MaxPooling1d(2)
            => Lstm<_, 20>;
        branch a = one => read;
        branch b = other => read;
        branch both = concatenate(a, b);
        output first = both => Dense<_, 10, Softmax>;
        output second = both => Dense<_, 5, Softmax>;
    }
}

// What customers of a country will buy: attention beside recurrence, and a sequence made of both.
model! {
    pub struct LifetimeValue {
        input temporal: [f32; 6, 5];
        input trend: [f32; 6, 12];
        input country: [u32; 10];
        block encoder(x) {
            branch attended = (query = x, value = x) => MultiHeadAttention<_, 4, 22>;
            branch h = x + attended => LayerNormalization<_>(epsilon = 1e-5);
            branch f = h => Dense<_, 16, Relu> => Dense<_, 88>;
            output h + f => LayerNormalization<_>(epsilon = 1e-5);
        }
        branch countries = country => country_embedding: Embedding<10, 8> => Flatten => RepeatVector(6);
        branch steps = temporal => temporal_projection: Dense<_, 8, Tanh>;
        branch attended = concatenate(steps, countries) => repeat 3 { encoder } => GlobalAveragePooling1d
            => Dense<_, 1, Sigmoid>;
        branch course = trend => lstm_trend: Lstm<_, 64>;
        output value = concatenate(attended, course) => RepeatVector(6)
            => Lstm<_, 64>(return_sequences = true, recurrent_regularizer = L1L2(1e-5, 1e-4))
            => output_dense: Dense<_, 1>;
    }
}

// Which pixels are a pet: a U-Net of Xception's blocks.
model! {
    pub struct Pets {
        input image: [f32; 32, 32, 3];
        block separable<FILTERS>(x) => Activation<Relu> => SeparableConv2d<_, FILTERS, 3>(padding = Same)
            => BatchNormalization<_>;
        block transposed<FILTERS>(x) => Activation<Relu> => Conv2dTranspose<_, FILTERS, 3>(padding = Same)
            => BatchNormalization<_>;
        block down<FILTERS>(x) {
            branch h = x => repeat 2 { separable<FILTERS> } => MaxPooling2d(3, strides = 2, padding = Same);
            branch residual = x => Conv2d<_, FILTERS, 1>(strides = 2, padding = Same);
            output h + residual;
        }
        block up<FILTERS>(x) {
            branch h = x => repeat 2 { transposed<FILTERS> } => UpSampling2d(2);
            branch residual = x => UpSampling2d(2) => Conv2d<_, FILTERS, 1>(padding = Same);
            output h + residual;
        }
        output class = image => Conv2d<_, 8, 3>(strides = 2, padding = Same) => BatchNormalization<_>
            => Activation<Relu> => down<16> => down<32> => down<64> => up<64> => up<32> => up<16> => up<8>
            => Conv2d<_, 3, 3, Softmax>(padding = Same);
    }
}

// Four sensors, each convolved by itself and then together.
model! {
    pub struct DeepSense {
        input phone_acceleration: [f32; 80, 3];
        input phone_rotation: [f32; 80, 3];
        input watch_acceleration: [f32; 80, 3];
        input watch_rotation: [f32; 80, 3];
        block rectified(x) => BatchNormalization<_> => Activation<Relu>;
        block own(x) => Conv1d<_, 16, 18> => rectified => Dropout(0.2) => Conv1d<_, 16, 3> => rectified => Dropout(0.2)
            => Conv1d<_, 16, 3> => rectified => ExpandDims(2);
        block together<WIDTH>(x) => Conv2d<_, 16, 2, Linear, UseBias, WIDTH>(padding = Same) => rectified;
        branch pa = phone_acceleration => own;
        branch pr = phone_rotation => own;
        branch wa = watch_acceleration => own;
        branch wr = watch_rotation => own;
        output activity = concatenate(pa, pr, wa, wr, axis = 2) => Dropout(0.2) => together<16> => Dropout(0.2)
            => together<12> => Dropout(0.2) => together<8> => Dense<_, 18, Softmax>;
    }
}

pub fn main() {
    let parameters = [
        Heart::PARAMETERS,
        WideDeep::PARAMETERS,
        Recommender::PARAMETERS,
        Rossmann::PARAMETERS,
        NeuMf::PARAMETERS,
        Vqa::PARAMETERS,
        DonkeyImu::PARAMETERS,
        DonkeyBehavior::PARAMETERS,
        Othello::PARAMETERS,
        Critic::PARAMETERS,
        ActorCritic::PARAMETERS,
        Chess::PARAMETERS,
        AirSim::PARAMETERS,
        TwoTasks::PARAMETERS,
        LifetimeValue::PARAMETERS,
        Pets::PARAMETERS,
        DeepSense::PARAMETERS,
    ];
    println!("{parameters:?}");
    let rating: [f32; 1] = Recommender::new(1).predict(&[3, 5]);
    assert!((0.0..=1.0).contains(&rating[0]));
}
