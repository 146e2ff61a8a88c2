//! What compiles and what does not, with the text that users see.
//!
//! `TRYBUILD=overwrite cargo test --test compile` writes the texts anew; read the difference as
//! someone would who has made the mistake.

#[test]
fn models() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui-tests/pass/*.rs");
    cases.compile_fail("ui-tests/fail/*/*.rs");
}
