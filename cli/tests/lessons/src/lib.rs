//! The lessons that the Rust compiler teaches, a folder each: `mistake.rs` does not
//! compile, `mistake.stderr` is what the compiler says, `mended.rs` does what was
//! meant. `pollmark explain compiler` shows these very files; the test of this crate
//! compiles them.
