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
#[doc(hidden)]
#[derive(Debug, Default)]
#[allow(non_snake_case, non_camel_case_types, dead_code)]
pub struct FusionInputGradients<'a> {
    pub a: ::core::option::Option<&'a mut [FusionWire_a]>,
    pub b: ::core::option::Option<&'a mut [FusionWire_b]>,
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
    use ::fusion::inputs::{ByPosition as __ByPosition, InputsDiffer as __InputsDiffer};
    use ::fusion::{IntoInputs as __IntoInputs, Samples as __Samples};
    #[allow(dead_code, non_snake_case)]
    fn a() {}
    #[allow(dead_code, non_snake_case)]
    fn b() {}
    impl Fusion {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        const __INPUTS_DIFFER: ::core::primitive::bool = ::fusion::inputs::all_differ(
            &[
                (
                    <FusionWire_a as ::fusion::Tensor>::SHAPE,
                    <<FusionWire_a as ::fusion::Tensor>::Element as ::fusion::tensor::Element>::IS_NUMBER,
                ),
                (
                    <FusionWire_b as ::fusion::Tensor>::SHAPE,
                    <<FusionWire_b as ::fusion::Tensor>::Element as ::fusion::tensor::Element>::IS_NUMBER,
                ),
            ],
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
#[allow(non_camel_case_types)]
type FusionLayer_dense_2 = Dense<
    { <FusionWire_b as ::fusion::Tensor>::SHAPE.last() },
    64,
    Relu,
>;
#[allow(non_camel_case_types)]
type FusionLayer_dropout = Dropout;
#[doc(hidden)]
#[allow(non_camel_case_types)]
struct FusionOptions_dropout;
const _: () = {
    use ::fusion::Configured as __Configured;
    impl ::fusion::OptionsOf<FusionLayer_dropout> for FusionOptions_dropout {
        const VALUE: <FusionLayer_dropout as __Configured>::Options = <FusionLayer_dropout as __Configured>::DEFAULT
            .rate(0.5);
    }
};
#[allow(non_camel_case_types)]
type FusionLayer_dense_3 = Dense<
    { <FusionWire_y_2 as ::fusion::Tensor>::SHAPE.last() },
    4,
    Relu,
>;
#[allow(non_camel_case_types)]
type FusionLayer_dense_4 = Dense<8, 2, Relu>;
#[allow(non_camel_case_types)]
type FusionLayer_dense_5 = Dense<2, 1>;
#[allow(non_camel_case_types)]
type FusionWire_x_1 = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::x_1.rank },
    { FusionShapes::x_1.dims[0] },
    { FusionShapes::x_1.dims[1] },
    { FusionShapes::x_1.dims[2] },
    { FusionShapes::x_1.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_x = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::x.rank },
    { FusionShapes::x.dims[0] },
    { FusionShapes::x.dims[1] },
    { FusionShapes::x.dims[2] },
    { FusionShapes::x.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_y_1 = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::y_1.rank },
    { FusionShapes::y_1.dims[0] },
    { FusionShapes::y_1.dims[1] },
    { FusionShapes::y_1.dims[2] },
    { FusionShapes::y_1.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_y_2 = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::y_2.rank },
    { FusionShapes::y_2.dims[0] },
    { FusionShapes::y_2.dims[1] },
    { FusionShapes::y_2.dims[2] },
    { FusionShapes::y_2.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_y = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::y.rank },
    { FusionShapes::y.dims[0] },
    { FusionShapes::y.dims[1] },
    { FusionShapes::y.dims[2] },
    { FusionShapes::y.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_z_0 = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::z_0.rank },
    { FusionShapes::z_0.dims[0] },
    { FusionShapes::z_0.dims[1] },
    { FusionShapes::z_0.dims[2] },
    { FusionShapes::z_0.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_z_1 = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::z_1.rank },
    { FusionShapes::z_1.dims[0] },
    { FusionShapes::z_1.dims[1] },
    { FusionShapes::z_1.dims[2] },
    { FusionShapes::z_1.dims[3] },
>>::Tensor;
#[allow(non_camel_case_types)]
type FusionWire_z = <::core::primitive::f32 as ::fusion::OfShape<
    { FusionShapes::z.rank },
    { FusionShapes::z.dims[0] },
    { FusionShapes::z.dims[1] },
    { FusionShapes::z.dims[2] },
    { FusionShapes::z.dims[3] },
>>::Tensor;
#[doc(hidden)]
#[allow(non_camel_case_types)]
struct FusionShapes;
#[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::core::primitive::{bool, f32, str, usize};
    #[allow(unused_imports)]
    use ::fusion::{
        Defaults as __Defaults, Layer as __Layer, MultiInputLayer as __MultiInputLayer,
    };
    impl FusionShapes {
        const x_1: ::fusion::Shape = <FusionLayer_dense as __Layer<
            FusionWire_a,
            __Defaults,
        >>::FIT
            .output;
        const x: ::fusion::Shape = <FusionLayer_dense_1 as __Layer<
            FusionWire_x_1,
            __Defaults,
        >>::FIT
            .output;
        const y_1: ::fusion::Shape = <FusionLayer_dense_2 as __Layer<
            FusionWire_b,
            __Defaults,
        >>::FIT
            .output;
        const y_2: ::fusion::Shape = <FusionLayer_dropout as __Layer<
            FusionWire_y_1,
            FusionOptions_dropout,
        >>::FIT
            .output;
        const y: ::fusion::Shape = <FusionLayer_dense_3 as __Layer<
            FusionWire_y_2,
            __Defaults,
        >>::FIT
            .output;
        const options_of_z_0: <::fusion::merges::Concatenate as ::fusion::merges::Merge>::Options = <::fusion::merges::Concatenate as ::fusion::merges::Merge>::DEFAULT;
        const fit_of_z_0: ::fusion::merges::MergeFit = ::fusion::merges::Concatenate::fit(
            &[
                ::fusion::site::Part::of::<FusionWire_x>("x"),
                ::fusion::site::Part::of::<FusionWire_y>("y"),
            ],
            Self::options_of_z_0,
        );
        const z_0: ::fusion::Shape = Self::fit_of_z_0.output;
        const z_1: ::fusion::Shape = <FusionLayer_dense_4 as __Layer<
            FusionWire_z_0,
            __Defaults,
        >>::FIT
            .output;
        const z: ::fusion::Shape = <FusionLayer_dense_5 as __Layer<
            FusionWire_z_1,
            __Defaults,
        >>::FIT
            .output;
    }
};
#[allow(non_upper_case_globals, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::core::primitive::{bool, f32, str, usize};
    #[allow(unused_imports)]
    use ::fusion::{
        Defaults as __Defaults, Layer as __Layer, MultiInputLayer as __MultiInputLayer,
    };
    #[allow(unused_imports)]
    use ::fusion::site::{
        check as __check, check_input as __check_input, check_merge as __check_merge,
        check_option as __check_option, check_output as __check_output,
        check_sizes as __check_sizes,
    };
    const Fusion_a: () = __check_sizes(&<FusionWire_a as ::fusion::Tensor>::SHAPE, "a");
    const Fusion_b: () = __check_sizes(&<FusionWire_b as ::fusion::Tensor>::SHAPE, "b");
    const Fusion_x_1: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["32", "8", "Relu"],
            options: "",
            source: "input `a`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::FIT,
                &<FusionWire_a as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::FIT,
            &<FusionWire_a as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
    const Fusion_x_2: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["8", "4", "Relu"],
            options: "",
            source: "`Dense<32, 8, Relu>`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::FIT,
                &<FusionWire_x_1 as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::FIT,
            &<FusionWire_x_1 as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
    const Fusion_y_1: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["_", "64", "Relu"],
            options: "",
            source: "input `b`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::FIT,
                &<FusionWire_b as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::FIT,
            &<FusionWire_b as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
    const Fusion_y_2: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dropout",
            arguments: &[],
            options: "(rate = 0.5)",
            source: "`Dense<_, 64, Relu>`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dropout as __Layer<
                    FusionWire_y_1,
                    FusionOptions_dropout,
                >>::FIT,
                &<FusionWire_y_1 as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::FIT,
            &<FusionWire_y_1 as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
    const Fusion_y_2_option_1: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dropout",
            arguments: &[],
            options: "(rate = 0.5)",
            source: "`Dense<_, 64, Relu>`",
            parts: &[],
            sign: "",
        };
        __check_option(
            &<FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::FIT,
            &<FusionWire_y_1 as ::fusion::Tensor>::SHAPE,
            SITE,
            "rate",
            &["rate"],
        )
    };
    const Fusion_y_3: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["_", "4", "Relu"],
            options: "",
            source: "`Dropout(rate = 0.5)`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::FIT,
                &<FusionWire_y_2 as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::FIT,
            &<FusionWire_y_2 as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
    const Fusion_z_0: () = __check_merge(&FusionShapes::fit_of_z_0, "");
    const Fusion_z_1: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["8", "2", "Relu"],
            options: "",
            source: "`concatenate(x, y)`",
            parts: &[
                ::fusion::site::Part::of::<FusionWire_x>("x"),
                ::fusion::site::Part::of::<FusionWire_y>("y"),
            ],
            sign: <::fusion::merges::Concatenate as ::fusion::merges::Merge>::SIGN,
        };
        if FusionShapes::fit_of_z_0.mistake.is_none() {
            const fn the_input_comes_from_here() {
                __check_input(
                    &<FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::FIT,
                    &<FusionWire_z_0 as ::fusion::Tensor>::SHAPE,
                    SITE,
                )
            }
            the_input_comes_from_here();
            __check(
                &<FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::FIT,
                &<FusionWire_z_0 as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
    };
    const Fusion_z_2: () = {
        const SITE: &::fusion::site::Site<'_> = &::fusion::site::Site {
            layer: "Dense",
            arguments: &["2", "1"],
            options: "",
            source: "`Dense<8, 2, Relu>`",
            parts: &[],
            sign: "",
        };
        const fn the_input_comes_from_here() {
            __check_input(
                &<FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::FIT,
                &<FusionWire_z_1 as ::fusion::Tensor>::SHAPE,
                SITE,
            )
        }
        the_input_comes_from_here();
        __check(
            &<FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::FIT,
            &<FusionWire_z_1 as ::fusion::Tensor>::SHAPE,
            SITE,
        )
    };
};
#[allow(non_snake_case, unused_variables, unused_mut, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::core::primitive::{bool, f32, str, usize};
    #[allow(unused_imports)]
    use ::fusion::{
        Defaults as __Defaults, Layer as __Layer, MultiInputLayer as __MultiInputLayer,
    };
    unsafe impl ::fusion::Plain for Fusion {}
    const _: fn(&Fusion) = |this| {
        let Fusion {
            dense: field_0,
            dense_1: field_1,
            dense_2: field_2,
            dropout: field_3,
            dense_3: field_4,
            dense_4: field_5,
            dense_5: field_6,
        } = this;
        let _: &FusionLayer_dense = field_0;
        let _: &FusionLayer_dense_1 = field_1;
        let _: &FusionLayer_dense_2 = field_2;
        let _: &FusionLayer_dropout = field_3;
        let _: &FusionLayer_dense_3 = field_4;
        let _: &FusionLayer_dense_4 = field_5;
        let _: &FusionLayer_dense_5 = field_6;
    };
    impl ::fusion::Configured for Fusion {
        type Options = ::fusion::NoOptions;
        const DEFAULT: ::fusion::NoOptions = ::fusion::NoOptions;
        const CLASS: &'static str = "Functional";
        const NESTED: ::core::option::Option<&'static ::fusion::Graph> = ::core::option::Option::Some(
            <Self as ::fusion::Network>::GRAPH,
        );
    }
    impl ::fusion::Parameters for Fusion {
        const COUNT: usize = 0
            + <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::WEIGHTS
            + <FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::WEIGHTS
            + <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::WEIGHTS
            + <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::WEIGHTS
            + <FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::WEIGHTS
            + <FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::WEIGHTS
            + <FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::WEIGHTS;
        const NON_TRAINABLE: usize = 0
            + <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::STATE
            + <FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::STATE
            + <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::STATE
            + <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::STATE
            + <FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::STATE
            + <FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::STATE
            + <FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::STATE;
        const SPARSE: bool = false
            || <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::ROWS
            || <FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::ROWS
            || <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::ROWS
            || <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::ROWS
            || <FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::ROWS
            || <FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::ROWS
            || <FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::ROWS;
        fn walk<const K: usize>(
            mut these: [&mut Self; K],
            path: &::fusion::Path<'_>,
            visit: &mut ::fusion::parameters::Visit<'_, K>,
        ) {
            <FusionLayer_dense as __Layer<
                FusionWire_a,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense),
                &path.layer("dense"),
                visit,
            );
            <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense_1),
                &path.layer("dense_1"),
                visit,
            );
            <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense_2),
                &path.layer("dense_2"),
                visit,
            );
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dropout),
                &path.layer("dropout"),
                visit,
            );
            <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense_3),
                &path.layer("dense_3"),
                visit,
            );
            <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense_4),
                &path.layer("dense_4"),
                visit,
            );
            <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::walk_weights(
                these.each_mut().map(|this| &mut this.dense_5),
                &path.layer("dense_5"),
                visit,
            );
        }
        fn walk_ref(
            &self,
            path: &::fusion::Path<'_>,
            visit: &mut dyn ::core::ops::FnMut(&::fusion::Parameter<'_>, &[f32]),
        ) {
            <FusionLayer_dense as __Layer<
                FusionWire_a,
                __Defaults,
            >>::walk_weights_ref(&self.dense, &path.layer("dense"), visit);
            <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::walk_weights_ref(&self.dense_1, &path.layer("dense_1"), visit);
            <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::walk_weights_ref(&self.dense_2, &path.layer("dense_2"), visit);
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::walk_weights_ref(&self.dropout, &path.layer("dropout"), visit);
            <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::walk_weights_ref(&self.dense_3, &path.layer("dense_3"), visit);
            <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::walk_weights_ref(&self.dense_4, &path.layer("dense_4"), visit);
            <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::walk_weights_ref(&self.dense_5, &path.layer("dense_5"), visit);
        }
    }
    /// The value of every wire, or its gradient.
    struct __Wires<'w> {
        z: &'w mut [FusionWire_z],
        x_1: &'w mut [FusionWire_x_1],
        x: &'w mut [FusionWire_x],
        y_1: &'w mut [FusionWire_y_1],
        y_2: &'w mut [FusionWire_y_2],
        y: &'w mut [FusionWire_y],
        z_0: &'w mut [FusionWire_z_0],
        z_1: &'w mut [FusionWire_z_1],
    }
    impl<'w> __Wires<'w> {
        const LENGTHS: [usize; 8usize] = [
            <FusionWire_z as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_x_1 as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_x as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_y_1 as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_y_2 as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_y as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_z_0 as ::fusion::Tensor>::SHAPE.length(),
            <FusionWire_z_1 as ::fusion::Tensor>::SHAPE.length(),
        ];
        #[inline]
        fn split(memory: &'w mut [f32], samples: usize) -> (Self, &'w mut [f32]) {
            let (piece_0, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[0usize] * samples,
            );
            let (piece_1, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[1usize] * samples,
            );
            let (piece_2, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[2usize] * samples,
            );
            let (piece_3, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[3usize] * samples,
            );
            let (piece_4, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[4usize] * samples,
            );
            let (piece_5, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[5usize] * samples,
            );
            let (piece_6, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[6usize] * samples,
            );
            let (piece_7, memory) = ::fusion::memory::piece(
                memory,
                Self::LENGTHS[7usize] * samples,
            );
            (
                Self {
                    z: <FusionWire_z as ::fusion::Tensor>::rows_mut(piece_0),
                    x_1: <FusionWire_x_1 as ::fusion::Tensor>::rows_mut(piece_1),
                    x: <FusionWire_x as ::fusion::Tensor>::rows_mut(piece_2),
                    y_1: <FusionWire_y_1 as ::fusion::Tensor>::rows_mut(piece_3),
                    y_2: <FusionWire_y_2 as ::fusion::Tensor>::rows_mut(piece_4),
                    y: <FusionWire_y as ::fusion::Tensor>::rows_mut(piece_5),
                    z_0: <FusionWire_z_0 as ::fusion::Tensor>::rows_mut(piece_6),
                    z_1: <FusionWire_z_1 as ::fusion::Tensor>::rows_mut(piece_7),
                },
                memory,
            )
        }
    }
    /// What each layer keeps from its way forward to its way back.
    struct __Saved<'w> {
        x_1: &'w mut [f32],
        x: &'w mut [f32],
        y_1: &'w mut [f32],
        y_2: &'w mut [f32],
        y: &'w mut [f32],
        z_1: &'w mut [f32],
        z: &'w mut [f32],
        __rest: &'w mut [f32],
    }
    impl<'w> __Saved<'w> {
        const MEMORY: [::fusion::Memory; 7usize] = [
            <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::MEMORY,
            <FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::MEMORY,
            <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::MEMORY,
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::MEMORY,
            <FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::MEMORY,
            <FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::MEMORY,
            <FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::MEMORY,
        ];
        #[inline]
        fn split(memory: &'w mut [f32], samples: usize, keep: bool) -> Self {
            let (piece_0, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[0usize].saved_if(keep, samples),
            );
            let (piece_1, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[1usize].saved_if(keep, samples),
            );
            let (piece_2, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[2usize].saved_if(keep, samples),
            );
            let (piece_3, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[3usize].saved_if(keep, samples),
            );
            let (piece_4, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[4usize].saved_if(keep, samples),
            );
            let (piece_5, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[5usize].saved_if(keep, samples),
            );
            let (piece_6, memory) = ::fusion::memory::piece(
                memory,
                Self::MEMORY[6usize].saved_if(keep, samples),
            );
            Self {
                x_1: piece_0,
                x: piece_1,
                y_1: piece_2,
                y_2: piece_3,
                y: piece_4,
                z_1: piece_5,
                z: piece_6,
                __rest: memory,
            }
        }
    }
    /// A batch that is owned, for shuffled training.
    #[derive(::core::default::Default)]
    pub struct __Buffers {
        a: ::fusion::memory::Rows<FusionWire_a>,
        b: ::fusion::memory::Rows<FusionWire_b>,
    }
    const FLOATS_OF_ONE: usize = ::fusion::model::floats_of_one::<Fusion>();
    impl ::fusion::Network for Fusion {
        type Input<'a> = FusionInput<'a>;
        type Inputs<'a> = FusionInputs<'a>;
        type InputGradients<'a> = FusionInputGradients<'a>;
        type Output = FusionOutput;
        const GRAPH: &'static ::fusion::Graph = &::fusion::Graph {
            name: "Fusion",
            nodes: &[
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[],
                            output: <FusionWire_a as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    ::fusion::graph::Node::input::<FusionWire_a>("a", CALLS)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[],
                            output: <FusionWire_b as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    ::fusion::graph::Node::input::<FusionWire_b>("b", CALLS)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 0usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_x_1 as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::NODE
                        .named("dense", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 2usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_x as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense_1 as __Layer<FusionWire_x_1, __Defaults>>::NODE
                        .named("dense_1", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 1usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_y_1 as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::NODE
                        .named("dense_2", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 4usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_y_2 as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dropout as __Layer<
                        FusionWire_y_1,
                        FusionOptions_dropout,
                    >>::NODE
                        .named("dropout", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 5usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_y as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense_3 as __Layer<FusionWire_y_2, __Defaults>>::NODE
                        .named("dense_3", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 3usize,
                                    call: 0usize,
                                },
                                ::fusion::graph::Source {
                                    node: 6usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_z_0 as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    ::fusion::graph::Node::merge::<
                        ::fusion::merges::Concatenate,
                    >(
                        "concatenate",
                        CALLS,
                        |text| ::core::write!(text, "{:?}", FusionShapes::options_of_z_0),
                    )
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 7usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_z_1 as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense_4 as __Layer<FusionWire_z_0, __Defaults>>::NODE
                        .named("dense_4", CALLS, false)
                },
                {
                    const CALLS: &[::fusion::graph::Call] = &[
                        ::fusion::graph::Call {
                            inputs: &[
                                ::fusion::graph::Source {
                                    node: 8usize,
                                    call: 0usize,
                                },
                            ],
                            output: <FusionWire_z as ::fusion::Tensor>::SHAPE,
                        },
                    ];
                    <FusionLayer_dense_5 as __Layer<FusionWire_z_1, __Defaults>>::NODE
                        .named("dense_5", CALLS, false)
                },
            ],
            outputs: &[
                ::fusion::graph::Source {
                    node: 9usize,
                    call: 0usize,
                },
            ],
            sequential: false,
        };
        const PROBABILITIES: &'static [::core::option::Option<usize>] = &[
            if <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::PROBABILITIES {
                ::core::option::Option::Some(0usize)
            } else {
                ::core::option::Option::None
            },
        ];
        const INPUT_PARTS: &'static [::fusion::site::Part] = &[
            ::fusion::site::Part::of::<FusionWire_a>("a"),
            ::fusion::site::Part::of::<FusionWire_b>("b"),
        ];
        const INPUT_NAMES: &'static [&'static str] = &["a", "b"];
        const OUTPUT_NAMES: &'static [&'static str] = &["z"];
        const WIRES: ::fusion::network::Floats = ::fusion::network::wires(
            &__Wires::LENGTHS,
            &__Saved::MEMORY,
            true,
        );
        const INFERENCE_WIRES: ::fusion::network::Floats = ::fusion::network::wires(
            &__Wires::LENGTHS,
            &__Saved::MEMORY,
            false,
        );
        const WIRES_OF_ONE: usize = ::fusion::network::wires_of_one(
            &__Wires::LENGTHS,
            &__Saved::MEMORY,
        );
        const SCRATCH: ::fusion::network::Floats = ::fusion::network::scratch(
            &__Saved::MEMORY,
        );
        const GRADIENTS: ::fusion::network::Floats = ::fusion::network::gradients(
            &__Wires::LENGTHS,
            &[
                0 + <FusionWire_a as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_x_1 as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_b as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_y_1 as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_y_2 as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_x as ::fusion::Tensor>::SHAPE.length()
                    + <FusionWire_y as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_z_0 as ::fusion::Tensor>::SHAPE.length(),
                0 + <FusionWire_z_1 as ::fusion::Tensor>::SHAPE.length(),
            ],
        );
        const BACKWARD_SCRATCH: ::fusion::network::Floats = ::fusion::network::backward_scratch(
            &__Saved::MEMORY,
        );
        const MULTIPLICATIONS: usize = 0
            + <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::MULTIPLICATIONS
            + <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::MULTIPLICATIONS
            + <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::MULTIPLICATIONS
            + <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::MULTIPLICATIONS
            + <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::MULTIPLICATIONS
            + <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::MULTIPLICATIONS
            + <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::MULTIPLICATIONS;
        const COUPLES_SAMPLES: bool = false
            || <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::COUPLES_SAMPLES
            || <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::COUPLES_SAMPLES
            || <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::COUPLES_SAMPLES
            || <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::COUPLES_SAMPLES
            || <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::COUPLES_SAMPLES
            || <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::COUPLES_SAMPLES
            || <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::COUPLES_SAMPLES;
        fn with_memory_of_one<R>(call: impl ::core::ops::FnOnce(&mut [f32]) -> R) -> R {
            ::fusion::memory::with_floats::<FLOATS_OF_ONE, R>(call)
        }
        type Buffers = __Buffers;
        fn inputs<'a>(
            operand: &mut dyn ::core::ops::FnMut(
                usize,
            ) -> ::fusion::operands::Operand<'a>,
        ) -> FusionInputs<'a> {
            FusionInputs {
                a: operand(0).rows(),
                b: operand(1).rows(),
            }
        }
        fn input_gradients<'a>(
            gradient: &mut dyn ::core::ops::FnMut(
                usize,
            ) -> ::core::option::Option<&'a mut [f32]>,
        ) -> FusionInputGradients<'a> {
            FusionInputGradients {
                a: gradient(0).map(::fusion::network::gradient_rows::<FusionWire_a>),
                b: gradient(1).map(::fusion::network::gradient_rows::<FusionWire_b>),
            }
        }
        fn one(input: Self::Input<'_>) -> Self::Inputs<'_> {
            FusionInputs {
                a: ::core::slice::from_ref(input.a),
                b: ::core::slice::from_ref(input.b),
            }
        }
        fn counts(inputs: &Self::Inputs<'_>, count: &mut dyn ::core::ops::FnMut(usize)) {
            count(inputs.a.len());
            count(inputs.b.len());
        }
        fn numbers<'a>(
            inputs: &Self::Inputs<'a>,
            visit: &mut dyn ::core::ops::FnMut(&'a [f32]),
        ) {
            visit(::fusion::Tensor::numbers(inputs.a));
            visit(::fusion::Tensor::numbers(inputs.b));
        }
        fn slice(
            inputs: Self::Inputs<'_>,
            samples: ::core::ops::Range<usize>,
        ) -> Self::Inputs<'_> {
            FusionInputs {
                a: &inputs.a[samples.clone()],
                b: &inputs.b[samples.clone()],
            }
        }
        fn check(
            inputs: Self::Inputs<'_>,
        ) -> ::core::result::Result<(), (&'static str, ::fusion::InputError)> {
            <FusionLayer_dense as __Layer<FusionWire_a, __Defaults>>::check(inputs.a)
                .map_err(|error| ("a", error))?;
            <FusionLayer_dense_2 as __Layer<FusionWire_b, __Defaults>>::check(inputs.b)
                .map_err(|error| ("b", error))?;
            ::core::result::Result::Ok(())
        }
        fn gather(
            inputs: Self::Inputs<'_>,
            order: &[usize],
            buffers: &mut Self::Buffers,
        ) {
            buffers.a.gather(inputs.a, order);
            buffers.b.gather(inputs.b, order);
        }
        fn gathered(buffers: &Self::Buffers) -> Self::Inputs<'_> {
            FusionInputs {
                a: buffers.a.rows(),
                b: buffers.b.rows(),
            }
        }
        #[inline]
        fn forward(
            &self,
            pass: &mut ::fusion::network::Pass<'_>,
            inputs: Self::Inputs<'_>,
            memory: &mut [f32],
        ) {
            let (wires, rest) = __Wires::split(memory, pass.samples);
            let saved = __Saved::split(rest, pass.samples, pass.keep);
            <FusionLayer_dense as __Layer<
                FusionWire_a,
                __Defaults,
            >>::forward(
                &self.dense,
                &mut pass.forward(::core::option::Option::None, 0u64, true, saved.x_1),
                inputs.a,
                wires.x_1,
            );
            <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::forward(
                &self.dense_1,
                &mut pass.forward(::core::option::Option::None, 1u64, true, saved.x),
                wires.x_1,
                wires.x,
            );
            <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::forward(
                &self.dense_2,
                &mut pass.forward(::core::option::Option::None, 2u64, true, saved.y_1),
                inputs.b,
                wires.y_1,
            );
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::forward(
                &self.dropout,
                &mut pass.forward(::core::option::Option::None, 3u64, true, saved.y_2),
                wires.y_1,
                wires.y_2,
            );
            <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::forward(
                &self.dense_3,
                &mut pass.forward(::core::option::Option::None, 4u64, true, saved.y),
                wires.y_2,
                wires.y,
            );
            ::fusion::merges::forward::<
                ::fusion::merges::Concatenate,
                _,
                _,
            >(
                &FusionShapes::options_of_z_0,
                [
                    ::fusion::operands::Operand::of(&*wires.x),
                    ::fusion::operands::Operand::of(&*wires.y),
                ],
                wires.z_0,
            );
            <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::forward(
                &self.dense_4,
                &mut pass.forward(::core::option::Option::None, 6u64, true, saved.z_1),
                wires.z_0,
                wires.z_1,
            );
            <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::forward(
                &self.dense_5,
                &mut pass
                    .forward(
                        ::core::option::Option::Some((
                            0usize,
                            <Self::Outputs as ::fusion::network::Outputs>::SHAPES,
                        )),
                        7u64,
                        true,
                        saved.z,
                    ),
                wires.z_1,
                wires.z,
            );
        }
        fn backward(
            &self,
            pass: &mut ::fusion::network::Pass<'_>,
            inputs: Self::Inputs<'_>,
            memory: &mut [f32],
            gradients: &mut [f32],
            mut input_gradients: Self::InputGradients<'_>,
            gradient: &mut Self,
            mut squares: ::core::option::Option<&mut Self>,
        ) {
            let (wires, rest) = __Wires::split(memory, pass.samples);
            let saved = __Saved::split(rest, pass.samples, pass.keep);
            let (gradients, spare) = __Wires::split(gradients, pass.samples);
            <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::step_back(
                &self.dense_5,
                &mut pass
                    .backward(
                        ::core::option::Option::Some((
                            0usize,
                            <Self::Outputs as ::fusion::network::Outputs>::SHAPES,
                        )),
                        7u64,
                        true,
                        saved.z,
                    ),
                wires.z_1,
                wires.z,
                gradients.z,
                ::core::option::Option::Some(&mut *gradients.z_1),
                &mut gradient.dense_5,
                squares.as_deref_mut().map(|squares| &mut squares.dense_5),
            );
            <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::step_back(
                &self.dense_4,
                &mut pass.backward(::core::option::Option::None, 6u64, true, saved.z_1),
                wires.z_0,
                wires.z_1,
                gradients.z_1,
                ::core::option::Option::Some(&mut *gradients.z_0),
                &mut gradient.dense_4,
                squares.as_deref_mut().map(|squares| &mut squares.dense_4),
            );
            ::fusion::merges::backward::<
                ::fusion::merges::Concatenate,
                _,
                _,
                _,
            >(
                &FusionShapes::options_of_z_0,
                0usize,
                [
                    ::fusion::operands::Operand::of(&*wires.x),
                    ::fusion::operands::Operand::of(&*wires.y),
                ],
                &*wires.z_0,
                &*gradients.z_0,
                ::core::option::Option::Some(&mut *gradients.x),
            );
            ::fusion::merges::backward::<
                ::fusion::merges::Concatenate,
                _,
                _,
                _,
            >(
                &FusionShapes::options_of_z_0,
                1usize,
                [
                    ::fusion::operands::Operand::of(&*wires.x),
                    ::fusion::operands::Operand::of(&*wires.y),
                ],
                &*wires.z_0,
                &*gradients.z_0,
                ::core::option::Option::Some(&mut *gradients.y),
            );
            <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::step_back(
                &self.dense_3,
                &mut pass.backward(::core::option::Option::None, 4u64, true, saved.y),
                wires.y_2,
                wires.y,
                gradients.y,
                ::core::option::Option::Some(&mut *gradients.y_2),
                &mut gradient.dense_3,
                squares.as_deref_mut().map(|squares| &mut squares.dense_3),
            );
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::step_back(
                &self.dropout,
                &mut pass.backward(::core::option::Option::None, 3u64, true, saved.y_2),
                wires.y_1,
                wires.y_2,
                gradients.y_2,
                ::core::option::Option::Some(&mut *gradients.y_1),
                &mut gradient.dropout,
                squares.as_deref_mut().map(|squares| &mut squares.dropout),
            );
            <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::step_back(
                &self.dense_2,
                &mut pass.backward(::core::option::Option::None, 2u64, true, saved.y_1),
                inputs.b,
                wires.y_1,
                gradients.y_1,
                input_gradients.b.as_deref_mut(),
                &mut gradient.dense_2,
                squares.as_deref_mut().map(|squares| &mut squares.dense_2),
            );
            <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::step_back(
                &self.dense_1,
                &mut pass.backward(::core::option::Option::None, 1u64, true, saved.x),
                wires.x_1,
                wires.x,
                gradients.x,
                ::core::option::Option::Some(&mut *gradients.x_1),
                &mut gradient.dense_1,
                squares.as_deref_mut().map(|squares| &mut squares.dense_1),
            );
            <FusionLayer_dense as __Layer<
                FusionWire_a,
                __Defaults,
            >>::step_back(
                &self.dense,
                &mut pass.backward(::core::option::Option::None, 0u64, true, saved.x_1),
                inputs.a,
                wires.x_1,
                gradients.x_1,
                input_gradients.a.as_deref_mut(),
                &mut gradient.dense,
                squares.as_deref_mut().map(|squares| &mut squares.dense),
            );
        }
        fn update_state(&mut self, samples: usize, memory: &mut [f32]) {
            let (_, rest) = __Wires::split(memory, samples);
            let saved = __Saved::split(rest, samples, true);
            <FusionLayer_dense as __Layer<
                FusionWire_a,
                __Defaults,
            >>::update_state(&mut self.dense, samples, saved.x_1);
            <FusionLayer_dense_1 as __Layer<
                FusionWire_x_1,
                __Defaults,
            >>::update_state(&mut self.dense_1, samples, saved.x);
            <FusionLayer_dense_2 as __Layer<
                FusionWire_b,
                __Defaults,
            >>::update_state(&mut self.dense_2, samples, saved.y_1);
            <FusionLayer_dropout as __Layer<
                FusionWire_y_1,
                FusionOptions_dropout,
            >>::update_state(&mut self.dropout, samples, saved.y_2);
            <FusionLayer_dense_3 as __Layer<
                FusionWire_y_2,
                __Defaults,
            >>::update_state(&mut self.dense_3, samples, saved.y);
            <FusionLayer_dense_4 as __Layer<
                FusionWire_z_0,
                __Defaults,
            >>::update_state(&mut self.dense_4, samples, saved.z_1);
            <FusionLayer_dense_5 as __Layer<
                FusionWire_z_1,
                __Defaults,
            >>::update_state(&mut self.dense_5, samples, saved.z);
        }
        type Outputs = (FusionWire_z,);
        const ZERO_OUTPUT: FusionOutput = <FusionWire_z as ::fusion::Tensor>::ZERO;
        fn outputs(wires: &[f32], samples: usize) -> (&[FusionWire_z],) {
            let (piece_0, wires) = ::fusion::memory::piece_ref(
                wires,
                <FusionWire_z as ::fusion::Tensor>::SHAPE.length() * samples,
            );
            (<FusionWire_z as ::fusion::Tensor>::rows(piece_0),)
        }
        fn output_gradients(
            gradients: &mut [f32],
            samples: usize,
        ) -> (&mut [FusionWire_z],) {
            let (piece_0, gradients) = ::fusion::memory::piece(
                gradients,
                <FusionWire_z as ::fusion::Tensor>::SHAPE.length() * samples,
            );
            (<FusionWire_z as ::fusion::Tensor>::rows_mut(piece_0),)
        }
        fn read_outputs(wires: &[f32], outputs: &mut [FusionOutput]) {
            let (piece_0,) = Self::outputs(wires, outputs.len());
            outputs.copy_from_slice(piece_0);
        }
    }
    #[diagnostic::do_not_recommend]
    impl<
        __In: ::fusion::Tensor,
        __O: ::fusion::OptionsOf<Self>,
    > ::fusion::Layer<__In, __O> for Fusion {
        const FIT: ::fusion::Fit = ::fusion::nested::fit_of_one::<Self, __In>();
        const MEMORY: ::fusion::Memory = ::fusion::nested::memory::<Self>();
        const MULTIPLICATIONS: usize = <Self as ::fusion::Network>::MULTIPLICATIONS;
        const PROBABILITIES: bool = ::fusion::nested::probabilities::<Self>();
        const COUPLES_SAMPLES: bool = <Self as ::fusion::Network>::COUPLES_SAMPLES;
        fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
            ::fusion::Network::update_state(self, samples, saved);
        }
        fn check(__x: &[__In]) -> ::core::result::Result<(), ::fusion::InputError> {
            ::fusion::nested::check_one::<Self, __In>(__x)
        }
        fn forward<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Forward<'_>,
            __x: &[__In],
            __y: &mut [__Out],
        ) {
            ::fusion::nested::forward_one(self, __cx, __x, __y);
        }
        fn backward<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Backward<'_>,
            __x: &[__In],
            __y: &[__Out],
            __dy: &mut [__Out],
            __dx: ::core::option::Option<&mut [__In]>,
            gradient: &mut Self,
        ) {
            ::fusion::nested::backward_one(
                self,
                __cx,
                __x,
                __dy,
                __dx,
                gradient,
                ::core::option::Option::None,
            );
        }
        fn step_back<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Backward<'_>,
            __x: &[__In],
            __y: &[__Out],
            __dy: &mut [__Out],
            __dx: ::core::option::Option<&mut [__In]>,
            gradient: &mut Self,
            squares: ::core::option::Option<&mut Self>,
        ) {
            ::fusion::nested::backward_one(
                self,
                __cx,
                __x,
                __dy,
                __dx,
                gradient,
                squares,
            );
        }
    }
    #[diagnostic::do_not_recommend]
    impl<
        __I: ::fusion::operands::Operands,
        __O: ::fusion::OptionsOf<Self>,
    > ::fusion::MultiInputLayer<__I, __O> for Fusion {
        const FIT: ::fusion::Fit = ::fusion::nested::fit_of_several::<Self, __I>();
        const MEMORY: ::fusion::Memory = ::fusion::nested::memory::<Self>();
        const MULTIPLICATIONS: usize = <Self as ::fusion::Network>::MULTIPLICATIONS;
        const PROBABILITIES: bool = ::fusion::nested::probabilities::<Self>();
        const COUPLES_SAMPLES: bool = <Self as ::fusion::Network>::COUPLES_SAMPLES;
        fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
            ::fusion::Network::update_state(self, samples, saved);
        }
        fn check(
            __x: &[::fusion::operands::Operand<'_>],
        ) -> ::core::result::Result<(), (usize, ::fusion::InputError)> {
            ::fusion::nested::check_several::<Self, __I>(__x)
        }
        fn forward<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Forward<'_>,
            __x: &[::fusion::operands::Operand<'_>],
            __y: &mut [__Out],
        ) {
            ::fusion::nested::forward_several::<Self, __I, __Out>(self, __cx, __x, __y);
        }
        fn backward<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Backward<'_>,
            __x: &[::fusion::operands::Operand<'_>],
            __y: &[__Out],
            __dy: &mut [__Out],
            __dx: &mut [::core::option::Option<&mut [f32]>],
            gradient: &mut Self,
        ) {
            let squares = ::core::option::Option::None;
            ::fusion::nested::backward_several::<
                Self,
                __I,
                __Out,
            >(self, __cx, __x, __dy, __dx, gradient, squares);
        }
        fn step_back<__Out: ::fusion::Tensor>(
            &self,
            __cx: &mut ::fusion::Backward<'_>,
            __x: &[::fusion::operands::Operand<'_>],
            __y: &[__Out],
            __dy: &mut [__Out],
            __dx: &mut [::core::option::Option<&mut [f32]>],
            gradient: &mut Self,
            squares: ::core::option::Option<&mut Self>,
        ) {
            ::fusion::nested::backward_several::<
                Self,
                __I,
                __Out,
            >(self, __cx, __x, __dy, __dx, gradient, squares);
        }
    }
    impl ::fusion::Model for Fusion {
        type Network = Self;
        fn network(&self) -> &Self {
            self
        }
        fn network_mut(&mut self) -> &mut Self {
            self
        }
    }
};
