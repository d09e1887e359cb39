//! Failures told where people look: beside the card in the portal, and at an address of one's own.
//!
//! Runs beside the exchange and never holds it up. A comment cannot be asked about afterwards, so it is marked as written
//! before it is sent: rather none than two. The address is asked again until it answers, and knows a failure by its id.

use std::sync::Arc;

use obmen_bitrix24::{Bitrix24, Comment, Commented};
use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::Review;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Store;
use serde_json::json;

use super::told::{Channel, Told};
use crate::commands::review::{reason, remedy};
use crate::notified::Address;
use crate::words::Words;

/// So many comments travel in one request.
const AT_ONCE: usize = 25;

/// Tells the failures of one pair.
pub(super) struct Telling {
    pub(super) pair: String,
    pub(super) store: Arc<dyn Store>,
    pub(super) words: Arc<Words>,
    /// The portal, where comments are wanted.
    pub(super) cards: Option<Arc<Bitrix24>>,
    /// The address of one's own, where there is one.
    pub(super) address: Option<Address>,
}

impl Telling {
    /// Whether there is anybody to tell.
    pub(super) fn is_wanted(&self) -> bool {
        self.cards.is_some() || self.address.is_some()
    }

    /// Tells what is new. Returns whether something is left that may be told later.
    pub(super) async fn tell(&self) -> Result<bool, StoreError> {
        let mut open = self.store.reviews().await?;
        open.retain(Review::is_dead_letter);
        let mut told = Told::recall(self.store.as_ref()).await?;
        told.forget(&open, self.store.as_ref()).await?;
        let mut is_left = false;
        if let Some(portal) = &self.cards {
            is_left |= self.tell_cards(portal, &open, &mut told).await?;
        }
        if let Some(address) = &self.address {
            is_left |= self.tell_address(address, &open, &mut told).await?;
        }
        told.keep(self.store.as_ref()).await?;
        Ok(is_left)
    }

    async fn tell_cards(
        &self,
        portal: &Bitrix24,
        open: &[Review],
        told: &mut Told,
    ) -> Result<bool, StoreError> {
        let mut is_left = false;
        for portion in told.news(open, Channel::Card).chunks(AT_ONCE) {
            let mut comments = Vec::new();
            let mut commented = Vec::new();
            for review in portion {
                told.hear(review, Channel::Card);
                // What never came to the portal has no card there.
                if let Some(card) = self.card(review).await? {
                    comments.push(Comment { card, text: format!("obmen: {}", self.sentence(review)) });
                    commented.push(*review);
                }
            }
            told.keep(self.store.as_ref()).await?;
            for (review, became) in commented.into_iter().zip(portal.comment(&comments).await) {
                if let Commented::NotDone(_) = became {
                    told.unhear(review, Channel::Card);
                    is_left = true;
                }
                let is_written = became == Commented::Written;
                tracing::info!(pair = self.pair, review = review.id(), is_written, "serve.comment");
            }
            told.keep(self.store.as_ref()).await?;
            if is_left {
                break;
            }
        }
        Ok(is_left)
    }

    async fn tell_address(
        &self,
        address: &Address,
        open: &[Review],
        told: &mut Told,
    ) -> Result<bool, StoreError> {
        for review in told.news(open, Channel::Address) {
            let card = self.card(review).await?;
            if !address.post(&self.document(review, card.as_ref())).await {
                return Ok(true);
            }
            told.hear(review, Channel::Address);
            told.keep(self.store.as_ref()).await?;
        }
        Ok(false)
    }

    /// The card that a failure belongs to.
    async fn card(&self, review: &Review) -> Result<Option<RecordId>, StoreError> {
        let own = review.records.iter().find(|id| id.side == Side::Bitrix24).cloned();
        if own.is_some() {
            return Ok(own);
        }
        Ok(self.store.links(&review.records).await?.into_iter().next().map(|link| link.bitrix24))
    }

    fn sentence(&self, review: &Review) -> String {
        let sentence = reason(&review.reason, &review.fields, &self.words);
        match remedy(&review.reason, &review.fields, &self.words) {
            Some(text) => {
                format!("{sentence}. {}", self.words.say_with("remedy", &[("text", text.into())]))
            }
            None => format!("{sentence}."),
        }
    }

    fn document(&self, review: &Review, card: Option<&RecordId>) -> serde_json::Value {
        json!({
            "pair": self.pair,
            "id": review.id(),
            "records": review.records.iter().map(RecordId::mutual).collect::<Vec<_>>(),
            "card": card.map(RecordId::mutual),
            "kind": review.kind.word(),
            "failure": review.reason.class(),
            "sentence": self.sentence(review),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use obmen_bitrix24::{Access, Limits, Settings};
    use obmen_domain::forms::phone::PhoneContext;
    use obmen_domain::record::Kind;
    use obmen_domain::review::{AskReason, ReviewKind};
    use obmen_engine::ports::{BoxFuture, HttpRequest, HttpResponse, Transport, TransportError};
    use obmen_engine::store::Change;
    use obmen_store::SqliteStore;

    use super::*;
    use crate::clock::SystemClock;
    use crate::words::Lang;

    /// A portal that takes comments, or is away; it looks at what is kept about them when one arrives.
    struct Cards {
        store: Arc<dyn Store>,
        is_away: AtomicBool,
        kept: Mutex<Vec<String>>,
    }

    impl Transport for Cards {
        fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
            Box::pin(async move {
                let kept = self.store.recall("told").await.unwrap().unwrap_or_default();
                self.kept.lock().unwrap().push(kept);
                if self.is_away.load(Ordering::Relaxed) {
                    return Err(TransportError::NotSent("no route to host".to_owned()));
                }
                let body = json!({"result": {"result": {"c00": 1}}}).to_string().into_bytes();
                Ok(HttpResponse { status: 200, headers: Vec::new(), body })
            })
        }
    }

    /// A pair with one failure, whose card is in that portal.
    async fn failed() -> (Telling, Arc<Cards>) {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory().unwrap().pair("main"));
        let review = Review {
            kind: ReviewKind::Refused,
            party: Kind::Contact,
            records: vec![RecordId::bitrix24(Kind::Contact, "7")],
            fields: Vec::new(),
            reason: AskReason::SideRefused("no".to_owned()),
        };
        store.apply(vec![Change::Review(Box::new(review))]).await.unwrap();
        let cards = Arc::new(Cards {
            store: Arc::clone(&store),
            is_away: AtomicBool::new(false),
            kept: Mutex::default(),
        });
        let settings = Settings {
            pair: "main".to_owned(),
            access: Access::Webhook("http://portal.test/rest/1/secret/".to_owned()),
            contact_id_field: String::new(),
            company_id_field: String::new(),
            inn_field: String::new(),
            further_requisites: false,
            limits: Limits::default(),
            allow_automation: false,
            phone_context: PhoneContext::new("RU", None).unwrap(),
            addresses: false,
            attributes: Default::default(),
            places: Vec::new(),
            fallback_user: None,
            rings_at: None,
        };
        let clock = Arc::new(SystemClock::default());
        let portal = Bitrix24::new(settings, Arc::clone(&cards) as _, clock, Arc::clone(&store) as _);
        let telling = Telling {
            pair: "main".to_owned(),
            store,
            words: Arc::new(Words::new(Lang::En)),
            cards: Some(Arc::new(portal)),
            address: None,
        };
        (telling, cards)
    }

    #[tokio::test]
    async fn a_comment_counts_as_written_before_it_is_sent_and_is_written_once() {
        let (telling, cards) = failed().await;
        assert!(!telling.tell().await.unwrap(), "nothing is left");
        assert!(!telling.tell().await.unwrap());
        let kept = cards.kept.lock().unwrap().clone();
        assert_eq!(kept.len(), 1, "sent once");
        assert!(kept[0].contains("card"), "kept by then: {kept:?}");
    }

    #[tokio::test]
    async fn a_comment_that_was_certainly_not_written_is_written_later() {
        let (telling, cards) = failed().await;
        cards.is_away.store(true, Ordering::Relaxed);
        assert!(telling.tell().await.unwrap(), "it is left");
        cards.is_away.store(false, Ordering::Relaxed);
        assert!(!telling.tell().await.unwrap());
        assert_eq!(cards.kept.lock().unwrap().len(), 2);
    }
}
