//! Unique names for tasks and threads.

use std::collections::HashMap;

use super::data::Trace;

impl Trace {
    /// The name of each task, in order; with its id, as in `cook #3`, if several tasks have that
    /// name.
    pub fn task_names(&self) -> Vec<String> {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        told_apart(&names)
    }

    /// The name of each thread, in order; with its id, as in `tokio-rt-worker #1`, if several
    /// threads have that name.
    pub fn thread_names(&self) -> Vec<String> {
        let names = self.threads.iter().map(|thread| thread.name.as_str());
        told_apart(&names.collect::<Vec<_>>())
    }
}

fn told_apart(names: &[&str]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let numbered = |(id, name): (usize, &&str)| match counts[name] {
        1 => (*name).to_owned(),
        _ => format!("{name} #{id}"),
    };
    names.iter().enumerate().map(numbered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_several_have_are_numbered() {
        assert_eq!(
            told_apart(&["main", "cook", "waiter", "cook"]),
            ["main", "cook #1", "waiter", "cook #3"]
        );
    }
}
