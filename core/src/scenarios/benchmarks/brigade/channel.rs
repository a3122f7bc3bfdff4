//! The brigade connected by channels.
//!
//! N tasks in a row, and between each two a channel with room for one byte. It makes no system
//! calls other than those of the runtime itself, so it shows the switch alone. The channels are
//! async-channel's on every runtime, not each runtime's own, so that runtimes are compared and not
//! channels.

use std::io;

use async_channel::{Receiver, Sender, bounded};

use super::{Give, MEASURES, PARAMS, SOURCE, Take, check, pass};
use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrigadeChannel {
    /// A task for each place in the row.
    Tasks,
}

impl Scenario for BrigadeChannel {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "brigade-channel",
        kind: Kind::Benchmark,
        summary: "N tasks in a row pass a byte along through channels",
        source: SOURCE,
        text: include_str!("channel.rs"),
        prose: "",
        params: PARAMS,
    };

    const VARIANTS: &'static [Self] = &[BrigadeChannel::Tasks];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "tasks",
            "a task for each place in the row, a channel between each two",
            "Without input and output a switch between tasks is many times cheaper than one \
             between threads.",
        )
        .measures(MEASURES)
        .without_ideal()
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let links = (0..=params.count("tasks")).map(|_| bounded(1)).collect();
        pass(&cx, links, params.count("rounds")).await
    }

    fn check(self, seen: &mut Observed<'_>) {
        check(seen, seen.params.count("tasks"));
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(params.count("tasks") + 1)
    }
}

impl Take for Receiver<u8> {
    async fn take(&mut self) -> io::Result<Option<u8>> {
        Ok(self.recv().await.ok())
    }
}

impl Give for Sender<u8> {
    async fn give(&mut self, byte: u8) -> io::Result<()> {
        let sent = self.send(byte).await;
        sent.map_err(|closed| io::Error::new(io::ErrorKind::BrokenPipe, closed))
    }
}
