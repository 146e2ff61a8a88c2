//! M1 with a weight file within the program, which is checked as it is loaded.

use from_file::M1;
use fusion::persistence::WeightsError;
use fusion::prelude::*;

fn main() -> Result<(), WeightsError> {
    let mut model = M1::new(0);
    model.load_weights_from_bytes(include_bytes!("../weights.safetensors"))?;
    println!("{:?}", model.predict(&[0.5; 32], &[0.25; 128]));
    Ok(())
}
