//! How much of the stack a program has used, and how much flash it takes.

use core::ptr::{addr_of, read_volatile, write_volatile};

use cortex_m::register::msp;

/// What no program leaves there by chance.
const PAINT: u32 = 0xC5A5_5A5C;
/// What is left unpainted below the caller's frame.
const RED_ZONE: usize = 256;

unsafe extern "C" {
    /// The end of the stack, which grows downward to where memory that is never given back ends.
    static mut _stack_start: u32;
    static mut __sheap: u32;
    static __sidata: u32;
    static __sdata: u32;
    static __edata: u32;
}

fn limits() -> (usize, usize) {
    (addr_of!(__sheap) as usize, addr_of!(_stack_start) as usize)
}

/// Paints all of the stack that is not in use.
#[inline(never)]
pub fn paint() {
    let (mut at, end) = (limits().0, msp::read() as usize - RED_ZONE);
    while at < end {
        // SAFETY: between the end of the program's own memory and the stack in use nothing lies; all is RAM, and aligned.
        unsafe { write_volatile(at as *mut u32, PAINT) }
        at += size_of::<u32>();
    }
}

/// How many bytes were used since it was painted, at the most, with those in use then.
#[inline(never)]
pub fn used() -> usize {
    let (mut at, end) = limits();
    // SAFETY: as in `paint`, up to the end of the stack.
    while at < end && unsafe { read_volatile(at as *const u32) } == PAINT {
        at += size_of::<u32>();
    }
    end - at
}

/// What the program takes in flash: code, constants and the first values of its memory.
pub fn flash() -> usize {
    addr_of!(__sidata) as usize + (addr_of!(__edata) as usize - addr_of!(__sdata) as usize)
}
