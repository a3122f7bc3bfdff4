//! The files that options name: every write to one, and every read.
//!
//! A [destination](Destination) looks at the [`place`] of its path. A regular file, or a name
//! that is free, is [`replaced`] in one step. A [`stream`], such as a pipe or a device, is
//! opened once and written through. What cannot be saved where it should goes to the folder
//! for temporary files. A [`program`] is copied. [`input`] reads, within limits.

mod destination;
pub(crate) mod input;
mod lock;
mod place;
mod program;
mod replaced;
mod stream;
pub(crate) mod trouble;

pub(crate) use self::destination::Destination;
pub(crate) use self::place::Identity;
pub(crate) use self::program::Program;
pub(crate) use self::replaced::Content;
