//! Pictures as SVG files: pages of text and shapes in a grid of letters.
//!
//! A file needs nothing beside it, and is light or dark by the preference of its viewer.

mod page;
mod style;

pub(crate) use self::page::{COLUMNS, LETTER, MARGIN, Page};
pub(crate) use self::style::Dress;
