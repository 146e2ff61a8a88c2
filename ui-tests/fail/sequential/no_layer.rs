use fusion::prelude::*;

model! {
    pub struct Net = [f32; 10];
}

fn main() {
    println!("{}", Net::PARAMETERS);
}
