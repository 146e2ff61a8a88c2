//! Batches that come one by one.

use super::*;
use fusion::training::{TrainBatch, prefetch};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

model! {
    struct Pairs {
        input a: [f32; 4];
        input b: [f32; 4];
        output z = concatenate(a, b) => Dense<_, 6, Tanh> => Dense<_, 1>;
    }
}

type Rows = (Vec<[f32; 4]>, Vec<[f32; 1]>);

/// A batch of two inputs with a weight for each sample.
struct Weighted(Rows, Vec<f32>);

impl TrainBatch<Pairs, ([f32; 1],)> for Weighted {
    fn inputs(&self) -> impl IntoInputs<'_, Pairs> {
        PairsInputs { a: &self.0.0, b: &self.0.0 }
    }
    fn targets(&self) -> impl IntoTargets<'_, Pairs, ([f32; 1],)> {
        weighted(&self.0.1, &self.1)
    }
}

fn chunks(x: &[[f32; 4]], y: &[[f32; 1]], size: usize) -> Vec<Rows> {
    x.chunks(size).zip(y.chunks(size)).map(|(x, y)| (x.to_vec(), y.to_vec())).collect()
}

fn trainer(model: &mut Dropping) -> Trainer<'_, Dropping, Adam, MeanSquaredError, ([f32; 1],)> {
    Trainer::new(model, Adam::new(0.01), MeanSquaredError).metric(MeanAbsoluteError).epochs(3).verbose(false)
}

fn fine<B>(batch: B) -> io::Result<B> {
    Ok(batch)
}

/// What was trained and reported is the same as with slices that are not shuffled.
#[test]
fn batches_are_as_the_slices_they_were_cut_from() {
    let ((x, y), (other_x, other_y)) = (sums(50), sums(21));
    let (mut sliced, mut streamed) = (Dropping::new(3), Dropping::new(3));
    let history =
        trainer(&mut sliced).batch_size(8).validation_data(&other_x, &other_y).shuffle(false).fit(&x, &y).unwrap();
    let (batches, held) = (chunks(&x, &y, 8), chunks(&other_x, &other_y, 8));
    let of_batches = trainer(&mut streamed)
        .validation_batches(move || held.clone().into_iter().map(fine))
        .fit_batches(|_| prefetch(batches.clone().into_iter().map(fine), 2))
        .unwrap();
    assert_eq!(format!("{history:?}"), format!("{of_batches:?}"));
    assert_eq!(weights(&*sliced), weights(&*streamed));

    // A split of slices validates in the same way; `validation_data` goes before batches.
    let never = || -> Vec<io::Result<Rows>> { unreachable!("there are slices to validate on") };
    let mut trainer = trainer(&mut streamed).validation_data(&other_x, &other_y).validation_batches(never);
    trainer = trainer.epochs(1);
    let history = trainer.fit_batches(|_| batches.clone().into_iter().map(fine)).unwrap();
    assert_eq!(history["val_loss"], [trainer.evaluate(&other_x, &other_y).unwrap()["loss"]]);
}

#[test]
fn a_batch_of_ones_own_has_inputs_by_name_and_weights() {
    let (x, y) = sums(20);
    let of_samples: Vec<f32> = (0..20).map(|i| (i % 3) as f32).collect();
    let (mut sliced, mut streamed) = (Pairs::new(3), Pairs::new(3));
    let trainer = |model| Trainer::new(model, Adam::new(0.01), MeanSquaredError).epochs(2).verbose(false);
    trainer(&mut sliced)
        .shuffle(false)
        .batch_size(20)
        .fit(PairsInputs { a: &x, b: &x }, weighted(&y, &of_samples))
        .unwrap();
    let one = |_| [fine(Weighted((x.clone(), y.clone()), of_samples.clone()))];
    trainer(&mut streamed).fit_batches(one).unwrap();
    assert_eq!(weights(&*sliced), weights(&*streamed));
}

#[test]
fn an_epoch_of_endless_batches_ends_where_it_is_told_to() {
    let (x, y) = sums(4);
    let mut model = Dropping::new(3);
    let shown = std::sync::Arc::new(AtomicUsize::new(0));
    let (counter, batch) = (shown.clone(), (x.clone(), y.clone()));
    let endless = move || {
        let (counter, batch) = (counter.clone(), batch.clone());
        std::iter::repeat_with(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            fine(batch.clone())
        })
    };
    let mut trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(3)
        .steps_per_epoch(5)
        .validation_steps(2)
        .validation_batches(endless)
        .verbose(false);
    let mut epochs = Vec::new();
    let history = trainer
        .fit_batches(|epoch| {
            epochs.push(epoch);
            std::iter::repeat_with(|| fine((x.clone(), y.clone())))
        })
        .unwrap();
    assert_eq!((history.epochs(), trainer.steps(), epochs), (3, 15, vec![0, 1, 2]));
    assert_eq!(shown.load(Ordering::Relaxed), 6);
    // The same for slices.
    trainer.batch_size(1).fit(&x, &y).unwrap();
}

#[test]
fn what_is_wrong_with_a_batch_comes_with_its_place_and_the_epochs_before() {
    let (x, y) = sums(8);
    let batches = |epoch: usize| {
        let mut batches: Vec<io::Result<Rows>> = chunks(&x, &y, 2).into_iter().map(fine).collect();
        match epoch {
            1 => batches[2].as_mut().unwrap().0[1][3] = f32::NAN,
            2 => batches[3] = Err(io::Error::other("rows-3.csv: no such file")),
            3 => batches.clear(),
            _ => {}
        }
        batches
    };
    let mut model = Dropping::new(3);
    let mut trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError).epochs(2).verbose(false);
    let error = trainer.fit_batches(batches).unwrap_err();
    assert_eq!(error.to_string(), "epoch 2, batch 3: input `input` is NaN or infinite at position 3 of sample 1");
    assert_eq!(error.history().unwrap().epochs(), 1);
    // The steps before it were made.
    assert_eq!(trainer.steps(), 6);
    let error = trainer.fit_batches(|epoch| batches(epoch + 2)).unwrap_err();
    assert_eq!(error.to_string(), "epoch 1, batch 4: rows-3.csv: no such file");
    assert_eq!(error.history().unwrap().epochs(), 0);
    let error = trainer.fit_batches(|epoch| batches(epoch + 3)).unwrap_err();
    assert_eq!(error.to_string(), "there are no samples");

    let broken = || [Err::<Rows, _>("no more tape".to_owned())];
    let error = trainer.validation_batches(broken).fit_batches(|_| batches(0)).unwrap_err();
    assert_eq!(error.to_string(), "validation data: batch 1: no more tape");
}

#[test]
fn a_reader_that_panics_is_heard_and_one_that_is_no_longer_needed_ends() {
    let read = |item: usize| if item == 3 { panic!("the disk is gone") } else { item };
    let panic = std::panic::catch_unwind(|| prefetch((0..5).map(read), 1).collect::<Vec<_>>()).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the disk is gone"));
    for ahead in [0, 1, 10] {
        assert_eq!(prefetch(0..5, ahead).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    let made = std::sync::Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let endless = prefetch(std::iter::repeat_with(move || counter.fetch_add(1, Ordering::Relaxed)), 2);
    assert_eq!(endless.take(3).collect::<Vec<_>>(), [0, 1, 2]);
    // Its last reference is that of the thread, which is gone after its next item.
    while std::sync::Arc::strong_count(&made) > 1 {
        std::thread::yield_now();
    }
    assert!(made.load(Ordering::Relaxed) <= 7);
}
