//! Watching: what changed on a side without anybody having said so.
//!
//! A poll asks for what changed since a bookmark; a queue that a side keeps is emptied; a scan walks over ids and versions
//! alone. What they find becomes a signal, and is read when it is looked at: so both may go on while a plan is being applied, as no sweep may. Invariants:
//! a bookmark moves on with, or after, the signals before it; a scan that was cut off takes nothing for missing, and
//! neither does one that misses far more than a few; what a queue held is confirmed after its signals are kept.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId, Side};

use crate::heed::{Fall, is_far_fewer};
use crate::id_set::IdSet;
use crate::planner::KINDS;
use crate::ports::{Cursor, StoreError};
use crate::store::{Change, DirtyReason, Store};
use crate::sync::{Engine, EngineError, dirty_now};

/// Names of the texts kept.
const SYNCED: &str = "synced";
const LOOKED: &str = "looked";
/// Known records are read in pages of this many.
const PAGE: usize = 5000;

/// How far a side was asked for news; only the side that made it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark(pub String);

/// What may have changed on a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The records; one may be there that did not change.
    pub ids: Vec<RecordId>,
    /// From where to ask next.
    pub bookmark: Bookmark,
}

/// What waits in a queue that a side keeps for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Records to look at.
    pub ids: Vec<RecordId>,
    /// Whether something changed whose record the queue does not name.
    pub is_elsewhere: bool,
    /// By which it is confirmed.
    pub receipt: Receipt,
}

/// Confirms what a side had kept for us; only the side that made it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

/// A record without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Its id.
    pub id: RecordId,
    /// The version that a record read now would have, where the side tells it without the content.
    pub version: Option<String>,
}

/// A portion of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamps {
    /// The stamps.
    pub stamps: Vec<Stamp>,
    /// Where the walk goes on.
    pub next: Option<Cursor>,
}

/// Whether a sync of a pair has ever come to its end.
///
/// # Errors
/// Where the store fails.
pub async fn is_synced(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.recall(SYNCED).await?.is_some())
}

impl Engine {
    /// Looks at both sides in full where that was not done for so long; else heeds the rules alone. Returns whether it
    /// looked.
    ///
    /// # Errors
    /// As [`Engine::look`].
    pub async fn look_again(&self, after: Duration) -> Result<bool, EngineError> {
        if self.looked_at().await?.is_some_and(|at| self.clock.now() < at + after) {
            self.heed_rules().await?;
            return Ok(false);
        }
        self.look().await?;
        Ok(true)
    }

    /// When both sides were last looked at in full.
    pub(crate) async fn looked_at(&self) -> Result<Option<Timestamp>, EngineError> {
        Ok(self.store.recall(LOOKED).await?.and_then(|at| at.parse().ok()))
    }

    /// Asks a side what changed since it was last asked. Returns how many records are to be looked at; none where the side
    /// cannot tell.
    ///
    /// # Errors
    /// Where the side or the store fails.
    pub async fn poll(&self, side: Side) -> Result<usize, EngineError> {
        Ok(self.ask_for_news(side).await?.unwrap_or(0))
    }

    async fn ask_for_news(&self, side: Side) -> Result<Option<usize>, EngineError> {
        let name = bookmark_name(side);
        let since = self.store.recall(&name).await?.map(Bookmark);
        let Some(News { ids, bookmark }) = self.side(side).news(since.as_ref()).await? else {
            return Ok(None);
        };
        let found = ids.len();
        let mut changes = self.signals(ids);
        changes.push(Change::Text { name, text: bookmark.0 });
        self.commit(changes).await?;
        Ok(Some(found))
    }

    /// Takes what a side has kept for us, and confirms it once its signals are kept. Returns how many records are to be looked
    /// at; none where the side keeps nothing.
    ///
    /// # Errors
    /// Where the side or the store fails. What was not confirmed comes again.
    pub async fn collect(&self, side: Side) -> Result<usize, EngineError> {
        let mut found = 0;
        while let Some(Waiting { ids, is_elsewhere, receipt }) = self.side(side).waiting().await? {
            found += ids.len();
            self.signal(ids).await?;
            if is_elsewhere {
                found += match self.ask_for_news(side).await? {
                    Some(found) => found,
                    None => self.scan(side).await?,
                };
            }
            self.side(side).confirm(&receipt).await?;
        }
        Ok(found)
    }

    /// Walks over the ids and versions of a side: what is new, moved or missing is to be looked at. Returns how many.
    ///
    /// # Errors
    /// Where the side or the store fails, or far fewer records are there than were known.
    pub async fn scan(&self, side: Side) -> Result<usize, EngineError> {
        let mut found = 0;
        for kind in KINDS {
            let mut missing = IdSet::default();
            self.each_known(side, kind, &mut |id| missing.insert(id)).await?;
            let known = missing.len() as u64;
            let mut cursor = None;
            loop {
                let Stamps { stamps, next } = self.side(side).stamps(kind, cursor).await?;
                stamps.iter().for_each(|stamp| missing.remove(&stamp.id));
                let moved = self.moved(stamps).await?;
                found += moved.len();
                self.signal(moved).await?;
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            if self.rules.partial_rights {
                continue;
            }
            let now = known - missing.len() as u64;
            if is_far_fewer(known, now) && !self.accept_fewer {
                return Err(EngineError::Fewer(vec![Fall { side, kind, before: known, now }]));
            }
            found += missing.len();
            // Whether they are gone shows when each is looked at.
            self.signal(missing.into_sorted()).await?;
        }
        Ok(found)
    }

    /// Where news of each side begins that a look which begins now does not show.
    pub(crate) async fn bookmarks(&self) -> Result<Vec<(Side, Bookmark)>, EngineError> {
        let mut bookmarks = Vec::new();
        for side in [Side::Bitrix24, Side::Onec] {
            let news = self.side(side).news(None).await?;
            bookmarks.extend(news.map(|news| (side, news.bookmark)));
        }
        Ok(bookmarks)
    }

    /// A look at everything has come to its end.
    pub(crate) async fn note_looked(&self, bookmarks: Vec<(Side, Bookmark)>) -> Result<(), EngineError> {
        let text = |name: String, text: String| Change::Text { name, text };
        let mut changes = vec![text(LOOKED.to_owned(), self.clock.now().to_string())];
        changes.extend(bookmarks.into_iter().map(|(side, bookmark)| text(bookmark_name(side), bookmark.0)));
        Ok(self.store.apply(changes).await?)
    }

    /// A sync has come to its end.
    pub(crate) async fn note_synced(&self) -> Result<(), EngineError> {
        Ok(self.store.keep(SYNCED, self.clock.now().to_string()).await?)
    }

    /// Tells every record of a side that was ever seen and is not known to be gone.
    pub(crate) async fn each_known(
        &self,
        side: Side,
        kind: Kind,
        told: &mut (dyn FnMut(&RecordId) + Send),
    ) -> Result<(), EngineError> {
        let mut after: Option<RecordId> = None;
        loop {
            let page = self.store.known(side, kind, after.as_ref(), PAGE).await?;
            page.iter().for_each(&mut *told);
            if page.len() < PAGE {
                return Ok(());
            }
            after = page.into_iter().last();
        }
    }

    /// Those that were not seen in this version.
    async fn moved(&self, stamps: Vec<Stamp>) -> Result<Vec<RecordId>, EngineError> {
        let ids: Vec<RecordId> = stamps.iter().map(|stamp| stamp.id.clone()).collect();
        let seen: BTreeMap<RecordId, String> = self.store.versions(&ids).await?.into_iter().collect();
        let is_news = |stamp: &Stamp| match (seen.get(&stamp.id), &stamp.version) {
            (None, _) => true,
            (Some(seen), Some(version)) => seen != version,
            (Some(_), None) => false,
        };
        Ok(stamps.into_iter().filter(is_news).map(|stamp| stamp.id).collect())
    }

    pub(crate) async fn signal(&self, ids: Vec<RecordId>) -> Result<(), EngineError> {
        self.commit(self.signals(ids)).await
    }

    fn signals(&self, ids: Vec<RecordId>) -> Vec<Change> {
        let now = self.clock.now();
        ids.into_iter().map(|id| dirty_now(id, DirtyReason::Signal, now)).collect()
    }
}

fn bookmark_name(side: Side) -> String {
    format!("bookmark:{}", side.word())
}
