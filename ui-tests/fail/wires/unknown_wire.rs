// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch hidden = a => Dense<_, 4, Relu>;
        branch y = b => Dense<_, 4, Relu>;
        output z = concatenate(hiden, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

fn main() {
    // What uses the model does not fail too.
    let model = Fusion::new(42);
    let z: [f32; 1] = model.predict(&[0.0; 32], &[0.0; 128]);
    let zs = model.predict_batch((&[[0.0; 32]; 2], &[[0.0; 128]; 2])).unwrap();
    println!("{z:?} {zs:?} {} {}", model.dense.kernel[0][0], Fusion::PARAMETERS);
}
