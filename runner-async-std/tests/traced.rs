//! The contract, rule by rule, with everything recorded.

type Traced = pollmark_core::TracedRunner<pollmark_runner_async_std::AsyncStd>;

pollmark_core::conformance!(crate::Traced);
