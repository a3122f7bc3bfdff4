//! The bare libraries, through each runtime's own calls.

mod async_std;
mod smol;
mod threads;
mod tokio;

pub(crate) use self::async_std::AsyncStd;
pub(crate) use self::smol::Smol;
pub(crate) use self::threads::Threads;
pub(crate) use self::tokio::{CurrentThread, MultiThread, Tokio};
