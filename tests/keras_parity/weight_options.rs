//! Regularizers and constraints, each on arrays of its own; whole runs with them are among the models.

use fusion_core::Shape;
use fusion_core::weights::{Constraint, Regularizer, Vectors};

use crate::fixture::Fixture;

/// For the page of parity.
pub const REGULARIZERS: [fn(); 1] = [regularizers];
/// For the page of parity.
pub const CONSTRAINTS: [fn(); 1] = [constraints];

#[test]
fn regularizers() {
    let fixture = Fixture::open("regularizers");
    let (kernel, shape) = (fixture.numbers("kernel"), Shape::new(&[5, 4]));
    let check = |name: &str, regularizer: Regularizer| {
        let penalty = regularizer.penalty(&shape, &kernel) as f32;
        fixture.check_case((name, "penalty"), &format!("{name}_value"), &[penalty], 1e-6);
        // It is added: twice is the double.
        let mut gradient = vec![0.0; kernel.len()];
        for _ in 0..2 {
            regularizer.add_gradient(&shape, &kernel, &mut gradient);
        }
        gradient.iter_mut().for_each(|g| *g /= 2.0);
        fixture.check_case((name, "gradient"), &format!("{name}_gradient"), &gradient, 1e-6);
    };
    check("l1", Regularizer::L1(0.02));
    check("l2", Regularizer::L2(0.03));
    check("l1_l2", Regularizer::L1L2(0.02, 0.03));
    check("orthogonal_rows", Regularizer::OrthogonalRegularizer(0.05, Vectors::Rows));
    check("orthogonal_columns", Regularizer::OrthogonalRegularizer(0.05, Vectors::Columns));
}

#[test]
fn constraints() {
    let fixture = Fixture::open("constraints");
    let check = |name: &str, constraint: Constraint| {
        for array in ["matrix", "kernel"] {
            let (mut weights, shape) = (fixture.numbers(array), Shape::new(&fixture.shape(array)));
            constraint.apply(&shape, &mut weights);
            fixture.check_case((name, array), &format!("{name}_{array}"), &weights, 5e-7);
        }
    };
    check("max_norm", Constraint::max_norm(0.8));
    check("max_norm_axis_1", Constraint::max_norm(0.8).axis(1));
    check("max_norm_axes_0_1", Constraint::max_norm(0.8).axes(0..2));
    check("min_max_norm", Constraint::min_max_norm(0.6, 0.9, 0.7));
    check("non_neg", Constraint::NonNeg);
    check("unit_norm", Constraint::unit_norm());
}
