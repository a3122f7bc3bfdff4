//! One program on every runner.

use pollmark_core::trace::Trace;
use pollmark_core::{Options, Report, Scenario};
use pollmark_runner_async_std::AsyncStd;
use pollmark_runner_smol::Smol;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};
use pollmark_runner_virtual::Virtual;

use crate::lab::traced;

/// The runners by name, each with its traced run of `case`; the virtual clock first.
pub(crate) fn traced_on_each<C: Scenario>(
    case: C,
    options: impl Fn() -> Options,
) -> [(&'static str, Report, Trace); 6] {
    macro_rules! run {
        ($name:literal, $runner:ty) => {{
            let (report, trace) = traced::<$runner, C>(case, &options());
            ($name, report, trace)
        }};
    }
    [
        run!("virtual", Virtual),
        run!("tokio", Tokio),
        run!("tokio-current-thread", TokioCurrentThread),
        run!("async-std", AsyncStd),
        run!("smol", Smol),
        run!("threads", Threads),
    ]
}
