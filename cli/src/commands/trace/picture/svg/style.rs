//! The colours of states and marks, and the patterns that tell states apart without colour.

use std::fmt::Write as _;

use crate::commands::trace::picture::look::{STATES, Sign, Symbol};
use crate::output::svg::Dress;
use crate::output::theme::Theme;

/// The style of the pictures; the colours of the patterns are those of their classes.
pub(super) const DRESS: Dress = Dress {
    patterns: r#"<defs>
<pattern id="dots" width="4" height="4" patternUnits="userSpaceOnUse"><path class="ready" d="M0 0h1.6v1.6h-1.6zM2 2h1.6v1.6h-1.6z"/></pattern>
<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="blocking" d="M0 0h2.6v5h-2.6z"/></pattern>
</defs>
"#,
    rules: ".dotted{fill:url(#dots)}\n.striped{fill:url(#stripes)}\n\
            .cancelled,.panicked,.stopped{fill:none;stroke-width:2.2}\n",
    colours,
};

fn colours(theme: Theme) -> String {
    let mut css = String::new();
    for symbol in STATES {
        let look = symbol.look();
        let _ = writeln!(css, ".{}{{fill:{}}}", look.name, theme.hex(look.colour));
    }
    for sign in Sign::ALL {
        let look = Symbol::Marked(sign).look();
        let _ = writeln!(
            css,
            ".{}{{stroke:{}}}",
            look.class(),
            theme.hex(look.colour)
        );
    }
    css
}
