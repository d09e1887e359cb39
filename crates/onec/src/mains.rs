//! Which counterparty a partner belongs to where it has several that are alike.
//!
//! A partner's phones are part of one record. Were that the first counterparty by reference, a second one made beside it
//! would take them over in half of all cases, and with them the phones of the first one's card. So the choice is made once.
//! Not responsible for reading. Invariant: what was chosen is kept in the pair's store, and stays as long as it is there and
//! not marked.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use obmen_engine::ports::{Memory, StoreError};
use uuid::Uuid;

const NAME: &str = "onec/mains";

/// The chosen counterparties, by their partners: of those alone that have several.
#[derive(Debug, Default)]
pub(crate) struct Mains(Mutex<BTreeMap<Uuid, Uuid>>);

impl Mains {
    pub(crate) fn of(&self, partner: Uuid) -> Option<Uuid> {
        self.map().get(&partner).copied()
    }

    pub(crate) async fn recall(&self, memory: &dyn Memory) -> Result<(), StoreError> {
        let kept = memory.recall(NAME).await?.and_then(|text| serde_json::from_str(&text).ok());
        *self.map() = kept.unwrap_or_default();
        Ok(())
    }

    /// Takes choices down. A store that fails costs only choosing again.
    pub(crate) async fn keep(&self, memory: &dyn Memory, chosen: BTreeMap<Uuid, Uuid>) {
        if chosen.is_empty() {
            return;
        }
        let text = {
            let mut map = self.map();
            map.extend(chosen);
            serde_json::to_string(&*map).expect("references always serialise")
        };
        if let Err(error) = memory.keep(NAME, text).await {
            tracing::warn!(%error, "onec.mains are not kept");
        }
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<Uuid, Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
