//! The other side: each runtime in its own API, as a program that knows no other
//! would be written.

mod async_std;
mod smol;
mod threads;
mod tokio;

pub use async_std::AsyncStd;
pub use smol::Smol;
pub use threads::spawn_join_threads;
pub use tokio::Tokio;
