//! Puts the memory's layout where the linker finds it.

use std::{env, fs, path::Path};

fn main() {
    let out = env::var("OUT_DIR").expect("Cargo says where");
    fs::copy("memory.x", Path::new(&out).join("memory.x")).expect("a directory to write to");
    println!("cargo::rustc-link-search={out}");
    println!("cargo::rustc-link-arg=-Tlink.x");
    println!("cargo::rerun-if-changed=memory.x");
}
