//! The picture of a trace: what it says, apart from how it is drawn.
//!
//! [`rows`] reads a trace into the groups of rows of a [`model`], each row a name, a kind,
//! periods in a state, and marks. A drawing decides only how that looks: [`text`] in the cells
//! of a terminal, [`svg`] in shapes. Both ask [`columns`] for the state of each column on a
//! common [`scale`], and [`look`] for its sign, its name and its colour.

pub(super) mod columns;
mod folded;
pub(super) mod look;
pub(super) mod model;
pub(super) mod rows;
pub(super) mod scale;
pub(super) mod sheet;
pub(super) mod svg;
pub(super) mod text;
mod window;
