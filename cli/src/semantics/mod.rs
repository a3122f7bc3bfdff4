//! The probing library: where the runtimes differ.
//!
//! [`probes`] has a probe for each [`question`], generic over the side that it is asked of
//! ([`side`]): a bare library ([`native`]), or pollmark's contract on top of it
//! ([`contract`]). A [`probe`] is one question to one side of one runtime, and gives an
//! [`answer`]. [`risk`] says how bad it is for a program to get another one.

pub(crate) mod answer;
mod contract;
mod fate;
mod native;
mod observe;
pub(crate) mod probe;
pub(crate) mod probes;
pub(crate) mod question;
pub(crate) mod risk;
mod side;
