// 1 error
//! Within the table the name would be that of the options.
use fusion::Parameters;

#[allow(non_camel_case_types)]
pub type __O = [f32; 4];

#[derive(Parameters)]
pub struct Scale
where
    __O: fusion::shape::Tensor<Element = f32>,
{
    #[parameter(shape = [4])]
    pub gain: __O,
}

fn main() {}
