//! The limits of one portal, for all who speak to it: each of several pairs has what the others leave.
//!
//! Invariant: what is counted is kept in one place, whichever pair counted it.

use std::sync::Arc;

use futures_util::lock::Mutex;
use obmen_engine::ports::Memory;

use crate::limiter::Limiter;

/// Counts the requests to one portal.
pub struct Gauge {
    pub(crate) limiter: Mutex<Option<Limiter>>,
    pub(crate) memory: Arc<dyn Memory>,
}

impl Gauge {
    /// A gauge that goes on from what is kept in this memory.
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        Self { limiter: Mutex::new(None), memory }
    }
}
