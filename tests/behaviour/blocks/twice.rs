//! One network with all that the language has for writing less, and the same written out.

/// With blocks, repetitions, slices, operators and a merge within a merge.
pub mod short {
    use fusion::prelude::*;

    model! {
        pub struct Net {
            input series: [f32; 6, 3];
            input words: [u32; 8];
            block hidden<UNITS, A, RATE>(x) => Dense<_, UNITS, A> => Dropout(RATE);
            block residual<LAYER>(x) {
                branch h = x => LAYER => hidden<5, Relu, 0.25>;
                output x + h => Activation<Tanh>;
            }
            block tower<DEPTH, LAYER>(x) => repeat DEPTH { residual<LAYER> => BatchNormalization<_> };
            block heads(x) {
                layer inner: Dense<5, 5, Silu>;
                branch h = x => inner => inner;
                output mean = h => Dense<_, 2>;
                output spread = h => Dense<_, 2, Softplus>;
            }
            branch text = words[..3] => Embedding<9, 4> => Flatten;
            branch trunk = concatenate(series[.., 0] * series[.., 1], multiply(text, text), series[-1])
                => hidden<5, Tanh, 0.25> => tower<2, Dense<_, 4, Sigmoid>>;
            branch (mean, s = spread) = trunk => heads;
            branch (other = one, _) = (mean = trunk) => #[frozen] pair;
            block pair(mean) {
                output one = mean => Dense<_, 2>;
                output two = mean => Dense<_, 3> => Dense<_, 2>;
            }
            output z = mean - s * other;
        }
    }
}

/// A step at a time.
pub mod long {
    use fusion::prelude::*;

    model! {
        pub struct Net {
            input series: [f32; 6, 3];
            input words: [u32; 8];
            branch first_words = words[..3];
            branch text = first_words => Embedding<9, 4> => Flatten;
            branch price = series[.., 0];
            branch volume = series[.., 1];
            branch product = multiply(price, volume);
            branch squares = multiply(text, text);
            branch last = series[-1];
            branch x_0 = concatenate(product, squares, last) => Dense<_, 5, Tanh> => Dropout(0.25);
            branch h_0 = x_0 => Dense<_, 4, Sigmoid> => Dense<_, 5, Relu> => Dropout(0.25);
            branch x_1 = add(x_0, h_0) => Activation<Tanh> => BatchNormalization<_>;
            branch h_1 = x_1 => Dense<_, 4, Sigmoid> => Dense<_, 5, Relu> => Dropout(0.25);
            branch trunk = add(x_1, h_1) => Activation<Tanh> => BatchNormalization<_>;
            layer inner: Dense<5, 5, Silu>;
            branch h = trunk => inner => inner;
            branch mean = h => Dense<_, 2>;
            branch s = h => Dense<_, 2, Softplus>;
            branch other = trunk => #[frozen] Dense<_, 2>;
            branch scaled = multiply(s, other);
            output z = subtract(mean, scaled);
        }
    }
}
