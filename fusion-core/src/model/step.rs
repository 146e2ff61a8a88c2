//! What generated code calls of a step, also where its type is no layer.

use core::marker::PhantomData;

use super::Network;
use super::pass::{Pass, StatePass};
use super::prepared::PreparedPass;
use crate::layer::{Inputs, Layer, LayerNode, Needs, Output, StepNode};
use crate::shape::{Shape, Tensor};
use crate::weights::{Defaults, Entry, OptionsOf, Parameters};

/// A layer `L` on the inputs `I` with the options `O`, as generated code asks for it; `Out` is what comes out.
///
/// Its items stand on `Step` itself where `L` is a layer. Where it is none, the compiler takes those of [`NoLayer`],
/// which do nothing, so that of all that is asked only the one mention of [`Layer`] fails, in the constant that says what
/// the step gives: a type that is no layer is one error, and what follows from it none.
pub struct Step<L, I, O = Defaults, Out = ()>(PhantomData<(L, I, O, Out)>);

impl<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out> Step<L, I, O, Out> {
    /// [`Layer::OUTPUT`].
    pub const OUTPUT: Output = L::OUTPUT;
    /// Whether the type is a layer of this input.
    pub const IS_LAYER: bool = true;
    /// The weights as those of a field, still without its place.
    pub const ENTRY: Entry = Entry::layer("", 0, <L as Parameters<O>>::ENTRIES);
    /// The layer as the graph has it, still without a name.
    pub const LAYER: LayerNode = LayerNode::new::<L, I, O>();
    /// The step as the graph has it, still without its place; a layer whose inputs do not fit needs nothing.
    pub const NODE: StepNode = if L::OUTPUT.mistake.is_none() {
        StepNode::new(L::OUTPUT, L::NEEDS).folding(L::FOLDING)
    } else {
        StepNode::new(L::OUTPUT, Needs::NONE)
    };
}

impl<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor> Step<L, I, O, Out> {
    /// Goes through this step, the model's of this index.
    #[inline(always)]
    pub fn pass<N: Network>(layer: &L, pass: &mut impl Pass<N>, index: usize) {
        pass.step::<L, I, O, Out>(layer, index);
    }

    /// Goes through this step of a prepared model.
    #[inline(always)]
    pub fn prepared<N: Network>(pass: &mut impl PreparedPass<N>, index: usize) {
        pass.step::<L, I, O, Out>(index);
    }

    /// [`Layer::update_state`].
    pub fn update_state<N: Network>(layer: &mut L, pass: &mut StatePass<'_, N>, index: usize) {
        layer.update_state(&mut pass.state(index));
    }
}

#[cfg(feature = "training")]
impl<L: crate::layer::TrainLayer<I, O>, I: Inputs, O: OptionsOf<L>, Out: Tensor> Step<L, I, O, Out> {
    /// Whether the layer has a way back, or none is needed.
    pub const TRAINS: bool = true;

    /// Goes back through this step.
    pub fn back<N: Network>(layer: &L, sums: super::Sums<'_, L>, pass: &mut super::BackwardPass<'_, N>, index: usize) {
        pass.step::<L, I, O, Out>(layer, sums, index);
    }
}

/// What stands in for a step whose type is no layer, or has no way back.
pub trait NoLayer<L>: Sized {
    /// A shape without numbers: what takes it has no mistake of its own.
    const OUTPUT: Output = Output::new(Shape::new(&[0]));
    /// Whether the type is a layer of this input.
    const IS_LAYER: bool = false;
    /// No weights.
    const ENTRY: Entry = Entry::layer("", 0, &[]);
    /// A layer without a class.
    const LAYER: LayerNode = LayerNode::NONE;
    /// A step that needs nothing.
    const NODE: StepNode = StepNode::new(Self::OUTPUT, Needs::NONE);
    /// Whether no way back is needed.
    const TRAINS: bool = !cfg!(feature = "training");

    /// Does nothing.
    fn pass<N>(_layer: &L, _pass: &mut impl Pass<N>, _index: usize) {}
    /// Does nothing.
    fn prepared<N>(_pass: &mut impl PreparedPass<N>, _index: usize) {}
    /// Does nothing.
    fn update_state<N>(_layer: &mut L, _pass: &mut StatePass<'_, N>, _index: usize) {}
    /// Does nothing.
    #[cfg(feature = "training")]
    fn back<N>(_layer: &L, _sums: super::Sums<'_, L>, _pass: &mut super::BackwardPass<'_, N>, _index: usize) {}
}
impl<L, I, O, Out> NoLayer<L> for Step<L, I, O, Out> {}

/// A layer that takes several inputs by name, as generated code asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take several inputs",
    label = "this layer takes one input",
    note = "join the wires first, with `concatenate(x, y)` or another merge; models with several inputs take them by name, `(a = x, b = y) => Inner`"
)]
pub trait SeveralInputs<I: Inputs, O: OptionsOf<Self> = Defaults>: Sized + crate::weights::Configured {
    /// [`Layer::OUTPUT`].
    const OUTPUT: Output;
}

#[diagnostic::do_not_recommend]
impl<I: Inputs, O: OptionsOf<L>, L: Layer<I, O>> SeveralInputs<I, O> for L {
    const OUTPUT: Output = L::OUTPUT;
}

/// A step: a layer on its inputs, what it gives as a constant, and the type of the wire that it gives.
///
/// The dimensions are constants of their own, so that tools that do not compute with types can show the wire's type.
#[doc(hidden)]
#[macro_export]
macro_rules! step {
    // Whose several outputs are taken apart: the wire is all of them.
    (in parts $step:ident $output:ident $wire:ident [$($dimension:ident)*]: $($rest:tt)*) => {
        $crate::step!(@ shape $step $output $wire [$($dimension)*]: $($rest)*);
    };
    ($step:ident $output:ident $wire:ident [$($dimension:ident)*]: $($rest:tt)*) => {
        $crate::step!(@ one_shape $step $output $wire [$($dimension)*]: $($rest)*);
    };
    (@ $shape:ident $step:ident $output:ident $wire:ident [$($dimension:ident)*]: $layer:ty, $inputs:ty => $ask:expr) => {
        $crate::step!(@ $shape $step $output $wire [$($dimension)*]: $layer, $inputs, $crate::Defaults => $ask);
    };
    (@ $shape:ident $step:ident $output:ident $wire:ident [$element:ident $rank:ident $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident]: $layer:ty, $inputs:ty, $options:ty => $ask:expr) => {
        #[allow(non_camel_case_types)]
        type $step = $crate::model::Step<$layer, $inputs, $options, $wire>;
        #[allow(non_upper_case_globals)]
        const $output: $crate::layer::Output = {
            #[allow(unused_imports)]
            use $crate::{layer::Layer as __Layer, model::NoLayer as _, model::SeveralInputs as __SeveralInputs};
            $ask
        };
        #[allow(non_upper_case_globals)]
        const $element: ::core::primitive::usize = $output.element as ::core::primitive::usize;
        #[allow(non_upper_case_globals)]
        const $rank: ::core::primitive::usize = $output.$shape().rank();
        #[allow(non_upper_case_globals)]
        const $a: ::core::primitive::usize = $output.$shape().dim(0);
        #[allow(non_upper_case_globals)]
        const $b: ::core::primitive::usize = $output.$shape().dim(1);
        #[allow(non_upper_case_globals)]
        const $c: ::core::primitive::usize = $output.$shape().dim(2);
        #[allow(non_upper_case_globals)]
        const $d: ::core::primitive::usize = $output.$shape().dim(3);
        #[allow(non_upper_case_globals)]
        const $e: ::core::primitive::usize = $output.$shape().dim(4);
        #[allow(non_upper_case_globals)]
        const $f: ::core::primitive::usize = $output.$shape().dim(5);
        #[allow(non_camel_case_types)]
        type $wire = <::core::primitive::f32 as $crate::shape::OfShape<$element, $rank, $a, $b, $c, $d, $e, $f>>::Tensor;
    };
}

/// The passes through a model: its steps in order with their fields, in reverse for the way back, and those whose
/// layers keep state.
#[doc(hidden)]
#[macro_export]
macro_rules! passes {
    ($model:ident { $($step:ident($($layer:tt)+)),* } back { $($back:ident($($back_layer:tt)+)),* } state { $($state:ident($field:ident, $index:literal)),* }) => {
        impl $crate::model::Passes for $model {
            #[inline]
            fn pass(&self, __pass: &mut impl $crate::model::Pass<Self>) {
                $($crate::pass!(self __pass $step $($layer)+);)*
            }
            #[inline]
            fn prepared(__pass: &mut impl $crate::model::PreparedPass<Self>) {
                $($crate::pass!(prepared __pass $step $($layer)+);)*
            }
            fn update_state(&mut self, __pass: &mut $crate::model::StatePass<'_, Self>) {
                $($state::update_state(&mut self.$field, __pass, $index);)*
            }
            fn with_memory_of_one<__R>(__call: impl ::core::ops::FnOnce(&mut [::core::primitive::f32]) -> __R) -> __R {
                const FLOATS: ::core::primitive::usize = $crate::model::floats_of_one::<$model>();
                $crate::kernels::memory::with_floats::<FLOATS, __R>(__call)
            }
        }
        $crate::training! {
            impl $crate::model::TrainNetwork for $model {
                fn back(
                    &self,
                    mut __sums: $crate::model::Sums<'_, Self>,
                    __pass: &mut $crate::model::BackwardPass<'_, Self>,
                ) {
                    $($crate::pass!(self __sums __pass $back $($back_layer)+);)*
                }
            }
        }
    };
}

/// One step of [`passes!`]: of a field, or `_` of a wire, or a part of one, that is only named.
#[doc(hidden)]
#[macro_export]
macro_rules! pass {
    (prepared $pass:ident $step:ident $field:tt, $index:literal) => {
        $step::prepared($pass, $index)
    };
    ($model:ident $pass:ident $step:ident _, $index:literal) => {
        $step::pass(&::core::default::Default::default(), $pass, $index)
    };
    ($model:ident $pass:ident $step:ident $field:ident, $index:literal) => {
        $step::pass(&$model.$field, $pass, $index)
    };
    ($model:ident $sums:ident $pass:ident $step:ident _, $index:literal) => {
        $step::back(&::core::default::Default::default(), $crate::model::Sums::NONE, $pass, $index)
    };
    ($model:ident $sums:ident $pass:ident $step:ident $field:ident, $index:literal) => {
        $step::back(&$model.$field, $sums.of(|__model| &mut __model.$field), $pass, $index)
    };
}

/// The weights of a model: its fields with their types, and their entries in the table.
///
/// An attribute of the user's sees the struct after `model!`: what it adds or changes is refused here. Who writes
/// `unsafe` promises that the entries are those of these fields.
#[doc(hidden)]
#[macro_export]
macro_rules! weights {
    (unsafe $model:ident $class:literal $name:literal { $($field:ident: $layer:ty),* } [$($entry:expr),*]) => {
        const _: fn(&$model) = |__model| {
            let $model { $($field: _),* } = __model;
            $(<$model as $crate::shape::Plain>::__field::<$layer>(&__model.$field);)*
        };
        const _: () = $crate::weights::assert_aligned::<$model>();
        // SAFETY: every field is a layer, as is compared above, and layers are plain data (`Parameters: Plain`).
        unsafe impl $crate::shape::Plain for $model {}
        impl $crate::weights::Configured for $model {
            type Options = $crate::weights::NoOptions;
            const CLASS: &'static ::core::primitive::str = $class;
            const NAME: &'static ::core::primitive::str = $name;
        }
        // SAFETY: `model!` gives each entry the offset of a field and the table of the layer that the field is.
        unsafe impl<__O: $crate::weights::OptionsOf<Self>> $crate::weights::Parameters<__O> for $model {
            const ENTRIES: &'static [$crate::weights::Entry] = &[$($entry),*];
        }
    };
}

/// The options of a step: the layer's defaults, changed by what the user wrote.
#[doc(hidden)]
#[macro_export]
macro_rules! options {
    // Of a layer that a block makes several times: the same for all, whatever reaches them.
    ($carrier:ident <$features:ident>: $layer:ident $($changes:tt)*) => {
        $crate::options!(@ $carrier [const $features: ::core::primitive::usize] [$layer<$features>] [$crate::Defaults] [] $($changes)*);
    };
    ($carrier:ident: $layer:ident $($changes:tt)*) => {
        $crate::options!(@ $carrier [] [$layer] [$crate::Defaults] [] $($changes)*);
    };
    // Around a layer that has options too.
    ($carrier:ident <$features:ident> around $within:ident $inner:ident: $layer:ident $($changes:tt)*) => {
        $crate::options!(@ $carrier [const $features: ::core::primitive::usize] [$layer<$features>] [$within] [$inner<$features>] $($changes)*);
    };
    ($carrier:ident around $within:ident $inner:ident: $layer:ident $($changes:tt)*) => {
        $crate::options!(@ $carrier [] [$layer] [$within] [$inner] $($changes)*);
    };
    (@ $carrier:ident [$($generics:tt)*] [$layer:ty] [$within:ty] [$($inner:ty)?] $($changes:tt)*) => {
        #[allow(non_camel_case_types)]
        struct $carrier;
        impl<$($generics)*> $crate::weights::OptionsOf<$layer> for $carrier {
            const VALUE: <$layer as $crate::weights::Configured>::Options =
                <<$layer as $crate::weights::Configured>::Options as $crate::weights::Options>::DEFAULT $($changes)*;
            $(fn show(__show: &mut $crate::weights::Show<'_>) -> ::core::fmt::Result {
                $crate::weights::Options::show(&<Self as $crate::weights::OptionsOf<$layer>>::VALUE, __show)?;
                <$within as $crate::weights::OptionsOf<$inner>>::show(&mut |__option| {
                    let within = __option.within + 1;
                    __show(&$crate::weights::ShownOption { within, ..*__option })
                })
            })?
        }
        impl $crate::weights::OptionsWithin for $carrier {
            type Within = $within;
        }
    };
}
