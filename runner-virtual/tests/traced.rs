//! The contract, rule by rule, with everything recorded, and without the runtime's type.

use pollmark_core::{ErasedRunner, TracedRunner};
use pollmark_runner_virtual::Virtual;

type Traced = TracedRunner<Virtual>;
type Erased = ErasedRunner<Virtual>;

mod traced {
    pollmark_core::conformance!(crate::Traced);
}

mod erased {
    pollmark_core::conformance!(crate::Erased);
}
