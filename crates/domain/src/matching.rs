//! Matching of records without a link: which of them are one party, which need a person, which are new.
//!
//! The input is a [`Neighbourhood`]: records of one kind and of both sides that share keys, with the links they
//! stand in. The output does not depend on the order of the records. A wrong link is worse than a question; a
//! needless question is worse than a right link. Not responsible for reading records or for creating them.

mod cluster;
mod doubts;
mod evidence;
mod names;
pub mod obvious;
mod organizations;
mod person_names;
mod persons;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

pub use evidence::{CommonKey, Evidence, Verdict};
pub use scene::{WIDESPREAD, is_weak};

use crate::forms::placeholder::names_a_post;
use crate::key::{Key, is_nameless};
use crate::plan::LinkReason;
use crate::record::{Catalog, Record, RecordId, Side, Standing};
use crate::review::{AskReason, Review, ReviewKind};
use crate::ruling::{Ruling, Rulings};
use cluster::Clusters;
use doubts::Doubts;
use scene::{Candidate, Scene, echo_of};

/// Records of one kind that share keys, and what is known about them.
#[derive(Debug, Clone, Default)]
pub struct Neighbourhood {
    /// The records of both sides.
    pub records: BTreeMap<RecordId, Record>,
    /// Links among them: Bitrix24 and 1C record.
    pub links: BTreeSet<(RecordId, RecordId)>,
    /// How many records of a side hold a key, where it is more than one; the greater number of both sides.
    pub holders: BTreeMap<Key, usize>,
    /// What people decided about records here.
    pub rulings: Rulings,
}

impl Neighbourhood {
    /// How many records of a side hold a key.
    fn holders(&self, key: &Key) -> usize {
        self.holders.get(key).copied().unwrap_or(1)
    }
}

/// What matching says about records without a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Two records are one party. Where one of them stands in a link with a record that is gone or marked, that link ends.
    Link {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
        /// What speaks for it.
        reason: LinkReason,
    },
    /// A party that the other side does not have. One without a name of its own is matched, but never new.
    New {
        /// Its fullest record.
        source: RecordId,
    },
    /// A case for a person; its records are held.
    Ask(Review),
}

/// Decides about every record of a neighbourhood that has no link. Sorted.
pub fn decide(neighbourhood: &Neighbourhood) -> Vec<Decision> {
    let living = Scene::living(neighbourhood);
    let scene = Scene::of(&living, neighbourhood);
    let marked: Vec<&Record> =
        neighbourhood.records.values().filter(|record| record.standing == Standing::Marked).collect();
    let clusters = Clusters::find(&living, &scene);
    let Doubts { mut questions, held } = Doubts::among(&clusters);
    let mut decisions = Vec::new();
    for (root, members) in clusters.groups() {
        if let Some(reason) = clusters.contradiction(&members) {
            questions.push(review(ReviewKind::Match, reason, &members));
            continue;
        }
        let mut found = Vec::new();
        resolve(&members, &clusters, &marked, &mut questions, &mut found);
        for decision in found {
            let Decision::New { source } = &decision else {
                decisions.push(decision);
                continue;
            };
            if held.contains(&root) || neighbourhood.rulings.leaves_alone(source) {
                continue;
            }
            // A copy of a card without a key and without a readable name would tell nobody who it is.
            let is_bare = |record: &&&Record| record.id == *source && persons::tells_nobody(&record.party);
            match members.iter().find(is_bare) {
                Some(record) => {
                    questions.push(review(ReviewKind::Refused, AskReason::NothingReadable, &[record]));
                }
                None => decisions.push(decision),
            }
        }
    }
    questions.sort_by(|a, b| (a.kind, &a.records).cmp(&(b.kind, &b.records)));
    questions.dedup_by(|later, first| later.kind == first.kind && later.records == first.records);
    decisions.extend(questions.into_iter().map(Decision::Ask));
    decisions.sort_by_key(order);
    decisions
}

/// What speaks for and against two records being one party, as [`decide`] weighs it.
pub fn weigh(a: &Record, b: &Record, neighbourhood: &Neighbourhood) -> Evidence {
    let living = Scene::living(neighbourhood);
    let scene = Scene::of(&living, neighbourhood);
    let within = |record| Candidate::within(record, neighbourhood);
    evidence::evidence_of(&within(a), &within(b), &scene)
}

/// The rank of a 1C catalog as the main record of a party: counterparty, contact person, individual.
fn catalog_rank(catalog: Catalog) -> u8 {
    match catalog {
        Catalog::Bitrix24 | Catalog::Counterparty => 0,
        Catalog::ContactPerson => 1,
        Catalog::Individual => 2,
    }
}

fn resolve(
    members: &[&Record],
    clusters: &Clusters<'_>,
    marked: &[&Record],
    questions: &mut Vec<Review>,
    decisions: &mut Vec<Decision>,
) {
    let neighbourhood = clusters.scene.around;
    let lefts = ranked(members, Side::Bitrix24);
    let rights = ranked(members, Side::Onec);
    let members_hold = |id: &RecordId| members.iter().any(|member| member.id == *id);
    let link = neighbourhood.links.iter().find(|(left, right)| members_hold(left) && members_hold(right));
    let widowed = members.iter().any(|member| is_linked(member, neighbourhood));
    let (kept_left, kept_right) = match link {
        Some((left, right)) => {
            let find = |id: &RecordId| members.iter().find(|member| member.id == *id).copied();
            (find(left), find(right))
        }
        None if let Some((kept, echo)) = with_echo(members, neighbourhood) => match kept.id.side {
            Side::Bitrix24 => (Some(kept), Some(echo)),
            Side::Onec => (Some(echo), Some(kept)),
        },
        None if let Some((left, right, reason)) = heir(members, &lefts, &rights, clusters) => {
            decisions.push(Decision::Link { bitrix24: left.id.clone(), onec: right.id.clone(), reason });
            (Some(left), Some(right))
        }
        None if widowed => {
            if members.iter().any(|member| !is_linked(member, neighbourhood)) {
                questions.push(review(ReviewKind::Match, AskReason::Deleted, members));
            }
            return;
        }
        None => clusters.best_pair(&lefts, &rights).map_or_else(
            || (lefts.first().copied(), rights.first().copied()),
            |(left, right, reason)| {
                decisions.push(Decision::Link { bitrix24: left.id.clone(), onec: right.id.clone(), reason });
                (Some(left), Some(right))
            },
        ),
    };
    ask_about_twins(kept_left, &lefts, neighbourhood, questions);
    ask_about_twins(kept_right, &rights, neighbourhood, questions);
    match (kept_left, kept_right) {
        // Any record of the party may have had a partner that is marked.
        (Some(left), None) => {
            let dead = lefts.iter().find_map(|one| Some((*one, clusters.marked_match(one, marked)?)));
            match dead {
                Some((one, dead)) => {
                    questions.push(review(ReviewKind::Match, AskReason::OnlyMatchMarked, &[one, dead]));
                }
                None if is_nameless(&left.party) => {}
                None => decisions.push(Decision::New { source: left.id.clone() }),
            }
        }
        (None, Some(right)) if right.catalog != Catalog::Individual && !is_nameless(&right.party) => {
            let widow = rights.iter().find_map(|one| Some((*one, clusters.partner_of_marked(one, marked)?)));
            match widow {
                Some((one, left)) => {
                    questions.push(review(ReviewKind::Match, AskReason::OnlyMatchMarked, &[left, one]));
                }
                None => decisions.push(Decision::New { source: right.id.clone() }),
            }
        }
        _ => {}
    }
}

/// Where the partner of the only linked record is gone or marked for deletion, the record in which its link goes on: the two
/// were merged, one was replaced by the other, or one of twins was deleted.
fn heir<'a>(
    members: &[&'a Record],
    lefts: &[&'a Record],
    rights: &[&'a Record],
    clusters: &Clusters<'a>,
) -> Option<(&'a Record, &'a Record, LinkReason)> {
    let around = clusters.scene.around;
    let mut linked = members.iter().copied().filter(|member| is_linked(member, around));
    let (Some(widow), None) = (linked.next(), linked.next()) else { return None };
    let (left, right) = around.links.iter().find(|(left, right)| [left, right].contains(&&widow.id))?;
    let gone = if *left == widow.id { right } else { left };
    let lives = |record: &Record| record.standing != Standing::Marked;
    if around.records.get(gone).is_some_and(lives) || around.rulings.part(left, right) {
        return None;
    }
    match widow.id.side {
        Side::Bitrix24 => clusters.best_pair(&[widow], rights),
        Side::Onec => clusters.best_pair(lefts, &[widow]),
    }
}

/// A record of a cluster whose partner is its copy, and that copy.
fn with_echo<'a>(members: &[&'a Record], around: &'a Neighbourhood) -> Option<(&'a Record, &'a Record)> {
    members.iter().find_map(|member| Some((*member, echo_of(member, around)?)))
}

/// Whether a record stands in a link.
fn is_linked(record: &Record, neighbourhood: &Neighbourhood) -> bool {
    neighbourhood.links.iter().any(|(left, right)| *left == record.id || *right == record.id)
}

/// In every catalog one record takes part, the kept one or the fullest; the others, not linked elsewhere, wait for a person.
fn ask_about_twins(
    kept: Option<&Record>,
    side: &[&Record],
    neighbourhood: &Neighbourhood,
    questions: &mut Vec<Review>,
) {
    let catalogs: BTreeSet<Catalog> = side.iter().map(|record| record.catalog).collect();
    for catalog in catalogs {
        let of_it = || side.iter().copied().filter(|record| record.catalog == catalog);
        let Some(kept) = kept.filter(|kept| kept.catalog == catalog).or_else(|| of_it().next()) else {
            continue;
        };
        let twins: Vec<&Record> = of_it()
            .filter(|record| record.id != kept.id && !is_linked(record, neighbourhood))
            .filter(|record| neighbourhood.rulings.of(&kept.id, &record.id) != Some(Ruling::Same))
            .collect();
        if twins.is_empty() {
            continue;
        }
        let all: Vec<&Record> = std::iter::once(kept).chain(twins).collect();
        questions.push(review(ReviewKind::Twins, AskReason::FullerRecordTakesPart, &all));
    }
}

/// One side's members: main catalog first, then the fullest, then by id.
fn ranked<'a>(members: &[&'a Record], side: Side) -> Vec<&'a Record> {
    let mut found: Vec<&Record> = members.iter().copied().filter(|record| record.id.side == side).collect();
    found.sort_by_key(|record| {
        (catalog_rank(record.catalog), std::cmp::Reverse(fullness(record)), record.id.clone())
    });
    found
}

/// How much a record says.
fn fullness(record: &Record) -> usize {
    let party = &record.party;
    let points = party.phones().len() + party.emails().len();
    let name = party.display_name();
    let words = if names_a_post(&name) { 0 } else { name.split_whitespace().count() };
    points * 2 + words + usize::from(!party.inn().is_empty()) * 3 + usize::from(!party.employers().is_empty())
}

fn review(kind: ReviewKind, reason: AskReason, records: &[&Record]) -> Review {
    let ids: BTreeSet<RecordId> = records.iter().map(|record| record.id.clone()).collect();
    let party = records.first().map_or(crate::record::Kind::Contact, |record| record.id.kind);
    Review { kind, party, records: ids.into_iter().collect(), fields: Vec::new(), reason }
}

fn order(decision: &Decision) -> (u8, Vec<RecordId>) {
    match decision {
        Decision::Link { bitrix24, onec, .. } => (0, vec![bitrix24.clone(), onec.clone()]),
        Decision::New { source } => (1, vec![source.clone()]),
        Decision::Ask(review) => (2, review.records.clone()),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
