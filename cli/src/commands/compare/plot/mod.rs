//! Pictures of a comparison: intervals on one axis, and curves of what scales.
//!
//! [`intervals`] draws in the cells of a terminal, [`svg`] in shapes, both along an [`axis`].

mod axis;
mod curves;
pub(super) mod intervals;
mod shapes;
pub(super) mod svg;
