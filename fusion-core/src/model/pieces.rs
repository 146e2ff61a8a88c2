//! Pieces of memory that are needed for some steps of a pass: in a row, or where others lay that are needed no more.

use super::folding::Folds;
use crate::kernels::memory::round_up;
use crate::layer::larger;

/// A piece for each step, of some of no numbers: what the step writes and later ones read.
#[derive(Clone, Copy)]
pub(super) struct Pieces<const STEPS: usize> {
    /// How long each is, in whole lines.
    floats: [usize; STEPS],
    /// The last step that needs it.
    last: [usize; STEPS],
}

impl<const STEPS: usize> Pieces<STEPS> {
    /// Of no numbers.
    pub(super) const NONE: Self = Self { floats: [0; STEPS], last: [0; STEPS] };

    /// Gives a step a piece of so many numbers, which nothing needs afterwards.
    pub(super) const fn add(&mut self, step: usize, floats: usize) {
        self.floats[step] = round_up(floats);
        self.until(step, step);
    }

    /// A later step needs the piece too.
    pub(super) const fn until(&mut self, step: usize, later: usize) {
        self.last[step] = larger(self.last[step], later);
    }

    /// The same where what some steps give is the piece of the step that they are folded into.
    pub(super) const fn folded(mut self, folds: &[Folds; STEPS]) -> Self {
        let mut i = 0;
        while i < STEPS {
            if let Folds::IntoStep(before) = folds[i] {
                self.until(before, self.last[i]);
                self.floats[i] = 0;
            }
            i += 1;
        }
        self
    }

    /// Where they begin, one behind the other.
    pub(super) const fn in_a_row(&self) -> [usize; STEPS] {
        let (mut starts, mut end, mut i) = ([0; STEPS], 0_usize, 0);
        while i < STEPS {
            starts[i] = end;
            end = end.saturating_add(self.floats[i]);
            i += 1;
        }
        starts
    }

    /// Where they begin if those lie apart that are needed at the same time. Each goes to the first gap that it fits
    /// into, the largest first: small ones find room beside large ones, and seldom the other way round.
    pub(super) const fn shared(&self) -> [usize; STEPS] {
        let in_a_row = self.in_a_row();
        // In a model with a mistake they may take more than any memory holds.
        if STEPS == 0 || in_a_row[STEPS - 1].saturating_add(self.floats[STEPS - 1]) > isize::MAX as usize {
            return in_a_row;
        }
        let (order, mut gaps, mut i) = (self.largest_first(), Gaps::new(), 0);
        while i < STEPS && self.floats[order[i]] > 0 {
            gaps.place(self, order[i]);
            i += 1;
        }
        gaps.starts()
    }

    /// Whether so many steps need the piece that those around it are not all that may meet it.
    const fn is_long(&self, piece: usize) -> bool {
        self.last[piece] - piece > NEAR
    }

    /// The steps by the length of their pieces; of one length, the earlier first.
    const fn largest_first(&self) -> [usize; STEPS] {
        let (mut order, mut i) = ([0; STEPS], 0);
        while i < STEPS {
            order[i] = i;
            i += 1;
        }
        // Shell's sort: short, and fast enough in a constant.
        let mut gap = STEPS / 2;
        while gap > 0 {
            i = gap;
            while i < STEPS {
                let (piece, mut place) = (order[i], i);
                while place >= gap
                    && (self.floats[piece] > self.floats[order[place - gap]]
                        || self.floats[piece] == self.floats[order[place - gap]] && piece < order[place - gap])
                {
                    order[place] = order[place - gap];
                    place -= gap;
                }
                order[place] = piece;
                i += 1;
            }
            gap /= 2;
        }
        order
    }
}

/// How many steps a piece is needed for that only meets those of steps near its own.
const NEAR: usize = 12;

/// The pieces that have a place. A compiler computes this: what is looked at grows with the number of steps, not with its
/// square.
struct Gaps<const STEPS: usize> {
    /// Where they begin; `usize::MAX` where they have no place yet.
    placed: [usize; STEPS],
    /// Of those that are needed long, in the order of their places: the first, and which comes behind each.
    first: usize,
    next: [usize; STEPS],
    /// Where nothing lies yet.
    end: usize,
    /// How many more may be looked at. Where that is used up, the rest, which are the smallest, lie behind all others.
    looks: usize,
}

impl<const STEPS: usize> Gaps<STEPS> {
    const fn new() -> Self {
        let (placed, next) = ([usize::MAX; STEPS], [STEPS; STEPS]);
        Self { placed, first: STEPS, next, end: 0, looks: 10_000 + 60 * STEPS }
    }

    /// Where all begin; those of no numbers at 0.
    const fn starts(mut self) -> [usize; STEPS] {
        let mut i = 0;
        while i < STEPS {
            if self.placed[i] == usize::MAX {
                self.placed[i] = 0;
            }
            i += 1;
        }
        self.placed
    }

    /// Gives a piece its place.
    const fn place(&mut self, pieces: &Pieces<STEPS>, piece: usize) {
        let start = self.first_gap(pieces, piece);
        self.placed[piece] = start;
        self.end = larger(self.end, start + pieces.floats[piece]);
        if !pieces.is_long(piece) {
            return;
        }
        let (mut before, mut behind) = (STEPS, self.first);
        while behind < STEPS && self.placed[behind] <= start && self.looks > 0 {
            (before, behind) = (behind, self.next[behind]);
            self.looks -= 1;
        }
        self.next[piece] = behind;
        if before < STEPS {
            self.next[before] = piece;
        } else {
            self.first = piece;
        }
    }

    /// The first gap that a piece fits into between those that are needed while it is.
    // Without calls in the loops: in a constant each takes as long as all else.
    const fn first_gap(&mut self, pieces: &Pieces<STEPS>, piece: usize) -> usize {
        let (floats, last) = (pieces.floats[piece], pieces.last[piece]);
        let (mut start, mut long) = (0, self.first);
        loop {
            let begin = start;
            while long < STEPS && self.placed[long] < start + floats && self.looks > 0 {
                let end = self.placed[long] + pieces.floats[long];
                if end > start && long <= last && piece <= pieces.last[long] {
                    start = end;
                }
                long = self.next[long];
                self.looks -= 1;
            }
            let mut other = piece.saturating_sub(NEAR);
            while other < STEPS && other <= last && self.looks > 0 {
                let at = self.placed[other];
                if at < start + floats && piece <= pieces.last[other] && at + pieces.floats[other] > start {
                    start = at + pieces.floats[other];
                }
                other += 1;
                self.looks -= 1;
            }
            if self.looks == 0 {
                return self.end;
            }
            if start == begin {
                return start;
            }
        }
    }
}
