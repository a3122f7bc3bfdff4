//! The probing library: where the runtimes differ.
//!
//! [`question`] has the questions as data and [`probes`] a probe for each, generic over
//! the side that it is asked of ([`side`]): a bare library ([`native`]), or pollmark's
//! contract on top of it ([`contract`]). A [`probe`] gives an [`answer`].

pub(crate) mod answer;
mod contract;
mod fate;
mod native;
mod observe;
pub(crate) mod probe;
mod probes;
pub(crate) mod question;
mod side;
