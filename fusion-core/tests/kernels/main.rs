//! The kernels at every level of this machine, against plain loops in `f64`.

use fusion_core::kernels::{Level, VARIABLE, available, force, level, levels, vectorize};
use std::sync::{Mutex, PoisonError};

mod convolution;
mod deep_products;
mod elementwise;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod end_of_memory;
mod few_sizes;
mod many_rows;
mod moves;
mod packed;
mod products;
mod recurrent;

/// The level is the whole process's, so tests that set it take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Where the environment asks for a level, it is the only one.
fn at_every_level(test: impl Fn(Level)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = std::env::var_os(VARIABLE).map(|_| level());
    for wanted in levels().filter(|level| asked.is_none_or(|asked| asked == *level)) {
        force(Some(wanted));
        assert_eq!(level(), wanted);
        test(wanted);
    }
    force(None);
}

/// Numbers in −1..1.
struct Numbers(u32);

impl Numbers {
    fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
    fn next(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
    fn take(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }
}

fn numbers(seed: u32, count: usize) -> Vec<f32> {
    Numbers(seed).take(count)
}

#[test]
fn forcing_never_exceeds_the_machine() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for wanted in Level::ALL {
        force(Some(wanted));
        assert!(level() <= wanted && levels().any(|level_of_machine| level_of_machine == level()));
        assert!(level() == wanted || levels().all(|level_of_machine| level_of_machine != wanted));
    }
    force(None);
    assert!(level() <= available());
    assert_eq!(vectorize(|| 3), 3);
}

/// Whoever runs the tests at a level has to know that they do run at it.
#[test]
fn the_level_that_the_environment_asks_for_is_in_use() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    force(None);
    let Ok(name) = std::env::var(VARIABLE) else {
        assert_eq!(level(), available());
        return;
    };
    match name.parse::<Level>() {
        Ok(asked) => assert_eq!(level(), asked, "{VARIABLE} asks for a level that this machine does not have"),
        Err(error) => panic!("{VARIABLE} is `{name}`, but {error}"),
    }
}

#[test]
fn levels_have_names() {
    for level in Level::ALL {
        assert_eq!(level.name().parse(), Ok(level));
    }
    let error = "AVX2".parse::<Level>().unwrap_err();
    assert_eq!(error.to_string(), "a level of the kernels is `portable`, `neon`, `avx`, `avx2` or `avx512`");
}
