//! Every formula against numbers of real Keras (`tests/fixtures/keras`, made by Keras 3.15.1).

mod activations;
mod fixture;
mod image_layers;
mod layer_case;
mod layers;
mod losses;
mod merges;
mod metrics;
mod optimizers;
#[path = "../../../tests/support/parity.rs"]
mod parity;
mod sequence_layers;

use parity::Table;

#[test]
fn the_page_of_parity_lists_every_formula() {
    let tables = [
        Table::of("Layers", &[&layers::LAYERS[..], &image_layers::LAYERS, &sequence_layers::LAYERS].concat()),
        Table::of("Merges", &[&merges::MERGES[..], &sequence_layers::MERGES].concat()),
        Table::of("Activations", &activations::ACTIVATIONS),
        Table::of("Losses", &losses::LOSSES),
        Table::of("Metrics", &metrics::METRICS),
        Table::of("Optimizers", &optimizers::OPTIMIZERS),
        Table::of("Schedules", &optimizers::SCHEDULES),
    ];
    let folders = [("layers", 0..2), ("losses", 3..4), ("metrics", 4..5), ("optimizers", 5..6)];
    for (folder, range) in folders {
        for name in fixture::names(folder) {
            assert!(
                tables[range.clone()].iter().any(|table| table.has(&name)),
                "{folder}/{name} is compared with nothing"
            );
        }
    }
    parity::check_page("keras_parity", &tables);
}
