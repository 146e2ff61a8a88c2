// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        branch h = a => Dense<_, 4>;
        output p = h => Dense<_, 1>;
        output q = h => Dense<_, 2>;
    }
}

fn main() -> Result<(), TrainError> {
    let mut model = Net::new(42);
    let mut trainer = Trainer::new(&mut model, Adam::default(), "mse")
        .metric((MeanAbsoluteError, ()))
        .epochs(2)
        .callback(EarlyStopping::new("loss"));
    let history = trainer.fit(&[[0.0; 32]; 4], (&[[0.0]; 4], &[[0.0; 2]; 4]))?;
    println!("{:?}", &history["loss"]);
    trainer.evaluate(&[[0.0; 32]; 4], (&[[0.0]; 4], &[[0.0; 2]; 4]))?;
    Ok(())
}
