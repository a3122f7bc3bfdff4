//! Fits names into a number of screen columns.

use unicode_width::UnicodeWidthChar;

/// The number of columns that a name takes.
pub(crate) fn width(name: &str) -> usize {
    name.chars().map(columns).sum()
}

/// A control character takes one column, as its replacement does: see [`shown`].
fn columns(letter: char) -> usize {
    letter.width().unwrap_or(1)
}

fn shown(letter: char) -> char {
    if letter.is_control() { '?' } else { letter }
}

/// The longest beginning of a text that fits in `width` columns.
pub(crate) fn clipped(text: &str, width: usize) -> String {
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

/// A name in exactly `width` columns, visibly cut or padded with blanks.
pub(crate) fn fitted(name: &str, width: usize, ascii: bool) -> String {
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
        // Half of a wide letter does not fit.
        assert_eq!(fitted("日本語", 4, false), "日… ");
        assert_eq!(clipped("日本語", 3), "日");
        // An accent on the letter before it takes no column.
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn a_name_does_nothing_to_the_screen() {
        assert_eq!(fitted("a\n\u{1b}[2Jb", 8, true), "a??[2Jb ");
    }
}
