// 1 error
//! What is read through a tensor rests on its shape, so nobody says that a type is one.
use fusion::shape::{Plain, Shape, Tensor};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel([f32; 3]);

impl Tensor for Pixel {
    type Element = f32;
    type IdsOf<const N: usize> = u32;
    type ClassIds = u32;
    type Step = f32;
    const SHAPE: Shape = Shape::new(&[3000]);
    const ZERO: Self = Self([0.0; 3]);
    fn flat(_rows: &[Self]) -> &[f32] {
        &[]
    }
    fn flat_mut(_rows: &mut [Self]) -> &mut [f32] {
        &mut []
    }
    fn rows(_flat: &[f32]) -> &[Self] {
        &[]
    }
    fn rows_mut(_flat: &mut [f32]) -> &mut [Self] {
        &mut []
    }
    fn flat_ids<const N: usize>(ids: &[u32]) -> &[u32] {
        ids
    }
    fn class_ids(ids: &[u32]) -> &[u32] {
        ids
    }
}

unsafe impl Plain for Pixel {}

fn main() {}
