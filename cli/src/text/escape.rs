//! Foreign text made harmless: control characters become text, long names are cut.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The most characters of a quoted name in a message.
const NAME: usize = 240;

/// The characters that are left of a longer one.
const BEGINNING: usize = 60;

/// The most characters of a message.
const MESSAGE: usize = 4_000;

/// `text` in one line, with every character that a terminal would obey as its escape.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// `text` in its lines, otherwise as [`visible`].
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_hidden(c))
}

/// JSON with the characters that a terminal would obey and JSON allows, escaped in its way.
pub(crate) fn in_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c != '\n' && is_hidden(c) {
            // All of them lie below U+10000.
            true => drop(write!(text, "\\u{:04x}", u32::from(c))),
            false => text.push(c),
        }
    }
    text
}

/// A message with the long names in it cut, which stand in backticks.
pub(crate) fn brief(message: &str) -> String {
    let parts = message.split('`').enumerate();
    // Every other one stands between two backticks.
    let parts = parts.map(|(index, part)| match index % 2 {
        1 => cut(part, NAME),
        _ => Cow::Borrowed(part),
    });
    cut(&parts.collect::<Vec<_>>().join("`"), MESSAGE).into_owned()
}

/// An argument as a message repeats it: its beginning if it is long.
pub(crate) fn brief_name(name: &str) -> String {
    visible(&cut(name, NAME)).into_owned()
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let beginning = if most == NAME { BEGINNING } else { most };
    match text.char_indices().nth(most) {
        Some(_) => {
            let kept: String = text.chars().take(beginning).collect();
            Cow::Owned(kept + "...")
        }
        None => Cow::Borrowed(text),
    }
}

fn escaped(text: &str, is_hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal obeys `c` instead of showing it: controls, and marks that turn the
/// direction of a line.
fn is_hidden(c: char) -> bool {
    let turns = ['\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'].contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c);
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_text_and_other_text_stays() {
        assert_eq!(visible("Käse 日本 `x`"), "Käse 日本 `x`");
        assert_eq!(visible("\u{1b}]52;c;QQ\u{7}"), "\\u{1b}]52;c;QQ\\u{7}");
        assert_eq!(visible("\u{9b}2J\u{7f}"), "\\u{9b}2J\\u{7f}");
        assert_eq!(visible("a\nb\tc\u{202e}"), "a\\nb\\tc\\u{202e}");
        assert_eq!(visible_lines("a\nb\r"), "a\nb\\r");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let shown = in_json("{\n\"a\": \"\u{9b}2J\"}");
        assert_eq!(shown, "{\n\"a\": \"\\u009b2J\"}");
        let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(value["a"], "\u{9b}2J");
    }

    #[test]
    fn a_long_name_is_cut_and_the_message_around_it_is_not() {
        let long = "ä".repeat(100_000);
        let choices = "tokio, ".repeat(NAME / 3);
        let told = brief(&format!("unknown runner `{long}`; there is {choices}"));
        let beginning = "ä".repeat(BEGINNING);
        assert_eq!(
            told,
            format!("unknown runner `{beginning}...`; there is {choices}")
        );
        assert_eq!(brief_name(&long), format!("{beginning}..."));
        let fits = "a".repeat(NAME);
        assert_eq!(brief(&fits), fits);
        assert!(brief(&"a`".repeat(100_000)).chars().count() < MESSAGE + 4);
    }
}
