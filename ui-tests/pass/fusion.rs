use fusion::prelude::*;

model! {
    /// Price of a diamond from its measures and its grades.
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

const PARAMETERS: usize = Fusion::PARAMETERS;

pub fn main() {
    let model = Fusion::new(42);
    let z: [f32; 1] = model.predict(&[0.5; 32], &[0.25; 128]);
    let zs: Vec<[f32; 1]> = model.predict_batch((&[[0.5; 32]; 50], &[[0.25; 128]; 50])).unwrap();
    assert_eq!(PARAMETERS, 10_789);
    assert!((z[0] - zs[49][0]).abs() < 1e-5);
    assert_eq!(model.dense_3.kernel[0].len(), 32);
}
