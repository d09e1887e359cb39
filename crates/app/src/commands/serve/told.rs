//! What was told about failures, so that each is told once: through retries, and across restarts.
//!
//! A failure is a case and its reason. It is over when the case is closed and none of its records is to be looked at any
//! more; a retry closes a case too, and opens it again when it was in vain. Not responsible for telling. Invariant: the
//! number of failures remembered is bounded.

use std::collections::BTreeMap;

use obmen_domain::record::RecordId;
use obmen_domain::review::{AskReason, Review};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Store;
use serde::{Deserialize, Serialize};

/// The name under which it is kept.
const TOLD: &str = "told";
/// So many failures are told one by one. A cause that hits more is no matter of single cards: `obmen status` has it.
pub(super) const MOST: usize = 200;

/// What was told, by the ids of the cases.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Told(BTreeMap<String, Failure>);

/// A failure, and who has heard of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Failure {
    reason: AskReason,
    records: Vec<RecordId>,
    heard: Vec<Channel>,
}

/// A way to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Channel {
    /// A comment beside the card.
    Card,
    /// The address of `[notify]`.
    Address,
}

impl Told {
    pub(super) async fn recall(store: &dyn Store) -> Result<Self, StoreError> {
        let kept = store.recall(TOLD).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub(super) async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).expect("marks are plain data and always serialise");
        store.keep(TOLD, text).await
    }

    /// Forgets failures that are over.
    pub(super) async fn forget(&mut self, open: &[Review], store: &dyn Store) -> Result<(), StoreError> {
        let open: Vec<String> = open.iter().map(Review::id).collect();
        let closed: Vec<String> = self.0.keys().filter(|id| !open.contains(id)).cloned().collect();
        for id in closed {
            let records = self.0.get(&id).map(|failure| failure.records.clone()).unwrap_or_default();
            let mut is_over = true;
            for record in &records {
                is_over &= !store.is_dirty(record).await?;
            }
            if is_over {
                self.0.remove(&id);
            }
        }
        Ok(())
    }

    /// Those of the open failures that a channel has not heard of.
    pub(super) fn news<'a>(&self, open: &'a [Review], channel: Channel) -> Vec<&'a Review> {
        let room = MOST.saturating_sub(self.0.len());
        let (known, new): (Vec<&Review>, Vec<&Review>) =
            open.iter().partition(|review| self.0.contains_key(&review.id()));
        let has_heard = |review: &&Review| {
            let failure = self.0.get(&review.id());
            failure.is_some_and(|known| known.reason == review.reason && known.heard.contains(&channel))
        };
        let known = known.into_iter().filter(|review| !has_heard(review));
        known.chain(new.into_iter().take(room)).collect()
    }

    /// A channel hears of a failure.
    pub(super) fn hear(&mut self, review: &Review, channel: Channel) {
        let fresh =
            || Failure { reason: review.reason.clone(), records: review.records.clone(), heard: Vec::new() };
        let failure = self.0.entry(review.id()).or_insert_with(fresh);
        if failure.reason != review.reason {
            *failure = fresh();
        }
        if !failure.heard.contains(&channel) {
            failure.heard.push(channel);
        }
    }

    /// A channel has certainly not heard of it.
    pub(super) fn unhear(&mut self, review: &Review, channel: Channel) {
        if let Some(failure) = self.0.get_mut(&review.id()) {
            failure.heard.retain(|heard| *heard != channel);
        }
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Kind;
    use obmen_domain::review::ReviewKind;
    use obmen_engine::store::{Change, DirtyReason};
    use obmen_store::SqliteStore;

    use super::*;

    #[tokio::test]
    async fn a_failure_is_told_once_through_retries_and_again_when_its_reason_is_another() {
        let store = SqliteStore::in_memory().unwrap().pair("main");
        let letter = |reason| review("1", reason);
        let refused = letter(AskReason::SideRefused("нет".to_owned()));
        let mut told = Told::default();
        assert_eq!(told.news(std::slice::from_ref(&refused), Channel::Card), [&refused]);
        told.hear(&refused, Channel::Card);
        told.keep(&store).await.unwrap();

        let mut told = Told::recall(&store).await.unwrap();
        assert_eq!(
            told.news(std::slice::from_ref(&refused), Channel::Card),
            [&refused; 0],
            "after a restart"
        );
        assert_eq!(told.news(std::slice::from_ref(&refused), Channel::Address), [&refused]);
        let other = letter(AskReason::Unanswered);
        assert_eq!(told.news(std::slice::from_ref(&other), Channel::Card), [&other]);

        let due = "2026-03-02T09:00:00Z".parse().unwrap();
        let id = refused.records[0].clone();
        let retried = Change::Dirty { id: id.clone(), reason: DirtyReason::Signal, since: due, due };
        store.apply(vec![retried]).await.unwrap();
        told.forget(&[], &store).await.unwrap();
        assert_eq!(
            told.news(std::slice::from_ref(&refused), Channel::Card),
            [&refused; 0],
            "a retry in vain"
        );
        store.apply(vec![Change::Clean { id, generation: 1 }]).await.unwrap();
        told.forget(&[], &store).await.unwrap();
        assert_eq!(told.news(std::slice::from_ref(&refused), Channel::Card), [&refused], "it had been over");
    }

    #[test]
    fn what_was_certainly_not_said_is_said_later() {
        let refused = review("1", AskReason::Unanswered);
        let mut told = Told::default();
        told.hear(&refused, Channel::Card);
        told.unhear(&refused, Channel::Card);
        assert_eq!(told.news(std::slice::from_ref(&refused), Channel::Card), [&refused]);
    }

    #[test]
    fn a_cause_that_hits_very_many_is_told_of_some() {
        let open: Vec<Review> =
            (0..2 * MOST).map(|number| review(&number.to_string(), AskReason::Unanswered)).collect();
        let mut told = Told::default();
        let first = told.news(&open, Channel::Card);
        assert_eq!(first.len(), MOST);
        first.into_iter().for_each(|review| told.hear(review, Channel::Card));
        assert_eq!(told.news(&open, Channel::Card), Vec::<&Review>::new());
        assert_eq!(told.news(&open, Channel::Address).len(), MOST, "the same ones");
    }

    fn review(id: &str, reason: AskReason) -> Review {
        Review {
            kind: ReviewKind::Refused,
            party: Kind::Contact,
            records: vec![RecordId::bitrix24(Kind::Contact, id)],
            fields: Vec::new(),
            reason,
        }
    }
}
