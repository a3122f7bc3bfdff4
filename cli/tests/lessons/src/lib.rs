//! The lessons that the Rust compiler teaches, a folder each: `mistake.rs` does not
//! compile, `mistake.stderr` is the compiler's message, `mended.rs` does as intended.
//! `pollmark explain compiler` shows these very files; the test of this crate compiles
//! them.
