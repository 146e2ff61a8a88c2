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
    let squares = |y: &[f32; 1], z: &[f32; 1]| (y[0] - z[0]).powi(2);
    let mut trainer = Trainer::new(&mut model, Adam::default(), squares).epochs(2);
    trainer.fit(&[[0.0; 32]; 4], &[[0.0]; 4])?;
    Ok(())
}
