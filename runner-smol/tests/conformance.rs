//! The contract, rule by rule.

pollmark_core::conformance!(pollmark_runner_smol::Smol);
