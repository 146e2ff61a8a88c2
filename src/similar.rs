//! "Did you mean": the nearest of several names.

/// The nearest of `names`, if it is near enough to be meant.
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let enough = (name.len() / 4).max(1);
    // Names of quite another length are not near; it also spares comparing what a hostile file calls its tensors.
    let near = names.filter(|other| name.len().abs_diff(other.len()) <= enough);
    let (distance, nearest) = near.map(|other| (strsim::osa_distance(name, other), other)).min()?;
    (distance <= enough).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_a_near_name_is_meant() {
        let names = ["dense_1/kernel", "dense/bias", "conv2d/kernel"];
        assert_eq!(nearest("dense/kernel", names.into_iter()), Some("dense_1/kernel"));
        assert_eq!(nearest("embedding/embeddings", names.into_iter()), None);
    }
}
