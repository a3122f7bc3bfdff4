//! The fate of searches that are never awaited.

use std::future::Future;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::search::{Found, Input};
use crate::scenario::outcome::Outcome;

/// Follows searches to their ends.
#[derive(Default)]
pub(super) struct Fates(Mutex<Vec<(Input, Arc<Fate>)>>);

/// How far a search has come, as far as is known.
#[derive(Default)]
struct Fate(AtomicU8);

const NEVER_POLLED: u8 = 0;
const UNDER_WAY: u8 = 1;
const DONE: u8 = 2;
const LOST: u8 = 3;

impl Fate {
    fn becomes(&self, fate: u8) {
        self.0.store(fate, Ordering::SeqCst);
    }

    fn tell(&self) -> &'static str {
        match self.0.load(Ordering::SeqCst) {
            NEVER_POLLED => "never_polled",
            UNDER_WAY => "went_on",
            DONE => "done",
            _ => "lost_half_done",
        }
    }
}

impl Fates {
    pub(super) fn follow<F>(&self, input: Input, search: F) -> impl Future<Output = Found> + use<F>
    where
        F: Future<Output = Found>,
    {
        let fate = Arc::new(Fate::default());
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        followed.push((input, fate.clone()));
        async move {
            let begun = Begun(fate);
            begun.0.becomes(UNDER_WAY);
            let found = search.await;
            begun.0.becomes(DONE);
            found
        }
    }

    /// The outcome, complete once the runtime has ended.
    pub(super) fn told_after_shutdown(self) -> Outcome {
        let followed = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        Outcome::new().after_shutdown("fates", move || {
            let told = |(input, fate): &(Input, Arc<Fate>)| {
                (input.name().to_string(), Value::from(fate.tell()))
            };
            followed.iter().map(told).collect::<Map<_, _>>()
        })
    }
}

/// A search that has begun: if it is dropped before its end, it is lost.
struct Begun(Arc<Fate>);

impl Drop for Begun {
    fn drop(&mut self) {
        // A search that is done stays done.
        let _ = self
            .0
            .0
            .compare_exchange(UNDER_WAY, LOST, Ordering::SeqCst, Ordering::SeqCst);
    }
}
