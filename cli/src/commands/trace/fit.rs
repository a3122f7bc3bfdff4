//! Names in the columns of a screen.

use unicode_width::UnicodeWidthChar;

/// The columns that a name takes.
pub(super) fn width(name: &str) -> usize {
    name.chars().map(columns).sum()
}

/// What control characters would do to the screen is not done: see [`shown`].
fn columns(letter: char) -> usize {
    letter.width().unwrap_or(1)
}

fn shown(letter: char) -> char {
    if letter.is_control() { '?' } else { letter }
}

/// As much of a text as `width` columns hold.
pub(super) fn clipped(text: &str, width: usize) -> String {
    let mut room = width;
    let fits = |letter: &char| match room.checked_sub(columns(*letter)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).map(shown).collect()
}

/// A name in exactly `width` columns, visibly cut or followed by blanks.
pub(super) fn fitted(name: &str, width: usize, ascii: bool) -> String {
    let mut text = if self::width(name) <= width {
        clipped(name, width)
    } else {
        let mut text = clipped(name, width.saturating_sub(1));
        text.push(if ascii { '~' } else { '…' });
        text
    };
    let blanks = width.saturating_sub(self::width(&text));
    text.extend(std::iter::repeat_n(' ', blanks));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_visibly_and_in_ascii_where_that_is_wanted() {
        assert_eq!(fitted("Caesar salad", 14, true), "Caesar salad  ");
        assert_eq!(fitted("Caesar salad", 8, true), "Caesar ~");
        assert_eq!(fitted("Caesar salad", 8, false), "Caesar …");
    }

    #[test]
    fn letters_that_take_two_columns_are_counted_as_two() {
        assert_eq!(width("日本語"), 6);
        assert_eq!(fitted("日本語", 8, false), "日本語  ");
        // Half a letter does not fit.
        assert_eq!(fitted("日本語", 4, false), "日… ");
        assert_eq!(clipped("日本語", 3), "日");
        // An accent on the letter before it takes none.
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn a_name_does_nothing_to_the_screen() {
        assert_eq!(fitted("a\n\u{1b}[2Jb", 8, true), "a??[2Jb ");
    }
}
