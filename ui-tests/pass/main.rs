//! What is no mistake compiles and runs: each file is a program, and here a module of one.

mod deep;
mod from_the_field;
#[path = "fusion.rs"]
mod fusion_of_two;
mod language;
mod layers;
mod models_within_models;
mod own_layer;
mod public_programs;
mod scopes;
mod sequential;
mod sixteen_outputs;
mod sizes;
mod weights_in_the_program;
mod wires;

/// A test for each module, which runs its `main`.
macro_rules! run {
    ($($program:ident)*) => {$(
        #[test]
        fn $program() -> impl std::process::Termination {
            $program::main()
        }
    )*};
}
run!(deep from_the_field fusion_of_two language layers models_within_models own_layer public_programs scopes sequential
    sixteen_outputs sizes weights_in_the_program wires);
