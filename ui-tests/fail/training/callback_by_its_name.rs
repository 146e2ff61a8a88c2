// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dense<_, 1>;
    }
}

fn main() -> Result<(), TrainError> {
    let mut model = Net::new(42);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).epochs(2).callback("early_stopping");
    trainer.fit(&[[0.0; 32]; 4], &[[0.0]; 4])?;
    Ok(())
}
