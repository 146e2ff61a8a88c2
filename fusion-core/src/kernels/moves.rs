//! Numbers that go to other places as they are.

use super::dispatch::vectorize;
use super::elementwise::add_rows;
use super::lanes;
use super::transpose::transpose_strided;

/// So many times, and how far it is from one time to the next where numbers come from and where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// How many times.
    pub count: usize,
    /// From one to the next among those that are read; 0 where they are read again.
    pub from: usize,
    /// From one to the next among those that are written.
    pub to: usize,
}

/// Where each number goes: runs of numbers that follow one another on both sides, in nested loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moves {
    /// Where the first is read, and where it is written.
    start: [usize; 2],
    run: usize,
    /// The innermost first; those that there are not are of one.
    loops: [Loop; Self::MOST],
}

impl Moves {
    /// The most loops.
    pub const MOST: usize = 8;
    const ONE: Loop = Loop { count: 1, from: 0, to: 0 };

    /// Of these loops, the outermost first, from a place on to another. Loops that go on where the one within ends are
    /// one with it.
    ///
    /// # Panics
    /// If there are too many.
    #[must_use]
    pub const fn new(start: [usize; 2], loops: &[Loop]) -> Self {
        let mut moves = Self { start, run: 1, loops: [Self::ONE; Self::MOST] };
        let (mut count, mut i) = (0, loops.len());
        while i > 0 {
            i -= 1;
            let Loop { count: times, from, to } = loops[i];
            let within = if count == 0 { Self::ONE } else { moves.loops[count - 1] };
            if count == 0 && from == moves.run && to == moves.run {
                moves.run = moves.run.saturating_mul(times);
            } else if count > 0 && from == within.count * within.from && to == within.count * within.to {
                moves.loops[count - 1].count = within.count.saturating_mul(times);
            } else if times != 1 {
                assert!(count < Self::MOST, "too many loops");
                moves.loops[count] = loops[i];
                count += 1;
            }
        }
        moves
    }

    /// The same numbers on their way back.
    #[must_use]
    pub const fn back(mut self) -> Self {
        self.start = [self.start[1], self.start[0]];
        let mut i = 0;
        while i < Self::MOST {
            let Loop { count, from, to } = self.loops[i];
            self.loops[i] = Loop { count, from: to, to: from };
            i += 1;
        }
        self
    }

    /// How many numbers are written.
    const fn count(&self) -> usize {
        let (mut count, mut i) = (self.run, 0);
        while i < Self::MOST {
            count = count.saturating_mul(self.loops[i].count);
            i += 1;
        }
        count
    }

    /// Whether numbers meet where they are written.
    fn meet(&self) -> bool {
        self.loops.iter().any(|each| each.count > 1 && each.to == 0)
    }

    /// Calls back with where each run is read and written, the innermost loop in one.
    #[inline(always)]
    fn for_each(&self, loops: &[Loop], mut call: impl FnMut(usize, usize)) {
        let (mut at, [mut from, mut to]) = ([0; Self::MOST], self.start);
        loop {
            call(from, to);
            let mut index = 0;
            loop {
                let Some(each) = loops.get(index) else { return };
                at[index] += 1;
                (from, to) = (from + each.from, to + each.to);
                if at[index] < each.count {
                    break;
                }
                (from, to) = (from - each.count * each.from, to - each.count * each.to);
                at[index] = 0;
                index += 1;
            }
        }
    }

    /// Copies each number to where it goes; what none goes to becomes 0. Where several go to one place, their sum does.
    ///
    /// # Panics
    /// If a number would be read or written outside of the slices.
    pub fn apply(&self, from: &[f32], to: &mut [f32]) {
        if self.meet() {
            to.fill(0.0);
            self.add(from, to);
            return;
        }
        if self.count() < to.len() {
            to.fill(0.0);
        }
        self.write(from, to);
    }

    /// Copies each number to where it goes, and leaves all else as it is; of several that go to one place one stays.
    ///
    /// # Panics
    /// As [`apply`](Self::apply).
    pub fn write(&self, from: &[f32], to: &mut [f32]) {
        match self.inner() {
            Inner::Nothing => (),
            Inner::Run(loops) => self.for_each(loops, |source, target| {
                to[target..][..self.run].copy_from_slice(&from[source..][..self.run]);
            }),
            Inner::One(count, loops) => self.for_each(loops, |source, target| to[target..][..count].fill(from[source])),
            Inner::Sum(..) | Inner::Single => self.transposed(from, to),
        }
    }

    /// Changes each number where others go by the one that does: it becomes `change(number, other, beside)`, with what
    /// stands beside it.
    ///
    /// # Panics
    /// If a number would be read or written outside of the slices.
    #[inline(always)]
    pub fn join<B: Beside>(&self, from: &[f32], to: &mut [f32], beside: B, change: impl Fn(f32, f32, B::Item) -> f32) {
        vectorize(
            #[inline(always)]
            || match self.inner() {
                Inner::Nothing => (),
                Inner::Run(loops) => self.for_each(
                    loops,
                    #[inline(always)]
                    |source, target| {
                        let run = to[target..][..self.run].iter_mut().zip(&from[source..][..self.run]);
                        let run = run.zip(beside.part(target, self.run));
                        run.for_each(|((to, from), beside)| *to = change(*to, *from, beside));
                    },
                ),
                Inner::One(count, loops) => self.for_each(
                    loops,
                    #[inline(always)]
                    |source, target| {
                        let (from, run) = (from[source], to[target..][..count].iter_mut());
                        run.zip(beside.part(target, count)).for_each(|(to, beside)| *to = change(*to, from, beside));
                    },
                ),
                Inner::Sum(..) | Inner::Single => self.for_each(
                    self.used(),
                    #[inline(always)]
                    |source, target| {
                        for beside in beside.part(target, 1) {
                            to[target] = change(to[target], from[source], beside);
                        }
                    },
                ),
            },
        );
    }

    /// Adds each number to where it goes, in blocks where many go to one place, so that the error hardly grows with them.
    ///
    /// # Panics
    /// As [`apply`](Self::apply).
    pub fn add(&self, from: &[f32], to: &mut [f32]) {
        match self.inner() {
            Inner::Sum(count, loops) => {
                self.for_each(loops, |source, target| to[target] += sum(&from[source..][..count]));
            }
            // Rows that follow one another and go to one.
            Inner::Run([Loop { count, from: next, to: 0 }, loops @ ..]) if *next == self.run => {
                self.for_each(loops, |source, target| {
                    add_rows(&from[source..][..count * self.run], &mut to[target..][..self.run]);
                });
            }
            _ => self.join(from, to, (), |sum, x, ()| sum + x),
        }
    }

    /// What can be done in one go, and the loops around it.
    #[inline(always)]
    fn inner(&self) -> Inner<'_> {
        let used = self.used();
        match used {
            _ if self.count() == 0 => Inner::Nothing,
            _ if self.run > 1 => Inner::Run(used),
            [Loop { count, from: 0, to: 1 }, rest @ ..] => Inner::One(*count, rest),
            [Loop { count, from: 1, to: 0 }, rest @ ..] => Inner::Sum(*count, rest),
            [] => Inner::Run(used),
            _ => Inner::Single,
        }
    }

    /// The loops that there are.
    #[inline(always)]
    fn used(&self) -> &[Loop] {
        let used = self.loops.iter().rposition(|each| each.count > 1).map_or(0, |last| last + 1);
        &self.loops[..used]
    }

    /// Single numbers: the loop in which reading goes from each to its neighbour, and the one in which writing does, are
    /// a matrix and its transposed copy.
    fn transposed(&self, from: &[f32], to: &mut [f32]) {
        let used = self.used();
        let along = |step: fn(&Loop) -> usize| used.iter().position(|each| step(each) == 1);
        let (read, written) = match (along(|each| each.from), along(|each| each.to)) {
            (Some(read), Some(written)) if read != written => (read, written),
            _ => return self.for_each(used, |source, target| to[target] = from[source]),
        };
        let (mut others, mut count) = ([Self::ONE; Self::MOST], 0);
        for (_, each) in used.iter().enumerate().filter(|(index, _)| ![read, written].contains(index)) {
            others[count] = *each;
            count += 1;
        }
        let (rows, columns) = (used[written], used[read]);
        self.for_each(&others[..count], |source, target| {
            transpose_strided(rows.count, columns.count, (&from[source..], rows.from), (&mut to[target..], columns.to));
        });
    }
}

/// What stands beside numbers that are changed: nothing, `()`, or as many numbers.
pub trait Beside: Copy {
    /// What stands beside one.
    type Item;
    /// What stands beside so many of them, from this one on.
    fn part(&self, start: usize, count: usize) -> impl Iterator<Item = Self::Item>;
}

impl Beside for () {
    type Item = ();
    #[inline(always)]
    fn part(&self, _start: usize, count: usize) -> impl Iterator<Item = ()> {
        core::iter::repeat_n((), count)
    }
}

impl Beside for &[f32] {
    type Item = f32;
    #[inline(always)]
    fn part(&self, start: usize, count: usize) -> impl Iterator<Item = f32> {
        self[start..][..count].iter().copied()
    }
}

/// What the innermost loop does.
enum Inner<'a> {
    /// There are no numbers.
    Nothing,
    /// Numbers that follow one another on both sides.
    Run(&'a [Loop]),
    /// One number that goes to so many places that follow one another.
    One(usize, &'a [Loop]),
    /// So many numbers that follow one another and go to one place.
    Sum(usize, &'a [Loop]),
    /// A number at a time.
    Single,
}

/// The sum of numbers, in blocks, so that its error hardly grows with their count.
fn sum(values: &[f32]) -> f32 {
    const BLOCK: usize = 1024;
    vectorize(
        #[inline(always)]
        || {
            let mut total = 0.0_f64;
            values.chunks(BLOCK).for_each(|block| total += f64::from(lanes::sum(block)));
            total as f32
        },
    )
}
