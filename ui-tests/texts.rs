//! The text of every mistake, and that what is no mistake compiles.
//!
//! `TRYBUILD=overwrite cargo test -p fusion-ui-tests` writes the texts anew; read the difference as
//! someone would who has made the mistake.

use trybuild::TestCases;

// Apart from the others: where all cases fail, they are checked in one go.
#[test]
fn mistakes_are_explained() {
    TestCases::new().compile_fail("fail/*/*.rs");
}

#[test]
fn models_compile_and_run() {
    TestCases::new().pass("pass/*.rs");
}
