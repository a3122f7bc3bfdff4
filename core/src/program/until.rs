//! Waiting until a condition holds that another task brings about.

use std::pin::pin;

use event_listener::{Event, listener};

/// Waits until `condition` holds. Code that changes the condition notifies `event` afterwards.
pub(crate) async fn until(event: &Event, condition: impl Fn() -> bool) {
    loop {
        if condition() {
            return;
        }
        listener!(event => changed);
        if condition() {
            return;
        }
        pin!(changed).await;
    }
}
