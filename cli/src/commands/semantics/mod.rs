//! `pollmark semantics`: where the runtimes differ, measured on the spot.
//!
//! [`measure`] runs each probe of the [library](crate::semantics) in a process of its own, so
//! that one that hangs, or brings its process down, is an answer like another. [`human`] and
//! [`json`] show the answers; [`moving`] those that change from one runtime to another.

mod asked;
mod human;
mod json;
mod measure;
mod moving;

use std::time::Instant;

use anyhow::{Result, bail};
use pollmark_core::{Clock, RunnerInfo};

use self::asked::Asked;
use self::moving::Moving;
use crate::args::{HumanOrJson, SemanticsArgs};
use crate::commands::prepare;
use crate::model::column::{self, Column};
use crate::model::environment::Environment;
use crate::model::runners;
use crate::semantics::question::Side;
use crate::text::lists::distinct;
use crate::text::messages;

/// Asks everything and shows it; whether every probe told something.
///
/// # Errors
///
/// A runner is unknown, or one is to be compared with itself; the output cannot be written, or no process can be started.
pub(crate) fn semantics(args: &SemanticsArgs) -> Result<bool> {
    let ends = match (&args.from, &args.to) {
        (Some(from), Some(to)) => Some((one(from)?, one(to)?)),
        _ => None,
    };
    let (columns, sides) = match &ends {
        Some((from, to)) if from == to => bail!(
            "a program that stays on `{from}` meets no difference; `--from` and `--to` take two \
             runners"
        ),
        Some((from, to)) => (vec![from.clone(), to.clone()], &[Side::Native][..]),
        None => (columns(&args.runner)?, &[Side::Native, Side::Contract][..]),
    };
    let mut output = prepare::output(args.output.as_deref())?;
    let environment = Environment::look();
    let started = Instant::now();
    let questions = measure::all(&columns, sides)?;
    let took = started.elapsed().as_secs_f64();
    let moving = ends.map(|(from, to)| Moving::between(&from, &to, &questions));
    let text = match args.format {
        HumanOrJson::Human => {
            let text = match &moving {
                Some(moving) => moving.human(questions.len()),
                None => human::human(&questions, &columns),
            };
            text + &human::footer(&questions, &environment.in_a_line(), took)
        }
        HumanOrJson::Json => json::json(&environment, &questions, moving.as_ref())?,
    };
    output.write(text.as_bytes())?;
    let mut broken = questions.iter().flat_map(Asked::broken).peekable();
    let all_told = broken.peek().is_none();
    broken.for_each(|broken| messages::warn(&broken));
    Ok(all_told)
}

/// The column of this name.
fn one(name: &str) -> Result<Column> {
    let column = Column::named(name.trim(), &askable())?;
    can_be_asked(&column).map(|()| column)
}

/// The columns of these names, once each.
fn columns(names: &[String]) -> Result<Vec<Column>> {
    let columns = distinct(column::columns(names, &askable(), &[])?);
    columns.iter().try_for_each(can_be_asked)?;
    Ok(columns)
}

/// The runners that have a library of their own beneath them: those that `all` means.
fn askable() -> Vec<&'static str> {
    runners::in_all().map(|flavour| flavour.info().id).collect()
}

fn can_be_asked(column: &Column) -> Result<()> {
    let RunnerInfo { id, clock, .. } = column.runner;
    match clock {
        _ if column.runner.in_all => Ok(()),
        Clock::Virtual => {
            bail!("`{id}` is pollmark's own and has no library beneath it to ask")
        }
        Clock::Real => bail!(
            "`{id}` is put together by pollmark from a runtime that can be asked itself; there is {}",
            askable().join(", ")
        ),
    }
}
