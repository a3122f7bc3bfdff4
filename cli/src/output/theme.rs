//! Colours that are read on a dark and on a light background.

use anstyle::{Ansi256Color, AnsiColor, Style};

use crate::args::ThemeArg;

/// A colour, which each drawing has in its own way for each theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Colour {
    Plain,
    Faint,
    Yellow,
    Green,
    Red,
}

/// The background that the colours are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// The first of the light colours among those of `COLORFGBG`, and the white below them.
const LIGHT: [u8; 2] = [9, 7];

impl Theme {
    /// The theme that was asked for. By itself a terminal is taken for dark, unless it says the
    /// number of its background in `COLORFGBG`.
    pub(crate) fn of(asked: ThemeArg) -> Self {
        match asked {
            ThemeArg::Light => Theme::Light,
            ThemeArg::Dark => Theme::Dark,
            ThemeArg::Auto => Theme::by(std::env::var("COLORFGBG").ok().as_deref()),
        }
    }

    /// By a value such as `0;15` or `0;default;15`.
    fn by(colours: Option<&str>) -> Self {
        let background = colours.and_then(|colours| colours.rsplit(';').next()?.parse().ok());
        match background {
            Some(number @ 0..=15_u8) if number >= LIGHT[0] || number == LIGHT[1] => Theme::Light,
            _ => Theme::Dark,
        }
    }

    /// The colour in SVG.
    pub(crate) fn hex(self, colour: Colour) -> &'static str {
        match (colour, self) {
            (Colour::Plain, Theme::Light) => "#1f2328",
            (Colour::Plain, Theme::Dark) => "#e6edf3",
            (Colour::Faint, Theme::Light) => "#59636e",
            (Colour::Faint, Theme::Dark) => "#9198a1",
            (Colour::Yellow, Theme::Light) => "#9a6700",
            (Colour::Yellow, Theme::Dark) => "#d29922",
            (Colour::Green, Theme::Light) => "#1a7f37",
            (Colour::Green, Theme::Dark) => "#3fb950",
            (Colour::Red, Theme::Light) => "#cf222e",
            (Colour::Red, Theme::Dark) => "#f85149",
        }
    }

    /// The colour in a terminal.
    pub(crate) fn style(self, colour: Colour) -> Style {
        // The sixteen colours are a terminal's own, made for dark backgrounds; these are fixed.
        let dark_tone = |number| Ansi256Color(number).on_default();
        match (colour, self) {
            (Colour::Plain, _) => Style::new(),
            (Colour::Faint, Theme::Dark) => Style::new().dimmed(),
            (Colour::Faint, Theme::Light) => dark_tone(241),
            (Colour::Yellow, Theme::Dark) => AnsiColor::Yellow.on_default(),
            (Colour::Yellow, Theme::Light) => dark_tone(94),
            (Colour::Green, Theme::Dark) => AnsiColor::Green.on_default(),
            (Colour::Green, Theme::Light) => dark_tone(22),
            (Colour::Red, Theme::Dark) => AnsiColor::Red.on_default(),
            (Colour::Red, Theme::Light) => dark_tone(124),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_light_if_it_says_so() {
        for light in ["0;15", "0;default;15", "0;7", "12;11"] {
            assert_eq!(Theme::by(Some(light)), Theme::Light, "{light}");
        }
        for dark in ["15;0", "7;8", "0;default", "", "0;99"] {
            assert_eq!(Theme::by(Some(dark)), Theme::Dark, "{dark}");
        }
        assert_eq!(Theme::by(None), Theme::Dark);
    }
}
