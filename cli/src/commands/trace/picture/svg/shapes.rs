//! The shapes of one row: a path for each kind of content.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::commands::trace::picture::look::{Look, Sign, Symbol};

/// The height of a bar.
const BAR: f64 = 14.0;

/// The height of the line of a task that waits.
const THIN: f64 = 2.0;

/// The width of a poll that is too short to have one.
const SHORT: f64 = 1.6;

/// Half of the width of a mark.
const HALF: f64 = 4.0;

/// A row of shapes under construction.
#[derive(Debug)]
pub(super) struct Lane {
    top: f64,
    /// The paths by their classes, in the order in which they lie above one another.
    paths: BTreeMap<(u8, &'static str), String>,
}

impl Lane {
    pub(super) fn at(top: f64) -> Self {
        Lane {
            top,
            paths: BTreeMap::new(),
        }
    }

    /// A stretch of time from `from` to `to`, in the same units as the result.
    pub(super) fn stretch(&mut self, symbol: Symbol, from: f64, to: f64) {
        let middle = self.top + (BAR - THIN) / 2.0;
        match symbol {
            Symbol::Nothing | Symbol::Marked(_) => {}
            Symbol::Waiting => self.bar((0, "waiting"), from, to, middle, THIN),
            Symbol::Ready => self.bar((1, "dotted"), from, to, self.top, BAR),
            Symbol::Blocking => self.bar((2, "striped"), from, to, self.top, BAR),
            Symbol::Running => self.bar((3, "running"), from, to, self.top, BAR),
            Symbol::Touched => {
                let to = to.max(from + SHORT);
                self.bar((4, "polled"), from, to, self.top, BAR);
            }
        }
    }

    fn bar(&mut self, class: (u8, &'static str), from: f64, to: f64, top: f64, height: f64) {
        let path = self.paths.entry(class).or_default();
        let width = to - from;
        let _ = write!(
            path,
            "M{from:.1} {top:.1}h{width:.1}v{height:.1}h-{width:.1}z"
        );
    }

    /// A mark that begins at `x`, or ends the row there.
    pub(super) fn mark(&mut self, symbol: Symbol, x: f64) {
        let (top, bottom) = (self.top + BAR / 2.0 - HALF, self.top + BAR / 2.0 + HALF);
        let drawn = match symbol {
            Symbol::Marked(Sign::Cancelled) => format!(
                "M{:.1} {top:.1}L{:.1} {bottom:.1}M{0:.1} {bottom:.1}L{1:.1} {top:.1}",
                x - HALF,
                x + HALF
            ),
            Symbol::Marked(Sign::Stopped) => format!("M{x:.1} {top:.1}V{bottom:.1}"),
            Symbol::Marked(Sign::Panicked) => {
                format!("M{x:.1} {:.1}V{:.1}m0 2v2.4", self.top, bottom - 1.0)
            }
            _ => return,
        };
        let path = self.paths.entry((5, symbol.look().class())).or_default();
        path.push_str(&drawn);
    }

    /// An example for the legend.
    pub(super) fn swatch(&mut self, symbol: Symbol, x: f64, width: f64) {
        match symbol {
            Symbol::Touched => self.stretch(symbol, x + width / 2.0, x + width / 2.0),
            Symbol::Marked(_) => self.mark(symbol, x + width / 2.0),
            _ => self.stretch(symbol, x, x + width),
        }
    }

    /// Numbers in columns, as shares of the height; one that waits is a line, not an area.
    pub(super) fn chart(&mut self, look: &Look, shares: &[f64], place: &dyn Fn(usize) -> f64) {
        let bottom = self.top + BAR;
        let class = match look.name {
            "waiting" => "line",
            "ready" => "dotted",
            "blocking" => "striped",
            _ => "running",
        };
        let path = self.paths.entry((1, class)).or_default();
        let mut column = 0;
        for stretch in shares.chunk_by(|a, b| a == b) {
            let height = stretch[0] * BAR;
            let next = column + stretch.len();
            if height > 0.0 {
                let (from, to) = (place(column), place(next));
                let _ = match class {
                    "line" => write!(path, "M{from:.1} {:.1}H{to:.1}", bottom - height),
                    _ => write!(
                        path,
                        "M{from:.1} {bottom:.1}v-{height:.1}H{to:.1}V{bottom:.1}z"
                    ),
                };
            }
            column = next;
        }
    }

    /// The row as SVG.
    pub(super) fn finish(self) -> String {
        let paths = self.paths.iter().filter(|(_, path)| !path.is_empty());
        let paths =
            paths.map(|((_, class), path)| format!(r#"<path class="{class}" d="{path}"/>"#));
        paths.collect::<Vec<_>>().join("\n")
    }
}
