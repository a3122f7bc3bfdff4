//! Puts the parts of a recording together again.

use super::by_number::ByNumber;
use super::part::{Damaged, Part, Spawned, ThreadPart};
use crate::trace::data::{SourceLocation, Thread, ThreadId, ThreadKind};
use crate::trace::record::log::Packed;
use crate::trace::record::tracer::marks::Look;

/// Makes a trace of the [`Part`]s of a recording, in the order in which they were handed out.
///
/// Parts may be missing at the end, as those of a process that was killed: the trace goes as far as
/// the last look that is complete.
#[derive(Debug, Default)]
pub struct TraceBuilder {
    /// Each event with the thread that wrote it.
    pub(super) events: Vec<(Packed, u32)>,
    pub(super) threads: Vec<Author>,
    pub(super) spawned: ByNumber<Spawned>,
    pub(super) places: Vec<SourceLocation>,
    pub(super) look: Look,
}

/// A thread that wrote events.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) name: String,
    last: Packed,
}

impl Author {
    pub(super) fn named(self, id: ThreadId) -> Thread {
        let name = self.name;
        Thread {
            id,
            name,
            kind: ThreadKind::default(),
        }
    }
}

impl TraceBuilder {
    /// Adds the next part.
    ///
    /// # Errors
    ///
    /// [`Damaged`] if it is not one that a [`Reader`] handed out.
    pub fn add(&mut self, part: Part) -> Result<(), Damaged> {
        let Part {
            threads,
            places,
            look,
        } = part;
        self.places.extend(places);
        for part in threads {
            self.add_thread(part)?;
        }
        if let Some(look) = look {
            self.look = look;
        }
        Ok(())
    }

    fn add_thread(&mut self, part: ThreadPart) -> Result<(), Damaged> {
        let thread = part.thread;
        if let Some(name) = part.name {
            if self.threads.len() != thread as usize {
                return Err(Damaged);
            }
            self.threads.push(Author {
                name,
                last: Packed::default(),
            });
        }
        let author = self.threads.get_mut(thread as usize).ok_or(Damaged)?;
        let events = &mut self.events;
        let hear = |event| events.push((event, thread));
        part.events.read(&mut author.last, hear)?;
        for spawned in part.spawned {
            let Spawned(task, .., place) = spawned;
            if place as usize >= self.places.len() {
                return Err(Damaged);
            }
            self.spawned.set(task, spawned);
        }
        Ok(())
    }
}
