//! Tuples of what there is for each output of a model.

/// Calls a macro for tuples of two elements, of three, and so on up to the most outputs that a model may have.
///
/// An element is `(A LA MA KA TA SA 0)`: names for type parameters (the output, its loss, its metric, the metric's kind,
/// the target, the samples of it) and its place.
macro_rules! for_each_tuple {
    ($each:ident) => {
        for_each_tuple!(@ $each [(A LA MA KA TA SA 0)]
            (B LB MB KB TB SB 1) (C LC MC KC TC SC 2) (D LD MD KD TD SD 3)
            (E LE ME KE TE SE 4) (F LF MF KF TF SF 5) (G LG MG KG TG SG 6)
            (H LH MH KH TH SH 7) (I LI MI KI TI SI 8) (J LJ MJ KJ TJ SJ 9)
            (K LK MK KK TK SK 10) (L LL ML KL TL SL 11) (M LM MM KM TM SM 12)
            (N LN MN KN TN SN 13) (O LO MO KO TO SO 14) (P LP MP KP TP SP 15)
        );
    };
    (@ $each:ident [$($known:tt)+] $next:tt $($rest:tt)*) => {
        $each!($($known)+ $next);
        for_each_tuple!(@ $each [$($known)+ $next] $($rest)*);
    };
    (@ $each:ident [$($known:tt)+]) => {
        const _: () = assert!([$(stringify!($known)),+].len() == fusion_core::model::MOST_OUTPUTS);
    };
}
pub(super) use for_each_tuple;
