//! Writes the file that the program has within it.

use from_file::M1;
use fusion::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    M1::new(1).save_weights(std::env::args().nth(1).ok_or("which file?")?)?;
    Ok(())
}
