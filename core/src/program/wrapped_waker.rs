//! A waker around another's that first does something at each wake.

use std::sync::Arc;
use std::task::{Wake, Waker};

/// The waker of the last poll, and the wrapper around it. The wrapper is used again if it would do
/// the same, because futures compare the wakers that they keep.
#[derive(Debug, Default)]
pub(crate) struct WrappedWaker(Option<(Waker, Waker)>);

impl WrappedWaker {
    /// The wrapper around `inner`. Its wakes call the function that `on_wake` gives, with `inner`,
    /// which that function wakes. `on_wake` is called only if a new wrapper is needed.
    #[inline]
    pub(crate) fn around<F>(&mut self, inner: &Waker, on_wake: impl FnOnce() -> F) -> &Waker
    where
        F: Fn(&Waker) + Send + Sync + 'static,
    {
        if !matches!(&self.0, Some((last, _)) if same(last, inner)) {
            let wrapper = Waker::from(Arc::new(OnWake {
                wake: on_wake(),
                inner: inner.clone(),
            }));
            self.0 = Some((inner.clone(), wrapper));
        }
        let (_, wrapper) = self.0.as_ref().expect("it was just made");
        wrapper
    }
}

struct OnWake<F> {
    wake: F,
    inner: Waker,
}

impl<F: Fn(&Waker) + Send + Sync + 'static> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        (self.wake)(&self.inner);
    }
}

/// Like [`Waker::will_wake`], but also true for a waker and its clone if their equal vtables lie in
/// two places, as the compiler is free to put them.
#[inline]
fn same(one: &Waker, other: &Waker) -> bool {
    one.data() == other.data() && one.vtable() == other.vtable()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_waker_is_wrapped_again_only_when_it_changes() {
        let [one, other] = [(), ()].map(|()| Waker::from(Arc::new(Counts::default())));
        let mut wrapped = WrappedWaker::default();
        let mut made = 0;
        for inner in [&one, &one.clone(), &one, &other, &other, &one] {
            wrapped.around(inner, || {
                made += 1;
                Waker::wake_by_ref
            });
        }
        assert_eq!(made, 3);
    }

    #[test]
    fn each_wake_calls_the_function_with_the_inner_waker() {
        let (before, woken) = (Arc::new(AtomicUsize::new(0)), Arc::new(Counts::default()));
        let inner = Waker::from(woken.clone());
        let mut wrapped = WrappedWaker::default();
        let waker = wrapped.around(&inner, || {
            let before = before.clone();
            move |inner: &Waker| {
                before.fetch_add(1, Ordering::SeqCst);
                inner.wake_by_ref();
            }
        });
        waker.wake_by_ref();
        let clone = waker.clone();
        clone.wake();
        assert_eq!(before.load(Ordering::SeqCst), 2);
        assert_eq!(woken.0.load(Ordering::SeqCst), 2);
    }
}
