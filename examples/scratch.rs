use fusion::prelude::*;
model! {
    /// Doc.
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}
fn main() {
    let model = Fusion::new(42);
    println!("{}", Fusion::PARAMETERS);
    println!("{:?}", model.predict(&[0.5; 32], &[0.25; 128]));
    let a = vec![[0.5f32; 32]; 100];
    let b = vec![[0.25f32; 128]; 100];
    println!("{:?}", model.predict_batch((&a, &b)).unwrap()[99]);
    println!("{}", fusion::summary::Summary::new(Fusion::graph()).line_length(80));
    println!("{:?}", model.dense_3.kernel[0][5]);
}
