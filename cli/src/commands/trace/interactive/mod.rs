//! Steps through a trace with the keyboard.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anyhow::{Context, Result};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{self, Clear, ClearType};
use crossterm::{cursor, queue};
use pollmark_core::trace::{TaskId, Trace};
use signal_hook::consts::SIGINT;
use signal_hook::low_level::emulate_default_handler;

use super::fit::clipped;
use super::screen::{Screen, next_event};
use super::steps::{Standing, Standings, told};
use crate::process::interrupt::Interrupted;

/// The help for the keys, shown in the last line.
const KEYS: &str = "→ next   ← back   PgUp PgDn by 10   Home End   number+Enter jump   q quit";

/// The help for the keys, in letters that every terminal has.
const ASCII_KEYS: &str =
    "right: next  left: back  PgUp PgDn: by 10  Home End  number+Enter: jump  q: quit";

/// Shows the state of every task after an event, and moves through the events by the keys.
/// Restores the terminal afterwards, also after an error, a panic or a signal.
///
/// # Errors
///
/// [`Interrupted`] after SIGINT, and the terminal cannot be used. Another signal ends this
/// process in its own way.
pub(crate) fn step_through(title: &str, trace: &Trace, ascii: bool) -> Result<()> {
    let screen = Screen::enter()?;
    let shown = walk(title, trace, ascii, &screen);
    match screen.leave() {
        None => shown,
        Some(SIGINT) => Err(Interrupted.into()),
        Some(signal) => emulate_default_handler(signal).context("a signal is to end this"),
    }
}

/// A place in the trace to which keys lead.
struct Position {
    /// Events so far.
    at: usize,
    end: usize,
    /// The number that is being typed.
    typed: String,
}

/// The reaction to a key.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Show,
    Quit,
}

impl Position {
    fn press(&mut self, code: KeyCode, control: bool) -> Next {
        let by = |at: usize, end: usize, steps: usize| (at + steps).min(end);
        match code {
            KeyCode::Char('c') if control => return Next::Quit,
            KeyCode::Char('q') | KeyCode::Esc => return Next::Quit,
            KeyCode::Right | KeyCode::Down | KeyCode::Char(' ' | 'l' | 'n') => {
                self.at = by(self.at, self.end, 1);
            }
            KeyCode::Left | KeyCode::Up | KeyCode::Char('h' | 'p') | KeyCode::Backspace
                if self.typed.is_empty() =>
            {
                self.at = self.at.saturating_sub(1);
            }
            KeyCode::Backspace => drop(self.typed.pop()),
            KeyCode::PageDown => self.at = by(self.at, self.end, 10),
            KeyCode::PageUp => self.at = self.at.saturating_sub(10),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.end,
            KeyCode::Char(digit) if digit.is_ascii_digit() => {
                self.typed.push(digit);
                return Next::Show;
            }
            KeyCode::Enter => {
                // A number too large for the trace leads to its end.
                if !self.typed.is_empty() {
                    self.at = self
                        .typed
                        .parse()
                        .map_or(self.end, |at: usize| at.min(self.end));
                }
            }
            _ => return Next::Show,
        }
        if code != KeyCode::Backspace {
            self.typed.clear();
        }
        Next::Show
    }
}

fn walk(title: &str, trace: &Trace, ascii: bool, screen: &Screen) -> Result<()> {
    let mut place = Position {
        at: 0,
        end: trace.events_of_the_run().len(),
        typed: String::new(),
    };
    let mut standings = Standings::new(trace);
    loop {
        if standings.index() > place.at {
            standings = Standings::new(trace);
        }
        while standings.index() < place.at && standings.step() {}
        show(&lines(title, trace, &standings, &place, ascii))?;
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

fn lines(
    title: &str,
    trace: &Trace,
    standings: &Standings<'_>,
    place: &Position,
    ascii: bool,
) -> Vec<String> {
    let mut lines = vec![title.to_owned(), String::new()];
    let last = standings.index().checked_sub(1);
    match last {
        Some(index) => {
            let at = trace.scenario_time(trace.events[index].at).as_secs_f64();
            lines.push(format!("event {} of {}, at {at:.3} s", place.at, place.end));
            lines.push(told(trace, index).to_string());
        }
        None => {
            lines.push(format!("before the first of {} events", place.end));
            lines.push(String::new());
        }
    }
    lines.push(String::new());
    let sets = [
        ("running", Standing::Running),
        ("blocking", Standing::Blocking),
        ("ready", Standing::Ready),
        ("waiting", Standing::Waiting),
    ];
    for (name, standing) in sets {
        let tasks = standings.those(standing);
        lines.push(format!(
            "{name:<9}{:>7}  {}",
            tasks.len(),
            names(trace, tasks)
        ));
    }
    lines.push(String::new());
    // The next event, so that a reader can predict its effect.
    lines.push(match place.at < place.end {
        true => format!("next: {}", told(trace, place.at)),
        false => "this was the last event of the run".to_owned(),
    });
    if !place.typed.is_empty() {
        lines.push(format!("to event {}", place.typed));
    }
    lines.push(String::new());
    lines.push(if ascii { ASCII_KEYS } else { KEYS }.to_owned());
    lines
}

/// More names than any line holds.
const MOST_NAMES: usize = 40;

fn names(trace: &Trace, tasks: &BTreeSet<TaskId>) -> String {
    let names = tasks.iter().take(MOST_NAMES);
    let names: Vec<&str> = names.map(|&task| trace.tasks[task].name.as_str()).collect();
    names.join(", ")
}

fn show(lines: &[String]) -> Result<()> {
    let (width, height) = terminal::size().unwrap_or((80, 24));
    let mut screen = io::stdout().lock();
    queue!(screen, Clear(ClearType::All))?;
    for (row, line) in (0..height).zip(lines) {
        let fitted = clipped(line, usize::from(width));
        queue!(
            screen,
            cursor::MoveTo(0, row),
            crossterm::style::Print(fitted)
        )?;
    }
    screen.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(keys: &[KeyCode]) -> Position {
        let mut place = Position {
            at: 5,
            end: 30,
            typed: String::new(),
        };
        for key in keys {
            assert_eq!(place.press(*key, false), Next::Show);
        }
        place
    }

    #[test]
    fn keys_lead_through_the_trace_and_never_out_of_it() {
        use KeyCode::{Char, Down, End, Enter, Home, Left, PageDown, PageUp, Right};
        let led: [(&[KeyCode], usize); 9] = [
            (&[Right, Right], 7),
            (&[Left], 4),
            (&[PageUp], 0),
            (&[Home, Left], 0),
            (&[PageDown, PageDown, PageDown], 30),
            (&[End, Down], 30),
            (&[Char('1'), Char('2'), Enter], 12),
            (&[Char('9'), Char('9'), Enter], 30),
            (&[Char('1'), KeyCode::Backspace, Enter], 5),
        ];
        for (keys, at) in led {
            assert_eq!(pressed(keys).at, at, "{keys:?}");
        }
    }

    #[test]
    fn it_can_be_left() {
        let mut place = pressed(&[]);
        assert_eq!(place.press(KeyCode::Char('q'), false), Next::Quit);
        assert_eq!(place.press(KeyCode::Char('c'), true), Next::Quit);
    }
}
