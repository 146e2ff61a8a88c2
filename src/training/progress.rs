//! What training shows: Keras's progress bars on a terminal, a line for each epoch elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::history::Scores;
#[cfg(feature = "progress")]
use layout::Line;

#[cfg(feature = "progress")]
mod layout;

/// How often a bar is drawn.
#[cfg(feature = "progress")]
const INTERVAL: Duration = Duration::from_millis(50);

/// What [`Trainer::verbose`](super::Trainer::verbose) takes, as Keras's `verbose`: `true` or 1 for bars on a terminal and a
/// line for each epoch elsewhere, 2 for a line for each epoch everywhere, `false` or 0 for nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says not how much is to be shown",
    label = "expected `true`, `false`, 0, 1 or 2"
)]
pub trait Verbosity {
    /// As a number.
    #[doc(hidden)]
    fn level(self) -> u8;
}
impl Verbosity for bool {
    fn level(self) -> u8 {
        self.into()
    }
}
impl Verbosity for u8 {
    fn level(self) -> u8 {
        self
    }
}

/// Shows one `fit` or one `evaluate`.
pub(super) struct Progress {
    shows: Shows,
    /// How many epochs there are; none in `evaluate`.
    epochs: Option<usize>,
    /// How many steps an epoch has, as far as it is known.
    steps: Option<usize>,
    /// How many steps of this one were made.
    done: usize,
    began: Instant,
    #[cfg(feature = "progress")]
    drawn: Instant,
}

enum Shows {
    Nothing,
    Lines,
    #[cfg(feature = "progress")]
    Bar(indicatif::ProgressBar),
}

impl Progress {
    pub fn new(verbose: u8, epochs: Option<usize>, steps: Option<usize>) -> Self {
        let shows = match (verbose, io::stdout().is_terminal()) {
            (0, _) => Shows::Nothing,
            #[cfg(feature = "progress")]
            (1, true) => Shows::Bar(indicatif::ProgressBar::hidden()),
            _ => Shows::Lines,
        };
        let began = Instant::now();
        Self {
            shows,
            epochs,
            steps,
            done: 0,
            began,
            #[cfg(feature = "progress")]
            drawn: began,
        }
    }

    pub fn begin_epoch(&mut self, epoch: usize) {
        (self.began, self.done) = (Instant::now(), 0);
        #[cfg(feature = "progress")]
        if let Shows::Bar(bar) = &mut self.shows {
            if let Some(epochs) = self.epochs.filter(|epochs| *epochs > 1) {
                print_line(&format!("Epoch {}/{epochs}", epoch + 1));
            }
            *bar = new_bar();
        }
        #[cfg(not(feature = "progress"))]
        let _ = epoch;
    }

    /// After a step; `logs` is only called where they are shown.
    pub fn step(&mut self, done: usize, logs: impl FnOnce() -> Scores) {
        self.done = done;
        #[cfg(feature = "progress")]
        if let Shows::Bar(bar) = &self.shows
            && (done == 1 || self.drawn.elapsed() >= INTERVAL)
        {
            let elapsed = self.began.elapsed();
            let left =
                self.steps.map_or(elapsed, |steps| elapsed.mul_f64(steps.saturating_sub(done) as f64 / done as f64));
            let time = format!("{} {}", clock(left), per_step(elapsed, done));
            bar.set_message(Line { done, steps: self.steps, time, logs: &logs() }.at_once(width()));
            self.drawn = Instant::now();
        }
        #[cfg(not(feature = "progress"))]
        let _ = logs;
    }

    /// Leaves a bar where it stands: training ended before its end.
    pub fn interrupt(&self) {
        #[cfg(feature = "progress")]
        if let Shows::Bar(bar) = &self.shows {
            bar.abandon();
        }
    }

    /// A line of its own.
    pub fn note(&self, note: &str) {
        if !matches!(self.shows, Shows::Nothing) {
            print_line(note);
        }
    }

    pub fn end_epoch(&mut self, epoch: usize, logs: &Scores) {
        let (done, elapsed) = (self.done, self.began.elapsed());
        let time = format!("{} {}", clock(elapsed), per_step(elapsed, done));
        // Later epochs are as long as this one.
        self.steps = Some(done);
        match &self.shows {
            Shows::Nothing => {}
            Shows::Lines => {
                let epochs = self.epochs.map_or(String::new(), |epochs| format!("Epoch {}/{epochs} - ", epoch + 1));
                print_line(&format!("{epochs}{done}/{done} - {time} - {logs}"));
            }
            #[cfg(feature = "progress")]
            Shows::Bar(bar) => {
                bar.finish_and_clear();
                let line = Line { done, steps: Some(done), time, logs };
                line.in_full(width()).iter().for_each(|line| print_line(line));
            }
        }
    }
}

/// A bar that shows its message; what is in it is ours.
#[cfg(feature = "progress")]
fn new_bar() -> indicatif::ProgressBar {
    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout_with_hz(30));
    match ProgressStyle::with_template("{msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// How many columns the terminal has.
#[cfg(feature = "progress")]
fn width() -> usize {
    crate::terminal::columns().unwrap_or(80)
}

/// Nobody may be reading any more (`… | head`): that is no reason to stop training.
fn print_line(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Keras's `1:02:03`, `2:03` or `3s`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match seconds {
        0..=60 => format!("{seconds}s"),
        61..=3600 => format!("{}:{rest:02}", seconds / 60),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

/// Keras's `12ms/step`.
fn per_step(elapsed: Duration, steps: usize) -> String {
    let seconds = elapsed.as_secs_f64() / steps.max(1) as f64;
    if seconds >= 1.0 || seconds == 0.0 {
        format!("{seconds:.0}s/step")
    } else if seconds >= 1e-3 {
        format!("{:.0}ms/step", seconds * 1e3)
    } else {
        format!("{:.0}us/step", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_look_as_in_keras() {
        let clocks = [0, 59, 61, 600, 3601].map(|seconds| clock(Duration::from_secs(seconds)));
        assert_eq!(clocks, ["0s", "59s", "1:01", "10:00", "1:00:01"]);
        assert_eq!(per_step(Duration::from_millis(120), 10), "12ms/step");
        assert_eq!(per_step(Duration::from_micros(50), 2), "25us/step");
        assert_eq!(per_step(Duration::from_secs(6), 3), "2s/step");
    }
}
