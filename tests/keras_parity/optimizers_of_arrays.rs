//! Optimizers on arrays of one to four dimensions, and on vectors whose gradient comes in rows: the weights after each
//! of three steps.

use std::collections::BTreeSet;

use fusion::prelude::Parameters;
use fusion_core::optimizers::{OptimizerState, prelude::*};
use fusion_core::shape::zeroed_box;
use fusion_core::weights::walk;

use crate::fixture::{Fixture, names};

#[repr(C)]
#[derive(Parameters)]
struct Arrays {
    #[parameter(sparse)]
    embeddings: [[f32; 2]; 4],
    bias: [f32; 3],
    tall: [[f32; 3]; 7],
    wide: [[f32; 5]; 3],
    kernel: [[[[f32; 4]; 3]; 3]; 2],
}

/// Reads the arrays of these names, but for the vectors.
fn read(arrays: &mut Arrays, fixture: &Fixture, folder: &str) {
    walk([arrays], &mut |parameter, [values]| {
        let name = format!("{folder}/{parameter}");
        if fixture.has(&name) {
            values.copy_from_slice(&fixture.numbers(&name));
        }
    });
}

/// Adds up the rows of a step, and their squares, as a layer does.
fn add_rows(fixture: &Fixture, step: u64, gradient: &mut Arrays, squares: &mut Arrays) {
    let rows = fixture.numbers(&format!("rows{step}"));
    for (id, row) in fixture.ids(&format!("ids{step}")).into_iter().zip(rows.chunks_exact(2)) {
        let sums = gradient.embeddings[id as usize].iter_mut().zip(&mut squares.embeddings[id as usize]);
        for ((g, square), x) in sums.zip(row) {
            *g += x;
            *square += x * x;
        }
    }
}

fn check(unseen: &mut BTreeSet<String>, name: &str, optimizer: &impl Optimizer) {
    unseen.remove(name);
    let fixture = Fixture::open(&format!("optimizers/arrays/{name}"));
    let [mut arrays, mut gradient, mut squares] = [(); 3].map(|()| zeroed_box::<Arrays>());
    let mut state = OptimizerState::default();
    read(&mut arrays, &fixture, "step0");
    for step in 1..=3 {
        read(&mut gradient, &fixture, &format!("gradient{step}"));
        add_rows(&fixture, step, &mut gradient, &mut squares);
        optimizer.apply(step - 1, &mut *arrays, &mut *gradient, Some(&mut *squares), &mut state);
        walk([&mut *arrays], &mut |parameter, [weights]| {
            let case = (&*format!("{name} (arrays)"), "arrays after 1, 2, 3 steps");
            fixture.check_case(case, &format!("step{step}/{parameter}"), weights, 1e-6);
        });
    }
    let zero = |numbers: &[f32]| assert!(numbers.iter().all(|g| *g == 0.0), "{name}: {numbers:?}");
    walk([&mut *gradient, &mut *squares], &mut |_, arrays| arrays.into_iter().for_each(|array| zero(array)));
}

#[test]
pub fn arrays_of_any_shape() {
    let mut unseen: BTreeSet<String> = names("optimizers/arrays").into_iter().collect();
    let unseen = &mut unseen;
    check(unseen, "sgd", &Sgd::new(0.1).momentum(0.9).nesterov(true));
    check(unseen, "rmsprop", &RmsProp::new(0.01).momentum(0.5).centered(true));
    check(unseen, "adam", &Adam::new(0.01).amsgrad(true));
    check(unseen, "adamax", &Adamax::new(0.01));
    check(unseen, "nadam", &Nadam::new(0.01));
    check(unseen, "adagrad", &Adagrad::new(0.1));
    check(unseen, "adadelta", &Adadelta::new(1.0));
    check(unseen, "adafactor", &Adafactor::new(0.5).clip_threshold(0.5).beta_2_decay(-0.6));
    check(unseen, "ftrl", &Ftrl::new(0.1).l1_regularization_strength(0.01));
    check(unseen, "lion", &Lion::new(0.01));
    check(unseen, "lamb", &Lamb::new(0.1));
    check(unseen, "muon", &Muon::new(0.1));
    let plain = Muon::new(0.1).exclude_embeddings(false).nesterov(false).rms_rate(None).ns_steps(3);
    check(unseen, "muon_plain", &plain);
    assert!(unseen.is_empty(), "{unseen:?} are compared with nothing");
}
