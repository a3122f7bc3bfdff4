//! A picture in the letters of a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::columns::{self, Count};
use super::look::{self, Sign, Symbol};
use super::model::{Kind, Picture, Row};
use super::scale::Scale;
use crate::output::theme::Theme;
use crate::text::fit::fitted;
use crate::text::styles::DIM;
use crate::text::wrap;

/// The style of pictures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Use letters that every terminal has.
    pub(crate) ascii: bool,
    pub(crate) theme: Theme,
    /// The whole width, names included.
    pub(crate) width: usize,
}

/// The number of blanks before a name.
const INDENT: usize = 2;

/// The fewest columns of time.
const LEAST_COLUMNS: usize = 10;

impl Manner {
    /// The style for the width that there is.
    pub(crate) fn of(ascii: bool, theme: Theme) -> Self {
        Manner {
            ascii,
            theme,
            width: wrap::picture_width(),
        }
    }

    /// The columns of time beside a column of names.
    pub(crate) fn columns(&self, names: usize) -> usize {
        let left = self.width.saturating_sub(names + INDENT + 2);
        left.max(LEAST_COLUMNS)
    }

    fn glyph(&self, symbol: Symbol) -> String {
        let look = symbol.look();
        let style = self.theme.style(look.colour);
        format!("{style}{}{style:#}", look.glyph(self.ascii))
    }
}

/// The groups of rows, and the axis of time; `span` is the longest of the runs above and below.
pub(crate) fn draw(picture: &Picture, span: Duration, names: usize, manner: Manner) -> String {
    let scale = Scale::new(span, manner.columns(names));
    let mut text = String::new();
    let about = |told: &str| {
        let told = wrap::wrapped(told, "  ", "    ");
        format!("{DIM}{}{DIM:#}\n", told.trim_end())
    };
    for group in &picture.groups {
        text.extend(group.title.as_deref().map(about));
        for row in &group.rows {
            let name = fitted(&row.label(), names, manner.ascii);
            let line = format!("  {name}  {}", content(row, scale, manner));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.extend(group.left_out.as_deref().map(about));
    }
    for line in scale.axis(picture.span, manner.ascii) {
        let _ = writeln!(text, "{}{DIM}{line}{DIM:#}", " ".repeat(INDENT + names + 2));
    }
    text
}

fn content(row: &Row, scale: Scale, manner: Manner) -> String {
    match row.kind {
        Kind::Task(_) | Kind::Thread(_) => painted(&columns::symbols(row, scale), manner),
        Kind::Count(state) => {
            let (counts, highest) = columns::counts(row, scale);
            let look = look::of(state);
            let style = manner.theme.style(look.colour);
            let height = |count: &Count| match count.touched && count.number == 0.0 {
                true => Symbol::Touched.look().glyph(manner.ascii),
                false => look.height(count.number / highest.max(f64::MIN_POSITIVE), manner.ascii),
            };
            let chart: String = counts.iter().map(height).collect();
            format!("{style}{}{style:#}", chart.trim_end())
        }
    }
}

/// The symbols as text, each run of equal ones in its colour.
pub(crate) fn painted(symbols: &[Symbol], manner: Manner) -> String {
    let end = symbols
        .iter()
        .rposition(|symbol| *symbol != Symbol::Nothing);
    let symbols = &symbols[..end.map_or(0, |end| end + 1)];
    let mut text = String::new();
    for stretch in symbols.chunk_by(|a, b| a == b) {
        let look = stretch[0].look();
        let style = manner.theme.style(look.colour);
        let glyphs = look.glyph(manner.ascii).to_string().repeat(stretch.len());
        let _ = write!(text, "{style}{glyphs}{style:#}");
    }
    text
}

/// The meaning of the states, and of the marks that occur, in lines that fit.
pub(crate) fn legend(signs: &BTreeSet<Sign>, manner: Manner) -> String {
    const GAP: &str = "   ";
    let mut text = String::new();
    let mut room = manner.width;
    for symbol in symbols_of_legend(signs) {
        let name = symbol.look().name;
        let width = name.width() + 2;
        let is_first = text.is_empty();
        if !is_first && width + GAP.len() > room {
            text.push('\n');
            room = manner.width;
        } else if !is_first {
            text.push_str(GAP);
            room -= GAP.len();
        }
        let _ = write!(text, "{} {name}", manner.glyph(symbol));
        room = room.saturating_sub(width);
    }
    text.push('\n');
    text
}

/// The symbols that a legend explains.
pub(super) fn symbols_of_legend(signs: &BTreeSet<Sign>) -> impl Iterator<Item = Symbol> {
    let signs = signs.iter().copied().map(Symbol::Marked);
    look::STATES.into_iter().chain(signs)
}
