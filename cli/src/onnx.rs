//! ONNX files: which they are, and what of PyTorch's is turned on the way.

use std::path::Path;

use fusion::onnx::{Model, Turned};

use crate::golden::{Array, Golden};

/// The lines of Python that make an ONNX file and its golden file, as `--help` prints them.
pub const GOLDEN: &str = r#"From PyTorch, both files are made by

    import numpy as np, torch
    model.eval()
    x = (torch.rand(4, 3, 32, 32),)                       # as many as the model takes
    batch = tuple({0: torch.export.Dim("batch")} for _ in x)
    torch.onnx.export(model, x, "model.onnx", dynamic_shapes=batch, external_data=False)
    y = model(*x); y = y if isinstance(y, tuple) else (y,)
    np.savez("io.npz", **{f"input{i}": a.numpy() for i, a in enumerate(x)}, **{f"output{i}": a.detach().numpy() for i, a in enumerate(y)})"#;

/// Whether a file is taken for one of ONNX, by its name or by its first byte.
pub fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}

/// A file that was read.
pub struct Onnx {
    pub model: Model,
}

impl Onnx {
    pub fn open(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let bytes = std::fs::read(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        let model = fusion::onnx::read(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
        Ok(Self { model })
    }

    /// Whose model it is.
    pub fn origin(&self) -> &'static str {
        match self.model.producer.as_str() {
            "pytorch" => "`PyTorch`",
            "tf2onnx" => "TensorFlow",
            _ => "ONNX",
        }
    }

    /// What the user should know: which inputs and outputs have their axes in another order.
    pub fn notes(&self) -> Vec<String> {
        let note = |kind: &str, wire: &Turned| {
            let of = |side: &Option<usize>| side.map_or("batch".to_owned(), |side| side.to_string());
            let there: Vec<String> = wire.shape.iter().map(of).collect();
            let here: Vec<String> = wire.axes.iter().map(|axis| there[*axis].clone()).collect();
            format!(
                "the {kind} `{}` of [{}] there is [{}] here: channels are last",
                wire.name,
                there.join(", "),
                here.join(", ")
            )
        };
        let of = |kind: &'static str, wires: &[Turned]| {
            wires.iter().filter(|wire| wire.is_turned()).map(|wire| note(kind, wire)).collect::<Vec<_>>()
        };
        [of("input", &self.model.inputs), of("output", &self.model.outputs)].concat()
    }

    /// Golden arrays as the file's own program has them, with their axes, and the outputs, in the order of the model.
    pub fn turned(&self, golden: Golden) -> Golden {
        let inputs =
            golden.inputs.into_iter().zip(&self.model.inputs).map(|(array, wire)| turned(array, wire)).collect();
        let mut outputs: Vec<(String, Array)> = golden
            .outputs
            .into_iter()
            .zip(&self.model.outputs)
            .map(|(array, wire)| (wire.name.clone(), turned(array, wire)))
            .collect();
        let named = self.model.archive.config().and_then(|config| config.pointer("/config/output_layers")?.as_object());
        if let Some(named) = named {
            outputs.sort_by_key(|(name, _)| named.keys().position(|known| known == name));
        }
        Golden { inputs, outputs: outputs.into_iter().map(|(_, array)| array).collect() }
    }
}

/// An array with its axes in the order of the model, unless it has it already.
fn turned(array: Array, wire: &Turned) -> Array {
    let rank = array.shape.len();
    let is_there = |side: (&usize, &Option<usize>)| side.1.is_none_or(|known| known == *side.0);
    let fits = rank == wire.shape.len() && array.shape.iter().zip(&wire.shape).all(is_there);
    if !fits || !wire.is_turned() {
        return array;
    }
    let mut strides = vec![1; rank];
    for axis in (1..rank).rev() {
        strides[axis - 1] = strides[axis] * array.shape[axis];
    }
    let shape: Vec<usize> = wire.axes.iter().map(|axis| array.shape[*axis]).collect();
    let mut places = vec![0];
    for axis in &wire.axes {
        let (steps, stride) = (0..array.shape[*axis], strides[*axis]);
        places = places.iter().flat_map(|place| steps.clone().map(move |step| place + step * stride)).collect();
    }
    Array { shape, values: places.into_iter().map(|place| array.values[place]).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_with_channels_first_are_turned_and_others_stay() {
        let wire =
            Turned { name: "image".to_owned(), shape: vec![None, Some(3), Some(1), Some(2)], axes: vec![0, 2, 3, 1] };
        let first = Array { shape: vec![1, 3, 1, 2], values: vec![0.0, 1.0, 10.0, 11.0, 20.0, 21.0] };
        let last = Array { shape: vec![1, 1, 2, 3], values: vec![0.0, 10.0, 20.0, 1.0, 11.0, 21.0] };
        assert_eq!(turned(first, &wire), last);
        assert_eq!(turned(last.clone(), &wire), last);
    }
}
