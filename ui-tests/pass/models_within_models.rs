// Models are layers too; shared and frozen layers; inputs by name.
use fusion::prelude::*;

model! { pub struct Encoder = [f32; 4] => Dense<_, 3, Tanh>; }

model! {
    pub struct Inner {
        input a: [f32; 4];
        input b: [f32; 3];
        output z = concatenate(a, b) => Dense<_, 5, Tanh>;
    }
}

model! {
    pub struct Outer {
        input p: [f32; 4];
        input q: [f32; 4];
        layer shared: Dense<4, 4, Tanh>;
        #[frozen]
        layer fixed: Dense<4, 4>;
        branch x = p => shared => fixed;
        branch y = q => shared => code: Encoder;
        branch m = (a = x, b = y) => Inner;
        branch n = (b = y, a = x) => #[frozen] Inner;
        output features = add(m, n, m);
        output z = (a = q, b = y) => Inner => Dense<_, 1>;
    }
}

model! {
    struct Abbreviated {
        input a: [f32; 4];
        input b: [f32; 3];
        output z = (a, b) => Inner;
    }
}

pub fn main() {
    let model = Outer::new(1);
    let (p, q) = ([0.1; 4], [0.2; 4]);
    let output = model.predict_named(OuterInput { p: &p, q: &q });
    let _: ([f32; 5], [f32; 1]) = (output.features, output.z);
    let outputs = model.predict_batch(OuterInputs { p: &[p; 3], q: &[q; 3] }).unwrap();
    assert_eq!((outputs.features.len(), outputs.z.len()), (3, 3));
    let _: f32 = model.inner_1.dense.kernel[0][0] + model.code.dense.bias[0];
    let _: [f32; 5] = Abbreviated::new(1).predict(&p, &[0.3; 3]);
}
