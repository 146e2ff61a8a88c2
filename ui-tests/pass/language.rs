//! A program with all that the language has for writing less.
#![deny(warnings)]
#![forbid(unsafe_code)]

use fusion::prelude::*;

/// The width of what is remembered.
const WIDTH: usize = 16;

model! {
    /// A model that is a layer of the next one.
    struct Encoder = [f32; WIDTH] => Dense<_, 8, Relu> => Dense<_, WIDTH>;
}

model! {
    /// What comes next in a series, and how sure that is.
    pub struct Forecast {
        input series: [f32; 64, 3];
        input user: [u32; 1];
        input words: [u32; 12];
        block dense_bn<UNITS>(x) => Dense<_, UNITS> => BatchNormalization<_> => Activation<Relu>;
        block residual<LAYER, A>(x) {
            branch h = x => hidden: Dense<_, WIDTH, A> => LAYER;
            output x + h => Activation<A>;
        }
        block cross(query, memory) {
            layer shared: Dense<WIDTH, WIDTH>;
            branch asked = query => shared;
            branch known = memory => shared => #[frozen] residual<Encoder, Tanh>;
            output asked * known;
        }
        block summary(x) {
            output last = x[-1];
            output total = x => Flatten => Dense<_, WIDTH>;
            output unused = x => Dense<_, 4>;
        }
        layer embed: Embedding<1000, WIDTH>;
        branch gate = user => embed => Flatten => Activation<Sigmoid>;
        branch text = words[..4] => embed => Flatten => Dense<_, WIDTH>;
        branch states = series[(..).step_by(2), ..] => Lstm<_, WIDTH>(return_sequences = true);
        branch (last, sum = total, _) = states => summary;
        branch trunk = (query = last, memory = text + sum) => cross => repeat 3 { residual<Dense<_, WIDTH>, Relu> };
        branch price = series[.., 0];
        branch all = joined: concatenate(trunk * gate, last - trunk, maximum(price, series[.., 1]))
            => repeat 2 { dense_bn<64> => Dropout(0.1) } => #[frozen] dense_bn<32>;
        output mean = all => Dense<_, 24>;
        output spread = all => Dense<_, 12, Softplus>;
    }
}

pub fn main() {
    let mut model = Forecast::new(1);
    let (series, user, words) = ([[[0.5; 3]; 64]; 4], [[3]; 4], [[7; 12]; 4]);
    let output: ForecastOutput = model.predict(&series[0], &user[0], &words[0]);
    assert_eq!((output.mean.len(), output.spread.len()), (24, 12));
    assert_eq!(model.hidden_3.kernel.len(), WIDTH);
    let losses = (MeanSquaredError, MeanAbsoluteError);
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses);
    trainer.train_on_batch((&series, &user, &words), (&[[0.1; 24]; 4], &[[0.2; 12]; 4])).unwrap();
}
