//! The file: lines of text and shapes from top to bottom, in a grid of letters.

use std::fmt::Write as _;

use super::style::{self, Dress};
use crate::text::escape::visible;
use crate::text::fit;

/// The letters in a line.
pub(crate) const COLUMNS: usize = 100;

/// The height of letters.
const SIZE: f64 = 13.0;

/// The width that is kept for a letter: no common fixed-width font has wider ones.
pub(crate) const LETTER: f64 = SIZE * style::ADVANCE;

/// The blank edge.
pub(crate) const MARGIN: f64 = 16.0;

/// The height of a line of text.
const LINE: f64 = 18.0;

/// The drawing so far.
#[derive(Debug, Default)]
pub(crate) struct Page {
    body: String,
    /// The height so far, without the edge.
    height: f64,
}

impl Page {
    /// The left edge of a column of letters.
    pub(crate) fn x(column: usize) -> f64 {
        MARGIN + column as f64 * LETTER
    }

    /// The top of the current line.
    pub(crate) fn y(&self) -> f64 {
        MARGIN + self.height
    }

    pub(crate) fn down(&mut self, by: f64) {
        self.height += by;
    }

    /// A large line.
    pub(crate) fn title(&mut self, text: &str) {
        if self.height > 0.0 {
            self.down(LINE);
        }
        let room = (COLUMNS as f64 * SIZE / style::TITLE) as usize;
        let text = fit::fitted(text, room, false);
        self.write("title", 0, text.trim_end(), style::TITLE);
        self.down(LINE + 6.0);
    }

    /// Text in as many lines as it takes.
    pub(crate) fn paragraph(&mut self, class: &str, column: usize, text: &str) {
        let text = visible(text);
        for line in textwrap::wrap(&text, COLUMNS - column) {
            self.letters(class, column, &line);
            self.down(LINE);
        }
    }

    /// Text in the current line.
    pub(crate) fn letters(&mut self, class: &str, column: usize, text: &str) {
        self.write(class, column, text, SIZE);
    }

    fn write(&mut self, class: &str, column: usize, text: &str, size: f64) {
        let (x, y) = (Page::x(column), self.y() + 11.0);
        let _ = writeln!(
            self.body,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" font-size="{size}">{}</text>"#,
            escaped(text)
        );
    }

    /// Shapes that are SVG already.
    pub(crate) fn shapes(&mut self, shapes: &str) {
        self.body.push_str(shapes);
        self.body.push('\n');
    }

    /// Opens a group that is named in full, for screen readers and under a pointer.
    pub(crate) fn open(&mut self, name: &str) {
        let _ = writeln!(self.body, "<g><title>{}</title>", escaped(&visible(name)));
    }

    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// The whole file.
    pub(crate) fn finish(self, title: &str, description: &str, dress: &Dress) -> String {
        let width = 2.0 * MARGIN + COLUMNS as f64 * LETTER;
        let height = 2.0 * MARGIN + self.height;
        let [title, description] = [title, description].map(|text| escaped(&visible(text)));
        let (style, patterns, body) = (dress.sheet(), dress.patterns, self.body);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<style>
{style}</style>
{patterns}<rect class="ground" width="100%" height="100%"/>
{body}</svg>
"#
        )
    }
}

/// Text as XML has it. A character that XML has none for is replaced.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => shown.push(char::REPLACEMENT_CHARACTER),
            letter if letter.is_control() => shown.push(char::REPLACEMENT_CHARACTER),
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_never_markup() {
        assert_eq!(
            escaped("<b a=\"1\">&</b>\u{0}\u{ffff}"),
            "&lt;b a=&quot;1&quot;&gt;&amp;&lt;/b&gt;\u{fffd}\u{fffd}"
        );
        let mut page = Page::default();
        page.open("</title><script>\u{1b}");
        page.close();
        let file = page.finish("a & b", "", &Dress::PLAIN);
        assert!(!file.contains("<script>"), "{file}");
        assert!(file.contains("a &amp; b"), "{file}");
        let parsed = roxmltree::Document::parse(&file).unwrap();
        assert!(parsed.root_element().has_tag_name("svg"));
    }
}
