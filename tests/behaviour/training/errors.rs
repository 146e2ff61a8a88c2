//! Every error is found before a weight changes, and says where.

use super::*;

model! {
    struct Words {
        input words: [u32; 3];
        input tone: [f32; 2];
        branch w = words => Embedding<10, 2> => Flatten;
        output class = concatenate(w, tone) => Dense<_, 4>;
    }
}

model! { struct Three { input x: [f32; 2]; output y = x => Dense<_, 3>; } }

/// Lets the test see the message, and that no weight has changed.
pub fn message<M: Model>(model: &mut M, train: impl FnOnce(&mut M) -> TrainError) -> String {
    let before = weights(model.network());
    let message = train(model).to_string();
    assert!(before == weights(model.network()), "{message}: the weights have changed");
    message
}

type FusionTrainer<'a> = Trainer<'a, Fusion, Adam, MeanSquaredError, ([f32; 1],)>;

fn fusion(train: impl FnOnce(FusionTrainer<'_>) -> TrainError) -> String {
    message(&mut Fusion::new(1), |model| train(Trainer::new(model, Adam::default(), MeanSquaredError).verbose(false)))
}

#[test]
fn counts_that_differ_are_named() {
    let (a, b, z) = (rows::<32>(3, 0), rows::<128>(2, 0), rows::<1>(3, 0));
    let says = fusion(|mut trainer| trainer.fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "the inputs have different numbers of samples: `a` has 3, `b` has 2");
    let says = fusion(|mut trainer| trainer.evaluate((&a[..2], &b), &z).unwrap_err());
    assert_eq!(says, "there are 2 samples, but 3 targets for the output `z`");
    let says = fusion(|trainer| trainer.sample_weight(&[1.0]).fit((&a[..2], &b), &z[..2]).unwrap_err());
    assert_eq!(says, "there are 2 samples, but 1 sample weight");
    let says = fusion(|mut trainer| trainer.train_on_batch((&a[..0], &b[..0]), &z[..0]).unwrap_err());
    assert_eq!(says, "there are no samples");
    let says = message(&mut Fusion::new(1), |model| {
        let trainer = Trainer::new(model, Adam::default(), MeanSquaredError).verbose(false);
        trainer.validation_data((&a[..1], &b), &z).fit((&a[..2], &b), &z[..2]).unwrap_err()
    });
    assert_eq!(says, "validation data: the inputs have different numbers of samples: `a` has 1, `b` has 2");
}

#[test]
fn options_that_cannot_be_are_named() {
    let (a, b, z) = (rows::<32>(3, 0), rows::<128>(3, 0), rows::<1>(3, 0));
    let says = fusion(|trainer| trainer.batch_size(0).fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "the batch size is 0; it must be at least 1");
    let zero = |set: fn(FusionTrainer<'_>) -> FusionTrainer<'_>, option: &str| {
        let says = fusion(|trainer| set(trainer).fit((&a, &b), &z).unwrap_err());
        assert_eq!(says, format!("`{option}` is 0; it must be at least 1"));
    };
    zero(|trainer| trainer.epochs(0), "epochs");
    zero(|trainer| trainer.steps_per_epoch(0), "steps_per_epoch");
    zero(|trainer| trainer.validation_steps(0), "validation_steps");
    for split in [0.0, 1.0, -0.5, f64::NAN] {
        let says = fusion(|trainer| trainer.validation_split(split).fit((&a, &b), &z).unwrap_err());
        assert_eq!(says, format!("the validation split is {split}; it must be above 0 and below 1"));
    }
    let says = fusion(|trainer| trainer.validation_split(0.9).fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "a validation split of 0.9 leaves nothing to train or to validate on: there are 3 samples");
}

#[test]
fn what_a_callback_watches_has_to_be_logged() {
    let (a, b, z) = (rows::<32>(3, 0), rows::<128>(3, 0), rows::<1>(3, 0));
    let says = fusion(|trainer| {
        trainer.callback(EarlyStopping::new("val_loss")).metric(MeanAbsoluteError).fit((&a, &b), &z).unwrap_err()
    });
    assert_eq!(
        says,
        "a callback watches `val_loss`, which is not logged; there are: loss, mean_absolute_error \
         (there is no validation: add `.validation_split(0.2)` or `.validation_data(..)`)"
    );
    let says = fusion(|trainer| {
        let trainer = trainer.metric(MeanAbsoluteError.named("profit"));
        trainer.callback(ReduceLrOnPlateau::new("profit")).fit((&a, &b), &z).unwrap_err()
    });
    assert!(says.starts_with("whether `profit` is better when it is smaller or larger"), "{says}");
    let says =
        fusion(|trainer| trainer.callback(ReduceLrOnPlateau::new("loss").factor(1.0)).fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "the factor of `ReduceLrOnPlateau` is 1; it must be below 1");
}

#[test]
fn numbers_that_are_not_finite_are_found() {
    let (mut a, mut b, mut z) = (rows::<32>(3, 0), rows::<128>(3, 0), rows::<1>(3, 0));
    b[2][100] = f32::NAN;
    let says = fusion(|mut trainer| trainer.fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "input `b` is NaN or infinite at position 100 of sample 2");
    a[1][0] = f32::INFINITY;
    let says = fusion(|mut trainer| trainer.fit((&a, &b), &z).unwrap_err());
    assert_eq!(says, "input `a` is NaN or infinite at position 0 of sample 1");
    z[0][0] = f32::NAN;
    let says = fusion(|mut trainer| trainer.fit((&a[2..], &b[..1]), &z[..1]).unwrap_err());
    assert_eq!(says, "output `z`: the target of sample 0 is NaN or infinite at position 0");
    let says = fusion(|trainer| {
        trainer.sample_weight(&[1.0, f32::NAN]).fit((&a[2..].repeat(2), &b[..2]), &z[1..]).unwrap_err()
    });
    assert_eq!(says, "the weight of sample 1 is NaN or infinite");
}

#[test]
fn ids_out_of_range_are_found() {
    let (mut words, tone, mut classes) = (vec![[1, 2, 9]; 4], rows::<2>(4, 0), vec![0_u32, 3, 1, 2]);
    let fit = |words: &[[u32; 3]], classes: &[u32]| {
        message(&mut Words::new(1), |model| {
            let loss = SparseCategoricalCrossentropy::from_logits();
            let mut trainer = Trainer::new(model, Adam::default(), loss).verbose(false);
            trainer.fit((words, &tone), classes).unwrap_err()
        })
    };
    classes[3] = 4;
    let says = fit(&words, &classes);
    assert!(says.starts_with("output `class`: the class id 4 of sample 3 is out of range"), "{says}");
    words[1][2] = 10;
    let says = fit(&words, &classes);
    assert_eq!(says, "input `words`: the id 10 at position 2 of sample 1 is out of range: ids are below 10");
}

#[test]
fn targets_that_cannot_be_right_are_found() {
    fn says<L: Loss<[f32; 3], Target = [f32; 3]>>(loss: L, target: [f32; 3]) -> String {
        message(&mut Three::new(1), |model| {
            let mut trainer = Trainer::new(model, Adam::default(), loss).verbose(false);
            trainer.fit(&[[1.0, 2.0]; 3], &[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], target]).unwrap_err()
        })
    }
    let from_0_to_1 = "it has to be from 0 to 1: ids of classes go with `SparseCategoricalCrossentropy`, and pixels up \
                       to 255 are divided by 255";
    let pixel = says(BinaryCrossentropy::default(), [1.0, 0.0, 255.0]);
    assert_eq!(pixel, format!("output `y`: the target of sample 2 is 255 at position 2; {from_0_to_1}"));
    assert_eq!(says(Dice::default(), [1.0, 0.0, 255.0]), pixel);
    assert_eq!(says(CategoricalCrossentropy::from_logits(), [1.0, 0.0, 255.0]), pixel);
    assert_eq!(
        says(CategoricalCrossentropy::default(), [0.0; 3]),
        "output `y`: the target of sample 2 is 0 for every class; it has to name one, as a 1 among zeros does, or \
         to be a distribution"
    );
    assert_eq!(
        says(Poisson, [0.5, -0.5, 0.0]),
        "output `y`: the target of sample 2 is -0.5 at position 1; it must not be negative"
    );
    assert_eq!(
        says(Hinge, [1.0, 2.0, 0.0]),
        "output `y`: the target of sample 2 is 2 at position 1; it has to be -1 or 1, or 0 or 1"
    );
    assert_eq!(
        says(SquaredHinge, [-1.0, 1.0, 1.0]),
        "output `y`: the target of sample 0 is 0 at position 0; other targets are -1: no is the one or the other, \
         the same for all"
    );
}

#[test]
fn a_loss_that_is_not_finite_ends_training_with_the_weights_of_the_step_before() {
    let (mut x, y) = sums(12);
    // The squared error of the fourth batch overflows.
    x[10] = [3e30; 4];
    let (mut model, mut shorter) = (Dropping::new(1), Dropping::new(1));
    model.dense.bias = [1.0; 16];
    shorter.dense.bias = [1.0; 16];
    let mut trainer =
        Trainer::new(&mut model, Adam::default(), MeanSquaredError).batch_size(3).shuffle(false).verbose(false);
    let error = trainer.fit(&x, &y).unwrap_err();
    assert!(matches!(error, TrainError::LossNotFinite { epoch: Some(1), step: 4, .. }), "{error:?}");
    let says = error.to_string();
    let expected = "the loss became inf in epoch 1, step 4, at sample 10; the weights are as they were";
    assert!(says.starts_with(expected), "{says}");
    // Training can go on, with a gradient that is not that of the failed step.
    trainer.train_on_batch(&x[..3], &y[..3]).unwrap();

    let mut trainer =
        Trainer::new(&mut shorter, Adam::default(), MeanSquaredError).batch_size(3).shuffle(false).verbose(false);
    trainer.fit(&x[..9], &y[..9]).unwrap();
    trainer.train_on_batch(&x[..3], &y[..3]).unwrap();
    assert_eq!(weights(&*model), weights(&*shorter));
}

#[test]
fn data_with_a_gap_are_told_where_a_layer_adapts_to_them() {
    model! { struct Net = [f32; 2] => scale: Normalization<_> => Dense<_, 1>; }
    let rows: Vec<[f32; 2]> = (0..50).map(|i| [i as f32, if i == 7 { f32::NAN } else { 1.0 }]).collect();
    let filled: Vec<[f32; 2]> = rows.iter().map(|row| [row[0], if row[1].is_nan() { 0.0 } else { row[1] }]).collect();
    let mut model = Net::new(1);
    assert_eq!(
        model.scale.adapt(&rows).unwrap_err().to_string(),
        "row 7, column 1 of the data is NaN; fill the gap or leave the row out before `adapt`"
    );
    assert_eq!((model.scale.mean, model.scale.variance), ([0.0; 2], [1.0; 2]));
    // Where such a number stands among the weights all the same, no learning rate is to blame.
    model.scale.mean[1] = f32::NAN;
    let targets = vec![[1.0]; 50];
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).verbose(false);
    let expected = "the loss is NaN because `scale/mean` already had NaN or infinite numbers";
    assert_eq!(trainer.fit(&filled, &targets).unwrap_err().to_string(), expected);
    assert_eq!(trainer.train_on_batch(&filled, &targets).unwrap_err().to_string(), expected);
}
