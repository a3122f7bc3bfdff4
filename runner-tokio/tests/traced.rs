//! The contract, rule by rule, with everything recorded, and without the runtime's type.

use pollmark_core::{ErasedRunner, TracedRunner};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

type TracedTokio = TracedRunner<Tokio>;
type ErasedTokio = TracedRunner<ErasedRunner<TokioCurrentThread>>;

mod traced {
    pollmark_core::conformance!(crate::TracedTokio);
}

mod traced_and_erased {
    pollmark_core::conformance!(crate::ErasedTokio);
}
