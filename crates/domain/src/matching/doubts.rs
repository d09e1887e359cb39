//! Doubts: what the evidence leaves open between parties, put into cases that a person can decide.
//!
//! A case names records of which each shares something with every other. A chain of neighbours is no case: whoever
//! decides about its one end would have to look at strangers.

use std::collections::BTreeSet;

use super::cluster::Clusters;
use super::review;
use super::scene::Candidate;
use crate::forms::person_name::NameAgreement;
use crate::party::Party;
use crate::record::{Catalog, Record};
use crate::review::{AskReason, Review, ReviewKind};

/// What is in doubt among the clusters.
pub(super) struct Doubts {
    /// The cases.
    pub(super) questions: Vec<Review>,
    /// Roots of the parties that are not copied before their case is decided.
    pub(super) held: BTreeSet<usize>,
}

impl Doubts {
    pub(super) fn among(clusters: &Clusters<'_>) -> Self {
        let mut found =
            Found { clusters, doubts: BTreeSet::new(), held: BTreeSet::new(), asked_across: BTreeSet::new() };
        for (a, b, reason) in clusters.doubtful() {
            let [x, y] = [a, b].map(|position| clusters.candidates[position].record);
            if x.id.side != y.id.side {
                found.across(a, b, reason);
            } else if may_be_twins(clusters, a, b, reason) {
                found.twins(a, b, reason);
            }
        }
        found.beside_open_ones();
        found.wait_for_each_other();
        let held = found.held;
        Self { questions: into_cases(found.doubts, clusters), held }
    }
}

/// A doubt about two records, with those that belong to the question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Doubt {
    kind: ReviewKind,
    reason: AskReason,
    members: BTreeSet<usize>,
}

impl Doubt {
    fn new(kind: ReviewKind, reason: &AskReason, members: impl IntoIterator<Item = usize>) -> Self {
        Self { kind, reason: reason.clone(), members: members.into_iter().collect() }
    }

    /// Whether two doubts can be one question: «which of them is it?» across the sides, be it by a key or by the name;
    /// «are they one?» inside a side, where the reason is all there is to decide by.
    fn asks_alike(&self, other: &Self) -> bool {
        let is_by_name = |doubt: &Self| doubt.reason == AskReason::OnlyNameCommon;
        match (self.kind, other.kind) {
            (ReviewKind::Twins, ReviewKind::Twins) => self.reason == other.reason,
            (one, two) => one == two && is_by_name(self) == is_by_name(other),
        }
    }
}

struct Found<'a> {
    clusters: &'a Clusters<'a>,
    doubts: BTreeSet<Doubt>,
    held: BTreeSet<usize>,
    /// Roots of the parties whose partner is in question.
    asked_across: BTreeSet<usize>,
}

impl Found<'_> {
    /// Two records of the two sides are a question where one of their parties lacks the other side.
    fn across(&mut self, a: usize, b: usize, reason: &AskReason) {
        let clusters = self.clusters;
        let side = |position: usize| clusters.candidates[position].record.id.side;
        let wants = |position: usize| !clusters.has(position, side(position).other());
        let shares_an_address = clusters.candidates[a].shares_an_address(&clusters.candidates[b]);
        let is_bare = |one: usize| wants(one) && !clusters.candidates[one].has_address;
        let asks = match reason {
            AskReason::OnlyNameCommon => wants(a) && wants(b),
            // One INN has many holders: who has a partner is left out where nothing else is common. A card with nothing
            // but the INN may be any of them.
            AskReason::SeveralHolders if !shares_an_address => {
                (wants(a) && wants(b)) || is_bare(a) || is_bare(b)
            }
            // A card without a name is anybody's who has the office's phone: those who stand on both sides are left out.
            AskReason::NameMissing if !clusters.share_rarely(a, b) => wants(a) && wants(b),
            _ => wants(a) || wants(b),
        };
        if !asks {
            return;
        }
        let mut members = BTreeSet::from([a, b]);
        for (one, other) in [(a, b), (b, a)] {
            // Who looks like the partner of another record of its own side may be that record's twin.
            for rival in clusters.members(other).filter(|rival| is_rival(clusters, one, *rival)) {
                if clusters.candidates[one].shares_a_key(&clusters.candidates[rival]) {
                    if *reason != AskReason::NameMissing {
                        members.insert(rival);
                    }
                } else if may_be_one(clusters, one, rival) && *reason != AskReason::OnlyNameCommon {
                    self.twins(one, rival, &AskReason::NamesDoubtful);
                }
            }
        }
        let parties = [clusters.root_of(a), clusters.root_of(b)];
        self.held.extend(parties);
        self.asked_across.extend(parties);
        self.doubts.insert(Doubt::new(ReviewKind::Match, reason, members));
    }

    /// Of two parties of one side that may be one, the one that says more takes part and the other one waits.
    fn twins(&mut self, a: usize, b: usize, reason: &AskReason) {
        let lesser = if self.clusters.rank(a) < self.clusters.rank(b) { a } else { b };
        self.held.insert(self.clusters.root_of(lesser));
        self.doubts.insert(Doubt::new(ReviewKind::Twins, reason, [a, b]));
    }

    /// Who may be the twin of somebody in question across the sides may be the partner in question as well, and waits.
    fn wait_for_each_other(&mut self) {
        let mut waiting = self.asked_across.clone();
        let twins: Vec<BTreeSet<usize>> = self
            .doubts
            .iter()
            .filter(|doubt| doubt.kind == ReviewKind::Twins && doubt.reason != AskReason::OnlyNameCommon)
            .map(|doubt| doubt.members.iter().map(|one| self.clusters.root_of(*one)).collect())
            .collect();
        loop {
            let before = waiting.len();
            let touched = twins.iter().filter(|twins| !twins.is_disjoint(&waiting)).flatten().copied();
            let touched: Vec<usize> = touched.collect();
            waiting.extend(touched);
            if waiting.len() == before {
                break;
            }
        }
        self.held.extend(waiting);
    }

    /// Records of one side with one INN, at least one of them without its KPP: branches, or twins. Where a case across
    /// the sides asks about one of them, its answer tells.
    fn beside_open_ones(&mut self) {
        let clusters = self.clusters;
        let is_asked = |found: &Self, a: usize, b: usize| {
            let mut across = found.doubts.iter().filter(|doubt| doubt.kind == ReviewKind::Match);
            across.any(|doubt| doubt.members.contains(&a) && doubt.members.contains(&b))
        };
        for (a, b, reason) in clusters.doubtful() {
            let is_open = *reason == AskReason::SeveralHolders && is_rival(clusters, a, b);
            if is_open && !is_asked(self, a, b) {
                self.twins(a, b, reason);
            }
        }
    }
}

/// Whether two records stand in one catalog of one side.
fn is_rival(clusters: &Clusters<'_>, a: usize, b: usize) -> bool {
    let [x, y] = [a, b].map(|position| clusters.candidates[position].record);
    a != b && x.id.side == y.id.side && x.catalog == y.catalog
}

/// Whether the names of two records allow them to be one party.
fn may_be_one(clusters: &Clusters<'_>, a: usize, b: usize) -> bool {
    let [x, y] = [a, b].map(|position| &clusters.candidates[position].names);
    matches!(x.agree(y), NameAgreement::Same | NameAgreement::Compatible) || x.differ_by_a_slip(y)
}

/// Whether two records of one side, doubtful for this reason, are worth a question. Namesakes are many: the name alone
/// asks only about a record that has nothing else. Relatives are many too: people with other names are no twins, unless a
/// slip makes the difference.
fn may_be_twins(clusters: &Clusters<'_>, a: usize, b: usize, reason: &AskReason) -> bool {
    let [x, y] = [a, b].map(|position| &clusters.candidates[position]);
    let asks = match reason {
        AskReason::OnlyNameCommon => [x, y].iter().any(|one| !one.has_address && one.inn.is_none()),
        AskReason::NamesDoubtful => {
            matches!(x.record.party, Party::Organization(_))
                || x.names.agree(&y.names) != NameAgreement::Different
                || x.names.differ_by_a_slip(&y.names)
                // One first name beside a key that few hold: a maiden name.
                || (clusters.share_rarely(a, b) && x.names.have_one_first_name(&y.names))
        }
        AskReason::TaxNumberDamaged | AskReason::NameIllegible => true,
        // A post here and a name there, or a surname with initials and a first name; few others hold what they share.
        AskReason::NameMissing => clusters.share_rarely(a, b),
        // A branch without its KPP has an address of its own; a card without any may be anybody's.
        AskReason::SeveralHolders => [x, y].iter().any(|one| !one.has_address),
        _ => false,
    };
    // Of an individual no copy is made.
    let is_copied = |one: &Candidate<'_>| one.record.catalog != Catalog::Individual;
    asks && (is_rival(clusters, a, b)
        || (is_copied(x) && is_copied(y) && *reason != AskReason::OnlyNameCommon))
}

/// Puts doubts that share a record into one case, as long as everybody in it has to do with everybody else.
fn into_cases(doubts: BTreeSet<Doubt>, clusters: &Clusters<'_>) -> Vec<Review> {
    let mut cases: Vec<Doubt> = Vec::new();
    for doubt in doubts {
        let home = cases.iter_mut().find(|case| {
            case.asks_alike(&doubt)
                && !case.members.is_disjoint(&doubt.members)
                && are_close(case, &doubt, clusters)
        });
        match home {
            Some(case) => case.members.extend(doubt.members),
            None => cases.push(doubt),
        }
    }
    // A case across the sides tells about twins as well.
    let tells = |wider: &Doubt, case: &Doubt| {
        case.members.is_subset(&wider.members) && (wider.kind == case.kind || case.kind == ReviewKind::Twins)
    };
    let is_said_elsewhere = |position: usize, case: &Doubt| {
        cases.iter().enumerate().any(|(other, wider)| {
            other != position && tells(wider, case) && !(tells(case, wider) && position < other)
        })
    };
    let told = cases.iter().enumerate().filter(|(position, case)| !is_said_elsewhere(*position, case));
    told.map(|(_, case)| {
        let records: Vec<&Record> = case.members.iter().map(|one| clusters.candidates[*one].record).collect();
        review(case.kind, case.reason.clone(), &records)
    })
    .collect()
}

/// Whether every record of one doubt has to do with every record of the other.
fn are_close(case: &Doubt, doubt: &Doubt, clusters: &Clusters<'_>) -> bool {
    case.members.difference(&doubt.members).all(|a| {
        doubt.members.difference(&case.members).all(|b| {
            let [x, y] = [a, b].map(|position| &clusters.candidates[*position]);
            doubt.reason == AskReason::OnlyNameCommon
                || clusters.root_of(*a) == clusters.root_of(*b)
                || x.keys.iter().any(|key| y.keys.contains(key))
        })
    })
}
