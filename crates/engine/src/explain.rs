//! Why a record is as it is: its link, what was decided about it, whom it resembles, and what was written to it.
//!
//! Read from the store alone. It judges nothing anew: resemblance is weighed by the same function that matching uses, and
//! the planner says what the rules keep back.

use obmen_domain::create_rule::Withheld;
use obmen_domain::matching::{Evidence, Verdict, weigh};
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_domain::review::Review;
use obmen_domain::rules::Rules;
use obmen_domain::ruling::{Ruled, Ruling};

use crate::planner::{Capacities, Planner, Surroundings, decisions};
use crate::ports::StoreError;
use crate::store::{Entry, Link, Store};
use crate::surroundings::gather;

/// Everything known about one record.
#[derive(Debug)]
pub struct Explanation {
    /// Which record.
    pub id: RecordId,
    /// It as last read; none when it is gone.
    pub record: Option<Record>,
    /// Its link.
    pub link: Option<Link>,
    /// Why it is not created on the other side, where the rules are the reason.
    pub withheld: Option<Withheld>,
    /// Whether it waits for another look.
    pub is_dirty: bool,
    /// Questions about it.
    pub reviews: Vec<Review>,
    /// Records that share something with it, the closest first.
    pub neighbours: Vec<Neighbour>,
    /// What a person decided about it and records that are gone or share nothing with it.
    pub rulings: Vec<Ruled>,
    /// What was done to it, the oldest first.
    pub journal: Vec<Entry>,
}

/// A record that shares something with the one explained.
#[derive(Debug)]
pub struct Neighbour {
    /// The record.
    pub record: Record,
    /// What they share and what follows from it.
    pub evidence: Evidence,
    /// What a person decided about the two.
    pub ruling: Option<Ruling>,
    /// The record it is linked with.
    pub partner: Option<RecordId>,
}

/// Finds the record a person means: `contact:12`, `company:5` (with or without a side before it), or a reference of 1C.
///
/// # Errors
/// Where the store fails.
pub async fn find(store: &dyn Store, text: &str) -> Result<Option<RecordId>, StoreError> {
    let text = text.trim().to_ascii_lowercase();
    let bare = text.strip_prefix("bitrix24:").or_else(|| text.strip_prefix("onec:")).unwrap_or(&text);
    let (kinds, id) = Kind::ALL
        .into_iter()
        .find_map(|kind| {
            let id = bare.strip_prefix(kind.word())?.strip_prefix(':')?;
            Some((vec![kind], id))
        })
        .unwrap_or((Kind::ALL.to_vec(), bare));
    // A further requisite of a company has a letter before its number.
    let number = id.strip_prefix('r').unwrap_or(id);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let candidates: Vec<RecordId> = kinds
        .into_iter()
        .map(|kind| if is_number { RecordId::bitrix24(kind, id) } else { RecordId::onec(kind, id) })
        .collect();
    if let [only] = candidates.as_slice()
        && is_number
    {
        return Ok(Some(only.clone()));
    }
    for candidate in candidates {
        let one = std::slice::from_ref(&candidate);
        if !store.seen(one).await?.is_empty() || !store.links(one).await?.is_empty() {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Explains a record under the rules of its pair.
///
/// # Errors
/// Where the store fails.
pub async fn explain(store: &dyn Store, id: &RecordId, rules: &Rules) -> Result<Explanation, StoreError> {
    let around = gather(store, id).await?;
    let withheld = withheld(id, &around, rules);
    let record = around.neighbourhood.records.get(id).cloned();
    let link = around.links.iter().find(|link| link.bitrix24 == *id || link.onec == *id).cloned();
    let mut neighbours = Vec::new();
    for other in around.neighbourhood.records.values().filter(|other| other.id != *id) {
        let Some(record) = &record else { break };
        let evidence = weigh(record, other, &around.neighbourhood);
        let ruling = around.neighbourhood.rulings.of(id, &other.id);
        let says_something = ruling.is_some()
            || !evidence.common.is_empty()
            || !matches!(evidence.verdict, Verdict::Nothing | Verdict::Different);
        if says_something {
            let partner = around.partner(&other.id);
            neighbours.push(Neighbour { record: other.clone(), evidence, ruling, partner });
        }
    }
    neighbours.sort_by_key(|neighbour| (closeness(&neighbour.evidence.verdict), neighbour.record.id.clone()));
    let shown = |other: &RecordId| neighbours.iter().any(|neighbour| neighbour.record.id == *other);
    let rulings = store.rulings(std::slice::from_ref(id)).await?;
    Ok(Explanation {
        id: id.clone(),
        withheld,
        rulings: rulings.into_iter().filter(|ruled| !shown(&ruled.first) && !shown(&ruled.second)).collect(),
        record,
        link,
        is_dirty: store.is_dirty(id).await?,
        reviews: store.reviews_of(std::slice::from_ref(id)).await?,
        neighbours,
        journal: store.journal(id).await?,
    })
}

/// What the planner says of it.
fn withheld(id: &RecordId, around: &Surroundings, rules: &Rules) -> Option<Withheld> {
    let capacities = Capacities::new();
    let mut planner = Planner::new(rules, &capacities);
    planner.add(decisions(around), around);
    planner.take().plan.withheld.into_iter().find_map(|(source, reason)| (source == *id).then_some(reason))
}

/// The records of a review with what each two of them share.
#[derive(Debug)]
pub struct Case {
    /// The records as last seen.
    pub records: Vec<Record>,
    /// Pairs of positions in `records` that are worth a word.
    pub pairs: Vec<(usize, usize, Evidence)>,
}

/// Lays a review out, side by side.
///
/// # Errors
/// Where the store fails.
pub async fn lay_out(store: &dyn Store, review: &Review) -> Result<Case, StoreError> {
    let records = store.seen(&review.records).await?;
    let mut pairs = Vec::new();
    if let Some(first) = records.first() {
        let around = gather(store, &first.id).await?.neighbourhood;
        for (a, left) in records.iter().enumerate() {
            for (b, right) in records.iter().enumerate().skip(a + 1) {
                let evidence = weigh(left, right, &around);
                if !evidence.common.is_empty() || evidence.verdict != Verdict::Nothing {
                    pairs.push((a, b, evidence));
                }
            }
        }
    }
    Ok(Case { records, pairs })
}

fn closeness(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Same(_) => 0,
        Verdict::Doubtful(_) => 1,
        Verdict::Different => 2,
        Verdict::Nothing => 3,
    }
}
