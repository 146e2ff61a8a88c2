// 1 error
//! A shape in Keras's layout may not be larger than the array.
use fusion::Parameters;

#[derive(Parameters)]
pub struct Scale {
    #[parameter(shape = [4, 2])]
    pub gain: [f32; 4],
}

const NUMBERS: usize = <Scale as fusion::weights::Parameters>::COUNT;

fn main() {
    println!("{NUMBERS}");
}
