//! A classifier with two inputs on a Cortex-M4, without a heap: its weights lie in flash, and it tests itself when it
//! starts.
//!
//! ```text
//! cd examples/microcontroller && cargo run --release
//! ```

#![no_std]
#![no_main]

#[path = "../../vibrations/model.rs"]
mod model;
mod stack;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use fusion::include_weights;
use fusion::persistence::Included;
use model::{Vibrations, VibrationsInput};
use panic_semihosting as _;

static MODEL: Included<Vibrations> = include_weights!("vibrations.safetensors");

/// How far from the server's a number may be.
const TOLERANCE: f32 = 1e-5;

#[entry]
fn main() -> ! {
    stack::paint();
    let result = MODEL.self_test(TOLERANCE);
    let stack = stack::used();
    match result {
        Ok(difference) => hprintln!("largest difference to the server: {:e}", difference),
        Err(error) => {
            hprintln!("{}", error);
            debug::exit(debug::EXIT_FAILURE);
        }
    }
    let sample = VibrationsInput { acceleration: &[0.0; 32], temperature: &[0.3, 0.3] };
    match MODEL.predict_checked(sample, 0.1) {
        Ok(state) => hprintln!("rests {:.3}, runs {:.3}, is worn {:.3}", state[0], state[1], state[2]),
        Err(error) => {
            hprintln!("{}", error);
            debug::exit(debug::EXIT_FAILURE);
        }
    }
    let hot = VibrationsInput { temperature: &[40.0, 0.3], ..sample };
    if let Err(error) = MODEL.predict_checked(hot, 0.1) {
        hprintln!("{}", error);
    }
    hprintln!("flash: {} bytes, of which weights {}", stack::flash(), size_of::<Vibrations>());
    hprintln!("stack of the self-test: {} bytes", stack);
    debug::exit(debug::EXIT_SUCCESS);
    loop {
        cortex_m::asm::wfi();
    }
}
