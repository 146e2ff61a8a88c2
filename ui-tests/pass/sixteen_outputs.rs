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

pub fn main() {
    let mut many = Many::new(1);
    let rows = [[0.5, -1.0, 2.0]; 4];
    let ones = [[1.0]; 4];
    const MSE: MeanSquaredError = MeanSquaredError;
    #[rustfmt::skip]
    let losses = ManyLosses { o1: MSE, o2: MSE, o3: MSE, o4: MSE, o5: MSE, o6: MSE, o7: MSE, o8: MSE, o9: MSE, o10: MSE, o11: MSE, o12: MSE, o13: MSE, o14: MSE, o15: MSE, o16: MSE };
    #[rustfmt::skip]
    let targets = ManyTargets { o1: &ones, o2: &ones, o3: &ones, o4: &ones, o5: &ones, o6: &ones, o7: &ones, o8: &ones, o9: &ones, o10: &ones, o11: &ones, o12: &ones, o13: &ones, o14: &ones, o15: &ones, o16: &ones };
    let mut trainer = Trainer::new(&mut many, Adam::new(0.1), losses).epochs(50).verbose(false);
    let history = trainer.fit(&rows, targets).unwrap();
    assert!(history["o16_loss"].last() < history["o16_loss"].first());
    let ManyOutput { o1, o16, .. } = many.predict(&rows[0]);
    assert!((o1[0] - 1.0).abs() < 0.5 && (o16[0] - 1.0).abs() < 0.5);
}
