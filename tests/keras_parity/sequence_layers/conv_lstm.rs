//! The convolutional LSTM with a mask: a step that is left out is as if it were not there.

use fusion_core::layer::Backward;
use fusion_core::shape::zeroed_box;
use fusion_core::weights::walk_ref;

use super::*;

type Layers = ConvLstm2d<2, 3, 2>;
type Image = [[[f32; 2]; 4]; 3];
type Out = [[[f32; 3]; 3]; 2];

options!(Zeros: Layers = .return_sequences(true).zero_output_for_mask(true));
options!(AllOfBoth: Layers = .return_sequences(true));

/// Output, gradient of the input and gradients of the weights, where the output's gradient is all ones.
fn run<O: OptionsOf<Layers>, const STEPS: usize, Y: Tensor<Element = f32>>(
    layer: &Layers,
    x: &[[Image; STEPS]],
    mask: Option<&[f32]>,
) -> (Vec<Y>, Vec<[Image; STEPS]>, Vec<f32>) {
    let needs = <Layers as Layer<[Image; STEPS], O>>::NEEDS;
    let nan = |length: usize| vec![f32::NAN; length];
    let (mut saved, mut scratch) = (nan(needs.saved.of(x.len())), nan(needs.scratch.of(x.len())));
    let mut y = vec![Y::ZERO; x.len()];
    let mut cx = Forward::new(&mut saved, &mut scratch).keeping().with_mask(mask);
    Layer::<[Image; STEPS], O>::forward(layer, &mut cx, x, &mut y);
    let (mut gradient, mut dy, mut dx) = (zeroed_box::<Layers>(), y.clone(), x.to_vec());
    Y::numbers_mut(&mut dy).fill(1.0);
    let mut scratch = nan(needs.backward_scratch.of(x.len()));
    let mut cx = Backward::new(Some(&mut *gradient), &mut saved, &mut scratch).with_mask(mask);
    TrainLayer::<[Image; STEPS], O>::backward(layer, &mut cx, x, &y, &mut dy, Some(&mut dx));
    let mut sums = vec![];
    walk_ref(&*gradient, &mut |_, values| sums.extend_from_slice(values));
    (y, dx, sums)
}

#[test]
fn what_a_mask_leaves_out_is_as_if_it_were_not_there() {
    let layer = random_layer::<Layers>();
    let x = random_rows::<[Image; 4]>(3, 5);
    // Of the first sample the second and the last step, of the others the first and the third.
    let mask = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]];
    let kept = [[0, 2], [1, 3], [1, 3]];
    let short: Vec<[Image; 2]> = x.iter().zip(kept).map(|(x, kept)| kept.map(|step| x[step])).collect();
    let (y, dx, sums) = run::<Defaults, 4, Out>(&layer, &x, Some(mask.as_flattened()));
    let (short_y, short_dx, short_sums) = run::<Defaults, 2, Out>(&layer, &short, None);
    assert_eq!(y, short_y);
    for ((dx, short), kept) in dx.iter().zip(&short_dx).zip(kept) {
        assert_eq!(kept.map(|step| dx[step]), *short);
        assert!((0..4).filter(|step| !kept.contains(step)).all(|step| dx[step] == [[[0.0; 2]; 4]; 3]));
    }
    assert_near("weights", &sums, &wide(&short_sums));
    assert_ne!(y, run::<Defaults, 4, Out>(&layer, &x, None).0);

    // Of every step, the one before is repeated, or zeros are given.
    let (all, ..) = run::<AllOfBoth, 4, [Out; 4]>(&layer, &x, Some(mask.as_flattened()));
    assert_eq!((all[0][1], all[0][3]), (all[0][0], all[0][2]));
    assert_eq!((all[1][0], all[1][3]), ([[[0.0; 3]; 3]; 2], short_y[1]));
    let (zeros, ..) = run::<Zeros, 4, [Out; 4]>(&layer, &x, Some(mask.as_flattened()));
    assert_eq!((zeros[0][0], zeros[0][1], zeros[0][2]), (all[0][0], [[[0.0; 3]; 3]; 2], all[0][2]));
}

#[test]
fn what_is_wrong_with_an_input_of_a_convolutional_lstm() {
    let says = message::<Layers, Defaults, Image>("ConvLstm2d", &["2", "3", "2"], "");
    assert_eq!(
        says,
        "`ConvLstm2d<2, 3, 2>` takes a sequence of images [steps, height, width, 2], but input `x` gives it [3, 4, 2]; \
         put `Reshape` before it, or declare the input so"
    );
    let says = message::<Layers, Defaults, [[[[f32; 5]; 4]; 3]; 6]>("ConvLstm2d", &["2", "3", "2"], "");
    assert!(says.starts_with("`ConvLstm2d<2, 3, 2>` takes 2 channels, but input `x` gives it 5"), "{says}");
    let says = message::<Layers, Defaults, [[[[f32; 2]; 1]; 3]; 6]>("ConvLstm2d", &["2", "3", "2"], "");
    assert!(says.starts_with("`ConvLstm2d<2, 3, 2>` takes an image of at least 2 × 2"), "{says}");
}
