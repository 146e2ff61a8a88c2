//! Keras's model `gaps`, as `fusion import` wrote it. Its weights are in `gaps.safetensors`.

use fusion::layer::{Backward, Forward, Operand, Output, Several, Wires};
use fusion::prelude::*;
use fusion::shape::Shape;

model! {
    /// Keras's model `gaps`.
    pub struct Gaps {
        input x: [f32; 4, 6];
        branch h = x => Dense<_, 6, Relu> => scale_1: Scale1 => mean: Mean;
        branch h_2 = x => Flatten => Dense<_, 6> => Flatten;
        output y = (x0 = h, x1 = h_2) => logaddexp: Logaddexp => Dense<_, 3>
            => layer_scale: LayerScale;
    }
}

/// To fill in: `scale_1` of the class `LayerScale` in Keras: `LayerScale` has no counterpart.
#[derive(Clone, Debug, PartialEq, Parameters)]
pub struct Scale1 {
    /// Its array 0, which has no name in the file.
    pub array_0: [f32; 6],
    /// Keras's `inner`.
    pub inner: Scale1Inner,
}

/// The weights of `inner` in [`Scale1`].
#[derive(Clone, Debug, PartialEq, Parameters)]
pub struct Scale1Inner {
    /// Keras's `kernel`.
    pub kernel: [[f32; 6]; 6],
    /// Keras's `bias`.
    pub bias: [f32; 6],
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Scale1 {
    const OUTPUT: Output = Output::new(Shape::new(&[4, 6]));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: &[In], _y: &mut [Out]) {
        todo!("write what `scale_1` computes in Keras, a `LayerScale`")
    }
}

impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Scale1 {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: Option<&mut [In]>,
    ) {
        // Without the feature `training` of fusion there is none, and this is left out.
        todo!("write the way back through `scale_1`")
    }
}

/// To fill in: `mean` of the class `Mean` in Keras: the operation `Mean` has no counterpart as it is used here.
#[derive(Clone, Debug, PartialEq, Default, Parameters)]
pub struct Mean;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Mean {
    const OUTPUT: Output = Output::new(Shape::new(&[6]));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: &[In], _y: &mut [Out]) {
        todo!("write what `mean` computes in Keras, a `Mean`")
    }
}

impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Mean {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: Option<&mut [In]>,
    ) {
        // Without the feature `training` of fusion there is none, and this is left out.
        todo!("write the way back through `mean`")
    }
}

/// To fill in: `logaddexp` of the class `Logaddexp` in Keras: the operation `Logaddexp` has no counterpart as it is used here.
#[derive(Clone, Debug, PartialEq, Default, Parameters)]
pub struct Logaddexp;

impl<W: Wires, const K: usize, O: OptionsOf<Self>> Layer<Several<W, K>, O> for Logaddexp {
    const OUTPUT: Output = Output::new(Shape::new(&[6]));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: &[Operand<'_>], _y: &mut [Out]) {
        todo!("write what `logaddexp` computes in Keras, a `Logaddexp`")
    }
}

impl<W: Wires, const K: usize, O: OptionsOf<Self>> TrainLayer<Several<W, K>, O> for Logaddexp {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[Operand<'_>],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: &mut [Option<&mut [f32]>],
    ) {
        // Without the feature `training` of fusion there is none, and this is left out.
        todo!("write the way back through `logaddexp`")
    }
}

/// To fill in: `layer_scale` of the class `LayerScale` in Keras: `LayerScale` has no counterpart.
///
/// It is not trained in Keras: write `#[frozen]` before it in the model.
#[derive(Clone, Debug, PartialEq, Parameters)]
pub struct LayerScale {
    /// Its array 0, which has no name in the file.
    pub array_0: [f32; 3],
    /// Keras's `inner`.
    pub inner: LayerScaleInner,
}

/// The weights of `inner` in [`LayerScale`].
#[derive(Clone, Debug, PartialEq, Parameters)]
pub struct LayerScaleInner {
    /// Keras's `kernel`.
    pub kernel: [[f32; 3]; 3],
    /// Keras's `bias`.
    pub bias: [f32; 3],
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for LayerScale {
    // The file does not say what comes out; this is what goes in.
    const OUTPUT: Output = Output::new(In::SHAPE);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: &[In], _y: &mut [Out]) {
        todo!("write what `layer_scale` computes in Keras, a `LayerScale`")
    }
}

impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for LayerScale {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: Option<&mut [In]>,
    ) {
        // Without the feature `training` of fusion there is none, and this is left out.
        todo!("write the way back through `layer_scale`")
    }
}
