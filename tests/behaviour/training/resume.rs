//! A training that is stopped and gone on with is the one that runs through, to the same bits.

use super::*;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

model! {
    /// All that has a state: dropout, moving averages, ids whose gradients come in rows.
    struct Whole {
        input x: [f32; 4];
        input id: [u32; 2];
        branch embedded = id => Embedding<5, 3> => Flatten;
        branch h = concatenate(x, embedded) => Dense<_, 6, Tanh> => BatchNormalization<_> => Dropout(0.3);
        output z = h => Dense<_, 1>;
    }
}

model! { struct Other = [f32; 4] => Dense<_, 1>; }

struct Data {
    x: Vec<[f32; 4]>,
    id: Vec<[u32; 2]>,
    y: Vec<[f32; 1]>,
}

fn data() -> Data {
    let (x, y) = sums(30);
    Data { x, id: (0..30).map(|i| [i % 5, i % 3]).collect(), y }
}

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("fusion-resume-{name}-{}", std::process::id()))
}

/// Trains two epochs and two more, in one piece or with a file between.
fn in_pieces<O: fusion::optimizers::Optimizer>(optimizer: impl Fn() -> O, name: &str) {
    let Data { x, id, y } = data();
    let inputs = WholeInputs { x: &x, id: &id };
    let (mut whole, mut first, mut second) = (Whole::new(1), Whole::new(1), Whole::new(2));
    let file = path(name);

    let mut trainer =
        Trainer::new(&mut whole, optimizer(), MeanSquaredError).epochs(2).batch_size(8).seed(3).shuffle(4);
    trainer = trainer.verbose(false);
    let (one, two) = (trainer.fit(inputs, &y).unwrap(), trainer.fit(inputs, &y).unwrap());
    // A batch more, so that gradients that are added up over several are under way.
    trainer.train_on_batch(inputs, &y).unwrap();

    let mut trainer =
        Trainer::new(&mut first, optimizer(), MeanSquaredError).epochs(2).batch_size(8).seed(3).shuffle(4);
    trainer = trainer.verbose(false);
    assert_eq!(trainer.fit(inputs, &y).unwrap()["loss"], one["loss"]);
    trainer.save(&file).unwrap();
    let mut trainer = Trainer::new(&mut second, optimizer(), MeanSquaredError).epochs(2).batch_size(8).verbose(false);
    trainer.load(&file).unwrap();
    assert_eq!(trainer.fit(inputs, &y).unwrap()["loss"], two["loss"], "{name}");
    trainer.train_on_batch(inputs, &y).unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(weights(&*second), weights(&*whole), "{name}");
}

#[test]
fn whatever_the_optimizer_keeps_is_kept() {
    in_pieces(|| Sgd::new(0.1), "sgd");
    in_pieces(|| Sgd::new(0.1).momentum(0.9).nesterov(true), "momentum");
    in_pieces(Adam::default, "adam");
    in_pieces(|| Adam::default().clipnorm(1.0), "clipnorm");
    in_pieces(|| RmsProp::default().centered(true), "rms_prop");
    in_pieces(|| Adam::new(CosineDecay::new(0.01, 12)), "schedule");
    in_pieces(|| Adam::new(0.01).amsgrad(true).learning_rate_of("dense/bias", 0.1), "amsgrad");
    in_pieces(|| Nadam::new(0.01), "nadam");
    in_pieces(|| Adagrad::new(0.01), "adagrad");
    in_pieces(|| Adafactor::new(0.01), "adafactor");
    in_pieces(|| ScheduleFreeAdamW::new(0.01), "schedule_free");
    in_pieces(|| Muon::new(0.01), "muon");
    in_pieces(|| Sgd::new(0.1).momentum(0.5).use_ema(true).ema_momentum(0.9).ema_overwrite_frequency(3), "averages");
    // Eight batches are no multiple of three.
    in_pieces(|| Adam::default().gradient_accumulation_steps(3), "accumulation");
}

/// How a training is kept, and what ends it: the beginning of an epoch, or that so many steps were made.
#[derive(Clone, Copy, Default)]
struct Ends {
    save_freq: Option<usize>,
    epoch: Option<usize>,
    steps: Option<u64>,
}

/// Trains with everything that remembers something.
fn train(directory: &Path, ends: Ends) -> Result<(Box<Whole>, History, String), TrainError> {
    let Data { x, id, y } = data();
    let mut model = Whole::new(1);
    let fails = LambdaCallback::new()
        .on_epoch_begin(move |epoch, training| {
            if Some(epoch) == ends.epoch {
                training.fail("the power is gone");
            }
        })
        .on_batch_end(move |_, _, training| {
            if Some(training.steps()) == ends.steps {
                training.fail("the power is gone");
            }
        });
    let mut backup = BackupAndRestore::new(directory.join("backup"));
    if let Some(steps) = ends.save_freq {
        backup = backup.save_freq(steps);
    }
    // An epoch's batches are no multiple of two.
    let optimizer = Adam::new(0.05).use_ema(true).ema_momentum(0.9).gradient_accumulation_steps(2);
    let table = directory.join("log.csv");
    let mut trainer = Trainer::new(&mut model, optimizer, MeanSquaredError)
        .epochs(12)
        .batch_size(8)
        .validation_split(0.3)
        .metric(R2Score::default())
        .metric(Auc::default())
        .metric(Precision::default().thresholds([0.2, 0.6]))
        .weighted_metric(BinaryIou::default())
        .metric_of_outputs("largest", |y: &[f32; 1], z: &[f32; 1]| y[0].max(z[0]))
        .callback(SwapEmaWeights::new().swap_on_epoch(true))
        .callback(LearningRateScheduler::new(|_, rate| rate * 0.99))
        .callback(EarlyStopping::default().patience(4).restore_best_weights(true))
        .callback(ReduceLrOnPlateau::default().factor(0.5).patience(2))
        .callback(ModelCheckpoint::new(directory.join("best-{epoch}.safetensors")).save_best_only(true))
        .callback(CsvLogger::new(&table))
        .callback(backup)
        .callback(fails)
        .verbose(false);
    let history = trainer.fit(WholeInputs { x: &x, id: &id }, &y)?;
    Ok((model, history, fs::read_to_string(table).unwrap()))
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn an_interrupted_fit_goes_on_where_it_was_with_all_its_callbacks() {
    let directory = path("interrupted");
    fs::create_dir_all(&directory).unwrap();
    let (whole, history, table) = train(&directory, Ends::default()).unwrap();
    let files = names(&directory);
    assert!(!files.contains(&"backup".to_owned()));
    let resumes = |first: Ends, second: Ends, what: &str| {
        fs::remove_dir_all(&directory).unwrap();
        fs::create_dir_all(&directory).unwrap();
        let error = train(&directory, first).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "the power is gone");
        // Once more, soon after.
        train(&directory, second).map(|_| ()).ok();
        let (model, resumed, again) =
            train(&directory, Ends { save_freq: first.save_freq, ..Ends::default() }).unwrap();
        assert_eq!(names(&directory), files, "{what}");
        let said = |history: &History| format!("{history:?}{:?}", history.notes());
        assert_eq!(said(&resumed), said(&history), "{what}");
        assert_eq!(weights(&*model), weights(&*whole), "{what}");
        assert_eq!(again, table, "{what}");
    };
    for epoch in 0..history.epochs() {
        let before = |epoch| Ends { epoch: Some(epoch), ..Ends::default() };
        resumes(before(epoch), before(epoch + 1), &format!("interrupted before epoch {epoch}"));
    }
    // An epoch has three steps: each of them in turn.
    let steps = (1..3 * history.epochs() as u64).step_by(4);
    for (save_freq, steps) in steps.flat_map(|steps| [1, 2, 5].map(|freq| (freq, steps))) {
        let in_step = |steps| Ends { save_freq: Some(save_freq), steps: Some(steps), ..Ends::default() };
        resumes(in_step(steps), in_step(steps + 1), &format!("kept every {save_freq} steps, interrupted in {steps}"));
    }
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn batches_that_come_one_by_one_go_on_in_the_middle_of_their_epoch() {
    let backup = path("one-by-one");
    let (x, y) = sums(24);
    let train = |fails: Option<u64>| {
        let mut model = Dropping::new(3);
        let fails = LambdaCallback::new().on_batch_end(move |_, _, training| {
            if Some(training.steps()) == fails {
                training.fail("the power is gone");
            }
        });
        let mut trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
            .epochs(3)
            .callback(BackupAndRestore::new(&backup).save_freq(2))
            .callback(fails)
            .verbose(false);
        let batch =
            |place: usize| Ok::<_, std::io::Error>((x[4 * place..][..4].to_vec(), y[4 * place..][..4].to_vec()));
        // Each epoch begins elsewhere.
        let history = trainer.fit_batches(|epoch| (0..6).map(move |place| (place + epoch) % 6).map(batch))?;
        Ok::<_, TrainError>((format!("{history:?}"), weights(&*model)))
    };
    let whole = train(None).unwrap();
    for steps in 1..18 {
        assert_eq!(train(Some(steps)).unwrap_err().to_string(), "the power is gone");
        assert_eq!(train(None).unwrap(), whole, "{steps}");
        assert!(!backup.exists());
    }
}

const CHILD: &str = "FUSION_TEST_RESUMES";
const STEPS: &str = "FUSION_TEST_KEEPS_STEPS";
const EPOCHS: usize = 430;
/// After so many epochs a child waits for its end.
const AT_ONCE: usize = 2;

/// With a life, every second one keeps the state after steps, and not after epochs.
fn train_to_the_end(backup: &Path, life: Option<usize>, save_freq: Option<usize>) -> Vec<f32> {
    let (x, y) = sums(8);
    let mut model = Dropping::new(3);
    let keeps = BackupAndRestore::new(backup);
    let keeps = if let Some(steps) = save_freq { keeps.save_freq(steps) } else { keeps };
    let mut done = 0;
    let tells = LambdaCallback::new().on_epoch_begin(move |_, _| {
        if done > 0 {
            println!("an epoch has ended");
        }
        if Some(done) == life {
            std::thread::sleep(Duration::from_secs(600));
        }
        done += 1;
    });
    Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(EPOCHS)
        .batch_size(4)
        .callback(tells)
        .callback(keeps)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    weights(&*model)
}

#[test]
fn a_training_that_is_killed_200_times_is_the_one_that_was_not() {
    let directory = path("killed");
    fs::create_dir_all(&directory).unwrap();
    let backup = directory.join("backup");
    for kill in 0..200_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "training::resume::a_child_trains_until_it_is_killed", "--nocapture"])
            .env(CHILD, &backup)
            .env(STEPS, if kill % 2 == 0 { "" } else { "1" })
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("an epoch has ended") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child trains");
        }
        // Sometimes in the next epoch, sometimes while its end is written.
        std::thread::sleep(Duration::from_micros(kill * 41 % 4000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let left = names(&directory);
    assert!(left.len() <= 2 && left.contains(&"backup".to_owned()), "{left:?}");
    let resumed = train_to_the_end(&backup, None, None);
    assert_eq!(names(&directory), Vec::<String>::new());
    assert_eq!(resumed, train_to_the_end(&backup, None, None));
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_child_trains_until_it_is_killed() {
    if let Some(backup) = std::env::var_os(CHILD) {
        let save_freq = std::env::var(STEPS).ok().and_then(|steps| steps.parse().ok());
        train_to_the_end(Path::new(&backup), Some(AT_ONCE), save_freq);
    }
}

#[test]
fn a_file_that_is_not_this_trainings_changes_nothing() {
    let file = path("refused");
    let (x, y) = sums(30);
    let mut other = Other::new(1);
    let mut trainer = Trainer::new(&mut other, Adam::default(), MeanSquaredError).verbose(false);
    trainer.fit(&x, &y).unwrap();
    trainer.save(&file).unwrap();
    let bytes = fs::read(&file).unwrap();
    let before = (weights(trainer.model()), trainer.steps());

    let refused = |trainer: &mut Trainer<'_, Other, Adam, MeanSquaredError, ([f32; 1],)>, bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let error = trainer.load(&file).unwrap_err().to_string();
        assert_eq!((weights(trainer.model()), trainer.steps()), before);
        error
    };
    trainer.train_on_batch(&x, &y).unwrap();
    trainer.load(&file).unwrap();
    // Any end that is missing, and any byte that is another.
    for length in (0..bytes.len()).step_by(7) {
        refused(&mut trainer, &bytes[..length]);
    }
    let words = refused(&mut trainer, b"no safetensors file at all");
    assert!(words.ends_with("cannot be gone on from: it holds no state of a training"), "{words}");
    let words = refused(&mut trainer, &trainer_free_weights());
    assert!(words.ends_with("it holds no state of a training"), "{words}");

    fs::write(&file, &bytes).unwrap();
    let mut model = Other::new(1);
    let mut momentum = Trainer::new(&mut model, Sgd::new(0.1).momentum(0.9), MeanSquaredError);
    let words = momentum.load(&file).unwrap_err().to_string();
    assert!(words.contains("its optimizer keeps [") && words.contains("and this one [\"momentum\"]"), "{words}");
    let mut model = Dropping::new(1);
    let before = weights(&*model);
    let words = Trainer::new(&mut model, Adam::default(), MeanSquaredError).load(&file).unwrap_err().to_string();
    assert!(!words.is_empty());
    assert_eq!(weights(&*model), before);
    fs::remove_file(&file).unwrap();
    let words = trainer.load(&file).unwrap_err().to_string();
    assert!(words.starts_with("cannot read the weights from `"), "{words}");
}

fn trainer_free_weights() -> Vec<u8> {
    Other::new(1).weights_to_bytes()
}

#[test]
fn a_backup_of_another_fit_is_said() {
    let backup = path("another");
    let (x, y) = sums(8);
    let mut model = Dropping::new(3);
    let fail = LambdaCallback::new().on_epoch_begin(|epoch, training| {
        if epoch == 1 {
            training.fail("enough");
        }
    });
    let trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError).epochs(3).verbose(false);
    { trainer }.callback(BackupAndRestore::new(&backup)).callback(fail).fit(&x, &y).unwrap_err();
    let mut model = Dropping::new(4);
    let before = weights(&*model);
    let trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError).epochs(3).verbose(false);
    let mut trainer = trainer.callback(BackupAndRestore::new(&backup));
    let error = trainer.fit(&x, &y).unwrap_err();
    let expected = format!("`{}` is the state of a `fit` with other metrics or callbacks", backup.display());
    assert_eq!((error.to_string(), trainer.steps()), (expected, 0));
    assert_eq!(weights(trainer.model()), before);
    fs::remove_file(&backup).unwrap();
}

/// The state after an epoch's last step is that after the epoch, with its metrics, which can no longer be taken afterwards.
#[test]
fn a_backup_after_the_last_step_of_an_epoch_has_its_metrics() {
    let backup = path("last-step");
    let (x, y) = sums(24);
    let train = |fails: bool| {
        let mut model = Dropping::new(3);
        let fail = LambdaCallback::new().on_epoch_begin(move |epoch, training| {
            if fails && epoch == 2 {
                training.fail("enough");
            }
        });
        let trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError).metric(MeanAbsoluteError);
        let trainer = trainer.epochs(4).batch_size(8).verbose(false).callback(fail);
        { trainer }.callback(BackupAndRestore::new(&backup).save_freq(3)).fit(&x, &y)
    };
    let whole = train(false).unwrap();
    train(true).unwrap_err();
    assert!(backup.exists());
    assert_eq!(train(false).unwrap()["mean_absolute_error"], whole["mean_absolute_error"]);
    assert!(!backup.exists());
}
