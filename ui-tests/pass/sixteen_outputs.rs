//! Multi-task models have a dozen outputs and more.
use fusion::prelude::*;

model! {
    pub struct Many {
        input a: [f32; 3];
        output o1 = a => Dense<_, 1>;
        output o2 = a => Dense<_, 1>;
        output o3 = a => Dense<_, 1>;
        output o4 = a => Dense<_, 1>;
        output o5 = a => Dense<_, 1>;
        output o6 = a => Dense<_, 1>;
        output o7 = a => Dense<_, 1>;
        output o8 = a => Dense<_, 1>;
        output o9 = a => Dense<_, 1>;
        output o10 = a => Dense<_, 1>;
        output o11 = a => Dense<_, 1>;
        output o12 = a => Dense<_, 1>;
        output o13 = a => Dense<_, 1>;
        output o14 = a => Dense<_, 1>;
        output o15 = a => Dense<_, 1>;
        output o16 = a => Dense<_, 1>;
    }
}

fn main() {
    let mut many = Many::new(1);
    let rows = [[0.5, -1.0, 2.0]; 4];
    let ones = [[1.0]; 4];
    #[rustfmt::skip]
    let losses = (MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError, MeanSquaredError);
    #[rustfmt::skip]
    let targets = (&ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones, &ones);
    let mut trainer = Trainer::new(&mut many, Adam::new(0.1), losses).epochs(50).verbose(false);
    let history = trainer.fit(&rows, targets).unwrap();
    assert!(history["o16_loss"].last() < history["o16_loss"].first());
    let ManyOutput { o1, o16, .. } = many.predict(&rows[0]);
    assert!((o1[0] - 1.0).abs() < 0.5 && (o16[0] - 1.0).abs() < 0.5);
}
