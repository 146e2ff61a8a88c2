//! Every formula and whole models against numbers of real Keras (`tests/fixtures/keras`, made by Keras 3.15.1).

mod activations;
mod adapted;
mod averages;
mod coverage;
mod fixture;
mod golden;
mod guide_models;
mod layer_case;
mod layers;
mod losses;
mod masked_outputs;
mod masks;
mod merges;
mod metrics;
mod optimizers;
mod optimizers_of_arrays;
mod own_cell;
mod parity;
mod programs;
mod runs;
mod seed_models;
mod sequence_layers;
mod weight_options;
mod whole_batches;

use parity::Table;

/// One test, as an instruction set is forced on all that runs meanwhile.
#[test]
fn the_page_of_parity_lists_everything() {
    parity::check_page("keras_parity", &formulas());
    parity::check_page("seed_models", &[seed_models::table()]);
    parity::check_page("guide_models", &[guide_models::table()]);
    parity::check_page("programs", &[programs::table()]);
    parity::check_page("runs", &[runs::table()]);
}

fn formulas() -> [Table; 10] {
    let tables = [
        Table::of("Layers", layers::PARITY),
        Table::of("Merges", merges::PARITY),
        Table::of("Activations", &activations::ACTIVATIONS),
        Table::of("Losses", &losses::LOSSES),
        Table::of("Metrics", &metrics::METRICS),
        Table::of("Optimizers", &optimizers::OPTIMIZERS),
        Table::of("Schedules", &optimizers::SCHEDULES),
        Table::of("Regularizers", &weight_options::REGULARIZERS),
        Table::of("Constraints", &weight_options::CONSTRAINTS),
        Table::of("Masks", masks::PARITY),
    ];
    let folders = [("layers", 0..2), ("losses", 3..4), ("metrics", 4..5), ("optimizers", 5..6), ("masks", 9..10)];
    for (folder, range) in folders {
        for name in fixture::names(folder) {
            assert!(
                tables[range.clone()].iter().any(|table| table.has(&name)),
                "{folder}/{name} is compared with nothing"
            );
        }
    }
    tables
}
