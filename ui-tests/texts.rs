//! The text of every mistake.
//!
//! `TRYBUILD=overwrite cargo test -p fusion-ui-tests` writes the texts anew; read the difference as
//! someone would who has made the mistake.

use std::path::Path;

use trybuild::TestCases;

use crate::error_counts;

/// Puts the weight files that cases name into the package that `trybuild` makes.
fn put_weights() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    error_counts::put_weights(&target.join("tests/trybuild").join(env!("CARGO_PKG_NAME")));
}

#[test]
fn mistakes_are_explained() {
    put_weights();
    TestCases::new().compile_fail("fail/*/*.rs");
}
