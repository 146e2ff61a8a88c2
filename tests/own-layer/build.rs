//! Takes the blocks of code out of the page that explains them.

use std::path::Path;

const PAGE: &str = "../../docs/writing-a-layer.md";

fn main() {
    println!("cargo::rerun-if-changed={PAGE}");
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let mut within = false;
    let mut program = String::new();
    for line in page.lines() {
        match line {
            "```rust,ignore" => within = true,
            "```" => within = false,
            code if within => program += code,
            _ => {}
        }
        // Prose is left empty, so that the compiler speaks of the page's own lines.
        program += "\n";
    }
    let folder = std::env::var("OUT_DIR").expect("Cargo's folder for it");
    std::fs::write(Path::new(&folder).join("page.rs"), program).expect("the folder can be written to");
}
