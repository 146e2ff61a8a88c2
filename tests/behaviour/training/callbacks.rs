//! What callbacks do in a `fit`, and what is in their files.

use super::*;
use fusion::optimizers::LearningRateSchedule;
use std::fs;
use std::path::{Path, PathBuf};

model! { struct Line = [f32; 1] => Dense<1, 1>; }

/// A directory of the test's own, which goes with it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fusion-callbacks-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type LineTrainer<'a> = Trainer<'a, Line, Sgd, MeanSquaredError, ([f32; 1],)>;

fn line(model: &mut Line) -> LineTrainer<'_> {
    Trainer::new(model, Sgd::new(0.1), MeanSquaredError).epochs(4).batch_size(2).verbose(false)
}

const X: [[f32; 1]; 6] = [[0.0], [0.5], [1.0], [1.5], [2.0], [-1.0]];
const Y: [[f32; 1]; 6] = [[1.0], [2.0], [3.0], [4.0], [5.0], [-1.0]];

fn load(path: &Path) -> Box<Line> {
    let mut model = Line::new(9);
    model.load_weights(path).unwrap();
    model
}

#[test]
fn a_checkpoint_is_made_of_each_epoch_or_every_so_many_steps() {
    let directory = Directory::new("each");
    let mut model = Line::new(1);
    // An epoch has three steps.
    let mut trainer = line(&mut model)
        .callback(ModelCheckpoint::new(directory.path("epoch-{epoch:03}.safetensors")))
        .callback(ModelCheckpoint::new(directory.path("step-{epoch}-{batch}.safetensors")).save_freq(5))
        .callback(ModelCheckpoint::new(directory.path("last.safetensors")));
    trainer.fit(&X, &Y).unwrap();
    let names = ["epoch-001", "epoch-002", "epoch-003", "epoch-004", "last", "step-2-2", "step-4-1"];
    assert_eq!(directory.names(), names.map(|name| format!("{name}.safetensors")));
    let last = load(&directory.path("last.safetensors"));
    assert_eq!(weights(&*last), weights(trainer.model()));
    assert_eq!(weights(&*last), weights(&*load(&directory.path("epoch-004.safetensors"))));
    assert_ne!(weights(&*last), weights(&*load(&directory.path("epoch-003.safetensors"))));
    // Steps are counted over all `fit`s, as in Keras: the 15th is the third one of this epoch.
    trainer.epochs(1).fit(&X, &Y).unwrap();
    assert!(directory.path("step-1-3.safetensors").exists());
}

#[test]
fn the_best_epoch_stays() {
    let directory = Directory::new("best");
    let mut model = Line::new(1);
    // From the third epoch on it gets worse.
    let worse = LearningRateScheduler::new(|epoch, _| if epoch < 2 { 0.1 } else { 1.0 });
    let best = |name: &str| ModelCheckpoint::new(directory.path(name)).monitor("loss").save_best_only(true);
    let history = line(&mut model)
        .callback(worse)
        .callback(best("best-{epoch}-{loss:.3f}.safetensors"))
        .callback(best("never.safetensors").initial_value_threshold(0.0))
        .callback(best("largest-{epoch}.safetensors").mode(Mode::Max))
        .fit(&X, &Y)
        .unwrap();
    let loss = &history["loss"];
    assert!(loss[0] > loss[1] && loss[1] < loss[2] && loss[2] < loss[3]);
    let mut names = vec![
        format!("best-1-{:.3}.safetensors", loss[0]),
        format!("best-2-{:.3}.safetensors", loss[1]),
        "largest-1.safetensors".to_owned(),
    ];
    let worse_than_first = (2..4).filter(|epoch| loss[*epoch] > loss[..*epoch].iter().copied().fold(0.0, f64::max));
    names.extend(worse_than_first.map(|epoch| format!("largest-{}.safetensors", epoch + 1)));
    assert_eq!(directory.names(), names);
}

#[test]
fn a_checkpoint_that_cannot_be_is_an_error_before_training() {
    let checkpoint = |name: &str, set: fn(ModelCheckpoint) -> ModelCheckpoint| {
        let mut model = Line::new(1);
        let before = weights(&*model);
        let error = line(&mut model).callback(set(ModelCheckpoint::new(name))).fit(&X, &Y).unwrap_err();
        assert_eq!(weights(&*model), before);
        error.to_string()
    };
    let says = checkpoint("{val_loss:.2f}.safetensors", |checkpoint| checkpoint);
    assert_eq!(says, "`{val_loss}` of `{val_loss:.2f}.safetensors` is not logged; there are: epoch, batch, loss");
    let says = checkpoint("a", |checkpoint| checkpoint.save_freq(0));
    assert_eq!(says, "`save_freq` of `ModelCheckpoint` is 0; it must be at least 1");
    let says = checkpoint("a", |checkpoint| checkpoint.save_best_only(true));
    assert!(says.starts_with("a callback watches `val_loss`, which is not logged"), "{says}");
    let says = checkpoint("a{epoch", |checkpoint| checkpoint);
    assert_eq!(says, "`a{epoch` has a `{` without its `}`");
}

/// A full disk or a missing directory must not pass for a checkpoint; what there was before stays.
#[test]
fn a_file_that_cannot_be_written_ends_training() {
    let mut model = Line::new(1);
    let checkpoint = ModelCheckpoint::new("no-such-directory/epoch-{epoch}.safetensors");
    let error = line(&mut model).callback(checkpoint).fit(&X, &Y).unwrap_err();
    assert!(error.to_string().contains("no-such-directory/epoch-1.safetensors"), "{error}");
    let error = line(&mut model).callback(CsvLogger::new("no-such-directory/log.csv")).fit(&X, &Y).unwrap_err();
    assert!(error.to_string().starts_with("cannot write `no-such-directory/log.csv`: "), "{error}");
}

#[test]
fn a_table_has_a_line_for_each_epoch() {
    let directory = Directory::new("table");
    let path = directory.path("log.csv");
    let mut model = Line::new(1);
    let train = |model: &mut Line, logger| {
        let mut trainer = line(model).epochs(2).metric(MeanAbsoluteError.named("mae")).callback(logger);
        (trainer.fit(&X, &Y).unwrap(), fs::read_to_string(&path).unwrap())
    };
    let (history, table) = train(&mut model, CsvLogger::new(&path).separator(';'));
    let row = |history: &History, epoch: usize, mark: char| {
        format!("{epoch}{mark}{}{mark}{}\n", history["loss"][epoch], history["mae"][epoch])
    };
    let first = format!("epoch;loss;mae\n{}{}", row(&history, 0, ';'), row(&history, 1, ';'));
    assert_eq!(table, first);
    let (history, table) = train(&mut model, CsvLogger::new(&path).append(true));
    assert_eq!(table, format!("{first}{}{}", row(&history, 0, ','), row(&history, 1, ',')));
    let (history, table) = train(&mut model, CsvLogger::new(&path));
    assert_eq!(table, format!("epoch,loss,mae\n{}{}", row(&history, 0, ','), row(&history, 1, ',')));
}

#[test]
fn closures_are_called_in_keras_order() {
    let calls = Shared::<Vec<String>>::default();
    let note = |calls: &Shared<Vec<String>>| {
        let calls = calls.clone();
        move |call: String| calls.borrow_mut().push(call)
    };
    let [begin, end, before, after, batch] = [(); 5].map(|()| note(&calls));
    let callback = LambdaCallback::new()
        .on_train_begin(move |_| begin("begin".to_owned()))
        .on_train_end(move |_| end("end".to_owned()))
        .on_epoch_begin(move |epoch, _| before(format!("epoch {epoch}")))
        .on_batch_end(move |step, _, _| batch(format!("step {step}")))
        .on_epoch_end(move |epoch, logs, training| {
            after(format!("after {epoch}: {:?}", logs.keys().collect::<Vec<_>>()));
            if epoch == 1 {
                training.fail("enough".to_owned());
                training.fail("more than enough");
            }
        });
    let error = line(&mut Line::new(1)).callback(callback).fit(&X[..4], &Y[..4]).unwrap_err();
    assert_eq!(error.to_string(), "enough");
    let epoch =
        |epoch| [format!("epoch {epoch}"), "step 0".into(), "step 1".into(), format!("after {epoch}: [\"loss\"]")];
    let expected = [vec!["begin".to_owned()], epoch(0).to_vec(), epoch(1).to_vec(), vec!["end".to_owned()]].concat();
    assert_eq!(*calls.borrow(), expected);
}

#[test]
fn the_learning_rate_is_logged_where_a_callback_changes_it() {
    let mut model = Line::new(1);
    let reduce = ReduceLrOnPlateau::new("loss").factor(0.5).patience(1).min_delta(1e9);
    let history = line(&mut model).callback(reduce).fit(&X, &Y).unwrap();
    assert_eq!(history.keys().collect::<Vec<_>>(), ["learning_rate", "loss"]);
    // As it was in the epoch, as in Keras; nothing is an improvement of so much.
    let rates: Vec<f32> = history["learning_rate"].iter().map(|rate| *rate as f32).collect();
    assert_eq!(rates, [0.1, 0.1, 0.05, 0.025]);
    let error = line(&mut model).callback(LearningRateScheduler::new(|_, rate| -rate)).fit(&X, &Y).unwrap_err();
    assert_eq!(error.to_string(), "the learning rate is -0.1; it must be a number of at least 0");
}

#[test]
fn a_loss_that_is_no_number_can_end_training_quietly() {
    let mut model = Line::new(1);
    let blow_up = LearningRateScheduler::new(|epoch, rate| if epoch == 2 { 1e30 } else { rate });
    let history = line(&mut model).callback(blow_up).callback(TerminateOnNan).fit(&X, &Y).unwrap();
    assert_eq!(history.epochs(), 2);
    assert!(history.notes()[0].contains("in epoch 3, step "), "{:?}", history.notes());
}

#[test]
fn the_learning_rate_of_a_schedule_is_logged_without_a_callback() {
    let mut model = Line::new(1);
    let schedule = || ExponentialDecay::new(0.1, 6, 0.5);
    let trainer = Trainer::new(&mut model, Sgd::new(schedule()), MeanSquaredError).epochs(3).batch_size(2);
    let history = { trainer }.verbose(false).fit(&X, &Y).unwrap();
    // After each epoch of three steps, that of the next step: what Keras's callbacks log.
    let expected = [3, 6, 9].map(|step| f64::from(schedule().learning_rate(step)));
    assert_eq!(history["learning_rate"], expected);
    assert_eq!(line(&mut model).fit(&X, &Y).unwrap().get("learning_rate"), None);
}

#[test]
fn averages_that_no_optimizer_keeps_are_an_error_before_training() {
    let mut model = Line::new(1);
    let before = weights(&*model);
    let error = line(&mut model).callback(SwapEmaWeights::new()).fit(&X, &Y).unwrap_err();
    let expected = "`SwapEmaWeights` needs an optimizer that keeps moving averages of the weights; \
                    add `.use_ema(true)` to it";
    assert_eq!(error.to_string(), expected);
    assert_eq!(weights(&*model), before);
}

#[test]
fn averages_stay_however_training_ends() {
    let averaged = |epochs: usize, swap: bool, callback: LambdaCallback| {
        let mut model = Line::new(1);
        let optimizer = Sgd::new(0.1).use_ema(true).ema_momentum(0.8);
        let mut trainer = Trainer::new(&mut model, optimizer, MeanSquaredError).epochs(epochs).batch_size(2);
        if swap {
            trainer = trainer.callback(SwapEmaWeights::new().swap_on_epoch(true));
        }
        trainer = trainer.validation_data(&X, &Y).callback(callback).verbose(false);
        let ended = trainer.fit(&X, &Y).map(|history| history.epochs());
        (weights(&*model), ended.map_err(|error| error.to_string()))
    };
    let stop = || {
        LambdaCallback::new().on_epoch_end(|epoch, _, training| {
            if epoch == 1 {
                training.stop()
            }
        })
    };
    let fail = || {
        LambdaCallback::new().on_epoch_end(|epoch, _, training| {
            if epoch == 1 {
                training.fail("no")
            }
        })
    };
    // Where it ends well, these are the averages, and otherwise the weights.
    let plain = LambdaCallback::new;
    assert_eq!(averaged(5, true, stop()), averaged(2, false, plain()));
    assert_eq!(averaged(5, true, fail()), averaged(5, false, fail()));
    assert_ne!(averaged(2, false, plain()).0, averaged(5, false, fail()).0);
}
