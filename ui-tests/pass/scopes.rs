// Where a model may be declared, and what may stand before it.
use fusion::prelude::*;

mod inner {
    use fusion::prelude::*;

    model! {
        /// Of use outside.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(dead_code)]
        pub(crate) struct Visible = [f32; 2] => Dense<2, 1>;
    }
    model! { struct Private = [f32; 3] => Dense<3, 1>; }

    pub fn private() -> usize {
        Private::PARAMETERS
    }

    pub mod layers {
        pub use fusion::layers::Dense as Linear;
        pub const SIZE: usize = 2;
    }
}

// A family of models of different sizes.
macro_rules! family {
    ($($name:ident: $inputs:expr, $hidden:literal, $activation:ty;)*) => {
        $(model! {
            pub struct $name {
                input a: [f32; $inputs];
                branch x = a => Dense<{ $inputs }, $hidden, $activation>;
                output z = x => Dense<_, 1>;
            }
        })*
    };
}
family! {
    Small: 2, 4, Relu;
    Large: 2 * 8, 64, Tanh;
}

macro_rules! names_of_the_caller {
    ($input:ident, $output:ident, $layer:ident) => {
        model! {
            struct Named {
                input $input: [f32; 2];
                output $output = $input => $layer: Dense<2, 1>;
            }
        }
    };
}
names_of_the_caller!(given, made, head);

fn in_a_function() -> usize {
    const FEATURES: usize = 5;
    model! { struct Local = [f32; FEATURES] => Dense<FEATURES, 1>; }
    let _: [f32; 1] = Local::new(0).predict(&[1.0; FEATURES]);
    Local::PARAMETERS
}

model! {
    struct Paths = [f32; 2]
        => inner::layers::Linear<{ inner::layers::SIZE }, 3>
        => ::fusion::layers::Dense::<3, 1, fusion::activations::Relu>;
}

// Models with the names of traits that bring their methods.
mod traits {
    use fusion::prelude::*;

    model! { pub struct Model = [f32; 2] => Dense<2, 1>; }
    model! { pub struct Plot = [f32; 2] => Dense<2, 1>; }
    model! { pub struct Summarize = [f32; 2] => Dense<2, 1>; }

    pub fn outputs() -> [[f32; 1]; 3] {
        let _ = (Plot::summary(), Summarize::picture().to_dot());
        [Model::new(1).predict(&[0.5; 2]), Plot::new(1).predict(&[0.5; 2]), Summarize::new(1).predict(&[0.5; 2])]
    }
}

pub fn main() {
    let [first, second, third] = traits::outputs();
    assert!(first == second && second == third);
    assert_eq!(inner::Visible::PARAMETERS + inner::private() + in_a_function(), 3 + 4 + 6);
    let visible = inner::Visible::new(1);
    assert_eq!(*visible.duplicate(), (*visible).clone());
    let (_, _): ([f32; 1], [f32; 1]) = (Small::new(1).predict(&[0.0; 2]), Large::new(1).predict(&[0.0; 16]));
    let _: f32 = Named::new(1).head.bias[0];
    let _ = Named::new(1).predict_named(NamedInput { given: &[0.0; 2] });
    assert_eq!(Paths::new(1).linear.kernel[0].len(), 3);
}
