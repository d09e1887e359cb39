//! Wakes the exchange of a pair: something is to be looked at, or a side is to be asked.
//!
//! A ring that nobody waits for is kept, several are one. Nothing is lost with it: what it stands for is in the store.

use obmen_domain::record::Side;
use tokio::sync::Notify;

/// The bell of one pair.
#[derive(Debug, Default)]
pub struct Bell {
    records: Notify,
    bitrix24: Notify,
    onec: Notify,
}

impl Bell {
    /// There are records to look at.
    pub fn ring(&self) {
        self.records.notify_one();
    }

    /// Something changed on a side that only the side can name.
    pub fn ring_for(&self, side: Side) {
        self.of(side).notify_one();
    }

    /// Completes when there are records to look at.
    pub async fn rung(&self) {
        self.records.notified().await;
    }

    /// Completes when a side is to be asked.
    pub async fn rung_for(&self, side: Side) {
        self.of(side).notified().await;
    }

    fn of(&self, side: Side) -> &Notify {
        match side {
            Side::Bitrix24 => &self.bitrix24,
            Side::Onec => &self.onec,
        }
    }
}
