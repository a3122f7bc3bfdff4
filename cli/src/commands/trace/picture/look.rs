//! The looks of states and marks: one table for the terminal, the SVG and the legend.

use pollmark_core::trace::State;

use crate::output::theme::Colour;

/// A mark at a moment of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    Cancelled,
    Panicked,
    /// Pollmark stopped the run before the task had ended.
    Stopped,
}

impl Sign {
    pub(crate) const ALL: [Sign; 3] = [Sign::Cancelled, Sign::Panicked, Sign::Stopped];
}

/// The content of one column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// Nothing to show: the task does not exist, or the thread polls no task.
    Nothing,
    Waiting,
    Ready,
    /// Polled, for less than half of the column: most polls are short.
    Touched,
    Running,
    Blocking,
    Marked(Sign),
}

/// The way in which something is shown.
#[derive(Debug)]
pub(crate) struct Look {
    /// Its name in the legend; in SVG the first word of it is its class.
    pub(crate) name: &'static str,
    pub(crate) glyph: char,
    /// A letter that every terminal has.
    pub(crate) ascii: char,
    pub(crate) colour: Colour,
    /// Numbers from low to high, none of which looks like another state.
    pub(crate) heights: &'static [char],
    pub(crate) ascii_heights: &'static [char],
}

/// The states, which every legend explains.
pub(crate) const STATES: [Symbol; 5] = [
    Symbol::Waiting,
    Symbol::Ready,
    Symbol::Touched,
    Symbol::Running,
    Symbol::Blocking,
];

const BLOCKS: &[char] = &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const fn look(name: &'static str, [glyph, ascii]: [char; 2], colour: Colour) -> Look {
    Look {
        name,
        glyph,
        ascii,
        colour,
        heights: &[],
        ascii_heights: &[],
    }
}

impl Look {
    const fn in_heights(self, heights: &'static [char], ascii_heights: &'static [char]) -> Look {
        Look {
            heights,
            ascii_heights,
            ..self
        }
    }
}

static NOTHING: Look = look("nothing", [' ', ' '], Colour::Plain);
/// A line, which is the higher the more wait.
static WAITING: Look = look("waiting", ['─', '-'], Colour::Faint)
    .in_heights(&['⎽', '⎼', '─', '⎻', '⎺'], &['_', '-', '^']);
static READY: Look =
    look("ready", ['░', ':'], Colour::Yellow).in_heights(&['⣀', '⣤', '⣶', '⣿'], &['.', ':', '%']);
static TOUCHED: Look = look("polled", ['│', '|'], Colour::Green);
static RUNNING: Look =
    look("running", ['█', '#'], Colour::Green).in_heights(BLOCKS, &['=', '+', '#']);
static BLOCKING: Look =
    look("blocking", ['▒', 'B'], Colour::Red).in_heights(BLOCKS, &['b', 'o', 'B']);
static CANCELLED: Look = look("cancelled", ['✗', 'x'], Colour::Plain);
static PANICKED: Look = look("panicked", ['!', '!'], Colour::Red);
static STOPPED: Look = look("stopped by pollmark", ['×', '*'], Colour::Plain);

/// The look of a state that takes all of a column.
pub(crate) fn of(state: State) -> &'static Look {
    match state {
        State::Ready => Symbol::Ready.look(),
        State::Running => Symbol::Running.look(),
        State::Blocking => Symbol::Blocking.look(),
        State::Waiting => Symbol::Waiting.look(),
    }
}

impl Symbol {
    pub(crate) fn look(self) -> &'static Look {
        match self {
            Symbol::Nothing => &NOTHING,
            Symbol::Waiting => &WAITING,
            Symbol::Ready => &READY,
            Symbol::Touched => &TOUCHED,
            Symbol::Running => &RUNNING,
            Symbol::Blocking => &BLOCKING,
            Symbol::Marked(Sign::Cancelled) => &CANCELLED,
            Symbol::Marked(Sign::Panicked) => &PANICKED,
            Symbol::Marked(Sign::Stopped) => &STOPPED,
        }
    }
}

impl Look {
    /// Its class in SVG.
    pub(crate) fn class(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or_default()
    }

    pub(crate) fn glyph(&self, ascii: bool) -> char {
        if ascii { self.ascii } else { self.glyph }
    }

    /// The glyph for a share from 0 to 1 of the highest number; a blank for none.
    pub(crate) fn height(&self, share: f64, ascii: bool) -> char {
        let heights = if ascii {
            self.ascii_heights
        } else {
            self.heights
        };
        let step = (share * heights.len() as f64).ceil() as usize;
        match step.min(heights.len()).checked_sub(1) {
            Some(index) => heights[index],
            None => ' ',
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthChar;

    use super::*;

    #[test]
    fn every_sign_takes_one_column_and_no_two_cells_share_one() {
        let marks = Sign::ALL.map(Symbol::Marked);
        let symbols: Vec<Symbol> = STATES.into_iter().chain(marks).collect();
        for ascii in [false, true] {
            let mut glyphs: Vec<char> = symbols
                .iter()
                .map(|symbol| symbol.look().glyph(ascii))
                .collect();
            assert!(glyphs.iter().all(|glyph| glyph.width() == Some(1)));
            glyphs.sort_unstable();
            glyphs.dedup();
            assert_eq!(glyphs.len(), symbols.len());
        }
        let charts = symbols.iter().map(|symbol| symbol.look());
        let mut heights = charts.flat_map(|look| look.heights.iter().chain(look.ascii_heights));
        assert!(heights.all(|glyph| glyph.width() == Some(1)));
    }

    #[test]
    fn a_chart_is_as_high_as_its_highest() {
        let drawn = |look: &Look, ascii| {
            let shares = [0.0, 0.25, 0.5, 1.0].map(|share| look.height(share, ascii));
            shares.iter().collect::<String>()
        };
        assert_eq!(drawn(&RUNNING, false), " ▂▄█");
        assert_eq!(drawn(&WAITING, false), " ⎼─⎺");
        assert_eq!(drawn(&READY, true), " .:%");
    }
}
