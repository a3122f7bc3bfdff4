//! The commands, a module each; this one hands the command line to them.

mod build;
mod compare;
mod diff;
mod explain;
mod list;
mod prepare;
mod run;
mod semantics;
mod trace;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use crate::args::{Cli, Command};
use crate::output::file::trouble::{self, FileTrouble};
use crate::output::sink::{self, Output};
use crate::process::interrupt::{INTERRUPTED, Interrupted};
use crate::process::limits::{self, Refused};
use crate::process::parent::CELL;
use crate::process::{child, interrupt};
use crate::text::messages;
use crate::text::{escape, wrap};

/// Everything went as expected.
const OK: u8 = 0;
/// A cell failed its check or could not be started, or something became worse.
const FAILED: u8 = 1;
/// The command line is wrong, or names something that there is not.
const USAGE: u8 = 2;
/// A file could not be read or written.
const TROUBLE: u8 = 3;

/// Runs the command line, on a stack that is large enough for it.
pub(crate) fn main() -> ExitCode {
    let is_cell = std::env::args_os().nth(1).is_some_and(|word| word == CELL);
    let ended = match is_cell {
        true => limits::with_stack_of_main(carry_out),
        false => limits::with_stack(carry_out),
    };
    ended.unwrap_or_else(|error| ExitCode::from(exit_code(&error)))
}

fn carry_out() -> ExitCode {
    let command = match command_line() {
        Ok(cli) => cli.command,
        Err(error) => return unread(&error),
    };
    let outcome = match command {
        Command::List(args) => list::list(&args).map(|()| OK),
        Command::Run(args) => run::run(&args).map(|all_ok| if all_ok { OK } else { FAILED }),
        Command::Compare(args) => {
            compare::compare(&args).map(|all_ok| if all_ok { OK } else { FAILED })
        }
        Command::Diff(args) => {
            diff::diff(&args).map(|none_worse| if none_worse { OK } else { FAILED })
        }
        Command::Trace(args) => trace::trace(&args).map(|all_ok| if all_ok { OK } else { FAILED }),
        Command::Semantics(args) => {
            semantics::semantics(&args).map(|all_ended| if all_ended { OK } else { FAILED })
        }
        Command::Explain(args) => explain::explain(&args).map(|()| OK),
        Command::Build(args) => {
            build::build(&args).map(|is_built| if is_built { OK } else { FAILED })
        }
        Command::Completions { shell } => completions(shell).map(|()| OK),
        Command::Cell { words } => child::main(&words).map(|()| OK),
    };
    ExitCode::from(match outcome.unwrap_or_else(|error| exit_code(&error)) {
        OK if trouble::was_any() => TROUBLE,
        code => code,
    })
}

/// The command line; an error where it is wrong, or asks for help, in lines that fit.
fn command_line() -> Result<Cli, clap::Error> {
    let command = Cli::command().term_width(wrap::width());
    let matches = command.try_get_matches();
    let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(explained)
}

/// Prints the help that was asked for, or the fault of the command line.
fn unread(error: &clap::Error) -> ExitCode {
    // Where the stream is closed there is nobody to tell.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { USAGE } else { OK })
}

/// An error of the command line with long arguments cut, and with the reason where an option
/// is one of `run` alone.
fn explained(mut error: clap::Error) -> clap::Error {
    let arguments = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(name) => Some((kind, name.clone())),
        _ => None,
    });
    for (kind, name) in arguments.collect::<Vec<_>>() {
        let brief = escape::brief_name(&name);
        if brief != name {
            error.insert(kind, ContextValue::String(brief));
            // They repeat it.
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(Vec::new()));
        }
    }
    let tip = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) if name == "--jobs" => {
            Some("only `run` takes `--jobs`: it alone runs cells side by side")
        }
        Some(ContextValue::String(name)) if name == "--build" => {
            Some("`run`, `compare` and `trace` take `--build`: they run cells")
        }
        _ => None,
    };
    if let Some(tip) = tip.filter(|_| error.kind() == ErrorKind::UnknownArgument) {
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// Tells an error and gives the code to end with. A reader of the output that has
/// gone, as `head` does, is none; but Ctrl-C ends the reader too.
fn exit_code(error: &anyhow::Error) -> u8 {
    let is_unread = sink::is_closed_pipe(error);
    if error.is::<Interrupted>() || (is_unread && interrupt::asked()) {
        messages::note("interrupted");
        return INTERRUPTED;
    }
    if is_unread {
        return OK;
    }
    messages::complain(error);
    if error.is::<FileTrouble>() {
        TROUBLE
    } else if error.is::<Refused>() {
        FAILED
    } else {
        USAGE
    }
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut for_people(Cli::command()),
        "pollmark",
        &mut script,
    );
    Output::stdout().write(&script)
}

/// The command without the subcommands that its help hides, which the generators of
/// completions would offer.
fn for_people(command: clap::Command) -> clap::Command {
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    clap::Command::new("pollmark")
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments().cloned().collect::<Vec<_>>())
        .subcommands(shown.cloned().collect::<Vec<_>>())
}
