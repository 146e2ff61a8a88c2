// 1 error
use fusion::prelude::*;
use std::marker::PhantomData;

#[derive(Parameters)]
pub struct Scale<'a> {
    pub gain: [f32; 8],
    of: PhantomData<&'a ()>,
}

fn main() {}
