//! Puts the parts of a recording together again.

use super::by_number::ByNumber;
use super::part::{Damaged, Part, Spawned, ThreadPart};
use crate::trace::data::{SourceLocation, Thread, ThreadId, ThreadKind};
use crate::trace::record::current::Wait;
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
    pub(super) waits: Vec<Wait>,
    pub(super) look: Look,
}

/// A thread that wrote events.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) name: String,
    last: Packed,
    /// The number of its news so far.
    news: u64,
}

impl Author {
    fn new(name: String) -> Self {
        Author {
            name,
            ..Author::default()
        }
    }

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
    /// [`Damaged`] if it is not the one that a [`Reader`](super::Reader) handed out next: a part
    /// before it was lost, or it is damaged. The recording then stays as it was. Only the part that
    /// is missing can follow.
    pub fn add(&mut self, part: Part) -> Result<(), Damaged> {
        let Part {
            number,
            threads,
            places,
            waits,
            look,
        } = part;
        if number != self.next() {
            return Err(Damaged);
        }
        let news = self.read(threads, self.places.len() + places.len())?;
        // From here on nothing fails.
        let names = news.names.into_iter().map(Author::new);
        self.threads.extend(names);
        for (author, (last, count)) in self.threads.iter_mut().zip(news.read) {
            author.last = last;
            author.news += count;
        }
        self.events.extend(news.events);
        self.places.extend(places);
        for spawned in news.spawned {
            self.spawned.set(spawned.0, spawned);
        }
        self.waits.extend(waits);
        if let Some(look) = look {
            self.look = look;
        }
        Ok(())
    }

    /// The number of the part that comes next.
    fn next(&self) -> u64 {
        self.threads.iter().map(|author| author.news).sum()
    }

    /// Reads the news of threads, whose spawns name the first `places` places.
    fn read(&self, threads: Vec<ThreadPart>, places: usize) -> Result<News, Damaged> {
        let authors = self.threads.iter();
        let mut news = News {
            read: authors.map(|author| (author.last, 0)).collect(),
            ..News::default()
        };
        for part in threads {
            let thread = part.thread;
            if let Some(name) = part.name {
                if news.read.len() != thread as usize {
                    return Err(Damaged);
                }
                news.names.push(name);
                news.read.push((Packed::default(), 0));
            }
            let (last, count) = news.read.get_mut(thread as usize).ok_or(Damaged)?;
            let events = &mut news.events;
            part.events
                .read(last, |event| events.push((event, thread)))?;
            *count += 1;
            news.spawned.extend(part.spawned);
        }
        let is_known = |Spawned(.., place): &Spawned| (*place as usize) < places;
        match news.spawned.iter().all(is_known) {
            true => Ok(news),
            false => Err(Damaged),
        }
    }
}

/// The news of a part, read but not yet taken in.
#[derive(Debug, Default)]
struct News {
    /// The names of the threads that are new.
    names: Vec<String>,
    /// Of each thread, the last event and the number of its news in the part.
    read: Vec<(Packed, u64)>,
    events: Vec<(Packed, u32)>,
    spawned: Vec<Spawned>,
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::time::Duration;

    use super::*;
    use crate::program::speed::Speed;
    use crate::runtime::runner_info::Clock;
    use crate::trace::data::{TaskKind, Trace};
    use crate::trace::record::log::Kind;
    use crate::trace::record::merge::part::Events;
    use crate::trace::record::merge::reader::Reader;
    use crate::trace::record::setting::Setting;
    use crate::trace::record::tracer::Tracer;
    use crate::trace::record::tracer::ticks::Stamp;

    /// Three looks at a root that is polled once before each, and spawns a task each time.
    fn looks() -> [Part; 3] {
        let tracer = Tracer::new(Clock::Virtual, 1000);
        let stamp = |at| Stamp {
            at,
            order: tracer.next(),
        };
        let spawn = |at| tracer.spawn(stamp(at), TaskKind::Task, None, Location::caller());
        let root = spawn(0);
        tracer.mark_root(root);
        let mut reader = Reader::new(tracer.clone());
        let mut parts = Vec::new();
        for at in [10, 20, 30] {
            tracer.record(stamp(at), Kind::PollStarted, root);
            spawn(at + 1);
            tracer.record(stamp(at + 2), Kind::Pending, root);
            reader.look(|part| parts.push(part));
        }
        parts.try_into().unwrap()
    }

    fn told(recorded: TraceBuilder) -> Trace {
        let trace = recorded.trace(&Setting {
            clock: Clock::Virtual,
            workers: Some(1),
            blocking_threads: None,
            speed: Speed::REAL,
            poll_cost: None,
        });
        assert_eq!(trace.validate(), Ok(()));
        trace
    }

    #[test]
    fn after_a_lost_part_the_recording_ends_at_the_look_before_it() {
        let [first, _, third] = looks();
        let mut recorded = TraceBuilder::default();
        recorded.add(first).unwrap();
        assert_eq!(recorded.add(third), Err(Damaged));
        let trace = told(recorded);
        assert_eq!((trace.tasks.len(), trace.events.len()), (2, 4));
        assert_eq!(trace.run.until, Duration::from_nanos(12));
    }

    #[test]
    fn a_part_that_is_refused_leaves_nothing_behind() {
        let mut whole = TraceBuilder::default();
        let mut recorded = TraceBuilder::default();
        for part in looks() {
            whole.add(part.clone()).unwrap();
            let mut damaged = part.clone();
            damaged.threads.push(ThreadPart {
                thread: 9,
                name: None,
                events: Events::default(),
                spawned: Vec::new(),
            });
            assert_eq!(recorded.add(damaged), Err(Damaged));
            recorded.add(part.clone()).unwrap();
            assert_eq!(recorded.add(part), Err(Damaged), "it was there already");
        }
        let trace = told(recorded);
        assert_eq!((trace.tasks.len(), trace.events.len()), (4, 10));
        assert_eq!(trace, told(whole));
    }
}
