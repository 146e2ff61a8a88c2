//! What is below the public side; whole tables are compared with Keras's in the package `fusion-tests`.

use super::{readable_memory_size, thousands, wrap::wrap};

#[test]
fn words_wrap_and_long_words_end_in_an_ellipsis() {
    assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
    assert_eq!(wrap("abcdef g", 4), ["abc…", "g"]);
    assert_eq!(wrap("a bcdefg h", 4), ["a", "bcd…", "h"]);
    assert_eq!(wrap("abc", 1), ["…"]);
    assert!(wrap("abc", 0).is_empty());
}

#[test]
fn numbers_read_as_in_python() {
    assert_eq!(thousands(0), "0");
    assert_eq!(thousands(999), "999");
    assert_eq!(thousands(1_234_567), "1,234,567");
    assert_eq!(readable_memory_size(0), "0.00 B");
    assert_eq!(readable_memory_size(1_023), "1023.00 B");
    assert_eq!(readable_memory_size(1_024), "1.00 KB");
    assert_eq!(readable_memory_size(43_156), "42.14 KB");
    assert_eq!(readable_memory_size(2 << 30), "2.00 GB");
}
