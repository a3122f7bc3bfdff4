//! Steps through a trace with the keyboard.

mod keys;
mod page;
mod screen;
mod source;

use std::io::{self, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, anyhow};
use crossterm::event::{Event, KeyEventKind, KeyModifiers};
use crossterm::style::Print;
use crossterm::terminal::{self, Clear, ClearType};
use crossterm::{cursor, queue};
use signal_hook::consts::SIGINT;
use signal_hook::low_level::emulate_default_handler;

use self::keys::{Next, Position};
use self::page::Page;
use self::screen::{Screen, next_event};
use super::picture::text::Manner;
use super::recorded::Run;
use super::steps::Steps;
use crate::output::file::trouble::FileTrouble;
use crate::process::interrupt::Interrupted;
use crate::text::messages;

/// Shows the state of every task after an event, and moves through the events by the keys.
/// Restores the terminal afterwards, also after an error, a panic or a signal. Returns whether
/// the run was recorded and went as expected.
///
/// # Errors
///
/// [`Interrupted`] after SIGINT, and the terminal cannot be used. Another signal ends this process
/// in its own way.
pub(crate) fn step_through(run: &Run<'_>, manner: Manner) -> Result<bool> {
    let Some(page) = Page::of(run, manner) else {
        // A recording that was left out is noted.
        let report = &run.report;
        let why = report.error.as_ref().or(report.notes.last());
        let why = why.map_or("no reason given", String::as_str);
        messages::complain(&anyhow!("nothing was recorded of {}: {why}", run.cell));
        return Ok(false);
    };
    let screen = Screen::enter()?;
    let shown = walk(&page, &screen);
    match screen.leave() {
        None => shown.map(|()| run.report.status.is_as_expected()),
        Some(SIGINT) => Err(Interrupted.into()),
        Some(signal) => emulate_default_handler(signal)
            .context("a signal is to end this")
            .map(|()| false),
    }
}

fn walk(page: &Page<'_>, screen: &Screen) -> Result<()> {
    let trace = page.trace;
    let mut place = Position::first_of(trace.events_of_the_run().len());
    let mut steps = Steps::through(trace);
    loop {
        let standings = steps.after(place.at);
        let (width, height) = terminal::size().unwrap_or((80, 24));
        let lines = page.lines(standings, &place, usize::from(width), usize::from(height));
        let trouble = || FileTrouble("cannot write to the terminal".to_owned());
        show(&lines, height).with_context(trouble)?;
        let Some(event) = next_event(screen)? else {
            return Ok(());
        };
        // Any other event redraws, such as a change of the window's size.
        if let Event::Key(key) = event
            && key.kind != KeyEventKind::Release
        {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            if place.press(key.code, control) == Next::Quit {
                return Ok(());
            }
        }
    }
}

fn show(lines: &[String], height: u16) -> Result<()> {
    let mut screen = io::stdout();
    let is_plain = AutoStream::choice(&screen) == ColorChoice::Never;
    queue!(screen, Clear(ClearType::All))?;
    for (row, line) in (0..height).zip(lines) {
        queue!(screen, cursor::MoveTo(0, row))?;
        match is_plain {
            true => queue!(screen, Print(strip_str(line)))?,
            false => queue!(screen, Print(line))?,
        }
    }
    screen.flush()?;
    Ok(())
}
