//! The planner: from what was seen to an ordered list of steps. Pure: no network, clock, randomness or database.
//!
//! It takes one [`Surroundings`] at a time, companies before people, and remembers which companies are on their way,
//! so that a contact knows whether its company comes along or has to be waited for.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::create_rule::Withheld;
use obmen_domain::matching::{self, Decision, Neighbourhood};
use obmen_domain::merge::{self, Merged, Terms};
use obmen_domain::party::{Beside, Field, Party, Value};
use obmen_domain::plan::{Creation, Plan, Revision, Step};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::{Capacity, NewPersons, Rules};

use crate::reversal::reversal;
use crate::store::{Entry, Link};

/// What each catalog can hold.
pub type Capacities = BTreeMap<Catalog, Capacity>;

/// Records about which a person is asked, with the kinds of the questions.
pub type Questioned = BTreeMap<RecordId, BTreeSet<ReviewKind>>;

/// Everything the planner may know about some records of one kind.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The records that share keys, and their links.
    pub neighbourhood: Neighbourhood,
    /// The links with their bases.
    pub links: Vec<Link>,
    /// Links of the companies that the people here belong to, both ways.
    pub companies: BTreeMap<RecordId, RecordId>,
    /// Companies without a link that take part.
    pub lone_companies: BTreeMap<RecordId, Record>,
    /// Companies without a link, or gone on one side, that are still to be decided: what belongs to them waits.
    pub undecided_companies: BTreeSet<RecordId>,
    /// Those of them about which a person is asked, and what.
    pub questioned_companies: Questioned,
    /// Open reviews about records here.
    pub reviews: Vec<Review>,
    /// For links that a person ended: the journal of both records since they were linked.
    pub histories: BTreeMap<RecordId, Vec<Entry>>,
}

impl Surroundings {
    /// The record that this one is linked with.
    pub fn partner(&self, id: &RecordId) -> Option<RecordId> {
        self.links.iter().find_map(|link| match id {
            id if *id == link.bitrix24 => Some(link.onec.clone()),
            id if *id == link.onec => Some(link.bitrix24.clone()),
            _ => None,
        })
    }
}

/// Collects a plan.
#[derive(Debug)]
pub struct Planner<'a> {
    rules: &'a Rules,
    capacities: &'a Capacities,
    /// What was planned since it was last taken.
    planned: Planned,
    /// Companies that are linked or copied by this plan, with their partners where those exist already.
    arriving: BTreeMap<RecordId, Option<RecordId>>,
    /// Companies that this plan asks about.
    questioned: Questioned,
}

/// Some steps of a plan with what goes along.
#[derive(Debug, Default)]
pub struct Planned {
    /// The steps.
    pub plan: Plan,
    /// Linked pairs that are equal: the Bitrix24 record and the state agreed on.
    pub settled: Vec<(RecordId, Party)>,
    /// Reviews that are answered by what was seen since.
    pub closed: BTreeSet<String>,
    /// Records that such a review held, and that were not looked at with the others.
    pub released: BTreeSet<RecordId>,
}

impl<'a> Planner<'a> {
    /// An empty plan under these rules.
    pub fn new(rules: &'a Rules, capacities: &'a Capacities) -> Self {
        Self {
            rules,
            capacities,
            planned: Planned::default(),
            arriving: BTreeMap::new(),
            questioned: Questioned::new(),
        }
    }

    /// Adds what is to be done about these records, of which this is decided.
    pub fn add(&mut self, decisions: Vec<Decision>, around: &Surroundings) {
        let mut asked = BTreeSet::new();
        // A further requisite of a client goes where another one of its records is about to be.
        for decision in &decisions {
            if let Decision::Link { bitrix24, onec, .. } = decision {
                self.arrives(bitrix24, Some(onec));
                self.arrives(onec, Some(bitrix24));
            }
        }
        let mut inherited: Vec<&Link> = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Link { bitrix24, onec, reason } => {
                    let of_gone =
                        around.links.iter().find(|link| link.bitrix24 == bitrix24 || link.onec == onec);
                    inherited.extend(of_gone);
                    self.planned.plan.steps.extend(of_gone.map(|link| end_of(link, Vec::new())));
                    self.planned.plan.steps.push(Step::Link {
                        bitrix24: bitrix24.clone(),
                        onec: onec.clone(),
                        reason,
                    });
                    self.merge_pair(&bitrix24, &onec, None, around, &mut asked);
                }
                Decision::New { source } => self.create(&source, around, &mut asked),
                Decision::Ask(review) => {
                    for company in review.records.iter().filter(|id| id.kind == Kind::Company) {
                        self.questioned.entry(company.clone()).or_default().insert(review.kind);
                    }
                    asked.insert(review.id());
                    self.ask(review, around);
                }
            }
        }
        let (ended, standing): (Vec<&Link>, Vec<&Link>) = around
            .links
            .iter()
            .filter(|link| !inherited.contains(link))
            .partition(|link| around.neighbourhood.rulings.part(&link.bitrix24, &link.onec));
        for link in ended {
            self.end_link(link, around);
        }
        for link in standing {
            self.merge_pair(&link.bitrix24, &link.onec, link.base.as_ref(), around, &mut asked);
        }
        let answered = around.reviews.iter().filter(|review| match review.kind {
            ReviewKind::Refused => review.reason.is_of_planning(),
            // Whoever was gone was read again, restored or shown again, or another record stands for it.
            ReviewKind::Deletion => {
                let is_about =
                    |link: &&Link| [&link.bitrix24, &link.onec].iter().all(|id| review.records.contains(id));
                inherited.iter().any(is_about)
                    || review.records.iter().all(|id| around.neighbourhood.records.contains_key(id))
            }
            ReviewKind::Match | ReviewKind::Twins | ReviewKind::Conflict => true,
        });
        for review in answered.filter(|review| !asked.contains(&review.id())) {
            let is_elsewhere = |id: &&RecordId| !around.neighbourhood.records.contains_key(*id);
            self.planned.released.extend(review.records.iter().filter(is_elsewhere).cloned());
            self.planned.closed.insert(review.id());
        }
    }

    /// What was planned since this was last asked.
    pub fn take(&mut self) -> Planned {
        std::mem::take(&mut self.planned)
    }

    /// People belong to companies and to nobody else, so of those alone it is kept that they are on their way.
    fn arrives(&mut self, id: &RecordId, partner: Option<&RecordId>) {
        if id.kind == Kind::Company {
            self.arriving.insert(id.clone(), partner.cloned());
        }
    }

    fn ask(&mut self, review: Review, around: &Surroundings) {
        let known = around.reviews.iter().any(|open| open.id() == review.id());
        if !known {
            self.planned.plan.steps.push(Step::Ask(review));
        }
    }

    /// Takes back what a link had brought; once that is done, the link ends. What a side refuses to take back stays.
    fn end_link(&mut self, link: &Link, around: &Surroundings) {
        let mut kept = BTreeSet::new();
        let mut revisions = Vec::new();
        for (id, partner) in [(&link.bitrix24, &link.onec), (&link.onec, &link.bitrix24)] {
            let Some(record) = around.neighbourhood.records.get(id) else { continue };
            let history = around.histories.get(id).map_or(&[][..], Vec::as_slice);
            let reversal = reversal(record, partner, history);
            kept.extend(reversal.kept);
            if self.was_refused(id, around) {
                let fields = reversal.changes.iter().map(|change| change.field);
                kept.extend(fields.filter(|field| *field != Field::MutualId));
            } else if !reversal.changes.is_empty() {
                revisions.push(Revision { record: record.clone(), changes: reversal.changes });
            }
        }
        if revisions.is_empty() {
            self.planned.plan.steps.push(end_of(link, kept.into_iter().collect()));
        }
        self.planned
            .plan
            .steps
            .extend(revisions.into_iter().map(|revision| Step::Update(Box::new(revision))));
    }

    fn merge_pair(
        &mut self,
        bitrix24: &RecordId,
        onec: &RecordId,
        base: Option<&Party>,
        around: &Surroundings,
        asked: &mut BTreeSet<String>,
    ) {
        let records = &around.neighbourhood.records;
        let (Some(left), Some(right)) = (records.get(bitrix24), records.get(onec)) else {
            return;
        };
        if self.rules.rests(right) {
            let review = Review::of_deletion(left.id.clone(), right.id.clone(), AskReason::Marked);
            asked.insert(review.id());
            self.ask(review, around);
            return;
        }
        let mut companies = around.companies.clone();
        for employer in left.party.employers().iter().chain(right.party.employers()) {
            if let Some(Some(partner)) = self.arriving.get(employer) {
                companies.insert(employer.clone(), partner.clone());
            }
        }
        let pair = plan_pair(left, right, base, self.rules, self.capacities, &companies);
        if pair.held.is_some() {
            return;
        }
        for (reason, fields) in conflicts(&pair.merged) {
            let records = vec![left.id.clone(), right.id.clone()];
            let review = Review { kind: ReviewKind::Conflict, party: left.id.kind, records, fields, reason };
            asked.insert(review.id());
            self.ask(review, around);
        }
        if self.is_between_companies(left, right, &companies, around) {
            let review = waits_for_company(&[left, right]);
            asked.insert(review.id());
            self.ask(review, around);
        }
        if pair.revisions.is_empty() {
            let letters = around.reviews.iter().filter(|review| {
                review.ends_by_itself() && review.records.iter().any(|id| id == bitrix24 || id == onec)
            });
            self.planned.closed.extend(letters.map(Review::id));
            if base != Some(&pair.merged.agreed) {
                self.planned.settled.push((left.id.clone(), pair.merged.agreed));
            }
            return;
        }
        let is_linked = around.partner(bitrix24).as_ref() == Some(onec);
        if is_linked && (self.was_refused(bitrix24, around) || self.was_refused(onec, around)) {
            return;
        }
        let steps = pair.revisions.into_iter().map(|revision| Step::Update(Box::new(revision)));
        self.planned.plan.steps.extend(steps);
    }

    fn create(&mut self, source: &RecordId, around: &Surroundings, asked: &mut BTreeSet<String>) {
        let Some(record) = around.neighbourhood.records.get(source) else {
            return;
        };
        let side = source.side.other();
        if self.was_refused(source, around) {
            return;
        }
        if let Some(reason) = self.rules.withholds(record).or_else(|| self.is_left_behind(record, around)) {
            self.planned.plan.withheld.push((source.clone(), reason));
            return;
        }
        let mut party = record.party.clone();
        if let Party::Person(person) = &mut party {
            // Where the source has one owner, its further companies are records of that same owner.
            if side == Side::Bitrix24 && self.companies_of(record.catalog) <= 1 {
                let counts = |employer: &&RecordId| {
                    self.comes_along(employer, around) || self.is_waited_for(employer, around)
                };
                person.employers = person.employers.iter().find(counts).cloned().into_iter().collect();
            }
            let waited_for: Vec<&RecordId> =
                person.employers.iter().filter(|employer| self.is_waited_for(employer, around)).collect();
            if !waited_for.is_empty() {
                if waited_for.iter().any(|employer| self.is_questioned(employer, around)) {
                    let review = waits_for_company(&[record]);
                    asked.insert(review.id());
                    self.ask(review, around);
                }
                self.planned.plan.waiting.push(source.clone());
                return;
            }
            person.employers.retain(|employer| self.comes_along(employer, around));
        }
        if let Party::Organization(organization) = &mut party
            && let Some(beside) = organization.beside.take()
        {
            let head = beside.others.iter().find(|other| self.comes_along(other, around));
            let first = beside.others.first().filter(|_| head.is_none() && !beside.is_first);
            if first.is_some_and(|first| self.is_first_to_come(first, around)) {
                self.planned.plan.waiting.push(source.clone());
                return;
            }
            organization.beside = head.map(|head| Box::new(Beside::further(head.clone())));
        }
        let catalog = self.catalog_for(side, &mut party);
        let Some(capacity) = self.capacities.get(&catalog) else {
            return;
        };
        let held = self.capacities.get(&record.catalog).unwrap_or(capacity);
        let party = merge::project(&party, side, held, capacity, self.rules);
        self.arrives(source, None);
        let marked = around.neighbourhood.rulings.taken_back(source);
        let marked = marked.and_then(|id| around.neighbourhood.records.get(id));
        let revives = marked
            .filter(|record| record.standing == Standing::Marked && record.catalog == catalog)
            .filter(|record| around.partner(&record.id).is_none())
            .cloned();
        let creation = Creation { side, catalog, source: source.clone(), party, revives };
        self.planned.plan.steps.push(Step::Create(Box::new(creation)));
    }

    /// A person whose companies are not created stays with them: as a private person it would be somebody else.
    fn is_left_behind(&self, record: &Record, around: &Surroundings) -> Option<Withheld> {
        let employers = record.party.belongs_to();
        let is_on_its_way =
            |employer: &RecordId| self.comes_along(employer, around) || self.is_waited_for(employer, around);
        let is_left_behind = employers.iter().any(|employer| self.is_withheld(employer, around))
            && !record.party.stands_beside().iter().any(is_on_its_way);
        is_left_behind.then_some(Withheld::WithItsCompany)
    }

    /// Whether a further requisite waits for this record, which is to be linked or copied before it.
    fn is_first_to_come(&self, first: &RecordId, around: &Surroundings) -> bool {
        self.is_waited_for(first, around)
            || around.lone_companies.contains_key(first) && !self.is_withheld(first, around)
    }

    fn is_withheld(&self, employer: &RecordId, around: &Surroundings) -> bool {
        let company = around.lone_companies.get(employer);
        company.is_some_and(|company| self.rules.withholds(company).is_some())
            && !self.comes_along(employer, around)
            && !self.is_questioned(employer, around)
    }

    /// A record whose data were refused waits for a person, or for its next change.
    fn was_refused(&self, source: &RecordId, around: &Surroundings) -> bool {
        around.reviews.iter().any(|review| review.is_dead_letter() && review.records.contains(source))
    }

    fn is_questioned(&self, employer: &RecordId, around: &Surroundings) -> bool {
        self.questions_about(employer, around).next().is_some()
    }

    fn questions_about<'q>(
        &'q self,
        employer: &RecordId,
        around: &'q Surroundings,
    ) -> impl Iterator<Item = ReviewKind> + use<'q> {
        let both = [self.questioned.get(employer), around.questioned_companies.get(employer)];
        both.into_iter().flatten().flatten().copied()
    }

    /// Whether a person works for a linked company on one side, and on the other for one whose partner is in question:
    /// which of them it is follows from the answer. The twin of a company is no other company.
    fn is_between_companies(
        &self,
        left: &Record,
        right: &Record,
        companies: &BTreeMap<RecordId, RecordId>,
        around: &Surroundings,
    ) -> bool {
        let (left, right) = (left.party.employers(), right.party.employers());
        let is_linked = |employer: &RecordId| companies.contains_key(employer);
        let is_open = |employer: &RecordId| {
            let mut questions = self.questions_about(employer, around);
            !is_linked(employer) && questions.any(|kind| kind == ReviewKind::Match)
        };
        let agree =
            left.iter().any(|employer| companies.get(employer).is_some_and(|one| right.contains(one)));
        let stands_between =
            |one: &[RecordId], other: &[RecordId]| one.iter().any(is_linked) && other.iter().any(is_open);
        !agree && (stands_between(left, right) || stands_between(right, left))
    }

    fn is_waited_for(&self, employer: &RecordId, around: &Surroundings) -> bool {
        !self.comes_along(employer, around)
            && around.undecided_companies.contains(employer)
            && !self.is_withheld(employer, around)
    }

    /// Whether a company stands on the other side, or will. One that was deleted there is no company to belong to.
    fn comes_along(&self, employer: &RecordId, around: &Surroundings) -> bool {
        let is_gone = || {
            let questions = around.questioned_companies.get(employer);
            questions.is_some_and(|kinds| kinds.contains(&ReviewKind::Deletion))
        };
        self.arriving.contains_key(employer) || around.companies.contains_key(employer) && !is_gone()
    }

    /// How many companies a record of a catalog can be given.
    fn companies_of(&self, catalog: Catalog) -> usize {
        self.capacities.get(&catalog).map_or(1, |capacity| capacity.companies.max(1))
    }

    /// The table a new record goes to; a contact person keeps as many companies as it can have there.
    fn catalog_for(&self, side: Side, party: &mut Party) -> Catalog {
        let Party::Person(person) = party else {
            return if side == Side::Bitrix24 { Catalog::Bitrix24 } else { Catalog::Counterparty };
        };
        if side == Side::Bitrix24 {
            return Catalog::Bitrix24;
        }
        let takes_part = |catalog| self.rules.persons.contains(&catalog);
        match self.rules.new_persons {
            NewPersons::Individual => Catalog::Individual,
            NewPersons::Auto | NewPersons::ContactPerson
                if !person.employers.is_empty() && takes_part(Catalog::ContactPerson) =>
            {
                person.employers.truncate(self.companies_of(Catalog::ContactPerson));
                Catalog::ContactPerson
            }
            NewPersons::Auto | NewPersons::Counterparty | NewPersons::ContactPerson => Catalog::Counterparty,
        }
    }
}

/// What matching says about these records.
pub fn decisions(around: &Surroundings) -> Vec<Decision> {
    let revivable = revivable(around);
    // A copy that was taken back is no evidence: it comes again with its source.
    if revivable.is_empty() {
        return matching::decide(&around.neighbourhood);
    }
    let mut neighbourhood = around.neighbourhood.clone();
    neighbourhood.records.retain(|id, _| !revivable.contains(id));
    matching::decide(&neighbourhood)
}

/// Copies that were marked when they were taken back, and are marked still.
fn revivable(around: &Surroundings) -> BTreeSet<RecordId> {
    let records = &around.neighbourhood.records;
    let copies = records.keys().filter_map(|source| around.neighbourhood.rulings.taken_back(source));
    let marked = |id: &&RecordId| records.get(*id).is_some_and(|record| record.standing == Standing::Marked);
    copies.filter(marked).filter(|id| around.partner(id).is_none()).cloned().collect()
}

/// The step by which a link ends; these fields keep what it had brought.
fn end_of(link: &Link, kept: Vec<Field>) -> Step {
    Step::Unlink { bitrix24: link.bitrix24.clone(), onec: link.onec.clone(), kept }
}

/// The notice that a person waits for its company.
fn waits_for_company(records: &[&Record]) -> Review {
    Review {
        kind: ReviewKind::Refused,
        party: Kind::Contact,
        records: records.iter().map(|record| record.id.clone()).collect(),
        fields: vec![Field::Company],
        reason: AskReason::CompanyUndecided,
    }
}

/// What is to be done about one linked pair.
#[derive(Debug)]
pub struct PairPlan {
    /// The merge.
    pub merged: Merged,
    /// The changes, with mutual ids merged in; Bitrix24 first.
    pub revisions: Vec<Revision>,
    /// The condition by which nothing is carried between them, and nothing was agreed on.
    pub held: Option<Withheld>,
}

/// The fields of a pair that a person has to decide, by the reason why.
fn conflicts(merged: &Merged) -> BTreeMap<AskReason, Vec<Field>> {
    let mut cases: BTreeMap<AskReason, Vec<Field>> = BTreeMap::new();
    for field in &merged.conflicts {
        let misfit = merged.misfits.get(field).copied();
        cases.entry(misfit.map_or(AskReason::BothChanged, AskReason::DoesNotFit)).or_default().push(*field);
    }
    cases
}

/// Merges a linked pair and its mutual ids.
pub fn plan_pair(
    left: &Record,
    right: &Record,
    base: Option<&Party>,
    rules: &Rules,
    capacities: &Capacities,
    companies: &BTreeMap<RecordId, RecordId>,
) -> PairPlan {
    let nothing = Capacity {
        fields: BTreeSet::new(),
        phones: 0,
        emails: 0,
        companies: 0,
        lengths: BTreeMap::new(),
        sorts: BTreeMap::new(),
        mutual_id: false,
    };
    let terms = Terms {
        rules,
        left: capacities.get(&left.catalog).unwrap_or(&nothing),
        right: capacities.get(&right.catalog).unwrap_or(&nothing),
        companies,
    };
    if let Some(held) = rules.holds(left, right) {
        let agreed = base.unwrap_or(&left.party).clone();
        let merged = Merged {
            left: Vec::new(),
            right: Vec::new(),
            conflicts: Vec::new(),
            misfits: BTreeMap::new(),
            agreed,
        };
        return PairPlan { merged, revisions: Vec::new(), held: Some(held) };
    }
    let merged = merge::merge(left, right, base, terms);
    let (left_id, right_id) = merge::id_changes(left, right, terms);
    let mut revisions = Vec::new();
    for (record, changes, id) in [(left, &merged.left, left_id), (right, &merged.right, right_id)] {
        let mut changes = changes.clone();
        changes.extend(id);
        if !changes.is_empty() {
            revisions.push(Revision { record: record.clone(), changes });
        }
    }
    PairPlan { merged, revisions, held: None }
}

/// The text of a mutual id change, if the changes hold one.
pub fn mutual_id_of(revision: &Revision) -> Option<String> {
    revision.changes.iter().find(|change| change.field == Field::MutualId).and_then(|change| {
        match &change.after {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    })
}

/// Companies come before the people who belong to them.
pub const KINDS: [Kind; 2] = Kind::ALL;

#[cfg(test)]
mod tests;
