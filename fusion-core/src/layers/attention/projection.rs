//! The products around attention of several heads.

use crate::kernels::{self, Sizes};
#[cfg(feature = "training")]
use crate::kernels::{MatrixMut, MatrixRef, Start, product, transpose};
use crate::layers::{Optional, UseBias};
use crate::shape::Tensor;
use crate::weights::{ArrayOptions, Initializer};

/// x · kernel + bias for each head, from the features of a step: part of a layer, which is no layer itself.
#[doc(hidden)]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "EinsumDense", options = ProjectionOptions)]
pub struct Projection<const FEATURES: usize, const HEADS: usize, const DIM: usize, B: Optional = UseBias> {
    /// `kernel[i][head][d]` is how much feature i counts in number d of a head.
    #[parameter(given = options.kernel)]
    pub kernel: [[[f32; DIM]; HEADS]; FEATURES],
    /// What each number of a head begins with.
    #[parameter(shape = [HEADS, DIM], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: [B::Values<DIM>; HEADS],
}

/// x · kernel + bias from all heads to the features of a step.
#[doc(hidden)]
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(class = "EinsumDense", options = ProjectionOptions)]
pub struct Combination<const HEADS: usize, const DIM: usize, const OUT: usize, B: Optional = UseBias> {
    /// `kernel[head][d][o]` is how much number d of a head counts in output o.
    #[parameter(given = options.kernel)]
    pub kernel: [[[f32; OUT]; DIM]; HEADS],
    /// What each output begins with.
    #[parameter(shape = [OUT], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<OUT>,
}

/// What the layer around it is given for the weights.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ProjectionOptions {
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    bias: ArrayOptions,
}

impl ProjectionOptions {
    pub(super) const fn of(kernel: ArrayOptions, bias: ArrayOptions) -> Self {
        Self { kernel, bias }
    }
}

/// The weights of either, flat: a matrix, and a bias without numbers where there is none.
#[derive(Clone, Copy)]
pub(super) struct Flat<'a> {
    kernel: &'a [f32],
    bias: &'a [f32],
    outputs: usize,
}

impl<const FEATURES: usize, const HEADS: usize, const DIM: usize, B: Optional> Projection<FEATURES, HEADS, DIM, B> {
    pub(super) fn flat(&self) -> Flat<'_> {
        let kernel = self.kernel.as_flattened().as_flattened();
        Flat { kernel, bias: Tensor::numbers(&self.bias), outputs: HEADS * DIM }
    }

    #[cfg(feature = "training")]
    pub(super) fn flat_mut(&mut self) -> FlatMut<'_> {
        let kernel = self.kernel.as_flattened_mut().as_flattened_mut();
        FlatMut { kernel, bias: Tensor::numbers_mut(&mut self.bias) }
    }
}

impl<const HEADS: usize, const DIM: usize, const OUT: usize, B: Optional> Combination<HEADS, DIM, OUT, B> {
    pub(super) fn flat(&self) -> Flat<'_> {
        let kernel = self.kernel.as_flattened().as_flattened();
        Flat { kernel, bias: Tensor::numbers(core::slice::from_ref(&self.bias)), outputs: OUT }
    }

    #[cfg(feature = "training")]
    pub(super) fn flat_mut(&mut self) -> FlatMut<'_> {
        let kernel = self.kernel.as_flattened_mut().as_flattened_mut();
        FlatMut { kernel, bias: Tensor::numbers_mut(core::slice::from_mut(&mut self.bias)) }
    }
}

impl Flat<'_> {
    /// How many rows of outputs these are.
    fn sizes(&self, y: &[f32]) -> Sizes {
        Sizes { rows: y.len() / self.outputs, inputs: self.kernel.len() / self.outputs, outputs: self.outputs }
    }

    /// y = x · kernel + bias.
    pub(super) fn forward(&self, x: &[f32], y: &mut [f32]) {
        let sizes = self.sizes(y);
        let bias = Some(self.bias).filter(|bias| !bias.is_empty());
        kernels::dense(x, self.kernel, bias, y, sizes, false);
    }
}

/// Where the gradients of the weights are added.
#[cfg(feature = "training")]
pub(super) struct FlatMut<'a> {
    kernel: &'a mut [f32],
    bias: &'a mut [f32],
}

#[cfg(feature = "training")]
impl Flat<'_> {
    pub(super) fn add_gradient(&self, x: &[f32], dy: &[f32], gradient: FlatMut<'_>, scratch: &mut [f32]) {
        kernels::add_kernel_gradient(x, dy, gradient.kernel, scratch, self.sizes(dy));
        if !gradient.bias.is_empty() {
            kernels::add_rows(dy, gradient.bias);
        }
    }

    /// dx = dy · kernelᵀ, written or added.
    pub(super) fn input_gradient(&self, dy: &[f32], dx: &mut [f32], start: Start<'_>, scratch: &mut [f32]) {
        let Sizes { rows, inputs, outputs } = self.sizes(dy);
        let transposed = &mut scratch[..self.kernel.len()];
        transpose(inputs, outputs, self.kernel, transposed);
        let (dy, kernel) = (MatrixRef::new(dy, rows, outputs), MatrixRef::new(transposed, outputs, inputs));
        product(dy, kernel, &mut MatrixMut::new(dx, rows, inputs), start, false);
    }
}
