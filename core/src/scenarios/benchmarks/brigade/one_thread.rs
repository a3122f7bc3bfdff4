//! The brigade without tasks: one thread writes to each pipe and reads from it.
//!
//! The same bytes go through the same pipes as in brigade-pipe, without any waiting: the time is
//! the cost of the pipes themselves. Subtract it from a hop of brigade-pipe to get the switch.

use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};

use super::pipe::no_pipes;
use super::{PARAMS, PER_HOP, SOURCE, Timed, byte_of, check};
use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::Tally;

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrigadeOneThread {
    /// A plain loop.
    Loop,
}

impl Scenario for BrigadeOneThread {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "brigade-one-thread",
        kind: Kind::Benchmark,
        summary: "one thread passes a byte through the pipes of N tasks",
        source: SOURCE,
        text: include_str!("one_thread.rs"),
        prose: "",
        params: PARAMS,
    };

    const VARIANTS: &'static [Self] = &[BrigadeOneThread::Loop];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "loop",
            "a plain loop in the root task: write, read, next pipe",
            "What the pipes themselves cost, on every runner the same: the rest of a hop of \
             brigade-pipe is the switch.",
        )
        .measures(&[PER_HOP])
        .without_ideal()
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (tasks, rounds) = (params.count("tasks"), params.count("rounds"));
        let pipes: io::Result<Vec<_>> = (0..=tasks).map(|_| pipe()).collect();
        let mut pipes = match pipes {
            Ok(pipes) => pipes,
            Err(error) => return no_pipes(&error, tasks),
        };
        let mut tally = Tally::default();
        let timed = time_rounds(&cx, &mut pipes, rounds).unwrap_or_else(|error| {
            tally.fail(format!("the byte did not pass: {error}"));
            Timed::default()
        });
        tally.into(timed.into(tasks + 1, rounds))
    }

    fn check(self, seen: &mut Observed<'_>) {
        // There are no tasks that pass anything.
        check(seen, 0);
    }
}

fn time_rounds<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    pipes: &mut [(PipeReader, PipeWriter)],
    rounds: usize,
) -> io::Result<Timed> {
    let mut timed = Timed::default();
    pass_through(pipes, 0)?;
    let began = cx.rt().now();
    let mut round_began = began;
    for round in 0..rounds {
        let byte = byte_of(round);
        timed.unchanged += usize::from(pass_through(pipes, byte)? == byte);
        let now = cx.rt().now();
        timed.round.record(now - round_began);
        round_began = now;
    }
    timed.took = round_began - began;
    Ok(timed)
}

/// The byte as it came out of the last pipe. No read waits: the byte is there already.
fn pass_through(pipes: &mut [(PipeReader, PipeWriter)], byte: u8) -> io::Result<u8> {
    let mut byte = [byte];
    for (reader, writer) in pipes {
        writer.write_all(&byte)?;
        reader.read_exact(&mut byte)?;
    }
    let [byte] = byte;
    Ok(byte)
}
