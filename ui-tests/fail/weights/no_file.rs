// 1 error
use fusion::include_weights;
use fusion::persistence::Included;
use fusion::prelude::*;

model! { struct Tickets = [f32; 3] => Dense<3, 2, Relu> => Dense<2, 2>; }

static TICKETS: Included<Tickets> = include_weights!("trained.safetensor");

fn main() {
    println!("{:?}", TICKETS.predict(&[0.5; 3]));
}
