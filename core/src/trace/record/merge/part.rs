//! The parts in which a recording is handed out while it grows, as plain data, in a form that is
//! cheap to write and to read.

use serde::{Deserialize, Serialize};

use crate::trace::data::{SourceLocation, TaskKind};
use crate::trace::record::current::Wait;
use crate::trace::record::log::{KINDS, Packed, Record};
use crate::trace::record::tracer::marks::Look;

/// A part of a recording: what is new since the part before it.
///
/// Plain data, to be sent from one process to another. A [`Reader`](super::Reader) hands it out,
/// and a [`TraceBuilder`](super::TraceBuilder) takes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Part {
    /// Its place in the recording, by which a lost part shows: the number of news of threads in the
    /// parts before it. A part without such news changes nothing that the next look does not tell.
    pub(super) number: u64,
    pub(super) threads: Vec<ThreadPart>,
    /// Places that later spawns name by their number.
    pub(super) places: Vec<SourceLocation>,
    /// What tasks waited for when the run was stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) waits: Vec<Wait>,
    /// Ends the look that this part belongs to: only now do its events fit together.
    pub(super) look: Option<Look>,
}

/// The news of one thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ThreadPart {
    pub(super) thread: u32,
    /// Its name, with its first news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) events: Events,
    pub(super) spawned: Vec<Spawned>,
}

/// The facts of a spawn: the task's number, kind, name, parent, and the number of its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Spawned(
    pub(super) u32,
    pub(super) TaskKind,
    pub(super) Option<String>,
    pub(super) Option<u32>,
    pub(super) u32,
);

/// Events as text: numbers, each the difference to the one before it where that is small, of five
/// bits a character. Most events take some ten characters.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Events(String);

/// Five bits, the last of a number, and five bits that are not: no character of either kind is
/// escaped in JSON.
const LAST: u8 = b';';
const MORE: u8 = b'^';
const DIGITS: u8 = 32;

/// The error of a part that no reader handed out, or not as the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the recording is damaged or lost")]
pub struct Damaged;

impl Events {
    /// Bytes of the text.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds events, each of them after `last`, which they move on.
    pub(super) fn add(&mut self, events: &[Packed], last: &mut Packed) {
        for event in events {
            let (before, now) = (Record::unpacked(*last), Record::unpacked(*event));
            let later = now.at.wrapping_sub(before.at);
            self.number(later);
            // The place is mostly the time itself.
            let further = now.order.wrapping_sub(before.order);
            self.signed(further.wrapping_sub(later).cast_signed());
            self.number(now.kind as u64);
            self.signed(i64::from(now.task) - i64::from(before.task));
            self.number(now.other.into());
            *last = *event;
        }
    }

    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    fn number(&mut self, mut number: u64) {
        while number >= DIGITS.into() {
            let digit = (number % u64::from(DIGITS)) as u8;
            self.0.push(char::from(MORE + digit));
            number /= u64::from(DIGITS);
        }
        self.0.push(char::from(LAST + number as u8));
    }

    /// Hands out the events, each of them after `last`, which they move on.
    pub(super) fn read(
        &self,
        last: &mut Packed,
        mut hear: impl FnMut(Packed),
    ) -> Result<(), Damaged> {
        let mut rest = self.0.as_bytes();
        while !rest.is_empty() {
            let before = Record::unpacked(*last);
            let later = number(&mut rest)?;
            let at = before.at.wrapping_add(later);
            let further = later.wrapping_add(signed(&mut rest)?.cast_unsigned());
            let order = before.order.wrapping_add(further);
            let kind = usize::try_from(number(&mut rest)?).map_err(|_| Damaged)?;
            let task = i64::from(before.task).wrapping_add(signed(&mut rest)?);
            let record = Record {
                at,
                order,
                kind: *KINDS.get(kind).ok_or(Damaged)?,
                task: task.try_into().map_err(|_| Damaged)?,
                other: number(&mut rest)?.try_into().map_err(|_| Damaged)?,
            };
            *last = record.packed();
            hear(*last);
        }
        Ok(())
    }
}

fn signed(rest: &mut &[u8]) -> Result<i64, Damaged> {
    let number = number(rest)?;
    Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

fn number(rest: &mut &[u8]) -> Result<u64, Damaged> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&digit, after) = rest.split_first().ok_or(Damaged)?;
        *rest = after;
        let (digit, is_last) = match digit.checked_sub(MORE) {
            Some(digit) => (digit, false),
            None => (digit.checked_sub(LAST).ok_or(Damaged)?, true),
        };
        if digit >= DIGITS || shift >= u64::BITS {
            return Err(Damaged);
        }
        number |= u64::from(digit) << shift;
        if is_last {
            return Ok(number);
        }
        shift += DIGITS.ilog2();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> impl Strategy<Value = Packed> {
        let order = (any::<u64>(), 0..1_u64 << 56, 0..KINDS.len());
        (order, any::<u32>(), any::<u32>()).prop_map(|((at, order, kind), task, other)| {
            let kind = KINDS[kind];
            Record {
                at,
                order,
                kind,
                task,
                other,
            }
            .packed()
        })
    }

    proptest! {
        #[test]
        fn events_are_read_as_they_were_written(
            records in proptest::collection::vec(record(), 0..50),
            split in 0..50_usize,
        ) {
            let (first, second) = records.split_at(split.min(records.len()));
            let (mut written, mut read) = (Packed::default(), Packed::default());
            let mut found = Vec::new();
            for records in [first, second] {
                let mut events = Events::default();
                events.add(records, &mut written);
                let json = serde_json::to_string(&events).unwrap();
                prop_assert_eq!(json.len(), events.len() + 2, "a character was escaped");
                let events: Events = serde_json::from_str(&json).unwrap();
                events.read(&mut read, |event| found.push(event)).unwrap();
            }
            prop_assert_eq!(found, records);
        }

        #[test]
        fn other_text_is_damaged_or_read_but_never_a_panic(text in "[ -~]{0,30}") {
            let _ = Events(text).read(&mut Packed::default(), |_| {});
        }
    }
}
