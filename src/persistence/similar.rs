//! "Did you mean": the nearest of several names.

/// The nearest of `names`, if it is near enough to be meant.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let enough = (name.len() / 4).max(1);
    // Names of quite another length are not near; it also spares comparing what a hostile file calls its tensors.
    let near = names.filter(|other| name.len().abs_diff(other.len()) <= enough);
    let (distance, nearest) = near.map(|other| (distance(name, other), other)).min()?;
    (distance <= enough).then_some(nearest)
}

/// How many bytes must be inserted, left out or replaced to get from one name to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (removed, byte) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = removed + 1;
        for (column, other) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(byte != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distance_counts_single_changes() {
        for (from, to, changes) in [("", "", 0), ("", "abc", 3), ("dense", "dens", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(from, to), changes);
            assert_eq!(distance(to, from), changes);
        }
    }

    #[test]
    fn only_a_near_name_is_meant() {
        let names = ["dense_1/kernel", "dense/bias", "conv2d/kernel"];
        assert_eq!(nearest("dense/kernel", names.into_iter()), Some("dense_1/kernel"));
        assert_eq!(nearest("embedding/embeddings", names.into_iter()), None);
    }
}
