//! The known results of the waiter and the cafe, the same on every runner.

use serde_json::Value;

use super::results::name;

/// A variant, its ideal in scenario seconds on 1, 2 and 3 workers, and the number served in
/// its outcome.
pub(crate) type Known = (&'static str, [u64; 3], Option<u64>);

pub(crate) const KNOWN: [Known; 19] = [
    ("waiter/sync", [27; 3], Some(3)),
    ("waiter/sequential", [27; 3], Some(3)),
    ("waiter/blocking", [27; 3], Some(3)),
    ("waiter/tasks", [16; 3], Some(3)),
    ("waiter/blocking-tasks", [27, 19, 16], Some(3)),
    ("waiter/spawn-await", [27; 3], Some(3)),
    ("waiter/offloaded", [16; 3], Some(3)),
    ("waiter/as-completed", [16; 3], Some(3)),
    ("waiter/missing-await", [24; 3], Some(2)),
    ("waiter/never-awaited", [0; 3], Some(0)),
    ("waiter/orphan", [0; 3], None),
    ("waiter/cancel-pending", [8; 3], Some(2)),
    ("waiter/cancel-before-start", [0; 3], None),
    ("waiter/cancel-blocking", [2; 3], None),
    ("waiter/parallel", [16; 3], Some(3)),
    ("cafe/sync", [10; 3], Some(2)),
    ("cafe/sequential", [10; 3], Some(2)),
    ("cafe/blocking", [10, 5, 5], Some(2)),
    ("cafe/concurrent", [5; 3], Some(2)),
];

pub(crate) fn known(cell: &Value) -> &'static Known {
    let name = name(cell);
    let found = KNOWN
        .iter()
        .find(|(variant, ..)| name.starts_with(&format!("{variant}@")));
    found.unwrap_or_else(|| panic!("nothing is known of {name}"))
}

/// The ideal in nanoseconds, by the workers in force; `threads` has as many as there are
/// tasks.
pub(crate) fn ideal(cell: &Value) -> u64 {
    let (_, seconds, _) = known(cell);
    let workers = cell["workers"].as_u64().unwrap_or(3);
    let index = usize::try_from(workers).unwrap().min(3) - 1;
    seconds[index] * 1_000_000_000
}
