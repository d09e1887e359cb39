//! The store's interface: a few questions, and changes committed together.
//!
//! Everything one decision makes necessary goes into one [`Store::apply`]: that is what makes an effect happen once.
//! A handle is for one pair. Not responsible for what the changes mean.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::key::{Key, Stretch};
use obmen_domain::matching::obvious::Place;
use obmen_domain::party::{Field, Party};
use obmen_domain::plan::{FieldChange, LinkReason};
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::review::Review;
use obmen_domain::ruling::{Ruled, Ruling};
use serde::{Deserialize, Serialize};

use crate::ports::{BoxFuture, Memory, StoreError};

/// Is told a key of the index, and the side and place of one of its holders.
pub type ToldKey<'a> = &'a mut (dyn FnMut(&str, Side, Place) + Send);

/// Is told the place of a record.
pub type ToldPlace<'a> = &'a mut (dyn FnMut(Place) + Send);

/// What is known about one pair.
pub trait Store: Memory {
    /// Commits all changes in one transaction, or none.
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Records as last seen. Unknown ones are missing from the answer.
    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>>;

    /// The versions of records as last seen. Unknown ones are missing from the answer.
    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>>;

    /// The records of a side that were seen, in an order of the store's own, those after `after` only.
    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>>;

    /// Who holds these keys, of this kind, on both sides; at most `limit` records a key and side, in the order of
    /// their ids, and how many there are in all.
    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>>;

    /// Tells every key of a kind that stands in a stretch of the index, with each of its holders, in the order of the index.
    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Tells the records of a kind about which more than their keys speaks: they stand in a link or a ruling, hold a stored
    /// id or are named by one, or do not take part. One may be told several times.
    fn each_entangled<'a>(&'a self, kind: Kind, told: ToldPlace<'a>)
    -> BoxFuture<'a, Result<(), StoreError>>;

    /// Where the store keeps these records, in the order they are asked for.
    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>>;

    /// The records that the store keeps at these places, in the order they are asked for.
    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>>;

    /// The links in which these records stand.
    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>>;

    /// People whose employer is one of these companies, as seen.
    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>>;

    /// Dirty rows of a kind that are due, ordered by record id, those after `after` only.
    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>>;

    /// Of all rows that are due those of so many objects that are due longest, of so many others that were signalled last, and of
    /// the records linked with them; each once, ordered by record id. A company and a person with one reference of 1C are one
    /// object.
    fn share(
        &self,
        now: Timestamp,
        longest: usize,
        latest: usize,
    ) -> BoxFuture<'_, Result<Vec<Dirty>, StoreError>>;

    /// Whether a record has a dirty row, due or not.
    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// When the next dirty row falls due after `now`, whatever its kind.
    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>>;

    /// Writes whose outcome is not settled.
    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>>;

    /// Open reviews, ordered by id.
    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>>;

    /// The open review of this id.
    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>>;

    /// Open reviews that concern any of these records.
    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>>;

    /// What people decided about these records, sorted.
    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>>;

    /// Journal entries of a record, the oldest first.
    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>>;

    /// Of these records, those with at least so many journal entries since a moment.
    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>>;

    /// The runs that wrote something, the latest first.
    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>>;

    /// Records that a run wrote, each once: by kind, side and the text of the id, those after `after` only.
    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>>;

    /// Figures for `status`.
    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>>;
}

/// One change of what is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A record was read: replaces what was seen of it, with its keys and employers.
    Seen(Box<Record>),
    /// A record does not exist any more.
    Gone(RecordId),
    /// A record needs a look. One row a record: a further signal moves `gen` on, takes the earlier `due`, resets
    /// attempts. A settled write is no news about the record: it leaves them. A sweep does not answer a signal, which may
    /// tell of something that came after what was read.
    Dirty {
        /// The record.
        id: RecordId,
        /// Why.
        reason: DirtyReason,
        /// When this was known: a row keeps the earliest, however often it is put off.
        since: Timestamp,
        /// Not before.
        due: Timestamp,
    },
    /// Every record seen needs a look, since the rules are others now; what was seen is fresh enough for it.
    AllDirty {
        /// Not before.
        due: Timestamp,
    },
    /// A look is finished: the row goes where its `gen` is still this one.
    Clean {
        /// The record.
        id: RecordId,
        /// The generation that was looked at.
        generation: i64,
    },
    /// A look is put off: where `gen` is still this one, the row gets a new due time, a reason, a count of attempts.
    Postpone {
        /// The record.
        id: RecordId,
        /// The generation that was looked at.
        generation: i64,
        /// Why.
        reason: DirtyReason,
        /// Failed attempts so far.
        attempts: u32,
        /// Not before.
        due: Timestamp,
    },
    /// Two records are one party. An existing link of either record is an error, unless it is the very same pair.
    Link {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
        /// What spoke for it.
        reason: LinkReason,
    },
    /// A link ends; its base goes with it. One that does not exist changes nothing.
    Unlink {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
    },
    /// What a person decided about two records; a later decision about the same two replaces it.
    Rule(Ruled),
    /// The state both sides agree on.
    Base {
        /// The Bitrix24 record of the link.
        bitrix24: RecordId,
        /// The party, in Bitrix24 terms.
        party: Box<Party>,
    },
    /// A write is about to be sent. One a source record.
    Intent(Intent),
    /// The outcome of a write is settled.
    Settled {
        /// The intent's record.
        record: RecordId,
    },
    /// A case for a person; the same case again changes nothing.
    Review(Box<Review>),
    /// A case is over.
    ReviewClosed {
        /// The review's id.
        id: String,
    },
    /// A write, for the journal.
    Journal(Box<Entry>),
    /// A named text, see [`Memory`].
    Text {
        /// Its name.
        name: String,
        /// The text.
        text: String,
    },
}

/// Who holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    /// The key.
    pub key: Key,
    /// The first of them, in the order of their ids.
    pub records: Vec<RecordId>,
    /// How many there are, by side.
    pub count: BTreeMap<Side, usize>,
}

/// Two records that are one party.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The Bitrix24 record.
    pub bitrix24: RecordId,
    /// The 1C record.
    pub onec: RecordId,
    /// What spoke for it.
    pub reason: LinkReason,
    /// The last state both sides agreed on, in Bitrix24 terms; none before they first agreed.
    pub base: Option<Party>,
}

/// A record that needs a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirty {
    /// The record.
    pub id: RecordId,
    /// Moves on with each signal.
    pub generation: i64,
    /// Why.
    pub reason: DirtyReason,
    /// Not before.
    pub due: Timestamp,
    /// Failed looks since the last signal.
    pub attempts: u32,
    /// When the first signal came.
    pub since: Timestamp,
}

/// Why a record needs a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirtyReason {
    /// A sweep saw it new or changed: what was seen is fresh, nothing needs to be read.
    Swept,
    /// A signal, or a write whose result has to be seen.
    Signal,
    /// It waits for its company.
    WaitsForCompany,
    /// A write failed and is tried again.
    Retry,
    /// A write of unknown outcome was settled.
    Settled,
    /// Something it depends on was linked or changed.
    Related,
}

/// A write that is about to be sent, or was sent and not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// For a create the source record, for others the record itself. One intent a record.
    pub record: RecordId,
    /// What is written.
    pub action: IntentAction,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// What an intent is about to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntentAction {
    /// A new record on the other side, with this id where the side lets the writer choose.
    Create {
        /// The derived id.
        derived_id: Option<String>,
    },
    /// A change of the record.
    Update {
        /// What is to change: the journal takes it when no answer came, since what was replaced stands nowhere else.
        changes: Vec<FieldChange>,
    },
    /// A record that we had made goes.
    Mark {
        /// The record it was made from.
        source: RecordId,
    },
}

/// A write in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written down.
    pub at: Timestamp,
    /// The run it belongs to.
    pub run: String,
    /// The record written, or linked.
    pub record: RecordId,
    /// What was done.
    pub event: Event,
}

/// What the journal keeps of a write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Two records were linked.
    Linked {
        /// The other record.
        with: RecordId,
        /// What spoke for it.
        reason: LinkReason,
    },
    /// A link ended.
    Unlinked {
        /// The other record.
        with: RecordId,
        /// Fields that keep what the link had brought, since somebody changed them afterwards.
        kept: Vec<Field>,
    },
    /// A person decided about two records.
    Ruled {
        /// The other record.
        with: RecordId,
        /// What was decided.
        ruling: Ruling,
    },
    /// A person chose whose value of a field stands.
    Chosen {
        /// The field.
        field: Field,
        /// The side whose value stands.
        side: Side,
    },
    /// A person took it up again after it had been held.
    Retried {},
    /// A record was created by us.
    Created {
        /// The record it was made from.
        source: RecordId,
        /// What it said when it had been made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<Box<Party>>,
    },
    /// A record that we had made was marked for deletion, or deleted into the recycle bin.
    Marked {
        /// The record it was made from.
        source: RecordId,
    },
    /// Fields were changed by us; values before and after.
    Updated {
        /// The changes.
        changes: Vec<FieldChange>,
    },
    /// Our write met a version we had not planned on; the values it replaced.
    Overwrote {
        /// The record as it stood.
        party: Box<Party>,
    },
    /// Data were refused.
    Refused {
        /// The side's own words.
        words: String,
    },
    /// A write went out and no answer came: it may have had its effect.
    Unanswered {
        /// What it was to change, values before and after; nothing for a create.
        changes: Vec<FieldChange>,
    },
}

/// A run, as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// When it wrote its first entry.
    pub began: Timestamp,
    /// When it wrote its last one.
    pub ended: Timestamp,
    /// How many entries it wrote, by what was done and the record's side, as `created:onec`.
    pub counts: BTreeMap<String, u64>,
}

/// Figures for `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Records seen, by side and kind, as `bitrix24:contact`.
    pub seen: BTreeMap<String, u64>,
    /// Links, by kind.
    pub links: BTreeMap<String, u64>,
    /// Dirty rows, by reason.
    pub dirty: BTreeMap<String, u64>,
    /// Open reviews, by kind.
    pub reviews: BTreeMap<String, u64>,
    /// Writes without a settled outcome.
    pub intents: u64,
}
