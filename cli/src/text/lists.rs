//! Lists as people read them.

/// Each of `items` once, in the order in which they first come.
pub(crate) fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// `tokio, smol and threads`, where `by` is `and`.
pub(crate) fn joined(names: &[&str], by: &str) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {by} {last}", first.join(", ")),
    }
}
