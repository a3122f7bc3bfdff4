//! Records a cell: a thread writes out what was recorded while the run goes on.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use pollmark_core::trace::record::{Reader, Setting};
use pollmark_core::{Tracer, Transcript};

use super::{found, line, listing, tell};
use crate::model::cell::Spec;
use crate::model::runners;
use crate::process::limits;
use crate::process::protocol::Message;

/// The time between two looks at the recording: the most of a run that is lost if its process is
/// killed.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs a cell with every poll recorded, `limit` events at the most.
pub(super) fn trace(spec: &Spec, limit: usize) -> anyhow::Result<()> {
    let flavour = runners::find(&spec.runner).context("no such runner")?;
    let options = spec.options(&listing(spec)?, Transcript::new())?;
    let setting = Setting::of(&flavour.info(), &options.config, options.speed);
    tell(&Message::Setting(setting))?;
    let tracer = Tracer::new(flavour.info().clock, limit);
    let recorded = while_written_out(tracer.clone(), || {
        flavour.perform_recorded(&spec.scenario, &spec.variant, &options, &tracer)
    })?;
    let recorded = recorded.context("no such variant")?;
    let (report, setting) = recorded.with_context(|| format!("cannot build {}", spec.runner))?;
    tell(&Message::Setting(setting))?;
    // Not while it ran: what tells a line takes its time inside of a poll.
    for entry in &report.transcript {
        tell(&Message::Line(line(entry)))?;
    }
    tell(&Message::Report(found(spec, report)?.into()))
}

/// Does `work`, and tells the parent meanwhile and at the end what `tracer` has recorded.
fn while_written_out<T>(tracer: Tracer, work: impl FnOnce() -> T) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let (end, ended) = channel();
        let writer = limits::waiting_thread().name("trace".to_owned());
        let writer = writer
            .spawn_scoped(scope, move || write_out(tracer, &ended))
            .map_err(|error| limits::refused("a thread", error))?;
        let done = work();
        drop(end);
        let written = writer.join();
        written.unwrap_or_else(|payload| std::panic::resume_unwind(payload))?;
        Ok(done)
    })
}

fn write_out(tracer: Tracer, ended: &Receiver<()>) -> anyhow::Result<()> {
    let mut reader = Reader::new(tracer);
    loop {
        let is_last = ended.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout);
        let mut told = Ok(());
        reader.look(|part| {
            if told.is_ok() {
                told = tell(&Message::Recorded(part));
            }
        });
        told?;
        if is_last {
            return Ok(());
        }
    }
}
