//! The `pollmark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    pollmark::main()
}
