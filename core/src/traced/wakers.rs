//! A waker wrapped around another, wrapped again only if that changes.

use std::task::Waker;

/// The waker of the last poll, and our wrapper around it. The wrapper is used again if it would do
/// the same, because futures compare the wakers that they keep.
#[derive(Default)]
pub(super) struct Wrapped(Option<(Waker, Waker)>);

impl Wrapped {
    /// The wrapper around `inner`, created by `wrap` if need be.
    #[inline]
    pub(super) fn around(&mut self, inner: &Waker, wrap: impl FnOnce(Waker) -> Waker) -> &Waker {
        if !matches!(&self.0, Some((last, _)) if same(last, inner)) {
            self.0 = Some((inner.clone(), wrap(inner.clone())));
        }
        let (_, ours) = self.0.as_ref().expect("it was just made");
        ours
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
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    struct Deaf;

    impl Wake for Deaf {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_waker_is_wrapped_again_only_when_it_changes() {
        let [one, other] = [(), ()].map(|()| Waker::from(Arc::new(Deaf)));
        let mut wrapped = Wrapped::default();
        let mut made = 0;
        for inner in [&one, &one.clone(), &one, &other, &other, &one] {
            let ours = wrapped.around(inner, |inner| {
                made += 1;
                inner
            });
            assert_eq!(ours.data(), inner.data());
        }
        assert_eq!(made, 3);
    }
}
