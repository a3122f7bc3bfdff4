//! A thread that writes out the recording of a run while the run goes on.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pollmark_core::Tracer;
use pollmark_core::trace::record::Reader;

use crate::process::limits;
use crate::process::protocol::Message;

/// The time between two looks at the recording: the most of a run that is lost if its process is
/// killed.
const INTERVAL: Duration = Duration::from_millis(100);

/// Tells the parent something.
type Tell = fn(&Message) -> anyhow::Result<()>;

/// Does `work`, and meanwhile and at the end has `tell` tell the parent the news of `tracer`.
pub(super) fn while_written_out<T>(
    tracer: Tracer,
    tell: Tell,
    work: impl FnOnce() -> T,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let (end, ended) = channel();
        let writer = limits::waiting_thread().name("trace".to_owned());
        let writer = writer
            .spawn_scoped(scope, move || write_out(tracer, tell, &ended))
            .map_err(|error| limits::refused("a thread", error))?;
        let done = work();
        drop(end);
        let written = writer.join();
        written.unwrap_or_else(|payload| std::panic::resume_unwind(payload))?;
        Ok(done)
    })
}

fn write_out(tracer: Tracer, tell: Tell, ended: &Receiver<()>) -> anyhow::Result<()> {
    let mut reader = Reader::new(tracer);
    loop {
        let is_last = ended.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout);
        let mut told = Ok(());
        // The parent learns that a part was lost from the next one, so the last is not the end.
        for _ in 0..if is_last { 2 } else { 1 } {
            reader.look(|part| {
                if told.is_ok() {
                    told = tell(&Message::Recorded(Box::new(part)));
                }
            });
        }
        told?;
        if is_last {
            return Ok(());
        }
    }
}
