//! The style of a page: its letters, and the colours of both themes.

use crate::output::theme::{Colour, Theme};

/// The width of a letter, as a share of its height.
pub(super) const ADVANCE: f64 = 0.61;

/// The height of letters in a title.
pub(super) const TITLE: f64 = 17.0;

/// The style that a kind of picture adds to that of every page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dress {
    /// Definitions of fills that are no plain colour.
    pub(crate) patterns: &'static str,
    /// Rules that hold for both themes.
    pub(crate) rules: &'static str,
    /// Rules with the colours of a theme.
    pub(crate) colours: fn(Theme) -> String,
}

impl Dress {
    /// Letters and lines alone.
    #[cfg(test)]
    pub(crate) const PLAIN: Dress = Dress {
        patterns: "",
        rules: "",
        colours: |_| String::new(),
    };

    /// The style sheet: light, and dark where the viewer prefers that.
    pub(super) fn sheet(&self) -> String {
        format!(
            "text{{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}}\n\
             .title,.strong{{font-weight:bold}}\n\
             .axis,.line{{fill:none}}\n.line{{stroke-width:2}}\n\
             {}{}@media (prefers-color-scheme:dark){{\n{}}}\n",
            self.rules,
            self.coloured(Theme::Light),
            self.coloured(Theme::Dark)
        )
    }

    fn coloured(&self, theme: Theme) -> String {
        let [plain, faint] = [Colour::Plain, Colour::Faint].map(|colour| theme.hex(colour));
        let ground = match theme {
            Theme::Light => "#ffffff",
            Theme::Dark => "#0d1117",
        };
        format!(
            ".ground{{fill:{ground}}}\ntext{{fill:{plain}}}\ntext.faint{{fill:{faint}}}\n\
             .axis,.line{{stroke:{faint}}}\n{}",
            (self.colours)(theme)
        )
    }
}
