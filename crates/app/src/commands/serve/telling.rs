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
