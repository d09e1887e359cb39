//! What a person decides about records: kept in the store, carried out by the next round of the engine.
//!
//! Not responsible for asking, nor for any write to a side. Invariant: a decision and everything it makes necessary are one
//! commit.

use std::collections::BTreeSet;

use jiff::Timestamp;
use obmen_domain::party::{Field, Party, Value};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::{Review, ReviewKind};
use obmen_domain::rules::Rules;
use obmen_domain::ruling::{Ruled, Ruling};
use thiserror::Error;

use crate::due_rows::DueRows;
use crate::ports::StoreError;
use crate::store::{Change, DirtyReason, Entry, Event, Link, Store};
use crate::surroundings::partners;

/// Dirty rows are read in pages of this many.
const PAGE: usize = 500;

/// Why a decision cannot be taken. Nothing was changed.
#[derive(Debug, Error)]
pub enum Objection {
    /// Neither record was ever read.
    #[error("find {0} among the records read")]
    Unknown(RecordId),
    /// A record and itself, or a person and a firm.
    #[error("compare {0} with {1}: they are of one kind and not the same record")]
    NotComparable(RecordId, RecordId),
    /// One of them is linked with a third record.
    #[error("link {record}: it is linked with {with}")]
    LinkedElsewhere {
        /// The record.
        record: RecordId,
        /// Its partner.
        with: RecordId,
    },
    /// One of them is marked for deletion, or left out.
    #[error("link {0}: it does not take part")]
    DoesNotTakePart(RecordId),
    /// No write of it was refused, and none waits to be tried again.
    #[error("find a write of {0} that waits")]
    NothingWaits(RecordId),
    /// There is no open review of this id.
    #[error("find the open review {0}")]
    NoReview(String),
    /// The review is not about this field's two values.
    #[error("choose a value of {0} in this review")]
    NothingToChoose(Field),
    /// The chosen side has taken a company away from the person, and obmen takes none away.
    #[error("take a company away from a person, as {side} did", side = .0.word())]
    EndsEmployment(Side),
    /// The value is that of neither side.
    #[error("choose a value that neither side holds")]
    NeitherValue {
        /// What Bitrix24 holds.
        bitrix24: String,
        /// What 1C holds.
        onec: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who decides, and when: what the journal keeps of it.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The moment.
    pub at: Timestamp,
    /// The run it is written down under.
    pub run: String,
}

/// Two records are one party: those of two sides are linked, of two on one side only one takes part.
///
/// # Errors
/// Where a record is unknown, does not take part, or is linked with a third.
pub async fn link(
    store: &dyn Store,
    a: &RecordId,
    b: &RecordId,
    occasion: &Occasion,
) -> Result<(), Objection> {
    let records = comparable(store, a, b).await?;
    for id in [a, b] {
        let record = find(&records, id).ok_or_else(|| Objection::Unknown(id.clone()))?;
        if record.standing != Standing::TakesPart {
            return Err(Objection::DoesNotTakePart(id.clone()));
        }
    }
    let mut changes = ruled(store, a, b, Ruling::Same, occasion).await?;
    if a.side != b.side {
        let (bitrix24, onec) = if a.side == Side::Bitrix24 { (a, b) } else { (b, a) };
        for link in store.links(&[a.clone(), b.clone()]).await? {
            if link.bitrix24 != *bitrix24 {
                return Err(Objection::LinkedElsewhere { record: onec.clone(), with: link.bitrix24 });
            }
            if link.onec != *onec {
                return Err(Objection::LinkedElsewhere { record: bitrix24.clone(), with: link.onec });
            }
        }
        let reason = LinkReason::Decision;
        changes.push(Change::Link { bitrix24: bitrix24.clone(), onec: onec.clone(), reason });
        changes.push(occasion.entry(bitrix24, Event::Linked { with: onec.clone(), reason }));
    }
    Ok(store.apply(changes).await?)
}

/// Two records are two parties, for ever. A link between them ends in the next round, and what it brought is taken back.
///
/// # Errors
/// Where neither record is known.
pub async fn separate(
    store: &dyn Store,
    a: &RecordId,
    b: &RecordId,
    occasion: &Occasion,
) -> Result<Ruling, Objection> {
    let records = comparable(store, a, b).await?;
    let links = store.links(&[a.clone(), b.clone()]).await?;
    let link = links
        .iter()
        .find(|link| (&link.bitrix24, &link.onec) == (a, b) || (&link.bitrix24, &link.onec) == (b, a));
    if records.is_empty() && link.is_none() {
        return Err(Objection::Unknown(a.clone()));
    }
    let is_end = |link: &Link| link.reason == LinkReason::Copy || records.len() < 2;
    let is_tombstone = link.is_some_and(is_end) || is_deletion(store, a, b).await?;
    let ruling = if is_tombstone { Ruling::Ended } else { Ruling::Apart };
    store.apply(ruled(store, a, b, ruling, occasion).await?).await?;
    Ok(ruling)
}

/// Whether a person is asked about the deletion of one of two linked records: where both are there by now, the answer means
/// the same.
async fn is_deletion(store: &dyn Store, a: &RecordId, b: &RecordId) -> Result<bool, StoreError> {
    let reviews = store.reviews_of(std::slice::from_ref(a)).await?;
    let of_both = |review: &Review| review.kind == ReviewKind::Deletion && review.records.contains(b);
    Ok(reviews.iter().any(of_both))
}

/// Takes up again what was refused, given up or put off: of these records, or of all where none is named. Returns the
/// records taken up, sorted.
///
/// # Errors
/// Where nothing of a named record waits.
pub async fn retry(
    store: &dyn Store,
    named: &[RecordId],
    occasion: &Occasion,
) -> Result<Vec<RecordId>, Objection> {
    let reviews = if named.is_empty() { store.reviews().await? } else { store.reviews_of(named).await? };
    let letters: Vec<Review> = reviews.into_iter().filter(Review::is_dead_letter).collect();
    let mut records: BTreeSet<RecordId> =
        letters.iter().flat_map(|review| review.records.iter().cloned()).collect();
    records.extend(put_off(store, named).await?);
    if let Some(idle) = named.iter().find(|id| !records.contains(id)) {
        return Err(Objection::NothingWaits(idle.clone()));
    }
    let mut changes: Vec<Change> =
        letters.iter().map(|review| Change::ReviewClosed { id: review.id() }).collect();
    changes.extend(records.iter().map(|id| occasion.dirty(id)));
    // Writes are counted anew from here on.
    let held = letters.iter().filter(|review| !review.ends_by_itself()).flat_map(|review| &review.records);
    changes.extend(held.map(|id| occasion.entry(id, Event::Retried {})));
    store.apply(changes).await?;
    Ok(records.into_iter().collect())
}

/// Records whose next attempt has its time: of the named ones, or of all.
async fn put_off(store: &dyn Store, named: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let mut rows = DueRows::of(store, kind, Timestamp::MAX, PAGE);
        while let Some(page) = rows.next_page().await? {
            let retried = page.into_iter().filter(|row| row.reason == DirtyReason::Retry);
            found.extend(retried.map(|row| row.id).filter(|id| named.is_empty() || named.contains(id)));
        }
    }
    Ok(found)
}

/// The value of one side stands: of a field that both sides changed. Returns the side.
///
/// `value` is the name of a side, or what one of them holds.
///
/// # Errors
/// Where the review, its field or the value is not one of those in question.
pub async fn choose(
    store: &dyn Store,
    rules: &Rules,
    review: &str,
    field: Field,
    value: &str,
    occasion: &Occasion,
) -> Result<Side, Objection> {
    let open = store.review(review).await?.ok_or_else(|| Objection::NoReview(review.to_owned()))?;
    let nothing = || Objection::NothingToChoose(field);
    if open.kind != ReviewKind::Conflict || !open.fields.contains(&field) {
        return Err(nothing());
    }
    let records = store.seen(&open.records).await?;
    let of = |side: Side| records.iter().find(|record| record.id.side == side);
    let (left, right) = (of(Side::Bitrix24).ok_or_else(nothing)?, of(Side::Onec).ok_or_else(nothing)?);
    let link = store.links(std::slice::from_ref(&left.id)).await?.pop().ok_or_else(nothing)?;
    let side = chosen(left, right, field, value)?;
    // Three-way merging takes the value that differs from the base: the base becomes what the other side holds.
    let loser = if side == Side::Bitrix24 { right } else { left };
    let mut base: Party = link.base.ok_or_else(nothing)?;
    let unsettled = if field == Field::Company {
        // Companies that were never agreed on are joined. Taking them away would end an employment.
        match taken_away(store, left, right, &base).await? {
            Some((by, companies)) if by != side => without(&base, &companies),
            Some(_) => return Err(Objection::EndsEmployment(side)),
            None => return Err(nothing()),
        }
    } else {
        let held = loser.party.value(field).ok_or_else(nothing)?;
        in_terms_of_bitrix24(rules, loser, field, held)
    };
    base.set(field, unsettled);
    let mut changes = vec![
        Change::Base { bitrix24: left.id.clone(), party: Box::new(base) },
        occasion.entry(&left.id, Event::Chosen { field, side }),
        occasion.entry(&right.id, Event::Chosen { field, side }),
    ];
    changes.extend(open.records.iter().map(|id| occasion.dirty(id)));
    store.apply(changes).await?;
    Ok(side)
}

/// A base is in the terms of Bitrix24, as all that was agreed on.
fn in_terms_of_bitrix24(rules: &Rules, record: &Record, field: Field, held: Value) -> Value {
    match (record.id.side, field, held) {
        (Side::Onec, Field::Configured(name), Value::Text(text)) => {
            let known = rules.configured(record.id.kind, name);
            Value::Text(known.map_or_else(|| text.clone(), |known| known.of_onec(&text)))
        }
        (_, _, held) => held,
    }
}

/// The side whose companies can be chosen for a person: the one that still holds what the other has taken away.
///
/// # Errors
/// Where the store fails.
pub async fn keeps_companies(store: &dyn Store, records: &[Record]) -> Result<Option<Side>, StoreError> {
    let of = |side: Side| records.iter().find(|record| record.id.side == side);
    let (Some(left), Some(right)) = (of(Side::Bitrix24), of(Side::Onec)) else { return Ok(None) };
    let link = store.links(std::slice::from_ref(&left.id)).await?.pop();
    let Some(base) = link.and_then(|link| link.base) else { return Ok(None) };
    Ok(taken_away(store, left, right, &base).await?.map(|(by, _)| by.other()))
}

/// Which side has taken agreed companies away from a person that the other still has, and which, in Bitrix24 terms. What
/// Bitrix24 took away comes first: an owner in 1C stands for one company only.
async fn taken_away(
    store: &dyn Store,
    left: &Record,
    right: &Record,
    base: &Party,
) -> Result<Option<(Side, Vec<RecordId>)>, StoreError> {
    let (here, there) = (left.party.employers(), right.party.employers());
    let partners = partners(store, &[here, there].concat()).await?;
    let is_agreed = |company: &&RecordId| base.employers().contains(company);
    let by_bitrix24: Vec<RecordId> = there
        .iter()
        .filter_map(|company| partners.get(company))
        .filter(|company| !here.contains(company))
        .filter(is_agreed)
        .cloned()
        .collect();
    if !by_bitrix24.is_empty() {
        return Ok(Some((Side::Bitrix24, by_bitrix24)));
    }
    let is_missing_there =
        |company: &&RecordId| partners.get(company).is_some_and(|partner| !there.contains(partner));
    let by_onec: Vec<RecordId> = here.iter().filter(is_missing_there).filter(is_agreed).cloned().collect();
    Ok(Some((Side::Onec, by_onec)).filter(|(_, companies)| !companies.is_empty()))
}

fn without(base: &Party, companies: &[RecordId]) -> Value {
    let left = base.employers().iter().filter(|company| !companies.contains(company));
    Value::Employers(left.cloned().collect())
}

/// Both records as seen; one that is gone is missing.
async fn comparable(store: &dyn Store, a: &RecordId, b: &RecordId) -> Result<Vec<Record>, Objection> {
    if a == b || a.kind != b.kind {
        return Err(Objection::NotComparable(a.clone(), b.clone()));
    }
    Ok(store.seen(&[a.clone(), b.clone()]).await?)
}

fn find<'a>(records: &'a [Record], id: &RecordId) -> Option<&'a Record> {
    records.iter().find(|record| record.id == *id)
}

fn chosen(left: &Record, right: &Record, field: Field, value: &str) -> Result<Side, Objection> {
    let text =
        |record: &Record| record.party.value(field).map_or_else(String::new, |value| value.to_string());
    let (bitrix24, onec) = (text(left), text(right));
    match value.trim() {
        "bitrix24" => Ok(Side::Bitrix24),
        "onec" => Ok(Side::Onec),
        value if value == bitrix24.trim() => Ok(Side::Bitrix24),
        value if value == onec.trim() => Ok(Side::Onec),
        _ => Err(Objection::NeitherValue { bitrix24, onec }),
    }
}

/// A ruling, its journal, another look at both records, and the end of the reviews it answers.
async fn ruled(
    store: &dyn Store,
    a: &RecordId,
    b: &RecordId,
    ruling: Ruling,
    occasion: &Occasion,
) -> Result<Vec<Change>, StoreError> {
    let answers = |review: &Review| review.records.contains(a) && review.records.contains(b);
    let reviews = store.reviews_of(std::slice::from_ref(a)).await?;
    let answered = reviews.iter().filter(|review| answers(review));
    let mut changes = vec![Change::Rule(Ruled::new(a.clone(), b.clone(), ruling))];
    for (id, with) in [(a, b), (b, a)] {
        changes.push(occasion.entry(id, Event::Ruled { with: with.clone(), ruling }));
        changes.push(occasion.dirty(id));
    }
    changes.extend(answered.map(|review| Change::ReviewClosed { id: review.id() }));
    Ok(changes)
}

impl Occasion {
    fn entry(&self, record: &RecordId, event: Event) -> Change {
        let entry = Entry { at: self.at, run: self.run.clone(), record: record.clone(), event };
        Change::Journal(Box::new(entry))
    }

    fn dirty(&self, id: &RecordId) -> Change {
        Change::Dirty { id: id.clone(), reason: DirtyReason::Signal, since: self.at, due: self.at }
    }
}
