//! Reads a recording while it grows.

use std::collections::HashMap;
use std::panic::Location;

use super::part::{Events, Part, Spawned, ThreadPart};
use crate::trace::data::SourceLocation;
use crate::trace::record::log::{Packed, Position};
use crate::trace::record::tracer::Tracer;

/// Hands out a recording in [`Part`]s while it grows: with each look all that is new since the one
/// before.
///
/// The threads of the run do not wait for a reader, but for one exception: a spawn, while some
/// thousands of the thread's spawns are copied.
#[derive(Debug)]
pub struct Reader {
    tracer: Tracer,
    /// The number of the next part.
    next: u64,
    /// The number of chunks of waits that were handed out.
    waits: usize,
    threads: Vec<Progress>,
    /// The number of each place that was handed out, by its address.
    places: HashMap<usize, u32>,
}

/// How far a thread's log was read.
#[derive(Debug, Default)]
struct Progress {
    position: Position,
    last: Packed,
}

/// The length of the events and the number of spawns from which a part is handed out.
const EVENTS: usize = 64 * 1024;
const SPAWNS: usize = 4096;

/// The number of waits in a part.
const WAITS: usize = 4096;

impl Reader {
    /// A reader from the beginning of the recording.
    pub fn new(tracer: Tracer) -> Self {
        Reader {
            tracer,
            next: 0,
            waits: 0,
            threads: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Hands the news to `hear`, in parts of some hundred kilobytes, at least one. The last one
    /// ends the look, and has the time on the runtime's clock.
    pub fn look(&mut self, mut hear: impl FnMut(Part)) {
        let (logs, look) = self.tracer.recorded();
        let mut part = Part::default();
        let (mut events, mut spawns) = (0, 0);
        for (thread, log) in (0..).zip(&logs) {
            let mut name = None;
            if self.threads.len() == thread as usize {
                self.threads.push(Progress::default());
                name = Some(
                    log.name
                        .clone()
                        .unwrap_or_else(|| format!("thread {thread}")),
                );
            }
            let mut is_read = false;
            while !is_read {
                let progress = &mut self.threads[thread as usize];
                let read = log.events(&mut progress.position);
                let told = log.spawned(&mut progress.position, SPAWNS);
                // Events that follow the beginning of the look can wait for the next one.
                let is_late = |event: &Packed| look.is_after(event);
                let is_up_to_date = read.last().is_none_or(is_late);
                is_read = is_up_to_date && told.len() < SPAWNS;
                if read.is_empty() && told.is_empty() && name.is_none() {
                    break;
                }
                let mut text = Events::default();
                text.add(&read, &mut progress.last);
                events += text.len();
                spawns += told.len();
                let spawned = told.into_iter().map(|spawn| {
                    let place = self.place(spawn.place, &mut part.places);
                    let name = spawn.name.map(|name| name.to_string());
                    Spawned(spawn.task, spawn.kind, name, spawn.parent, place)
                });
                let spawned = spawned.collect();
                part.threads.push(ThreadPart {
                    thread,
                    name: name.take(),
                    events: text,
                    spawned,
                });
                if events >= EVENTS || spawns >= SPAWNS {
                    hear(self.numbered(std::mem::take(&mut part)));
                    (events, spawns) = (0, 0);
                }
            }
        }
        if let Some(stop) = look.marks.stop.as_ref() {
            // Once: they are as many as the tasks may be, and do not change.
            for waits in stop.waits.chunks(WAITS).skip(self.waits) {
                self.waits += 1;
                part.waits = waits.to_vec();
                hear(self.numbered(std::mem::take(&mut part)));
            }
        }
        part.look = Some(look);
        hear(self.numbered(part));
    }

    fn numbered(&mut self, part: Part) -> Part {
        let number = self.next;
        self.next += part.threads.len() as u64;
        Part { number, ..part }
    }

    fn place(&mut self, place: &'static Location<'static>, new: &mut Vec<SourceLocation>) -> u32 {
        let next = self.places.len() as u32;
        let address = std::ptr::from_ref(place).addr();
        *self.places.entry(address).or_insert_with(|| {
            new.push(SourceLocation {
                file: place.file().into(),
                line: place.line(),
            });
            next
        })
    }
}
