//! The runners that the command knows.

use pollmark_core::Flavour;

/// Every flavour, the real ones first, in the order of the tables.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Flavour> {
    [
        pollmark_runner_tokio::FLAVOURS,
        pollmark_runner_async_std::FLAVOURS,
        pollmark_runner_smol::FLAVOURS,
        pollmark_runner_threads::FLAVOURS,
        pollmark_runner_virtual::FLAVOURS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Those that `--runner all` means.
pub(crate) fn in_all() -> impl Iterator<Item = &'static dyn Flavour> {
    all().filter(|flavour| flavour.info().in_all)
}

/// The flavour of that id.
pub(crate) fn find(id: &str) -> Option<&'static dyn Flavour> {
    all().find(|flavour| flavour.info().id == id)
}

/// The most blocking threads of the virtual clock where the cap is each runtime's own.
pub(crate) fn ideal_blocking_threads() -> usize {
    pollmark_runner_virtual::BLOCKING_THREADS
}
