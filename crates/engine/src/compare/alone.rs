//! Records that take part and have no counterpart: what explains that. Pure.

use std::collections::BTreeMap;

use obmen_domain::key::is_nameless;
use obmen_domain::matching::{Verdict, weigh};
use obmen_domain::plan::Step;
use obmen_domain::record::{Catalog, Record, RecordId};
use obmen_domain::review::{Review, ReviewKind};
use obmen_domain::rules::Rules;
use obmen_domain::ruling::Ruling;

use super::difference::Why;
use crate::planner::{Capacities, Planned, Planner, Surroundings};
use crate::weighing::Case;

/// What is known of a record without a look around it.
#[derive(Debug, Default)]
pub(super) struct Plainly<'a> {
    /// Open reviews about it.
    pub(super) reviews: &'a [Review],
    pub(super) is_due: bool,
    pub(super) is_unsettled: bool,
}

impl Plainly<'_> {
    /// What explains that it is alone, where no look around is needed for it.
    pub(super) fn why(&self) -> Option<Why> {
        let failed = self.reviews.iter().find(|review| review.is_dead_letter());
        match (failed, self.reviews.first()) {
            (Some(letter), _) => Some(Why::Failed { id: letter.id() }),
            (None, Some(review)) => Some(Why::Review { id: review.id(), kind: review.kind }),
            (None, None) if self.is_unsettled => Some(Why::Unsettled),
            (None, None) if self.is_due => Some(Why::Due),
            (None, None) => None,
        }
    }
}

/// What explains that records are alone, by what planning would say of them and of everybody around.
pub(super) fn why_alone(
    wanted: &[RecordId],
    case: Case,
    rules: &Rules,
    capacities: &Capacities,
) -> BTreeMap<RecordId, Why> {
    let Case { around, decisions } = case;
    let mut planner = Planner::new(rules, capacities);
    planner.add(decisions, &around);
    let planned = planner.take();
    let records = wanted.iter().filter_map(|id| around.neighbourhood.records.get(id));
    records.map(|record| (record.id.clone(), why(record, &planned, &around))).collect()
}

fn why(record: &Record, planned: &Planned, around: &Surroundings) -> Why {
    let id = &record.id;
    if let Some((_, reason)) = planned.plan.withheld.iter().find(|(source, _)| source == id) {
        return Why::Withheld(reason.clone());
    }
    if planned.plan.waiting.contains(id) {
        return Why::WaitsForCompany;
    }
    if around.neighbourhood.rulings.leaves_alone(id) {
        return Why::Decided(Ruling::Ended);
    }
    if planned.plan.steps.iter().any(|step| is_about(step, id)) {
        // It would be done, and nothing is due.
        return Why::Unexplained;
    }
    let others = around.neighbourhood.records.values().filter(|other| other.id != *id);
    let fellows: Vec<&Record> = others.filter(|other| is_one_party(record, other, around)).collect();
    if let Some(other) = fellows.iter().find(|other| {
        let ruling = around.neighbourhood.rulings.of(id, &other.id);
        other.id.side == id.side && ruling == Some(Ruling::Same)
    }) {
        return around.neighbourhood.rulings.of(id, &other.id).map_or(Why::Unexplained, Why::Decided);
    }
    let is_main = |other: &&&Record| {
        other.id.side == id.side && other.catalog != record.catalog && around.partner(&other.id).is_some()
    };
    if let Some(main) = fellows.iter().find(is_main) {
        return Why::Facet(main.id.clone());
    }
    // What is in question holds everybody of the same party.
    let question = around.reviews.iter().find(|review| {
        matches!(review.kind, ReviewKind::Match | ReviewKind::Twins)
            && fellows.iter().any(|fellow| review.records.contains(&fellow.id))
    });
    if let Some(review) = question {
        return Why::Review { id: review.id(), kind: review.kind };
    }
    match record.catalog {
        Catalog::Individual => Why::Individual,
        _ if is_nameless(&record.party) => Why::Nameless,
        _ => Why::Unexplained,
    }
}

fn is_one_party(record: &Record, other: &Record, around: &Surroundings) -> bool {
    matches!(weigh(record, other, &around.neighbourhood).verdict, Verdict::Same(_))
}

fn is_about(step: &Step, id: &RecordId) -> bool {
    match step {
        Step::Link { bitrix24, onec, .. } => bitrix24 == id || onec == id,
        Step::Create(creation) => creation.source == *id,
        Step::Ask(review) => review.records.contains(id),
        Step::Update(_) | Step::Unlink { .. } | Step::Mark(_) => false,
    }
}
