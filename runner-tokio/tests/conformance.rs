//! The contract, rule by rule, for each flavour.

mod multi_thread {
    pollmark_core::conformance!(pollmark_runner_tokio::Tokio);
}

mod per_core {
    pollmark_core::conformance!(pollmark_runner_tokio::TokioPerCore);
}

mod current_thread {
    pollmark_core::conformance!(pollmark_runner_tokio::TokioCurrentThread);
}
