//! The macro's code means the same whatever the names around it: each module takes names that the
//! generated code might use for itself.
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case, dead_code)]

/// The standard prelude's names, taken by types of the user's.
mod prelude_names {
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Result;
    pub struct Ok;
    pub struct Err;
    pub struct Vec;
    pub struct Box;
    pub struct String;
    pub trait Default {}
    pub trait Clone {}
    pub trait Iterator {}
    pub trait FnMut {}
    pub trait Sized {}
    pub trait Send {}

    use fusion::Model;
    use fusion::layers::{Dense, Dropout};

    fusion::model! {
        pub struct Fusion {
            input a: [f32; 4];
            input b: [u32; 2];
            branch x = a => Dense<4, 3> => Dropout(rate = 0.5);
            branch y = a => Dense<_, 3>;
            branch ids = b => fusion::layers::Embedding<5, 3> => fusion::layers::Flatten;
            output z = concatenate(x, y, ids) => Dense<_, 2>;
            output w = add(x, y);
        }
    }
    fusion::model! { pub struct Short = [f32; 4] => Dense<4, 1>; }

    #[test]
    fn the_model_works() {
        let output = Fusion::new(1).predict(&[0.1; 4], &[1, 2]);
        assert_eq!((output.z.len(), output.w.len()), (2, 3));
        assert_eq!(Short::new(1).predict_batch(&[[0.1; 4]; 3]).unwrap().len(), 3);
    }
}

/// Names of the primitive types.
mod primitive_names {
    pub type f32 = u8;
    pub type u32 = u8;
    pub type usize = u8;
    pub type u64 = u8;
    pub type bool = u8;
    pub type str = u8;

    use fusion::Model;
    use fusion::layers::{Dense, Dropout};

    fusion::model! {
        pub struct Fusion {
            input a: [f32; 4];
            input b: [f32; 3];
            layer shared: Dense<4, 4>;
            branch x = a => shared => shared => Dropout(0.5);
            output z = concatenate(x, b) => Dense<7, 2>;
        }
    }

    #[test]
    fn the_model_works() {
        assert_eq!(Fusion::new(1).predict(&[0.1; 4], &[0.2; 3]).len(), 2);
    }
}

/// `Relu` is something else here, and fusion's has another name; modules have fusion's and core's.
mod layer_names {
    pub struct Relu;
    pub struct Layer;
    pub struct Model;
    pub struct Tensor;
    pub struct Shape;
    pub struct Network;
    pub mod core {}
    pub mod std {}
    pub mod fusion_core {}
    pub mod fusion {}

    use ::fusion::Model as _;
    use ::fusion::activations::Relu as Rectifier;
    use ::fusion::layers::Dense as Full;
    use ::fusion::model;

    model! {
        pub struct Net {
            input a: [f32; 4];
            input b: [f32; 3];
            branch x = a => Full<4, 3, Rectifier>;
            output z = multiply(x, b) => Full<3, 2>;
        }
    }

    #[test]
    fn the_model_works() {
        let net = Net::new(1);
        assert_eq!(net.predict(&[0.1; 4], &[0.2; 3]).len(), 2);
        assert_eq!(net.full.bias, [0.0; 3]);
    }
}

/// Wires and layers with the names of the generated code's own variables.
mod wire_names {
    use fusion::prelude::*;

    model! {
        pub struct Fusion {
            input self_: [f32; 2];
            input inputs: [f32; 3];
            input samples: [f32; 4];
            input count: [f32; 5];
            branch pass = self_ => memory: Dense<2, 2>;
            branch wires = inputs => rest: Dense<3, 2>;
            branch saved = samples => gradient: Dense<4, 2>;
            branch gradients = count => path: Dense<5, 2>;
            branch x = pass => visit: Dense<2, 2> => these: Dense<2, 2>;
            branch x_1 = x => x: Dense<2, 2> => Dense<2, 2>;
            branch rest = add(wires, saved, gradients);
            branch spare = concatenate(x, x_1, rest);
            branch piece_0 = spare => length: Dense<6, 2>;
            branch length = piece_0 => network: Dense<2, 2>;
            branch output = length => K: Dense<2, 2>;
            branch memory = output;
            branch r#type = memory => r#match: Dense<2, 2>;
            output call = r#type => this: Dense<2, 2>;
            output outputs = maximum(x, x) => Dense<2, 1>;
            output operand = x_1;
            output index = subtract(x, x_1);
        }
    }

    model! { pub struct T = [f32; 2] => Dense<2, 1>; }
    model! { pub struct Self_ = [f32; 2] => Dense<2, 1>; }
    model! { pub struct Wires = [f32; 2] => Dense<2, 1>; }
    model! { pub struct Saved = [f32; 2] => Wires => Dense<1, 1>; }

    #[test]
    fn the_model_works() {
        let mut model = Fusion::new(1);
        let output = model.predict(&[0.1; 2], &[0.2; 3], &[0.3; 4], &[0.4; 5]);
        assert_eq!(output.index[0], output.operand[0].mul_add(0.0, output.index[0]));
        assert_eq!(model.r#match.bias, [0.0; 2]);
        let inputs = FusionInputs { self_: &[[0.1; 2]], inputs: &[[0.2; 3]], samples: &[[0.3; 4]], count: &[[0.4; 5]] };
        let outputs = model.predict_batch(inputs).unwrap();
        assert_eq!((outputs.call[0], outputs.sample(0)), (output.call, output));
        let (zero, mse) = ([[0.0; 2]], MeanSquaredError);
        let targets = FusionTargets { call: &zero, outputs: &[[0.0; 1]], operand: &zero, index: &zero };
        let losses = FusionLosses { call: mse, outputs: mse, operand: mse, index: mse };
        let mut trainer = Trainer::new(&mut model, Sgd::new(0.01), losses);
        assert!(trainer.train_on_batch(inputs, targets).is_ok());
        assert_eq!(Saved::new(1).predict(&[0.0; 2]), [0.0]);
    }
}

/// Constants, statics and functions with the names of wires and of the generated code's variables.
mod constants {
    use fusion::prelude::*;

    const a: usize = 4;
    static b: f32 = 1.0;
    const x: () = ();
    pub struct z;
    fn unused() {}
    const never: u8 = 1;
    const N: usize = 3;
    const K: usize = 7;
    const SITE: usize = 2;
    const FLOATS_OF_ONE: usize = 1;

    model! {
        #[allow(unused_variables)]
        pub struct Fusion {
            input a: [f32; a];
            input b: [f32; N];
            input never: [f32; K];
            branch x = a => Dense<{ a }, SITE> => Dense<SITE, N>;
            branch unused = b => Dense<N, FLOATS_OF_ONE>;
            output z = add(x, b) => Dense<N, 1>;
        }
    }

    #[test]
    fn the_model_works() {
        let _: [f32; 1] = Fusion::new(1).predict(&[0.1; 4], &[0.2; 3], &[0.0; 7]);
    }
}

/// Methods of the user's do not collide with those that models have.
mod methods {
    use fusion::prelude::*;

    model! { pub struct Fusion = [f32; 2] => Dense<2, 1>; }

    impl Fusion {
        pub const PARAMETERS: &'static str = "the user's own";

        pub fn summary() -> u8 {
            1
        }

        pub fn forward(&self) -> u8 {
            2
        }

        pub fn walk(&self) -> u8 {
            3
        }
    }

    #[test]
    fn the_model_works() {
        let model = Fusion::new(1);
        assert_eq!((Fusion::summary(), model.forward(), model.walk()), (1, 2, 3));
        assert_eq!((Fusion::PARAMETERS, <Fusion as Model>::PARAMETERS), ("the user's own", 3));
        assert_eq!(model.predict_batch(&[[0.0; 2]]).unwrap(), [[0.0]]);
    }
}

/// Each kind of visibility, in a function and in nested modules.
mod places {
    pub mod outer {
        pub mod inner {
            use fusion::prelude::*;
            model! { pub(in super::super) struct Restricted = [f32; 2] => Dense<2, 1>; }
            model! { pub(super) struct Parent = [f32; 2] => Restricted => Dense<1, 1>; }
            model! { struct Hidden = [f32; 2] => Dense<2, 1>; }

            pub fn hidden() -> usize {
                Hidden::PARAMETERS
            }
        }

        pub fn parent() -> usize {
            <inner::Parent as fusion::Model>::PARAMETERS
        }
    }

    #[test]
    fn the_models_work() {
        use fusion::prelude::*;
        model! {
            struct Local {
                input a: [f32; 2];
                output y = a => outer::inner::Restricted;
                output z = a => Dense<2, 1>;
            }
        }
        {
            // In a block of its own, under a name that is taken outside.
            model! { struct Local = [f32; 2] => Dense<2, 2>; }
            assert_eq!(Local::PARAMETERS, 6);
        }
        assert_eq!(Local::PARAMETERS + outer::parent() + outer::inner::hidden(), 6 + 5 + 3);
        assert_eq!(outer::inner::Restricted::new(1).predict(&[0.0; 2]), [0.0]);
    }
}
