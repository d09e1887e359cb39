//! Planted bugs: proofs that the simulation can fail. Each spoils one part of the product from outside, by a wrapper
//! around a port; the product has no switch for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use clap::ValueEnum;
use obmen_domain::party::{Field, Value};
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_domain::ruling::{Ruled, Ruling};
use obmen_engine::ports::{BoxFuture, Cursor, SideError, StoreError};
use obmen_engine::store::{Change, DirtyReason, Store};
use obmen_engine::sync::SideAccess;
use obmen_engine::watch::Stamps;

use crate::twist::{SideTwist, StoreTwist, TwistedSide, TwistedStore};
use crate::wiring::Wiring;

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// What a message says of a record is taken for what the record says.
    BelieveMessages,
    /// A read that fails, or shows nothing, is taken for a deletion.
    EmptyIsDeleted,
    /// A signal is answered before it is stored.
    AnswerFirst,
    /// Nothing remains of a link that has ended.
    NoTombstone,
}

impl Plant {
    /// The product with this bug.
    pub fn wiring(self) -> Wiring {
        let sound = Wiring::default();
        match self {
            Self::BelieveMessages => Wiring { hook: believe, ..sound },
            Self::EmptyIsDeleted => Wiring { side: |inner| Arc::new(TwistedSide(Credulous(inner))), ..sound },
            Self::AnswerFirst => Wiring {
                store: |inner| Arc::new(TwistedStore(Hasty { inner, kept: Mutex::default() })),
                ..sound
            },
            Self::NoTombstone => Wiring { store: |inner| Arc::new(TwistedStore(Forgetting(inner))), ..sound },
        }
    }
}

/// Takes phones and mailboxes of a message for those of the record, which is then not read.
fn believe<'a>(store: &'a dyn Store, body: &'a [u8], changes: Vec<Change>) -> BoxFuture<'a, Vec<Change>> {
    Box::pin(async move {
        let Ok(said) = serde_json::from_slice::<serde_json::Value>(body) else { return changes };
        let texts = |name: &str| -> BTreeSet<String> {
            let list = said.get(name).and_then(serde_json::Value::as_array).into_iter().flatten();
            list.filter_map(serde_json::Value::as_str).map(digits_or_letters).collect()
        };
        let (phones, emails) = (texts("phones"), texts("emails"));
        let mut believed = Vec::new();
        for change in changes {
            let Change::Dirty { id, since, due, .. } = change else { continue };
            let seen = store.seen(std::slice::from_ref(&id)).await.ok().and_then(|mut seen| seen.pop());
            let Some(mut record) = seen else {
                believed.push(Change::Dirty { id, reason: DirtyReason::Signal, since, due });
                continue;
            };
            if let Some(Value::Phones(mut known)) = record.party.value(Field::Phone) {
                known.retain(|phone| phones.contains(&digits_or_letters(&phone.text)));
                record.party.set(Field::Phone, Value::Phones(known));
            }
            if let Some(Value::Emails(mut known)) = record.party.value(Field::Email) {
                known.retain(|email| emails.contains(&digits_or_letters(&email.text)));
                record.party.set(Field::Email, Value::Emails(known));
            }
            believed.push(Change::Seen(Box::new(record)));
            // As if it had just been read.
            believed.push(Change::Dirty { id, reason: DirtyReason::Swept, since, due });
        }
        believed
    })
}

/// The last ten digits of a phone, a mailbox in lower case.
fn digits_or_letters(text: &str) -> String {
    if text.contains('@') { text.to_lowercase() } else { crate::snapshot::last_ten(text) }
}

/// A side whose failures read as emptiness.
struct Credulous(Arc<dyn SideAccess>);

impl SideTwist for Credulous {
    fn inner(&self) -> &Arc<dyn SideAccess> {
        &self.0
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        Box::pin(async move { Ok(self.0.stamps(kind, cursor).await.unwrap_or_default()) })
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(async move { Ok(self.0.fetch(ids).await.unwrap_or_default()) })
    }

    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        Box::pin(async move { Ok(ids.to_vec()) })
    }
}

/// A store that says of signals that they are kept, and keeps them with whatever comes next.
struct Hasty {
    inner: Arc<dyn Store>,
    kept: Mutex<Vec<Change>>,
}

impl StoreTwist for Hasty {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.inner
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_signal = |change: &Change| matches!(change, Change::Dirty { reason: DirtyReason::Signal, .. });
        if !changes.is_empty() && changes.iter().all(is_signal) {
            kept.extend(changes);
            return Box::pin(std::future::ready(Ok(())));
        }
        let mut all = std::mem::take(&mut *kept);
        all.extend(changes);
        self.inner.apply(all)
    }
}

/// A store in which an ended link leaves no trace.
struct Forgetting(Arc<dyn Store>);

impl StoreTwist for Forgetting {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        Box::pin(async move {
            let (rulings, links) = (self.0.rulings(ids).await?, self.0.links(ids).await?);
            let stands = |ruled: &Ruled| {
                links.iter().any(|link| {
                    let both = [&link.bitrix24, &link.onec];
                    both.contains(&&ruled.first) && both.contains(&&ruled.second)
                })
            };
            Ok(rulings.into_iter().filter(|ruled| ruled.ruling != Ruling::Ended || stands(ruled)).collect())
        })
    }
}
