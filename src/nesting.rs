//! How deep JSON from elsewhere nests, before a parser goes that deep: it may go 128 deep, which a small stack does not carry
//! in a debug build.

/// Whether brackets nest deeper than so, outside of strings.
pub(crate) fn nests_deeper(json: &[u8], than: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > than {
            return true;
        }
    }
    false
}
