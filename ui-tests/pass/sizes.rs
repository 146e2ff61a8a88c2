// `_`, constant expressions and shapes of one to four dimensions.
use fusion::prelude::*;

const HIDDEN: usize = 6;

const fn double(size: usize) -> usize {
    2 * size
}

model! {
    pub struct Sizes {
        input row: [f32; HIDDEN];
        input image: [f32; 4, HIDDEN - 1, 3];
        input video: [f32; 2, 3, 4, 5];
        input series: [f32; 7, HIDDEN / 2];
        branch r = row => Dense<_, { double(HIDDEN) }, Relu> => Dense<{ 2 * HIDDEN }, HIDDEN>;
        branch i = image => Dense<3, 2, Tanh> => Flatten => Dense<{ 4 * 5 * 2 }, HIDDEN>;
        branch v = video => Dense<_, 1> => Flatten => Dense<24, HIDDEN>;
        branch s = series => Dense<{ HIDDEN / 2 }, HIDDEN> => Flatten => Dense<_, HIDDEN>;
        output z = add(r, i, v, s) => Dense<_, 1>;
    }
}

pub fn main() {
    let model = Sizes::new(3);
    let _: [f32; 1] = model.predict(&[0.1; 6], &[[[0.2; 3]; 5]; 4], &[[[[0.3; 5]; 4]; 3]; 2], &[[0.4; 3]; 7]);
    let _: [[f32; 12]; 6] = model.dense.kernel;
}
