//! A batch may be cut into tiles of any size.

use fusion::prelude::*;
use fusion::weights::walk_ref;

model! {
    struct Dropping = [f32; 4] => Dense<4, 16, Relu> => Dropout(0.5) => Dense<16, 1>;
}

fn train(tile: usize) -> (Vec<f32>, f64) {
    let x: Vec<[f32; 4]> = (0..50).map(|s| std::array::from_fn(|i| ((s * 4 + i) as f32).sin())).collect();
    let y: Vec<[f32; 1]> = x.iter().map(|x| [x.iter().sum()]).collect();
    let mut model = Dropping::new(3);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).metric(MeanAbsoluteError);
    trainer.engine.tile = tile;
    let scores = (0..3).map(|_| trainer.train_on_batch(&x, &y).unwrap()).last().unwrap();
    let mut weights = Vec::new();
    walk_ref(&*model, &mut |_, values| weights.extend_from_slice(values));
    (weights, scores["loss"] + scores["mean_absolute_error"])
}

#[test]
fn tiles_change_neither_dropout_nor_losses_nor_steps() {
    let (whole, loss) = train(50);
    for tile in [1, 7, 48, 1000] {
        let (weights, tiled) = train(tile);
        // Sums in another order: float32 rounding, and no more.
        assert!((tiled - loss).abs() < 1e-5);
        assert!(weights.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-5), "tiles of {tile}");
    }
}
