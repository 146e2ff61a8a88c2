// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 10, 4];
        output z = a => Rnn<Lstm<_, 8>> => Dense<_, 1>;
    }
}

fn main() {
    let mut model = Net::new(42);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).epochs(2).verbose(false);
    let history = trainer.fit(&[[[0.0; 4]; 10]; 4], &[[0.0]; 4]).unwrap();
    println!("{:?} {:?}", &history["loss"], model.predict(&[[0.0; 4]; 10]));
}
