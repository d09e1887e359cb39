//! What was learned about the interface by writing: whether it honours a reference chosen by the writer.
//!
//! The vendor's documentation promises nothing; the first create of a pair goes alone and shows it. Invariant: what was
//! learned is kept in the pair's store, so that a restart does not have to learn again.

use std::sync::{Mutex, PoisonError};

use obmen_engine::ports::{Memory, StoreError};

const NAME: &str = "onec/honours-ref-key";

#[derive(Debug, Default)]
pub(crate) struct Learned(Mutex<Option<bool>>);

impl Learned {
    /// Of an interface that says so itself.
    pub(crate) fn certain() -> Self {
        Self(Mutex::new(Some(true)))
    }

    /// Whether references are honoured; `None` before the first create.
    pub(crate) fn honours_references(&self) -> Option<bool> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn recall(&self, memory: &dyn Memory) -> Result<(), StoreError> {
        match memory.recall(NAME).await?.as_deref() {
            Some("yes") => self.set(true),
            Some("no") => self.set(false),
            _ => {}
        }
        Ok(())
    }

    /// Takes down what a create showed. A store that fails costs only learning it again.
    pub(crate) async fn keep(&self, memory: &dyn Memory, honours: bool) {
        if self.honours_references() == Some(honours) {
            return;
        }
        self.set(honours);
        let text = if honours { "yes" } else { "no" };
        if let Err(error) = memory.keep(NAME, text.to_owned()).await {
            tracing::warn!(%error, "onec.learned is not kept");
        }
    }

    fn set(&self, honours: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(honours);
    }
}
