//! Depth has no limit: 400 layers whose sizes are all written out, in the short form, in one chain, and a branch each;
//! 200 blocks that are each two ways, in a model of several outputs of which a signature speaks first.
use fusion::prelude::*;

/// What comes last of a model is the first that the compiler is asked for.
fn doubled(output: &TowerOutput) -> TowerOutput {
    TowerOutput { z: output.z.map(|z| 2.0 * z), y: output.y }
}

model! {
    pub struct Short = [f32; 32]
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>
        => Dense<32, 32, Relu>;
}

model! {
    pub struct Chain {
        input a: [f32; 32];
        output z = a
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>
            => Dense<32, 32, Relu>;
    }
}

model! {
    pub struct Branches {
        input a: [f32; 32];
        branch x0 = a => Dense<32, 32, Relu>;
        branch x1 = x0 => Dense<32, 32, Relu>;
        branch x2 = x1 => Dense<32, 32, Relu>;
        branch x3 = x2 => Dense<32, 32, Relu>;
        branch x4 = x3 => Dense<32, 32, Relu>;
        branch x5 = x4 => Dense<32, 32, Relu>;
        branch x6 = x5 => Dense<32, 32, Relu>;
        branch x7 = x6 => Dense<32, 32, Relu>;
        branch x8 = x7 => Dense<32, 32, Relu>;
        branch x9 = x8 => Dense<32, 32, Relu>;
        branch x10 = x9 => Dense<32, 32, Relu>;
        branch x11 = x10 => Dense<32, 32, Relu>;
        branch x12 = x11 => Dense<32, 32, Relu>;
        branch x13 = x12 => Dense<32, 32, Relu>;
        branch x14 = x13 => Dense<32, 32, Relu>;
        branch x15 = x14 => Dense<32, 32, Relu>;
        branch x16 = x15 => Dense<32, 32, Relu>;
        branch x17 = x16 => Dense<32, 32, Relu>;
        branch x18 = x17 => Dense<32, 32, Relu>;
        branch x19 = x18 => Dense<32, 32, Relu>;
        branch x20 = x19 => Dense<32, 32, Relu>;
        branch x21 = x20 => Dense<32, 32, Relu>;
        branch x22 = x21 => Dense<32, 32, Relu>;
        branch x23 = x22 => Dense<32, 32, Relu>;
        branch x24 = x23 => Dense<32, 32, Relu>;
        branch x25 = x24 => Dense<32, 32, Relu>;
        branch x26 = x25 => Dense<32, 32, Relu>;
        branch x27 = x26 => Dense<32, 32, Relu>;
        branch x28 = x27 => Dense<32, 32, Relu>;
        branch x29 = x28 => Dense<32, 32, Relu>;
        branch x30 = x29 => Dense<32, 32, Relu>;
        branch x31 = x30 => Dense<32, 32, Relu>;
        branch x32 = x31 => Dense<32, 32, Relu>;
        branch x33 = x32 => Dense<32, 32, Relu>;
        branch x34 = x33 => Dense<32, 32, Relu>;
        branch x35 = x34 => Dense<32, 32, Relu>;
        branch x36 = x35 => Dense<32, 32, Relu>;
        branch x37 = x36 => Dense<32, 32, Relu>;
        branch x38 = x37 => Dense<32, 32, Relu>;
        branch x39 = x38 => Dense<32, 32, Relu>;
        branch x40 = x39 => Dense<32, 32, Relu>;
        branch x41 = x40 => Dense<32, 32, Relu>;
        branch x42 = x41 => Dense<32, 32, Relu>;
        branch x43 = x42 => Dense<32, 32, Relu>;
        branch x44 = x43 => Dense<32, 32, Relu>;
        branch x45 = x44 => Dense<32, 32, Relu>;
        branch x46 = x45 => Dense<32, 32, Relu>;
        branch x47 = x46 => Dense<32, 32, Relu>;
        branch x48 = x47 => Dense<32, 32, Relu>;
        branch x49 = x48 => Dense<32, 32, Relu>;
        branch x50 = x49 => Dense<32, 32, Relu>;
        branch x51 = x50 => Dense<32, 32, Relu>;
        branch x52 = x51 => Dense<32, 32, Relu>;
        branch x53 = x52 => Dense<32, 32, Relu>;
        branch x54 = x53 => Dense<32, 32, Relu>;
        branch x55 = x54 => Dense<32, 32, Relu>;
        branch x56 = x55 => Dense<32, 32, Relu>;
        branch x57 = x56 => Dense<32, 32, Relu>;
        branch x58 = x57 => Dense<32, 32, Relu>;
        branch x59 = x58 => Dense<32, 32, Relu>;
        branch x60 = x59 => Dense<32, 32, Relu>;
        branch x61 = x60 => Dense<32, 32, Relu>;
        branch x62 = x61 => Dense<32, 32, Relu>;
        branch x63 = x62 => Dense<32, 32, Relu>;
        branch x64 = x63 => Dense<32, 32, Relu>;
        branch x65 = x64 => Dense<32, 32, Relu>;
        branch x66 = x65 => Dense<32, 32, Relu>;
        branch x67 = x66 => Dense<32, 32, Relu>;
        branch x68 = x67 => Dense<32, 32, Relu>;
        branch x69 = x68 => Dense<32, 32, Relu>;
        branch x70 = x69 => Dense<32, 32, Relu>;
        branch x71 = x70 => Dense<32, 32, Relu>;
        branch x72 = x71 => Dense<32, 32, Relu>;
        branch x73 = x72 => Dense<32, 32, Relu>;
        branch x74 = x73 => Dense<32, 32, Relu>;
        branch x75 = x74 => Dense<32, 32, Relu>;
        branch x76 = x75 => Dense<32, 32, Relu>;
        branch x77 = x76 => Dense<32, 32, Relu>;
        branch x78 = x77 => Dense<32, 32, Relu>;
        branch x79 = x78 => Dense<32, 32, Relu>;
        branch x80 = x79 => Dense<32, 32, Relu>;
        branch x81 = x80 => Dense<32, 32, Relu>;
        branch x82 = x81 => Dense<32, 32, Relu>;
        branch x83 = x82 => Dense<32, 32, Relu>;
        branch x84 = x83 => Dense<32, 32, Relu>;
        branch x85 = x84 => Dense<32, 32, Relu>;
        branch x86 = x85 => Dense<32, 32, Relu>;
        branch x87 = x86 => Dense<32, 32, Relu>;
        branch x88 = x87 => Dense<32, 32, Relu>;
        branch x89 = x88 => Dense<32, 32, Relu>;
        branch x90 = x89 => Dense<32, 32, Relu>;
        branch x91 = x90 => Dense<32, 32, Relu>;
        branch x92 = x91 => Dense<32, 32, Relu>;
        branch x93 = x92 => Dense<32, 32, Relu>;
        branch x94 = x93 => Dense<32, 32, Relu>;
        branch x95 = x94 => Dense<32, 32, Relu>;
        branch x96 = x95 => Dense<32, 32, Relu>;
        branch x97 = x96 => Dense<32, 32, Relu>;
        branch x98 = x97 => Dense<32, 32, Relu>;
        branch x99 = x98 => Dense<32, 32, Relu>;
        branch x100 = x99 => Dense<32, 32, Relu>;
        branch x101 = x100 => Dense<32, 32, Relu>;
        branch x102 = x101 => Dense<32, 32, Relu>;
        branch x103 = x102 => Dense<32, 32, Relu>;
        branch x104 = x103 => Dense<32, 32, Relu>;
        branch x105 = x104 => Dense<32, 32, Relu>;
        branch x106 = x105 => Dense<32, 32, Relu>;
        branch x107 = x106 => Dense<32, 32, Relu>;
        branch x108 = x107 => Dense<32, 32, Relu>;
        branch x109 = x108 => Dense<32, 32, Relu>;
        branch x110 = x109 => Dense<32, 32, Relu>;
        branch x111 = x110 => Dense<32, 32, Relu>;
        branch x112 = x111 => Dense<32, 32, Relu>;
        branch x113 = x112 => Dense<32, 32, Relu>;
        branch x114 = x113 => Dense<32, 32, Relu>;
        branch x115 = x114 => Dense<32, 32, Relu>;
        branch x116 = x115 => Dense<32, 32, Relu>;
        branch x117 = x116 => Dense<32, 32, Relu>;
        branch x118 = x117 => Dense<32, 32, Relu>;
        branch x119 = x118 => Dense<32, 32, Relu>;
        branch x120 = x119 => Dense<32, 32, Relu>;
        branch x121 = x120 => Dense<32, 32, Relu>;
        branch x122 = x121 => Dense<32, 32, Relu>;
        branch x123 = x122 => Dense<32, 32, Relu>;
        branch x124 = x123 => Dense<32, 32, Relu>;
        branch x125 = x124 => Dense<32, 32, Relu>;
        branch x126 = x125 => Dense<32, 32, Relu>;
        branch x127 = x126 => Dense<32, 32, Relu>;
        branch x128 = x127 => Dense<32, 32, Relu>;
        branch x129 = x128 => Dense<32, 32, Relu>;
        branch x130 = x129 => Dense<32, 32, Relu>;
        branch x131 = x130 => Dense<32, 32, Relu>;
        branch x132 = x131 => Dense<32, 32, Relu>;
        branch x133 = x132 => Dense<32, 32, Relu>;
        branch x134 = x133 => Dense<32, 32, Relu>;
        branch x135 = x134 => Dense<32, 32, Relu>;
        branch x136 = x135 => Dense<32, 32, Relu>;
        branch x137 = x136 => Dense<32, 32, Relu>;
        branch x138 = x137 => Dense<32, 32, Relu>;
        branch x139 = x138 => Dense<32, 32, Relu>;
        branch x140 = x139 => Dense<32, 32, Relu>;
        branch x141 = x140 => Dense<32, 32, Relu>;
        branch x142 = x141 => Dense<32, 32, Relu>;
        branch x143 = x142 => Dense<32, 32, Relu>;
        branch x144 = x143 => Dense<32, 32, Relu>;
        branch x145 = x144 => Dense<32, 32, Relu>;
        branch x146 = x145 => Dense<32, 32, Relu>;
        branch x147 = x146 => Dense<32, 32, Relu>;
        branch x148 = x147 => Dense<32, 32, Relu>;
        branch x149 = x148 => Dense<32, 32, Relu>;
        branch x150 = x149 => Dense<32, 32, Relu>;
        branch x151 = x150 => Dense<32, 32, Relu>;
        branch x152 = x151 => Dense<32, 32, Relu>;
        branch x153 = x152 => Dense<32, 32, Relu>;
        branch x154 = x153 => Dense<32, 32, Relu>;
        branch x155 = x154 => Dense<32, 32, Relu>;
        branch x156 = x155 => Dense<32, 32, Relu>;
        branch x157 = x156 => Dense<32, 32, Relu>;
        branch x158 = x157 => Dense<32, 32, Relu>;
        branch x159 = x158 => Dense<32, 32, Relu>;
        branch x160 = x159 => Dense<32, 32, Relu>;
        branch x161 = x160 => Dense<32, 32, Relu>;
        branch x162 = x161 => Dense<32, 32, Relu>;
        branch x163 = x162 => Dense<32, 32, Relu>;
        branch x164 = x163 => Dense<32, 32, Relu>;
        branch x165 = x164 => Dense<32, 32, Relu>;
        branch x166 = x165 => Dense<32, 32, Relu>;
        branch x167 = x166 => Dense<32, 32, Relu>;
        branch x168 = x167 => Dense<32, 32, Relu>;
        branch x169 = x168 => Dense<32, 32, Relu>;
        branch x170 = x169 => Dense<32, 32, Relu>;
        branch x171 = x170 => Dense<32, 32, Relu>;
        branch x172 = x171 => Dense<32, 32, Relu>;
        branch x173 = x172 => Dense<32, 32, Relu>;
        branch x174 = x173 => Dense<32, 32, Relu>;
        branch x175 = x174 => Dense<32, 32, Relu>;
        branch x176 = x175 => Dense<32, 32, Relu>;
        branch x177 = x176 => Dense<32, 32, Relu>;
        branch x178 = x177 => Dense<32, 32, Relu>;
        branch x179 = x178 => Dense<32, 32, Relu>;
        branch x180 = x179 => Dense<32, 32, Relu>;
        branch x181 = x180 => Dense<32, 32, Relu>;
        branch x182 = x181 => Dense<32, 32, Relu>;
        branch x183 = x182 => Dense<32, 32, Relu>;
        branch x184 = x183 => Dense<32, 32, Relu>;
        branch x185 = x184 => Dense<32, 32, Relu>;
        branch x186 = x185 => Dense<32, 32, Relu>;
        branch x187 = x186 => Dense<32, 32, Relu>;
        branch x188 = x187 => Dense<32, 32, Relu>;
        branch x189 = x188 => Dense<32, 32, Relu>;
        branch x190 = x189 => Dense<32, 32, Relu>;
        branch x191 = x190 => Dense<32, 32, Relu>;
        branch x192 = x191 => Dense<32, 32, Relu>;
        branch x193 = x192 => Dense<32, 32, Relu>;
        branch x194 = x193 => Dense<32, 32, Relu>;
        branch x195 = x194 => Dense<32, 32, Relu>;
        branch x196 = x195 => Dense<32, 32, Relu>;
        branch x197 = x196 => Dense<32, 32, Relu>;
        branch x198 = x197 => Dense<32, 32, Relu>;
        branch x199 = x198 => Dense<32, 32, Relu>;
        branch x200 = x199 => Dense<32, 32, Relu>;
        branch x201 = x200 => Dense<32, 32, Relu>;
        branch x202 = x201 => Dense<32, 32, Relu>;
        branch x203 = x202 => Dense<32, 32, Relu>;
        branch x204 = x203 => Dense<32, 32, Relu>;
        branch x205 = x204 => Dense<32, 32, Relu>;
        branch x206 = x205 => Dense<32, 32, Relu>;
        branch x207 = x206 => Dense<32, 32, Relu>;
        branch x208 = x207 => Dense<32, 32, Relu>;
        branch x209 = x208 => Dense<32, 32, Relu>;
        branch x210 = x209 => Dense<32, 32, Relu>;
        branch x211 = x210 => Dense<32, 32, Relu>;
        branch x212 = x211 => Dense<32, 32, Relu>;
        branch x213 = x212 => Dense<32, 32, Relu>;
        branch x214 = x213 => Dense<32, 32, Relu>;
        branch x215 = x214 => Dense<32, 32, Relu>;
        branch x216 = x215 => Dense<32, 32, Relu>;
        branch x217 = x216 => Dense<32, 32, Relu>;
        branch x218 = x217 => Dense<32, 32, Relu>;
        branch x219 = x218 => Dense<32, 32, Relu>;
        branch x220 = x219 => Dense<32, 32, Relu>;
        branch x221 = x220 => Dense<32, 32, Relu>;
        branch x222 = x221 => Dense<32, 32, Relu>;
        branch x223 = x222 => Dense<32, 32, Relu>;
        branch x224 = x223 => Dense<32, 32, Relu>;
        branch x225 = x224 => Dense<32, 32, Relu>;
        branch x226 = x225 => Dense<32, 32, Relu>;
        branch x227 = x226 => Dense<32, 32, Relu>;
        branch x228 = x227 => Dense<32, 32, Relu>;
        branch x229 = x228 => Dense<32, 32, Relu>;
        branch x230 = x229 => Dense<32, 32, Relu>;
        branch x231 = x230 => Dense<32, 32, Relu>;
        branch x232 = x231 => Dense<32, 32, Relu>;
        branch x233 = x232 => Dense<32, 32, Relu>;
        branch x234 = x233 => Dense<32, 32, Relu>;
        branch x235 = x234 => Dense<32, 32, Relu>;
        branch x236 = x235 => Dense<32, 32, Relu>;
        branch x237 = x236 => Dense<32, 32, Relu>;
        branch x238 = x237 => Dense<32, 32, Relu>;
        branch x239 = x238 => Dense<32, 32, Relu>;
        branch x240 = x239 => Dense<32, 32, Relu>;
        branch x241 = x240 => Dense<32, 32, Relu>;
        branch x242 = x241 => Dense<32, 32, Relu>;
        branch x243 = x242 => Dense<32, 32, Relu>;
        branch x244 = x243 => Dense<32, 32, Relu>;
        branch x245 = x244 => Dense<32, 32, Relu>;
        branch x246 = x245 => Dense<32, 32, Relu>;
        branch x247 = x246 => Dense<32, 32, Relu>;
        branch x248 = x247 => Dense<32, 32, Relu>;
        branch x249 = x248 => Dense<32, 32, Relu>;
        branch x250 = x249 => Dense<32, 32, Relu>;
        branch x251 = x250 => Dense<32, 32, Relu>;
        branch x252 = x251 => Dense<32, 32, Relu>;
        branch x253 = x252 => Dense<32, 32, Relu>;
        branch x254 = x253 => Dense<32, 32, Relu>;
        branch x255 = x254 => Dense<32, 32, Relu>;
        branch x256 = x255 => Dense<32, 32, Relu>;
        branch x257 = x256 => Dense<32, 32, Relu>;
        branch x258 = x257 => Dense<32, 32, Relu>;
        branch x259 = x258 => Dense<32, 32, Relu>;
        branch x260 = x259 => Dense<32, 32, Relu>;
        branch x261 = x260 => Dense<32, 32, Relu>;
        branch x262 = x261 => Dense<32, 32, Relu>;
        branch x263 = x262 => Dense<32, 32, Relu>;
        branch x264 = x263 => Dense<32, 32, Relu>;
        branch x265 = x264 => Dense<32, 32, Relu>;
        branch x266 = x265 => Dense<32, 32, Relu>;
        branch x267 = x266 => Dense<32, 32, Relu>;
        branch x268 = x267 => Dense<32, 32, Relu>;
        branch x269 = x268 => Dense<32, 32, Relu>;
        branch x270 = x269 => Dense<32, 32, Relu>;
        branch x271 = x270 => Dense<32, 32, Relu>;
        branch x272 = x271 => Dense<32, 32, Relu>;
        branch x273 = x272 => Dense<32, 32, Relu>;
        branch x274 = x273 => Dense<32, 32, Relu>;
        branch x275 = x274 => Dense<32, 32, Relu>;
        branch x276 = x275 => Dense<32, 32, Relu>;
        branch x277 = x276 => Dense<32, 32, Relu>;
        branch x278 = x277 => Dense<32, 32, Relu>;
        branch x279 = x278 => Dense<32, 32, Relu>;
        branch x280 = x279 => Dense<32, 32, Relu>;
        branch x281 = x280 => Dense<32, 32, Relu>;
        branch x282 = x281 => Dense<32, 32, Relu>;
        branch x283 = x282 => Dense<32, 32, Relu>;
        branch x284 = x283 => Dense<32, 32, Relu>;
        branch x285 = x284 => Dense<32, 32, Relu>;
        branch x286 = x285 => Dense<32, 32, Relu>;
        branch x287 = x286 => Dense<32, 32, Relu>;
        branch x288 = x287 => Dense<32, 32, Relu>;
        branch x289 = x288 => Dense<32, 32, Relu>;
        branch x290 = x289 => Dense<32, 32, Relu>;
        branch x291 = x290 => Dense<32, 32, Relu>;
        branch x292 = x291 => Dense<32, 32, Relu>;
        branch x293 = x292 => Dense<32, 32, Relu>;
        branch x294 = x293 => Dense<32, 32, Relu>;
        branch x295 = x294 => Dense<32, 32, Relu>;
        branch x296 = x295 => Dense<32, 32, Relu>;
        branch x297 = x296 => Dense<32, 32, Relu>;
        branch x298 = x297 => Dense<32, 32, Relu>;
        branch x299 = x298 => Dense<32, 32, Relu>;
        branch x300 = x299 => Dense<32, 32, Relu>;
        branch x301 = x300 => Dense<32, 32, Relu>;
        branch x302 = x301 => Dense<32, 32, Relu>;
        branch x303 = x302 => Dense<32, 32, Relu>;
        branch x304 = x303 => Dense<32, 32, Relu>;
        branch x305 = x304 => Dense<32, 32, Relu>;
        branch x306 = x305 => Dense<32, 32, Relu>;
        branch x307 = x306 => Dense<32, 32, Relu>;
        branch x308 = x307 => Dense<32, 32, Relu>;
        branch x309 = x308 => Dense<32, 32, Relu>;
        branch x310 = x309 => Dense<32, 32, Relu>;
        branch x311 = x310 => Dense<32, 32, Relu>;
        branch x312 = x311 => Dense<32, 32, Relu>;
        branch x313 = x312 => Dense<32, 32, Relu>;
        branch x314 = x313 => Dense<32, 32, Relu>;
        branch x315 = x314 => Dense<32, 32, Relu>;
        branch x316 = x315 => Dense<32, 32, Relu>;
        branch x317 = x316 => Dense<32, 32, Relu>;
        branch x318 = x317 => Dense<32, 32, Relu>;
        branch x319 = x318 => Dense<32, 32, Relu>;
        branch x320 = x319 => Dense<32, 32, Relu>;
        branch x321 = x320 => Dense<32, 32, Relu>;
        branch x322 = x321 => Dense<32, 32, Relu>;
        branch x323 = x322 => Dense<32, 32, Relu>;
        branch x324 = x323 => Dense<32, 32, Relu>;
        branch x325 = x324 => Dense<32, 32, Relu>;
        branch x326 = x325 => Dense<32, 32, Relu>;
        branch x327 = x326 => Dense<32, 32, Relu>;
        branch x328 = x327 => Dense<32, 32, Relu>;
        branch x329 = x328 => Dense<32, 32, Relu>;
        branch x330 = x329 => Dense<32, 32, Relu>;
        branch x331 = x330 => Dense<32, 32, Relu>;
        branch x332 = x331 => Dense<32, 32, Relu>;
        branch x333 = x332 => Dense<32, 32, Relu>;
        branch x334 = x333 => Dense<32, 32, Relu>;
        branch x335 = x334 => Dense<32, 32, Relu>;
        branch x336 = x335 => Dense<32, 32, Relu>;
        branch x337 = x336 => Dense<32, 32, Relu>;
        branch x338 = x337 => Dense<32, 32, Relu>;
        branch x339 = x338 => Dense<32, 32, Relu>;
        branch x340 = x339 => Dense<32, 32, Relu>;
        branch x341 = x340 => Dense<32, 32, Relu>;
        branch x342 = x341 => Dense<32, 32, Relu>;
        branch x343 = x342 => Dense<32, 32, Relu>;
        branch x344 = x343 => Dense<32, 32, Relu>;
        branch x345 = x344 => Dense<32, 32, Relu>;
        branch x346 = x345 => Dense<32, 32, Relu>;
        branch x347 = x346 => Dense<32, 32, Relu>;
        branch x348 = x347 => Dense<32, 32, Relu>;
        branch x349 = x348 => Dense<32, 32, Relu>;
        branch x350 = x349 => Dense<32, 32, Relu>;
        branch x351 = x350 => Dense<32, 32, Relu>;
        branch x352 = x351 => Dense<32, 32, Relu>;
        branch x353 = x352 => Dense<32, 32, Relu>;
        branch x354 = x353 => Dense<32, 32, Relu>;
        branch x355 = x354 => Dense<32, 32, Relu>;
        branch x356 = x355 => Dense<32, 32, Relu>;
        branch x357 = x356 => Dense<32, 32, Relu>;
        branch x358 = x357 => Dense<32, 32, Relu>;
        branch x359 = x358 => Dense<32, 32, Relu>;
        branch x360 = x359 => Dense<32, 32, Relu>;
        branch x361 = x360 => Dense<32, 32, Relu>;
        branch x362 = x361 => Dense<32, 32, Relu>;
        branch x363 = x362 => Dense<32, 32, Relu>;
        branch x364 = x363 => Dense<32, 32, Relu>;
        branch x365 = x364 => Dense<32, 32, Relu>;
        branch x366 = x365 => Dense<32, 32, Relu>;
        branch x367 = x366 => Dense<32, 32, Relu>;
        branch x368 = x367 => Dense<32, 32, Relu>;
        branch x369 = x368 => Dense<32, 32, Relu>;
        branch x370 = x369 => Dense<32, 32, Relu>;
        branch x371 = x370 => Dense<32, 32, Relu>;
        branch x372 = x371 => Dense<32, 32, Relu>;
        branch x373 = x372 => Dense<32, 32, Relu>;
        branch x374 = x373 => Dense<32, 32, Relu>;
        branch x375 = x374 => Dense<32, 32, Relu>;
        branch x376 = x375 => Dense<32, 32, Relu>;
        branch x377 = x376 => Dense<32, 32, Relu>;
        branch x378 = x377 => Dense<32, 32, Relu>;
        branch x379 = x378 => Dense<32, 32, Relu>;
        branch x380 = x379 => Dense<32, 32, Relu>;
        branch x381 = x380 => Dense<32, 32, Relu>;
        branch x382 = x381 => Dense<32, 32, Relu>;
        branch x383 = x382 => Dense<32, 32, Relu>;
        branch x384 = x383 => Dense<32, 32, Relu>;
        branch x385 = x384 => Dense<32, 32, Relu>;
        branch x386 = x385 => Dense<32, 32, Relu>;
        branch x387 = x386 => Dense<32, 32, Relu>;
        branch x388 = x387 => Dense<32, 32, Relu>;
        branch x389 = x388 => Dense<32, 32, Relu>;
        branch x390 = x389 => Dense<32, 32, Relu>;
        branch x391 = x390 => Dense<32, 32, Relu>;
        branch x392 = x391 => Dense<32, 32, Relu>;
        branch x393 = x392 => Dense<32, 32, Relu>;
        branch x394 = x393 => Dense<32, 32, Relu>;
        branch x395 = x394 => Dense<32, 32, Relu>;
        branch x396 = x395 => Dense<32, 32, Relu>;
        branch x397 = x396 => Dense<32, 32, Relu>;
        branch x398 = x397 => Dense<32, 32, Relu>;
        output z = x398 => Dense<32, 32, Relu>;
    }
}

model! {
    pub struct Tower {
        input a: [f32; 4];
        block residual(x) {
            branch h = x => Dense<_, 4> => Dropout(0.1);
            output x + h => Activation<Relu>;
        }
        branch x = a => repeat 200 { residual };
        output z = x => Dense<_, 2>;
        output y = x => repeat 150 { Activation<Tanh> } => Dense<_, 3>;
    }
}

pub fn main() {
    assert_eq!(doubled(&Tower::new(1).predict(&[0.0; 4])).z, [0.0; 2]);
    assert_eq!(Tower::PARAMETERS, 200 * 20 + 10 + 15);
    const PARAMETERS: usize = 400 * (32 * 32 + 32);
    assert_eq!([Short::PARAMETERS, Chain::PARAMETERS, Branches::PARAMETERS], [PARAMETERS; 3]);
    assert!(Short::new(1).predict(&[0.5; 32])[0].is_finite());
}
