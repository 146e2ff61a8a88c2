// 1 error
#![deny(deprecated)]
use fusion::prelude::*;

model! {
    #[derive(Debug, Clone)]
    pub struct Large = [f32; 512] => Dense<_, 200, Relu> => Dense<_, 1>;
}

// There is room for it, it is meant, or it is made on the heap.
model! {
    #[derive(Clone)]
    pub struct Small = [f32; 3] => Dense<_, 2>;
}
model! {
    #[allow(deprecated)]
    #[derive(Clone)]
    pub struct Meant = [f32; 512] => Dense<_, 200>;
}
model! {
    #[cfg_attr(any(), derive(Clone))]
    pub struct Boxed = [f32; 512] => Dense<_, 200>;
}

fn main() {
    let _: Box<Boxed> = Boxed::new(1).clone();
}
