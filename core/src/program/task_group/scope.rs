//! The tasks of a group, including those of groups within it, and the moment at which none is left.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use event_listener::Event;
use pin_project_lite::pin_project;

use crate::program::until::until;

/// Counts the members of a group that are alive: its children, its body, and the scopes of groups
/// within them. A group that is dropped instead of awaited only asks its children to end; through
/// its scope the enclosing group still waits for them.
#[derive(Default)]
pub(crate) struct Scope {
    alive: AtomicUsize,
    emptied: Event,
    /// Keeps the enclosing scope non-empty while this one lives.
    _parent: Option<Alive>,
}

impl Scope {
    /// A new scope, within that of the child or body that is being polled.
    pub(crate) fn within_current() -> Arc<Self> {
        let parent = CURRENT.with_borrow(|current| current.as_ref().map(Alive::new));
        Arc::new(Scope {
            _parent: parent,
            ..Scope::default()
        })
    }

    /// The number of members alive: children, the body, and scopes within this one.
    pub(crate) fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }

    /// Waits until nothing of this scope is alive.
    pub(crate) async fn emptied(&self) {
        until(&self.emptied, || self.alive() == 0).await;
    }
}

thread_local! {
    /// The scope of the child or body that is being polled on this thread.
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

/// One living member of a scope.
struct Alive(Arc<Scope>);

impl Alive {
    fn new(scope: &Arc<Scope>) -> Self {
        scope.alive.fetch_add(1, Ordering::SeqCst);
        Alive(scope.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        if self.0.alive.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.emptied.notify(usize::MAX);
        }
    }
}

pin_project! {
    /// A child or a body: alive in its scope until its future has been dropped.
    pub(crate) struct InScope<F> {
        #[pin]
        future: F,
        alive: Alive,
    }
}

impl<F> InScope<F> {
    pub(crate) fn new(scope: &Arc<Scope>, future: F) -> Self {
        InScope {
            future,
            alive: Alive::new(scope),
        }
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        struct Restore(Option<Arc<Scope>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }

        let this = self.project();
        let _restore = Restore(CURRENT.replace(Some(this.alive.0.clone())));
        this.future.poll(cx)
    }
}
