//! Numbers that go to other places.

use super::{at_every_level, numbers};
use fusion_core::kernels::{Loop, Moves};

/// Compares both ways with plain loops over every number.
fn check(start: [usize; 2], loops: &[Loop], lengths: [usize; 2]) {
    let (x, dy) = (numbers(3, lengths[0]), numbers(4, lengths[1]));
    let (mut expected, mut expected_back) = (vec![0.0; lengths[1]], vec![0.0; lengths[0]]);
    for index in 0..loops.iter().map(|each| each.count).product() {
        let ([mut from, mut to], mut rest) = (start, index);
        for each in loops.iter().rev() {
            from += rest % each.count * each.from;
            to += rest % each.count * each.to;
            rest /= each.count;
        }
        expected[to] = x[from];
        expected_back[from] += dy[to];
    }
    at_every_level(|level| {
        let moves = Moves::new(start, loops);
        let (mut y, mut dx) = (vec![f32::NAN; lengths[1]], vec![f32::NAN; lengths[0]]);
        moves.apply(&x, &mut y);
        assert_eq!(y, expected, "{level:?}, {moves:?}");
        moves.back().apply(&dy, &mut dx);
        let near = dx.iter().zip(&expected_back).all(|(found, expected): (&f32, &f32)| (found - expected).abs() < 1e-5);
        assert!(near, "{level:?}, {moves:?} back");
    });
}

const fn each(count: usize, from: usize, to: usize) -> Loop {
    Loop { count, from, to }
}

#[test]
fn boxes_are_cut_out_and_put_in() {
    check([0, 0], &[each(5, 1, 1)], [5, 5]);
    // [3, 4, 2] within [5, 6, 2].
    check([0, 14], &[each(3, 8, 12), each(4, 2, 2), each(2, 1, 1)], [24, 60]);
    check([14, 0], &[each(3, 12, 8), each(4, 2, 2), each(2, 1, 1)], [60, 24]);
    check([3, 0], &[each(7, 9, 4), each(4, 1, 1)], [66, 28]);
}

#[test]
fn numbers_are_repeated_and_their_gradients_added_up() {
    for run in [1, 3, 8, 17, 33] {
        check([0, 0], &[each(4, 0, run), each(run, 1, 1)], [run, 4 * run]);
        check([0, 0], &[each(3, run, 2 * run), each(2, 0, run), each(run, 1, 1)], [3 * run, 6 * run]);
    }
}

#[test]
fn axes_change_places() {
    for (a, b, c) in [(1, 1, 1), (4, 4, 4), (3, 5, 7), (9, 16, 6), (17, 4, 2), (2, 33, 5)] {
        let lengths = [a * b * c; 2];
        check([0, 0], &[each(b, 1, a), each(a, b, 1)], [a * b; 2]);
        check([0, 0], &[each(c, 1, a * b), each(a, b * c, b), each(b, c, 1)], lengths);
        check([0, 0], &[each(c, 1, a * b), each(b, c, a), each(a, b * c, 1)], lengths);
        check([0, 0], &[each(b, c, a * c), each(a, b * c, c), each(c, 1, 1)], lengths);
        check([0, 0], &[each(a, b * c, b * c), each(c, 1, b), each(b, c, 1)], lengths);
    }
}

#[test]
fn nothing_goes_outside() {
    let moves = Moves::new([0, 1], &[each(2, 4, 4), each(3, 1, 1)]);
    let panics = |from: usize, to: usize| {
        std::panic::catch_unwind(|| moves.apply(&vec![0.0; from], &mut vec![0.0; to])).is_err()
    };
    assert!(!panics(7, 8) && panics(6, 8) && panics(7, 7));
}
