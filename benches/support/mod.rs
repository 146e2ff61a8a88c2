//! Times pieces of work side by side, in one run.

use std::time::Instant;

/// The shortest and the middle of many timings, in nanoseconds.
#[derive(Clone, Copy)]
pub struct Timing {
    /// The shortest.
    pub minimum: f64,
    /// The middle one.
    pub median: f64,
}

/// Repeats that take about a millisecond together, so that the clock's own time does not count.
fn repeats(work: &mut dyn FnMut()) -> u32 {
    let mut repeats = 1;
    loop {
        let start = Instant::now();
        (0..repeats).for_each(|_| work());
        if start.elapsed().as_micros() > 1000 {
            return repeats;
        }
        repeats *= 2;
    }
}

/// Times each piece of work in turn, 200 rounds, so that a slow moment of the machine hits all alike.
pub fn side_by_side<const K: usize>(mut works: [&mut dyn FnMut(); K]) -> [Timing; K] {
    let repeats: [u32; K] = std::array::from_fn(|index| repeats(works[index]));
    let mut timings: [Vec<f64>; K] = std::array::from_fn(|_| Vec::new());
    for _ in 0..200 {
        for index in 0..K {
            let start = Instant::now();
            (0..repeats[index]).for_each(|_| works[index]());
            timings[index].push(start.elapsed().as_nanos() as f64 / f64::from(repeats[index]));
        }
    }
    timings.map(|mut timings| {
        timings.sort_by(f64::total_cmp);
        Timing { minimum: timings[0], median: timings[timings.len() / 2] }
    })
}

/// A line of a table: ours, the other, and how many times as long the other takes.
pub fn report(what: &str, per: f64, ours: Timing, name: &str, other: Timing) {
    println!(
        "{what:34} {:10.1} / {:10.1} ns | {name} {:10.1} / {:10.1} ns | {:.2} times as fast (medians)",
        ours.minimum / per,
        ours.median / per,
        other.minimum / per,
        other.median / per,
        other.median / ours.median,
    );
}
