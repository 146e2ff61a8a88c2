use super::*;
use crate::layers::testing::says;
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters};

const DEFAULT: IntegerLookupOptions = IntegerLookupOptions::DEFAULT;
const KNOWN: IntegerLookupOptions = DEFAULT.vocabulary(&[12, 36, 1138]);

macro_rules! options {
    ($($name:ident: $options:expr;)+) => {
        $(struct $name;
        impl<const N: usize> OptionsOf<IntegerLookup<N>> for $name {
            const VALUE: IntegerLookupOptions = $options;
        })+
    };
}
options! {
    Known: KNOWN;
    Masked: KNOWN.mask_token(7).num_oov_indices(2);
    Strict: KNOWN.num_oov_indices(0);
    Rows: KNOWN.mask_token(7).output_mode(OutputMode::Count);
    MaskOf36: DEFAULT.mask_token(36);
    Twice: DEFAULT.vocabulary(&[1, 2, 1]);
    Empty: DEFAULT.vocabulary(&[]);
    MaskWithin: KNOWN.mask_token(36);
    Five: DEFAULT.num_oov_indices(4).mask_token(0);
    Inverted: KNOWN.invert(true);
    InvertedMasked: KNOWN.invert(true).mask_token(7).num_oov_indices(0).oov_token(9);
    InvertedLearnt: DEFAULT.invert(true).mask_token(36);
    InvertedRows: KNOWN.invert(true).output_mode(OutputMode::Count);
    InvertedTwice: KNOWN.invert(true).oov_token(36);
    Weighted: KNOWN.output_mode(OutputMode::TfIdf).idf_weights(&[0.5, 1.5, 4.0]);
    WeightedLearnt: DEFAULT.output_mode(OutputMode::TfIdf).mask_token(36);
    NoWeights: KNOWN.output_mode(OutputMode::TfIdf);
    FewWeights: KNOWN.output_mode(OutputMode::TfIdf).idf_weights(&[0.5]);
    WeightsOfNone: KNOWN.idf_weights(&[0.5, 1.5, 4.0]);
    WeightsToAdapt: DEFAULT.output_mode(OutputMode::TfIdf).idf_weights(&[0.5]);
}

fn forward<In: Tensor, O: OptionsOf<IntegerLookup<N>>, Out: Tensor, const N: usize>(
    layer: &IntegerLookup<N>,
    x: In,
) -> Out {
    let mut y = [Out::ZERO];
    Layer::<In, O>::forward(layer, &mut Forward::new(&mut [], &mut []), &[x], &mut y);
    y[0]
}

const GIVEN: IntegerLookup = IntegerLookup { vocabulary: [] };

#[test]
fn places_are_behind_those_of_the_mask_and_of_the_others() {
    assert_eq!(forward::<_, Known, [u32; 4], 0>(&GIVEN, [36, 12, 7, u32::MAX]), [2, 1, 0, 0]);
    assert_eq!(forward::<_, Masked, [u32; 5], 0>(&GIVEN, [36, 12, 7, 8, 9]), [4, 3, 0, 1, 2]);
    assert_eq!(forward::<_, Rows, [f32; 4], 0>(&GIVEN, [7, 36, 8, 36, 9]), [2.0, 0.0, 2.0, 0.0]);
    assert_eq!(<IntegerLookup as Layer<u32, Known>>::OUTPUT.shape, Shape::SCALAR);
    assert_eq!(<IntegerLookup as Parameters<Known>>::COUNT, 0);
}

#[test]
fn the_most_frequent_ids_come_first() {
    let mut layer: IntegerLookup<4> = IntegerLookup { vocabulary: [[NO_TOKEN; 4]; 4] };
    assert_eq!(forward::<_, Defaults, [u32; 2], 4>(&layer, [0, 65_536]), [0, 0], "nothing is known yet");
    let data = [[36, 5], [36, 4_000_000_000], [36, 5], [9, 8]];
    layer.adapt(&data).unwrap();
    let x = [36, 5, 4_000_000_000, 9, 8];
    assert_eq!(forward::<_, Defaults, [u32; 5], 4>(&layer, x), [1, 2, 3, 0, 0]);
    // The mask token has a place of its own, and leaves none behind.
    assert_eq!(forward::<_, MaskOf36, [u32; 5], 4>(&layer, x), [0, 2, 3, 1, 1]);
    assert_eq!(layer.adapt::<u32>(&[]), Err(AdaptError::NoRows));
    assert_eq!(<IntegerLookup<4> as Parameters>::COUNT, 16);
}

#[test]
fn places_become_ids_again() {
    assert_eq!(forward::<_, Inverted, [u32; 5], 0>(&GIVEN, [2, 0, 3, 1, 4]), [36, u32::MAX, 1138, 12, u32::MAX]);
    assert_eq!(forward::<_, InvertedMasked, [u32; 5], 0>(&GIVEN, [0, 1, 2, 3, 4]), [7, 12, 36, 1138, 9]);
    let mut layer: IntegerLookup<5> = IntegerLookup { vocabulary: [[NO_TOKEN; 4]; 5] };
    layer.adapt(&[[36, 5], [36, 4_000_000_000], [36, 5], [9, 8]]).unwrap();
    let x = [0, 1, 2, 3, 4, 5];
    let ids = [36, u32::MAX, 5, 4_000_000_000, 9, u32::MAX];
    assert_eq!(forward::<_, InvertedLearnt, [u32; 6], 5>(&layer, x), ids);
    let cx = &mut Forward::new(&mut [], &mut []);
    assert_eq!(Layer::<u32, InvertedMasked>::check(&GIVEN, cx, &[u32::MAX]), Ok(()));
}

#[test]
fn a_count_has_the_weight_of_its_id() {
    assert_eq!(forward::<_, Weighted, [f32; 4], 0>(&GIVEN, [36, 7, 36, 12]), [2.0, 0.5, 3.0, 0.0]);
    let mut layer: IntegerLookup<4> = IntegerLookup { vocabulary: [[NO_TOKEN; 4]; 4] };
    assert_eq!(forward::<_, WeightedLearnt, [f32; 4], 4>(&layer, [1, 2]), [0.0; 4], "nothing is known yet");
    layer.adapt(&[[5, 5, 36], [5, 8, 36], [9, 5, 5]]).unwrap();
    // 5 is in all three samples, 9 and 8 in one each, and the mask token has no weight.
    let [often, seldom] = [4.0_f32, 2.0].map(|within| (1.0 + 3.0 / within).ln());
    let y: [f32; 4] = forward::<_, WeightedLearnt, _, 4>(&layer, [5, 1, 9, 5, 36, 8]);
    let expected = [(often + 2.0 * seldom) / 3.0, 2.0 * often, seldom, seldom];
    assert!(y.iter().zip(expected).all(|(y, expected)| (y - expected).abs() < 1e-6), "{y:?} {expected:?}");
}

#[test]
fn what_is_wrong_with_what_comes_out_is_told() {
    let said = says::<IntegerLookup, InvertedRows, u32>().unwrap();
    assert_eq!(said, "with `invert = true` ids come out: leave out `output_mode`");
    let said = says::<IntegerLookup, InvertedTwice, u32>().unwrap();
    assert_eq!(said, "`vocabulary` has the id 36 too, which stands for places without one");
    assert_eq!(says::<IntegerLookup, NoWeights, [u32; 2]>().unwrap(), "needs the weights of the counts");
    let said = says::<IntegerLookup, FewWeights, [u32; 2]>().unwrap();
    assert_eq!(said, "`vocabulary` has 3 ids, but `idf_weights` has 1 numbers");
    let said = says::<IntegerLookup, WeightsOfNone, u32>().unwrap();
    assert_eq!(said, "counts have weights with `output_mode = TfIdf`");
    let said = says::<IntegerLookup<5>, WeightsToAdapt, [u32; 2]>().unwrap();
    assert_eq!(said, "`idf_weights` are those of a given vocabulary; `adapt` finds its own");
}

#[test]
fn an_id_without_a_place_is_an_error() {
    let cx = &mut Forward::new(&mut [], &mut []);
    let mut check = |x: [[u32; 2]; 2]| Layer::<[u32; 2], Strict>::check(&GIVEN, cx, &x).map_err(|e| e.to_string());
    assert_eq!(check([[12, 36], [1138, 12]]), Ok(()));
    let text = "the id 13 at position 1 of sample 1 is not in the vocabulary";
    assert_eq!(check([[12, 36], [12, 13]]), Err(text.to_owned()));
    assert_eq!(forward::<_, Strict, [u32; 2], 0>(&GIVEN, [12, 1138]), [0, 2]);
}

#[test]
fn what_is_wrong_is_told() {
    assert_eq!(says::<IntegerLookup, Defaults, u32>().unwrap(), "needs a vocabulary");
    assert_eq!(says::<IntegerLookup<5>, Defaults, u32>(), None);
    assert_eq!(says::<IntegerLookup, Twice, u32>().unwrap(), "`vocabulary` has the id 1 twice");
    assert_eq!(says::<IntegerLookup, Empty, u32>().unwrap(), "`vocabulary` must have at least one id");
    let within = "the mask token 36 has place 0, and none in `vocabulary`";
    assert_eq!(says::<IntegerLookup, MaskWithin, u32>().unwrap(), within);
    assert_eq!(
        says::<IntegerLookup<5>, Five, u32>().unwrap(),
        "has 5 places in all, and 5 of them are for others than the vocabulary"
    );
    assert!(says::<IntegerLookup<5>, Known, u32>().unwrap().starts_with("a given vocabulary has a size of its own"));
    assert_eq!(says::<IntegerLookup, Known, f32>().unwrap(), "takes ids (`u32`)");
}
