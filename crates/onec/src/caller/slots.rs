//! Bounds how many requests are under way at once, without naming a runtime.
//!
//! Not responsible for order beyond chance: whoever is polled first takes a freed slot. Invariant: a dropped slot is
//! free again, and everybody who waits is woken for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use futures_util::future::poll_fn;

#[derive(Debug)]
pub(super) struct Slots(Mutex<State>);

#[derive(Debug)]
struct State {
    free: usize,
    waiting: Vec<Waker>,
}

/// The right to send one request.
#[derive(Debug)]
pub(super) struct Slot<'a>(&'a Slots);

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self(Mutex::new(State { free: count, waiting: Vec::new() }))
    }

    /// Waits for a free slot.
    pub(super) async fn take(&self) -> Slot<'_> {
        poll_fn(|context| {
            let mut state = self.state();
            if state.free == 0 {
                if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    state.waiting.push(context.waker().clone());
                }
                return Poll::Pending;
            }
            state.free -= 1;
            Poll::Ready(Slot(self))
        })
        .await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.state();
            state.free += 1;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_third_request_waits_for_one_of_two() {
        let slots = Slots::new(2);
        let first = slots.take().now_or_never().unwrap();
        let _second = slots.take().now_or_never().unwrap();
        assert!(slots.take().now_or_never().is_none());
        drop(first);
        assert!(slots.take().now_or_never().is_some());
    }
}
