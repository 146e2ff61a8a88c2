//! The LSTM against its formula.

use fusion_core::weights::walk_ref;

use super::*;

options!(FromEnd: Lstm<3, 4> = .go_backwards(true));
options!(AllStepsFromEnd: Lstm<3, 4> = .return_sequences(true).go_backwards(true));
options!(LongFromEnd: Lstm<1, 2> = .return_sequences(true).go_backwards(true));
options!(ZeroBias: Lstm<3, 4> = .unit_forget_bias(false));

#[test]
fn lstm_is_its_formula() {
    type Sequence = [[f32; 3]; 5];
    // Few samples go another way through the products than many.
    for samples in [1, 3, 7, 8, 13] {
        let x = &random_rows::<Sequence>(samples, 1);
        check::<Lstm<3, 4>, Defaults, _, [f32; 4]>(x, |w, x| lstm(w, x, (5, 3, 4), (false, false)));
        check::<Lstm<3, 4>, AllSteps, _, [[f32; 4]; 5]>(x, |w, x| lstm(w, x, (5, 3, 4), (true, false)));
        check::<Lstm<3, 4>, FromEnd, _, [f32; 4]>(x, |w, x| lstm(w, x, (5, 3, 4), (false, true)));
        check::<Lstm<3, 4>, AllStepsFromEnd, _, [[f32; 4]; 5]>(x, |w, x| lstm(w, x, (5, 3, 4), (true, true)));
    }
    // More steps than go through a product together.
    type Long = [[f32; 1]; 37];
    for samples in [2, 9] {
        let x = &random_rows(samples, 37);
        check::<Lstm<1, 2>, Defaults, Long, [f32; 2]>(x, |w, x| lstm(w, x, (37, 1, 2), (false, false)));
        check::<Lstm<1, 2>, LongFromEnd, Long, [[f32; 2]; 37]>(x, |w, x| lstm(w, x, (37, 1, 2), (true, true)));
    }
    check::<Lstm<2, 17>, Defaults, [[f32; 2]; 1], [f32; 17]>(&random_rows(9, 2), |w, x| {
        lstm(w, x, (1, 2, 17), (false, false))
    });
}

#[test]
fn lstm_of_tiles_is_that_of_the_batch() {
    let layer = random_layer::<Lstm<3, 4>>();
    check_tiles::<_, AllSteps, [[f32; 3]; 5], [[f32; 4]; 5]>(&layer, 19, &[14, 5]);
    check_tiles::<_, FromEnd, [[f32; 3]; 5], [f32; 4]>(&layer, 19, &[8, 1, 10]);
}

#[test]
fn lstm_stands_under_its_cell_and_begins_as_in_keras() {
    let (mut names, mut layer) = (vec![], random_layer::<Lstm<3, 4>>());
    walk_ref(&*layer, &mut |parameter, _| names.push((parameter.to_string(), parameter.array.shape)));
    let expected = [("kernel", [3, 16].as_slice()), ("recurrent_kernel", &[4, 16]), ("bias", &[16])];
    assert_eq!(names, expected.map(|(name, shape)| (format!("lstm_cell/{name}"), Shape::new(shape))));

    initialize::<_, Defaults>(&mut *layer);
    assert_eq!(layer.bias, [[0.0; 4], [1.0; 4], [0.0; 4], [0.0; 4]]);
    let limit = (6.0_f32 / 19.0).sqrt();
    assert!(layer.kernel.as_flattened().as_flattened().iter().all(|weight| weight.abs() <= limit));
    let row = |u: usize| layer.recurrent_kernel[u].as_flattened();
    let product: f32 = row(0).iter().zip(row(1)).map(|(a, b)| a * b).sum();
    assert!(product.abs() < 1e-6 && (row(2).iter().map(|a| a * a).sum::<f32>() - 1.0).abs() < 1e-6);
    initialize::<_, ZeroBias>(&mut *layer);
    assert_eq!(layer.bias, [[0.0; 4]; 4]);
}
