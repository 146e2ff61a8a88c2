//! Ctrl-C while a model trains: with the feature `ctrlc`, `fit` ends after its batch. Without it this says that nobody asks.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many `fit`s the program is in, and whether they are asked to end.
static FITS: AtomicUsize = AtomicUsize::new(0);
static ASKED: AtomicBool = AtomicBool::new(false);

/// A `fit` that ends where it is asked to.
pub(super) struct Interrupt(());

impl Interrupt {
    pub fn watch() -> Self {
        #[cfg(feature = "ctrlc")]
        {
            static ONCE: std::sync::Once = std::sync::Once::new();
            // A program with a handler of its own decides itself.
            ONCE.call_once(|| drop(ctrlc::try_set_handler(on_ctrl_c)));
        }
        // Ctrl-C may have come just as the last one ended.
        if FITS.fetch_add(1, Ordering::SeqCst) == 0 {
            ASKED.store(false, Ordering::SeqCst);
        }
        Self(())
    }

    pub fn asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if FITS.fetch_sub(1, Ordering::SeqCst) == 1 {
            ASKED.store(false, Ordering::SeqCst);
        }
    }
}

/// Asks every `fit` to end. Where there is none, or it was asked already, the program ends as it does without all this: with
/// the exit code that a shell gives one ended by Ctrl-C.
#[cfg(feature = "ctrlc")]
fn on_ctrl_c() {
    const ENDED: i32 = 130;
    if FITS.load(Ordering::SeqCst) == 0 || ASKED.swap(true, Ordering::SeqCst) {
        std::process::exit(ENDED);
    }
}
