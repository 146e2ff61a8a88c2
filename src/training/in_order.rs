//! What may be given in the order of the outputs, without their names: where the compiler can tell which is of which.

use fusion_core::Tensor;
use fusion_core::model::OutputsDiffer;

/// A bound on [`Network::OutputsDiffer`](fusion_core::Network::OutputsDiffer), each with the words for what is given.
macro_rules! in_order {
    ($($(#[$text:meta])* $name:ident;)+) => {
        $(
            $(#[$text])*
            pub trait $name<N> {}
            // Through a second trait, so that the compiler does not explain the condition beside the message.
            #[diagnostic::do_not_recommend]
            impl<N, C: Holds> $name<N> for C {}
        )+
    };
}
in_order! {
    /// Losses go in order only where no two outputs have the same shape.
    #[diagnostic::on_unimplemented(
        message = "two outputs of `{N}` have the same shape, so their losses must be given by name",
        label = "which loss is of which output cannot be told by the outputs' shapes",
        note = "write `{N}Losses {{ .. }}` with each output's name"
    )]
    LossesInOrderOf;
    /// The weights of losses go in order only where no two outputs have the same shape.
    #[diagnostic::on_unimplemented(
        message = "two outputs of `{N}` have the same shape, so the weights of their losses must be given by name",
        label = "which weight is of which output cannot be told by the outputs' shapes",
        note = "write `{N}LossWeights {{ .. }}` with each output's name"
    )]
    LossWeightsInOrderOf;
    /// Metrics go in order only where no two outputs have the same shape.
    #[diagnostic::on_unimplemented(
        message = "two outputs of `{N}` have the same shape, so their metrics must be given by name",
        label = "which metric is of which output cannot be told by the outputs' shapes",
        note = "write `{N}Metrics {{ .. }}` with each output's name, and `()` where there is none"
    )]
    MetricsInOrderOf;
    /// Targets go in order only where no two outputs have the same shape.
    #[diagnostic::on_unimplemented(
        message = "two outputs of `{N}` have the same shape, so their targets must be given by name",
        label = "which target is of which output cannot be told by the outputs' shapes",
        note = "write `{N}Targets {{ .. }}` with each output's name"
    )]
    TargetsInOrderOf;
}

#[doc(hidden)]
pub trait Holds {}
impl Holds for OutputsDiffer<true> {}

/// Targets go in order only where at most one of them is of class ids, whatever the outputs' shapes.
#[diagnostic::on_unimplemented(
    message = "two of the losses for `{N}` take class ids, so the targets must be given by name",
    label = "which target is of which output cannot be told by their types",
    note = "write `{N}Targets {{ .. }}` with each output's name"
)]
pub trait AtMostOneTakesIds<N> {}
#[diagnostic::do_not_recommend]
impl<N, C: NotSeveral> AtMostOneTakesIds<N> for C {}

/// One target is of class ids.
#[doc(hidden)]
pub struct OneTakesIds;
/// Several targets are of class ids.
#[doc(hidden)]
pub struct SeveralTakeIds;

#[doc(hidden)]
pub trait NotSeveral {}
impl NotSeveral for OneTakesIds {}
// Where shapes are the same it is said by another bound.
impl<const DIFFER: bool> NotSeveral for OutputsDiffer<DIFFER> {}

/// How many targets are of class ids, after those `Before` this one.
#[doc(hidden)]
pub trait CountIds<Before> {
    type Then;
}
impl<Before> CountIds<Before> for f32 {
    type Then = Before;
}
impl CountIds<OutputsDiffer<true>> for u32 {
    type Then = OneTakesIds;
}
impl CountIds<OutputsDiffer<false>> for u32 {
    type Then = OutputsDiffer<false>;
}
impl CountIds<OneTakesIds> for u32 {
    type Then = SeveralTakeIds;
}
impl CountIds<SeveralTakeIds> for u32 {
    type Then = SeveralTakeIds;
}

/// A target that is a tensor of numbers or of ids, so that its type tells it from others.
#[diagnostic::on_unimplemented(
    message = "targets of type `{Self}` are neither numbers nor ids, so those of several outputs must be given by name",
    label = "in order go only targets of `f32` and `u32`"
)]
#[doc(hidden)]
pub trait Counted<Before> {
    type Then;
}
#[diagnostic::do_not_recommend]
impl<T: Tensor, Before> Counted<Before> for T
where
    T::Element: CountIds<Before>,
{
    type Then = <T::Element as CountIds<Before>>::Then;
}
