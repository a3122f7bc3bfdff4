//! The trait allocates as much as the native call, neither more nor less.

use std::process::Command;

use clap::ValueEnum;
use pollmark_benches::Operation;
use pollmark_benches::probe::{Allocated, ProbeRuntime, ProbeSide};

const COUNT: u64 = 20_000;

#[test]
fn spawning_and_joining_allocates_as_natively() {
    for runtime in ProbeRuntime::value_variants() {
        let native = allocated(Operation::SpawnJoin, *runtime, ProbeSide::Native);
        assert!(native.count_each() >= 1.0, "nothing counted: {native}");
        assert_same(Operation::SpawnJoin, *runtime);
    }
}

#[test]
fn a_contexts_spawn_allocates_as_natively() {
    for runtime in ProbeRuntime::value_variants() {
        assert_same(Operation::ContextSpawnJoin, *runtime);
    }
}

#[test]
fn a_yield_allocates_as_natively() {
    for runtime in ProbeRuntime::value_variants() {
        assert_same(Operation::Yield, *runtime);
    }
}

#[test]
fn a_wait_allocates_as_natively() {
    for runtime in ProbeRuntime::value_variants() {
        assert_same(Operation::Sleep, *runtime);
    }
}

fn assert_same(operation: Operation, runtime: ProbeRuntime) {
    let native = allocated(operation, runtime, ProbeSide::Native);
    let ours = allocated(operation, runtime, ProbeSide::Pollmark);
    let (operation, runtime) = (operation.name(), runtime.name());
    assert!(
        ours.is_same_each(&native),
        "{operation} on {runtime}: {ours}, natively {native}"
    );
}

/// The least of three: timers that pile up while the machine is busy add nodes to smol's map of
/// them, on either side, and nothing takes any away.
fn allocated(operation: Operation, runtime: ProbeRuntime, side: ProbeSide) -> Allocated {
    let all = (0..3).map(|_| once(operation, runtime, side));
    all.min_by(|one, other| one.bytes_each().total_cmp(&other.bytes_each()))
        .expect("there are three")
}

fn once(operation: Operation, runtime: ProbeRuntime, side: ProbeSide) -> Allocated {
    let output = Command::new(env!("CARGO_BIN_EXE_overhead-probe"))
        .args([operation.name(), runtime.name(), side.name()])
        .arg(COUNT.to_string())
        .output()
        .expect("the probe starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    Allocated::parse(&printed).unwrap_or_else(|| {
        let log = String::from_utf8_lossy(&output.stderr);
        panic!("the probe says no allocations, but {printed:?}: {log}")
    })
}
