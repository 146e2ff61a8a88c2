// Layers of every kind, with options, in one model.
use fusion::prelude::*;

model! {
    pub struct Mixed {
        input image: [f32; 12, 12, 1];
        input words: [u32; 9];
        input series: [f32; 5, 3];
        branch seen = image
            => Conv2d<1, 4, 3, Relu>(strides = 1, padding = Padding::Same)
            => BatchNormalization<_>
            => MaxPooling2d(2)
            => Flatten
            => Dense<_, 8, Relu>;
        branch read = words => Embedding<100, 6> => Lstm<_, 8>;
        branch heard = series => TimeDistributed<Dense<3, 4>> => Lstm<4, 8>;
        output z = average(seen, read, heard) => Dropout(0.1) => Dense<8, 2, Softmax>;
    }
}

pub fn main() {
    let z = Mixed::new(1).predict(&[[[0.5]; 12]; 12], &[1; 9], &[[0.5; 3]; 5]);
    assert!((z[0] + z[1] - 1.0).abs() < 1e-5);
}
