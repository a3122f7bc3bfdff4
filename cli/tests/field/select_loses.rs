//! Lines read byte by byte, in a select beside a tick: what a cancelled read had read is lost.
use futures::future::{Either, select};
use pollmark_core::trace::{Complaint, TaskKind, Trace, diagnose};
use pollmark_core::transcript::Sink;
use pollmark_core::*;
use std::time::Duration;

use crate::every_runner::traced_on_each;
use crate::lab::options;

#[derive(Clone, Copy)]
pub(crate) enum Loses {
    InTheFuture,
    InTheReader,
}
use Loses::*;
const MS: Duration = Duration::from_millis(1);
struct Lines {
    bytes: async_channel::Receiver<u8>,
    buffer: Vec<u8>,
    keeps: bool,
}
impl Lines {
    async fn next(&mut self) -> Option<String> {
        let mut line = if self.keeps {
            std::mem::take(&mut self.buffer)
        } else {
            Vec::new()
        };
        loop {
            if self.keeps {
                self.buffer = line.clone()
            }
            match self.bytes.recv().await {
                Ok(b'\n') => {
                    self.buffer.clear();
                    return Some(String::from_utf8(line).unwrap());
                }
                Ok(b) => line.push(b),
                Err(_) => return None,
            }
        }
    }
}
impl Scenario for Loses {
    const INFO: ScenarioInfo = crate::lab::info("loses");
    const VARIANTS: &'static [Self] = &[InTheFuture, InTheReader];
    fn info(self) -> VariantInfo {
        VariantInfo::new(
            match self {
                InTheFuture => "in-the-future",
                InTheReader => "in-the-reader",
            },
            "",
            "",
        )
    }
    async fn run<R: Runtime, K: Sink>(self, cx: Context<R, K>, _: Params) -> Outcome {
        let (tx, bytes) = async_channel::bounded(5);
        let c = cx.clone();
        let writer = cx.spawn("writer", async move {
            for b in *b"hi\nthere\n" {
                tx.send(b).await.unwrap();
                c.wait(MS * 100).await
            }
        });
        let mut lines = Lines {
            bytes,
            buffer: Vec::new(),
            keeps: matches!(self, InTheReader),
        };
        let mut got = Vec::new();
        loop {
            let next = Box::pin(cx.named("next line", lines.next()));
            match select(next, Box::pin(cx.wait(MS * 250))).await {
                Either::Left((Some(line), _)) => got.push(line),
                Either::Left((None, _)) => break,
                Either::Right(_) => cx.say("tick"),
            }
        }
        writer.await.unwrap();
        Outcome::new().with("lines", got)
    }
    fn check(self, seen: &mut Observed<'_>) {
        seen.value("lines", vec!["hi", "there"])
    }
}

/// Whether `next line` is found to be dropped unfinished.
fn is_dropped(trace: &Trace) -> bool {
    let mut findings = diagnose(trace).into_iter();
    findings.any(|finding| {
        let about = &trace.tasks[finding.task];
        finding.complaint == Complaint::FutureDropped
            && (about.kind, about.name.as_str()) == (TaskKind::Future, "next line")
    })
}

/// The real runners read with luck: a tick may come between two lines.
#[test]
fn a_line_that_a_select_drops_is_lost_and_the_drop_is_told() {
    let options = || options(Duration::from_secs(4));
    for (runner, report, trace) in traced_on_each(InTheFuture, options) {
        if runner == "virtual" {
            let lines = report.outcome.value("lines");
            assert_eq!(lines, &serde_json::json!(["hi", "e"]));
        }
        assert!(is_dropped(&trace), "{runner}: {:?}", diagnose(&trace));
    }
}

#[test]
fn a_line_that_the_reader_keeps_is_not_lost() {
    let options = || options(Duration::from_secs(4));
    for (runner, report, _) in traced_on_each(InTheReader, options) {
        assert_eq!(report.verdict, Verdict::Ok, "{runner}");
    }
}
