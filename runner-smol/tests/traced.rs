//! The contract, rule by rule, with everything recorded.

type Traced = pollmark_core::TracedRunner<pollmark_runner_smol::Smol>;

pollmark_core::conformance!(crate::Traced);
