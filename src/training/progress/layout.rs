//! How progress fits into a line of so many columns.

use crate::training::history::Scores;

/// The longest bar, which is Keras's.
const BAR: usize = 20;
/// A shorter one than this says nothing.
const SHORTEST_BAR: usize = 8;

/// Where an epoch stands: `12/32 ━━━━━━━━━━━━━━━━━━━━ 3s 12ms/step - loss: 0.1234`.
pub(super) struct Line<'a> {
    pub done: usize,
    /// How many steps there are, if that is known.
    pub steps: Option<usize>,
    pub time: String,
    pub logs: &'a Scores,
}

impl Line<'_> {
    /// In one line of so many columns at most, with as many of the logs as it has room for.
    pub fn at_once(&self, columns: usize) -> String {
        let mut line = self.head(columns);
        let mut logs = self.logs().into_iter().peekable();
        while let Some(log) = logs.next() {
            // Three columns separate it, and two say that there are more.
            let more = if logs.peek().is_some() { 2 } else { 0 };
            if width(&line) + 3 + width(&log) + more > columns {
                line += if width(&line) + 2 <= columns { " …" } else { "" };
                break;
            }
            line = format!("{line} - {log}");
        }
        line
    }

    /// In as many lines as it takes; those after the first are indented.
    pub fn in_full(&self, columns: usize) -> Vec<String> {
        let mut lines = vec![self.head(columns)];
        for log in self.logs() {
            let last = lines.len() - 1;
            if width(&lines[last]) + 3 + width(&log) <= columns {
                lines[last] = format!("{} - {log}", lines[last]);
            } else {
                lines.push(format!("    {log}"));
            }
        }
        lines
    }

    /// The steps, a bar of the length that there is room for beside the first of the logs, and the time.
    fn head(&self, columns: usize) -> String {
        let steps = self.steps.map_or_else(|| "Unknown".to_owned(), |steps| steps.to_string());
        let counter = format!("{:>1$}/{steps}", self.done, self.steps.map_or(0, |_| steps.len()));
        let logs = self.logs();
        // With what separates it and what says that there are more.
        let first = logs.first().map_or(0, |log| 3 + width(log)) + if logs.len() > 1 { 2 } else { 0 };
        let room = columns.saturating_sub(width(&counter) + width(&self.time) + first + 2);
        match self.steps {
            Some(steps) if room >= SHORTEST_BAR => {
                format!("{counter} {} {}", bar(self.done, steps, room.min(BAR)), self.time)
            }
            _ => format!("{counter} {}", self.time),
        }
    }

    fn logs(&self) -> Vec<String> {
        self.logs.to_string().split(" - ").filter(|log| !log.is_empty()).map(str::to_owned).collect()
    }
}

/// A bar of so many columns, as Keras draws it: what is done, and the rest thinner.
fn bar(done: usize, steps: usize, columns: usize) -> String {
    let full = (columns * done.min(steps)).checked_div(steps).unwrap_or(columns);
    "━".repeat(full) + &"─".repeat(columns - full)
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::history::Layout;

    fn logs() -> Scores {
        let names = ["accuracy", "loss", "val_accuracy", "val_loss"].map(str::to_owned);
        let layout = Layout::new(&names);
        let mut logs = layout.empty();
        [0.91234, 0.25, 0.9, 0.000_123_4].iter().enumerate().for_each(|(i, value)| layout.set(&mut logs, i, *value));
        logs
    }

    #[test]
    fn a_line_fits_into_every_terminal() {
        let logs = logs();
        let line = |done, steps| Line { done, steps, time: "3s 12ms/step".to_owned(), logs: &logs };
        let half = line(16, Some(32));
        assert_eq!(
            half.at_once(120),
            "16/32 ━━━━━━━━━━────────── 3s 12ms/step - accuracy: 0.9123 - loss: 0.2500 - val_accuracy: 0.9000 - \
             val_loss: 1.2340e-4"
        );
        assert_eq!(half.at_once(80), "16/32 ━━━━━━━━━━────────── 3s 12ms/step - accuracy: 0.9123 - loss: 0.2500 …");
        assert_eq!(half.at_once(60), "16/32 ━━━━━━━━━━────────── 3s 12ms/step - accuracy: 0.9123 …");
        assert_eq!(half.at_once(40), "16/32 3s 12ms/step - accuracy: 0.9123 …");
        assert_eq!(line(5, None).at_once(40), "5/Unknown 3s 12ms/step …");
        for columns in 40..=130 {
            for line in [line(16, Some(32)), line(5, None), line(100_000, Some(100_000)), line(0, Some(0))] {
                let once = line.at_once(columns);
                assert!(width(&once) <= columns, "{columns}: {once}");
                // A bar takes no room from the first of the logs.
                assert!(!once.contains(['━', '─']) || once.contains("accuracy: 0.9123"), "{columns}: {once}");
                let full = line.in_full(columns);
                assert!(full.iter().all(|line| width(line) <= columns), "{columns}: {full:?}");
                // Nothing that is logged is lost at the end of an epoch.
                let all = full.join(" ");
                assert!(logs.keys().all(|name| all.contains(name)), "{columns}: {full:?}");
            }
        }
    }

    #[test]
    fn the_end_of_an_epoch_shows_all_that_is_logged() {
        let logs = logs();
        let line = Line { done: 32, steps: Some(32), time: "3s 12ms/step".to_owned(), logs: &logs };
        assert_eq!(
            line.in_full(60),
            [
                "32/32 ━━━━━━━━━━━━━━━━━━━━ 3s 12ms/step - accuracy: 0.9123",
                "    loss: 0.2500 - val_accuracy: 0.9000",
                "    val_loss: 1.2340e-4"
            ]
        );
    }
}
