/// Price of a diamond from its measures and its grades.
/**

The graph:
```text
a: [f32; 32]
b: [f32; 128]
a ─▶ Dense<32, 8, Relu> ─▶ Dense<8, 4, Relu> ─▶ x
b ─▶ Dense<_, 64, Relu> ─▶ Dropout(rate = 0.5) ─▶ Dense<_, 4, Relu> ─▶ y
concatenate(x, y) ─▶ Dense<8, 2, Relu> ─▶ Dense<2, 1> ─▶ z
```*/
#[allow(non_snake_case)]
pub struct Fusion {
    /// The layer `dense`, `Dense<32, 8, Relu>`.
    pub dense: FusionLayer_dense,
    /// The layer `dense_1`, `Dense<8, 4, Relu>`.
    pub dense_1: FusionLayer_dense_1,
    /// The layer `dense_2`, `Dense<_, 64, Relu>`.
    pub dense_2: FusionLayer_dense_2,
    /// The layer `dropout`, `Dropout(rate = 0.5)`.
    pub dropout: FusionLayer_dropout,
    /// The layer `dense_3`, `Dense<_, 4, Relu>`.
    pub dense_3: FusionLayer_dense_3,
    /// The layer `concatenate`, `concatenate(x, y)`.
    pub concatenate: FusionLayer_concatenate,
    /// The layer `dense_4`, `Dense<8, 2, Relu>`.
    pub dense_4: FusionLayer_dense_4,
    /// The layer `dense_5`, `Dense<2, 1>`.
    pub dense_5: FusionLayer_dense_5,
}
/// One sample for [`Fusion`], by name.
#[derive(Clone, Copy, Debug)]
#[allow(non_snake_case, non_camel_case_types)]
pub struct FusionInput<'a> {
    /// The input `a`.
    pub a: &'a FusionWire_a,
    /// The input `b`.
    pub b: &'a FusionWire_b,
}
/// Many samples for [`Fusion`], by name.
#[derive(Clone, Copy, Debug)]
#[allow(non_snake_case, non_camel_case_types)]
pub struct FusionInputs<'a> {
    /// The input `a`.
    pub a: &'a [FusionWire_a],
    /// The input `b`.
    pub b: &'a [FusionWire_b],
}
/// One sample's output of [`Fusion`].
pub type FusionOutput = FusionWire_z;
#[allow(
    non_snake_case,
    non_camel_case_types,
    dead_code,
    unused_variables,
    clippy::all,
    clippy::pedantic
)]
const _: () = {
    use ::fusion::model::{
        ByPosition as __ByPosition, InputsDiffer as __InputsDiffer,
        IntoInput as __IntoInput, IntoInputs as __IntoInputs, Samples as __Samples,
    };
    #[allow(dead_code, non_snake_case)]
    fn a() {}
    #[allow(dead_code, non_snake_case)]
    fn b() {}
    impl Fusion {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        const __INPUTS_DIFFER: ::core::primitive::bool = ::fusion::model::all_differ(
            <Self as ::fusion::model::Network>::GRAPH.inputs,
        );
        /// The output for one sample, its inputs in the order of their declaration.
        ///
        /// # Panics
        /// When an id is out of range; `predict_batch` gives an error instead.
        pub fn predict(&self, a: &FusionWire_a, b: &FusionWire_b) -> FusionOutput
        where
            for<'x> __InputsDiffer<{ Fusion::__INPUTS_DIFFER }>: __ByPosition<Fusion>,
        {
            ::fusion::Model::predict_named(self, FusionInput { a, b })
        }
    }
    impl<'a> __IntoInput<'a, Fusion> for FusionInput<'a> {
        fn into_input(self) -> FusionInput<'a> {
            self
        }
    }
    impl<'a> __IntoInputs<'a, Fusion> for FusionInputs<'a> {
        fn into_inputs(self) -> FusionInputs<'a> {
            self
        }
    }
    impl<'a> __IntoInputs<'a, Fusion> for &FusionInputs<'a> {
        fn into_inputs(self) -> FusionInputs<'a> {
            *self
        }
    }
    impl<'a> __IntoInput<'a, Fusion> for (&'a FusionWire_a, &'a FusionWire_b)
    where
        for<'x> __InputsDiffer<{ Fusion::__INPUTS_DIFFER }>: __ByPosition<Fusion>,
    {
        fn into_input(self) -> FusionInput<'a> {
            FusionInput {
                a: self.0,
                b: self.1,
            }
        }
    }
    impl<
        'a,
        BatchOf_a: __Samples<FusionWire_a> + ?::core::marker::Sized,
        BatchOf_b: __Samples<FusionWire_b> + ?::core::marker::Sized,
    > __IntoInputs<'a, Fusion> for (&'a BatchOf_a, &'a BatchOf_b)
    where
        for<'x> __InputsDiffer<{ Fusion::__INPUTS_DIFFER }>: __ByPosition<Fusion>,
    {
        fn into_inputs(self) -> FusionInputs<'a> {
            FusionInputs {
                a: __Samples::samples(self.0),
                b: __Samples::samples(self.1),
            }
        }
    }
};
#[allow(non_camel_case_types)]
type FusionWire_a = [::core::primitive::f32; 32];
#[allow(non_camel_case_types)]
type FusionWire_b = [::core::primitive::f32; 128];
#[allow(non_camel_case_types)]
type FusionLayer_dense = Dense<32, 8, Relu>;
#[allow(non_camel_case_types)]
type FusionLayer_dense_1 = Dense<8, 4, Relu>;
#[allow(non_upper_case_globals)]
const FusionFeatures_dense_2: ::core::primitive::usize = <FusionWire_b as ::fusion::Tensor>::SHAPE
    .last();
#[allow(non_camel_case_types)]
type FusionLayer_dense_2 = Dense<FusionFeatures_dense_2, 64, Relu>;
#[allow(non_camel_case_types)]
type FusionLayer_dropout = Dropout;
::fusion::model::options!(FusionOptions_dropout : FusionLayer_dropout.rate(0.5));
#[allow(non_upper_case_globals)]
const FusionFeatures_dense_3: ::core::primitive::usize = <FusionWire_y_2 as ::fusion::Tensor>::SHAPE
    .last();
#[allow(non_camel_case_types)]
type FusionLayer_dense_3 = Dense<FusionFeatures_dense_3, 4, Relu>;
#[allow(non_camel_case_types)]
type FusionLayer_concatenate = ::fusion::layers::Concatenate;
#[allow(non_camel_case_types)]
type FusionLayer_dense_4 = Dense<8, 2, Relu>;
#[allow(non_camel_case_types)]
type FusionLayer_dense_5 = Dense<2, 1>;
::fusion::model::step!(
    FusionStep_x_1 FusionGives_x_1 FusionWire_x_1[FusionDim_x_1_e FusionDim_x_1_r
    FusionDim_x_1_0 FusionDim_x_1_1 FusionDim_x_1_2 FusionDim_x_1_3 FusionDim_x_1_4
    FusionDim_x_1_5] : FusionLayer_dense, FusionWire_a => < FusionLayer_dense < > as
    __Layer < FusionWire_a >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_x FusionGives_x FusionWire_x[FusionDim_x_e FusionDim_x_r FusionDim_x_0
    FusionDim_x_1 FusionDim_x_2 FusionDim_x_3 FusionDim_x_4 FusionDim_x_5] :
    FusionLayer_dense_1, FusionWire_x_1 => < FusionLayer_dense_1 < > as __Layer <
    FusionWire_x_1 >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_y_1 FusionGives_y_1 FusionWire_y_1[FusionDim_y_1_e FusionDim_y_1_r
    FusionDim_y_1_0 FusionDim_y_1_1 FusionDim_y_1_2 FusionDim_y_1_3 FusionDim_y_1_4
    FusionDim_y_1_5] : FusionLayer_dense_2, FusionWire_b => < FusionLayer_dense_2 < > as
    __Layer < FusionWire_b >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_y_2 FusionGives_y_2 FusionWire_y_2[FusionDim_y_2_e FusionDim_y_2_r
    FusionDim_y_2_0 FusionDim_y_2_1 FusionDim_y_2_2 FusionDim_y_2_3 FusionDim_y_2_4
    FusionDim_y_2_5] : FusionLayer_dropout, FusionWire_y_1, FusionOptions_dropout => <
    FusionLayer_dropout as __Layer < FusionWire_y_1, FusionOptions_dropout >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_y FusionGives_y FusionWire_y[FusionDim_y_e FusionDim_y_r FusionDim_y_0
    FusionDim_y_1 FusionDim_y_2 FusionDim_y_3 FusionDim_y_4 FusionDim_y_5] :
    FusionLayer_dense_3, FusionWire_y_2 => < FusionLayer_dense_3 < > as __Layer <
    FusionWire_y_2 >> ::OUTPUT
);
#[allow(non_camel_case_types)]
struct FusionWires_z_0;
impl ::fusion::layer::Wires for FusionWires_z_0 {
    const WIRES: &'static [::fusion::layer::Wire] = &[
        ::fusion::layer::Wire::of::<FusionWire_x>("x"),
        ::fusion::layer::Wire::of::<FusionWire_y>("y"),
    ];
}
#[allow(non_camel_case_types)]
type FusionTakes_z_0 = ::fusion::layer::Several<FusionWires_z_0, 2usize>;
::fusion::model::step!(
    FusionStep_z_0 FusionGives_z_0 FusionWire_z_0[FusionDim_z_0_e FusionDim_z_0_r
    FusionDim_z_0_0 FusionDim_z_0_1 FusionDim_z_0_2 FusionDim_z_0_3 FusionDim_z_0_4
    FusionDim_z_0_5] : FusionLayer_concatenate, FusionTakes_z_0 => <
    FusionLayer_concatenate as __Layer < FusionTakes_z_0 >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_z_1 FusionGives_z_1 FusionWire_z_1[FusionDim_z_1_e FusionDim_z_1_r
    FusionDim_z_1_0 FusionDim_z_1_1 FusionDim_z_1_2 FusionDim_z_1_3 FusionDim_z_1_4
    FusionDim_z_1_5] : FusionLayer_dense_4, FusionWire_z_0 => < FusionLayer_dense_4 < >
    as __Layer < FusionWire_z_0 >> ::OUTPUT
);
::fusion::model::step!(
    FusionStep_z FusionGives_z FusionWire_z[FusionDim_z_e FusionDim_z_r FusionDim_z_0
    FusionDim_z_1 FusionDim_z_2 FusionDim_z_3 FusionDim_z_4 FusionDim_z_5] :
    FusionLayer_dense_5, FusionWire_z_1 => < FusionLayer_dense_5 < > as __Layer <
    FusionWire_z_1 >> ::OUTPUT
);
#[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::core::primitive::{bool, str, usize};
    #[allow(unused_imports)]
    use ::fusion::layer::messages::{WrittenHere as __Written, *};
    #[allow(unused_imports)]
    use ::fusion::model::NoLayer as _;
    const Fusion_a: () = check_sizes(&::fusion::layer::Wire::of::<FusionWire_a>("a"));
    const Fusion_b: () = check_sizes(&::fusion::layer::Wire::of::<FusionWire_b>("b"));
    const Fusion_x_1: () = {
        const STEP: __Written = written("Dense<32, 8, Relu>", "input `a`");
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_a>(&FusionGives_x_1, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_a>(&FusionGives_x_1, &STEP, FusionStep_x_1::TRAINS)
    };
    const Fusion_x_2: () = {
        const STEP: __Written = written("Dense<8, 4, Relu>", "`Dense<32, 8, Relu>`");
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_x_1>(&FusionGives_x, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_x_1>(&FusionGives_x, &STEP, FusionStep_x::TRAINS)
    };
    const Fusion_y_1: () = {
        const STEP: __Written = written("Dense<_, 64, Relu>", "input `b`");
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_b>(&FusionGives_y_1, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_b>(&FusionGives_y_1, &STEP, FusionStep_y_1::TRAINS)
    };
    const Fusion_y_2: () = {
        const STEP: __Written = written("Dropout(rate = 0.5)", "`Dense<_, 64, Relu>`");
        const option_1: () = {
            check_option::<FusionWire_y_1>(&FusionGives_y_2, &STEP, "rate", &["rate"])
        };
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_y_1>(&FusionGives_y_2, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_y_1>(&FusionGives_y_2, &STEP, FusionStep_y_2::TRAINS)
    };
    const Fusion_y_3: () = {
        const STEP: __Written = written("Dense<_, 4, Relu>", "`Dropout(rate = 0.5)`");
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_y_2>(&FusionGives_y, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_y_2>(&FusionGives_y, &STEP, FusionStep_y::TRAINS)
    };
    const Fusion_z_0: () = {
        const STEP: __Written = written("concatenate(x, y)", "`concatenate(x, y)`");
        check::<FusionTakes_z_0>(&FusionGives_z_0, &STEP, FusionStep_z_0::TRAINS)
    };
    const Fusion_z_1: () = {
        const STEP: __Written = written("Dense<8, 2, Relu>", "`concatenate(x, y)`")
            .after::<FusionTakes_z_0>(&FusionGives_z_0);
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_z_0>(&FusionGives_z_1, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_z_0>(&FusionGives_z_1, &STEP, FusionStep_z_1::TRAINS)
    };
    const Fusion_z_2: () = {
        const STEP: __Written = written("Dense<2, 1>", "`Dense<8, 2, Relu>`");
        const fn the_input_comes_from_here() {
            check_input::<FusionWire_z_1>(&FusionGives_z, &STEP)
        }
        the_input_comes_from_here();
        check::<FusionWire_z_1>(&FusionGives_z, &STEP, FusionStep_z::TRAINS)
    };
    const Fusion_z_2_output: () = check_output(
        &::fusion::layer::Wire::of::<FusionWire_z>("Dense<2, 1>"),
    );
};
#[allow(non_snake_case, unused_variables, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::core::mem::offset_of as __offset_of;
    #[allow(unused_imports)]
    use ::fusion::{layer::Source as __Source, model::NoLayer as _};
    ::fusion::model::weights!(
        unsafe Fusion "Functional" "functional" { dense : FusionLayer_dense, dense_1 :
        FusionLayer_dense_1, dense_2 : FusionLayer_dense_2, dropout :
        FusionLayer_dropout, dense_3 : FusionLayer_dense_3, concatenate :
        FusionLayer_concatenate, dense_4 : FusionLayer_dense_4, dense_5 :
        FusionLayer_dense_5 } [FusionStep_x_1::ENTRY.at("dense", __offset_of!(Self,
        dense)), FusionStep_x::ENTRY.at("dense_1", __offset_of!(Self, dense_1)),
        FusionStep_y_1::ENTRY.at("dense_2", __offset_of!(Self, dense_2)),
        FusionStep_y_2::ENTRY.at("dropout", __offset_of!(Self, dropout)),
        FusionStep_y::ENTRY.at("dense_3", __offset_of!(Self, dense_3)),
        FusionStep_z_0::ENTRY.at("concatenate", __offset_of!(Self, concatenate)),
        FusionStep_z_1::ENTRY.at("dense_4", __offset_of!(Self, dense_4)),
        FusionStep_z::ENTRY.at("dense_5", __offset_of!(Self, dense_5))]
    );
    const __STEPS: [::fusion::layer::StepNode; 8usize] = [
        FusionStep_x_1::NODE.of(0usize, &[__Source::input(0usize)]),
        FusionStep_x::NODE.of(1usize, &[__Source::step(0usize)]),
        FusionStep_y_1::NODE.of(2usize, &[__Source::input(1usize)]),
        FusionStep_y_2::NODE.of(3usize, &[__Source::step(2usize)]),
        FusionStep_y::NODE.of(4usize, &[__Source::step(3usize)]),
        FusionStep_z_0::NODE
            .of(5usize, &[__Source::step(1usize), __Source::step(4usize)]),
        FusionStep_z_1::NODE.of(6usize, &[__Source::step(5usize)]),
        FusionStep_z::NODE.of(7usize, &[__Source::step(6usize)]),
    ];
    const __PLACES: [::fusion::model::Place; 8usize] = ::fusion::model::places(
        &__STEPS,
        &[7usize],
    );
    impl ::fusion::model::Network for Fusion {
        type Input<'a> = FusionInput<'a>;
        type Inputs<'a> = FusionInputs<'a>;
        type Operands<'a> = [::fusion::layer::Operand<'a>; 2usize];
        const GRAPH: &'static ::fusion::layer::Graph = &::fusion::layer::Graph {
            name: "Fusion",
            sequential: false,
            inputs: &[
                ::fusion::layer::Wire::of::<FusionWire_a>("a"),
                ::fusion::layer::Wire::of::<FusionWire_b>("b"),
            ],
            layers: &[
                FusionStep_x_1::LAYER.named("dense", false),
                FusionStep_x::LAYER.named("dense_1", false),
                FusionStep_y_1::LAYER.named("dense_2", false),
                FusionStep_y_2::LAYER.named("dropout", false),
                FusionStep_y::LAYER.named("dense_3", false),
                FusionStep_z_0::LAYER.named("concatenate", false),
                FusionStep_z_1::LAYER.named("dense_4", false),
                FusionStep_z::LAYER.named("dense_5", false),
            ],
            steps: &__STEPS,
            outputs: &[("z", 7usize)],
        };
        const PLACES: &'static [::fusion::model::Place] = &__PLACES;
        fn one(__input: Self::Input<'_>) -> Self::Operands<'_> {
            [
                ::fusion::layer::Operand::of(::core::slice::from_ref(__input.a)),
                ::fusion::layer::Operand::of(::core::slice::from_ref(__input.b)),
            ]
        }
        fn many(__inputs: Self::Inputs<'_>) -> Self::Operands<'_> {
            [
                ::fusion::layer::Operand::of(__inputs.a),
                ::fusion::layer::Operand::of(__inputs.b),
            ]
        }
        type Output = FusionOutput;
        type Outputs = (FusionWire_z,);
        type OutputsDiffer = ::fusion::model::OutputsDiffer<
            {
                ::fusion::model::shapes_differ(
                    <(FusionWire_z,) as ::fusion::model::Outputs>::SHAPES,
                )
            },
        >;
        fn read(
            __outputs: <Self::Outputs as ::fusion::model::Outputs>::Slices<'_>,
            __sample: ::core::primitive::usize,
            __output: &mut FusionOutput,
        ) {
            ::fusion::shape::copy_plain(&__outputs.0[__sample], __output);
        }
        type Predictions = ::fusion::model::Rows<FusionOutput>;
        type PredictionsMut<'a> = &'a mut [FusionOutput];
        fn predictions(
            __rows: <Self::Outputs as ::fusion::model::Outputs>::Rows,
        ) -> Self::Predictions {
            __rows.0
        }
        fn slices_mut(
            __predictions: Self::PredictionsMut<'_>,
        ) -> <Self::Outputs as ::fusion::model::Outputs>::SlicesMut<'_> {
            (__predictions,)
        }
        fn named_mut(
            __slices: <Self::Outputs as ::fusion::model::Outputs>::SlicesMut<'_>,
        ) -> Self::PredictionsMut<'_> {
            __slices.0
        }
    }
    ::fusion::model::passes!(
        Fusion { FusionStep_x_1(dense, 0), FusionStep_x(dense_1, 1),
        FusionStep_y_1(dense_2, 2), FusionStep_y_2(dropout, 3), FusionStep_y(dense_3, 4),
        FusionStep_z_0(concatenate, 5), FusionStep_z_1(dense_4, 6), FusionStep_z(dense_5,
        7) } back { FusionStep_z(dense_5, 7), FusionStep_z_1(dense_4, 6),
        FusionStep_z_0(concatenate, 5), FusionStep_y(dense_3, 4), FusionStep_y_2(dropout,
        3), FusionStep_y_1(dense_2, 2), FusionStep_x(dense_1, 1), FusionStep_x_1(dense,
        0) } state { FusionStep_x_1(dense, 0), FusionStep_x(dense_1, 1),
        FusionStep_y_1(dense_2, 2), FusionStep_y_2(dropout, 3), FusionStep_y(dense_3, 4),
        FusionStep_z_1(dense_4, 6), FusionStep_z(dense_5, 7) }
    );
    ::fusion::model::model_as_layer!(Fusion);
    ::fusion::model::clone_of_box!(Fusion);
};
