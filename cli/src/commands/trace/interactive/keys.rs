//! The keys, and the place in the trace to which they lead.

use crossterm::event::KeyCode;

/// The keys and what they do, for the page that `?` shows.
pub(super) const HELP: [(&str, &str); 7] = [
    ("space, Enter, n, right, down", "the next event"),
    ("p, Backspace, left, up", "the event before"),
    ("PgDn, PgUp", "ten events on, or back"),
    ("Home or g, End or G", "the first event, the last one"),
    ("a number, then Enter or g", "that event"),
    ("?", "this page, and back"),
    ("q, Esc, Ctrl-C", "quit"),
];

/// A place in the trace to which keys lead.
#[derive(Debug)]
pub(super) struct Position {
    /// Events so far.
    pub(super) at: usize,
    pub(super) end: usize,
    /// The number that is being typed.
    pub(super) typed: String,
    /// Whether the page of the keys is shown.
    pub(super) helps: bool,
}

/// The reaction to a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Show,
    Quit,
}

impl Position {
    /// Before the first of `end` events.
    pub(super) fn first_of(end: usize) -> Self {
        Position {
            at: 0,
            end,
            typed: String::new(),
            helps: false,
        }
    }

    pub(super) fn press(&mut self, code: KeyCode, control: bool) -> Next {
        if code == KeyCode::Char('c') && control {
            return Next::Quit;
        }
        if std::mem::take(&mut self.helps) {
            // Any key leads back.
            return Next::Show;
        }
        // A number too large for the trace leads to its end.
        let typed = (!self.typed.is_empty()).then(|| self.typed.parse().unwrap_or(self.end));
        let to = match code {
            KeyCode::Char('q') | KeyCode::Esc => return Next::Quit,
            KeyCode::Char('?') => {
                self.helps = true;
                self.at
            }
            KeyCode::Char(digit) if digit.is_ascii_digit() => {
                self.typed.push(digit);
                return Next::Show;
            }
            KeyCode::Backspace if typed.is_some() => {
                self.typed.pop();
                return Next::Show;
            }
            KeyCode::Enter => typed.unwrap_or(self.at + 1),
            KeyCode::Char('g') => typed.unwrap_or(0),
            KeyCode::Right | KeyCode::Down | KeyCode::Char(' ' | 'l' | 'j' | 'n') => self.at + 1,
            KeyCode::Left | KeyCode::Up | KeyCode::Backspace | KeyCode::Char('h' | 'k' | 'p') => {
                self.at.saturating_sub(1)
            }
            KeyCode::PageDown => self.at + 10,
            KeyCode::PageUp => self.at.saturating_sub(10),
            KeyCode::Home => 0,
            KeyCode::End | KeyCode::Char('G') => self.end,
            _ => return Next::Show,
        };
        self.at = to.min(self.end);
        self.typed.clear();
        Next::Show
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(keys: &[KeyCode]) -> Position {
        let mut place = Position::first_of(30);
        place.at = 5;
        for key in keys {
            assert_eq!(place.press(*key, false), Next::Show);
        }
        place
    }

    #[test]
    fn keys_lead_through_the_trace_and_never_out_of_it() {
        use KeyCode::{Backspace, Char, Down, End, Enter, Home, Left, PageDown, PageUp, Right};
        let led: [(&[KeyCode], usize); 15] = [
            (&[Right, Right], 7),
            (&[Left], 4),
            (&[PageUp], 0),
            (&[Home, Left], 0),
            (&[PageDown, PageDown, PageDown], 30),
            (&[End, Down], 30),
            (&[Char('1'), Char('2'), Enter], 12),
            (&[Char('1'), Char('2'), Char('g')], 12),
            (&[Char('9'), Char('9'), Enter], 30),
            (&[Char('1'), Backspace, Enter], 6),
            (&[Enter, Char(' '), Char('n')], 8),
            (&[Char('p'), Backspace], 3),
            (&[Char('g')], 0),
            (&[Char('G')], 30),
            (&[Char('?'), Char('n'), Char('n')], 6),
        ];
        for (keys, at) in led {
            assert_eq!(pressed(keys).at, at, "{keys:?}");
        }
    }

    #[test]
    fn it_can_be_left() {
        let mut place = pressed(&[]);
        assert_eq!(place.press(KeyCode::Char('q'), false), Next::Quit);
        assert_eq!(place.press(KeyCode::Char('?'), false), Next::Show);
        assert_eq!(place.press(KeyCode::Char('c'), true), Next::Quit);
    }
}
