//! The brigade connected by pipes of the operating system.
//!
//! N tasks in a row, a pipe between each two. A hop is a write, a wait for the pipe to become
//! readable, and a read: the steps of a server for each message. On threads the wait is a read that
//! blocks; elsewhere it goes through the runtime's reactor.

use std::io::{self, PipeWriter, Write, pipe};

use super::{Give, MEASURES, PARAMS, SOURCE, Take, check, pass};
use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::pipe::ReadByte;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrigadePipe {
    /// A task for each place in the row.
    Tasks,
}

impl Scenario for BrigadePipe {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "brigade-pipe",
        kind: Kind::Benchmark,
        summary: "N tasks in a row pass a byte along through pipes",
        source: SOURCE,
        text: include_str!("pipe.rs"),
        prose: "",
        params: PARAMS,
    };

    const VARIANTS: &'static [Self] = &[BrigadePipe::Tasks];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "tasks",
            "a task for each place in the row, a pipe between each two",
            "Where every switch waits for input, the system calls are most of it, and a thread \
             is no longer many times dearer.",
        )
        .measures(MEASURES)
        .io()
        .without_ideal()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let links = (0..=params.count("tasks")).map(|_| {
            let (reader, writer) = pipe()?;
            Ok((writer, Reader(cx.rt().pipe_reader(reader)?)))
        });
        match links.collect() {
            Ok(links) => pass(&cx, links, params.count("rounds")).await,
            Err(error) => no_pipes(&error, params.count("tasks")),
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        check(seen, seen.params.count("tasks"));
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        let exception = runner.exception("pipe_gives_bytes").map(str::to_owned);
        exception.or_else(|| runner.too_many_tasks(params.count("tasks") + 1))
    }
}

/// The outcome if not every pipe can be created.
pub(super) fn no_pipes(error: &io::Error, tasks: usize) -> Outcome {
    let error = format!(
        "no {} pipes: {error} (two file descriptors each; `ulimit -n` says how many a process \
         may have, and `--param tasks=` asks for fewer)",
        tasks + 1
    );
    Outcome::new().with("error", error)
}

struct Reader<P>(P);

impl<P: ReadByte> Take for Reader<P> {
    fn take(&mut self) -> impl Future<Output = io::Result<Option<u8>>> + Send {
        self.0.read_byte()
    }
}

impl Give for PipeWriter {
    /// Does not wait: no more than one byte is ever in the pipe.
    async fn give(&mut self, byte: u8) -> io::Result<()> {
        self.write_all(&[byte])
    }
}
