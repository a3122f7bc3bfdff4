//! The colours of both themes, and the patterns that tell states apart without colour.

use std::fmt::Write as _;

use crate::commands::trace::picture::look::{Colour, STATES, Sign, Symbol};
use crate::commands::trace::picture::theme::Theme;

/// The width of a letter, as a share of its height.
pub(super) const ADVANCE: f64 = 0.61;

/// The height of letters in a title.
pub(super) const TITLE: f64 = 17.0;

/// The fills that are no plain colour; their colours are those of their classes.
pub(super) const PATTERNS: &str = r#"<defs>
<pattern id="dots" width="4" height="4" patternUnits="userSpaceOnUse"><path class="ready" d="M0 0h1.6v1.6h-1.6zM2 2h1.6v1.6h-1.6z"/></pattern>
<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="blocking" d="M0 0h2.6v5h-2.6z"/></pattern>
</defs>
"#;

fn hex(colour: Colour, theme: Theme) -> &'static str {
    match (colour, theme) {
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

/// The style sheet: light, and dark where the viewer prefers that.
pub(super) fn sheet() -> String {
    format!(
        "text{{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}}\n\
         .title,.strong{{font-weight:bold}}\n\
         .dotted{{fill:url(#dots)}}\n.striped{{fill:url(#stripes)}}\n\
         .axis,.line{{fill:none}}\n.line{{stroke-width:2}}\n.cancelled,.panicked,.stopped{{fill:none;stroke-width:2.2}}\n\
         {}@media (prefers-color-scheme:dark){{\n{}}}\n",
        colours(Theme::Light),
        colours(Theme::Dark)
    )
}

fn colours(theme: Theme) -> String {
    let (plain, faint) = (hex(Colour::Plain, theme), hex(Colour::Faint, theme));
    let ground = match theme {
        Theme::Light => "#ffffff",
        Theme::Dark => "#0d1117",
    };
    let mut css = format!(
        ".ground{{fill:{ground}}}\ntext{{fill:{plain}}}\ntext.faint{{fill:{faint}}}\n\
         .axis,.line{{stroke:{faint}}}\n"
    );
    for symbol in STATES {
        let look = symbol.look();
        let _ = writeln!(css, ".{}{{fill:{}}}", look.name, hex(look.colour, theme));
    }
    for sign in Sign::ALL {
        let look = Symbol::Marked(sign).look();
        let _ = writeln!(
            css,
            ".{}{{stroke:{}}}",
            look.class(),
            hex(look.colour, theme)
        );
    }
    css
}
