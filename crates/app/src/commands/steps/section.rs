//! Sections of a shown plan: steps of one sort, and the first of each.

use std::collections::BTreeMap;

use obmen_domain::plan::{ChangeReason, Step};
use obmen_domain::record::{Catalog, Kind, Side};

/// A sort of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::commands) enum Section {
    Link,
    CreateBitrix24,
    CreateOnec,
    UpdateBitrix24,
    UpdateOnec,
    Unlink,
    MarkBitrix24,
    MarkOnec,
    Ask,
}

impl Section {
    /// The sections of an undo, in the order they are shown.
    pub(in crate::commands) const OF_UNDO: [Self; 5] =
        [Self::MarkBitrix24, Self::MarkOnec, Self::UpdateBitrix24, Self::UpdateOnec, Self::Unlink];

    /// The sections of a sync, in the order they are shown.
    pub(in crate::commands) const ALL: [Self; 7] = [
        Self::Ask,
        Self::Link,
        Self::CreateBitrix24,
        Self::CreateOnec,
        Self::UpdateBitrix24,
        Self::UpdateOnec,
        Self::Unlink,
    ];

    /// The section of a step.
    pub(in crate::commands) fn of(step: &Step) -> Self {
        match step {
            Step::Link { .. } => Self::Link,
            Step::Create(creation) => match creation.side {
                Side::Bitrix24 => Self::CreateBitrix24,
                Side::Onec => Self::CreateOnec,
            },
            Step::Update(revision) => match revision.record.id.side {
                Side::Bitrix24 => Self::UpdateBitrix24,
                Side::Onec => Self::UpdateOnec,
            },
            Step::Unlink { .. } => Self::Unlink,
            Step::Mark(record) => match record.id.side {
                Side::Bitrix24 => Self::MarkBitrix24,
                Side::Onec => Self::MarkOnec,
            },
            Step::Ask(_) => Self::Ask,
        }
    }

    /// The message with its title.
    pub(in crate::commands) fn title(self) -> &'static str {
        match self {
            Self::Link => "plan-link",
            Self::CreateBitrix24 => "plan-create-bitrix24",
            Self::CreateOnec => "plan-create-onec",
            Self::UpdateBitrix24 => "plan-update-bitrix24",
            Self::UpdateOnec => "plan-update-onec",
            Self::Unlink => "plan-unlink",
            Self::MarkBitrix24 => "plan-mark-bitrix24",
            Self::MarkOnec => "plan-mark-onec",
            Self::Ask => "plan-ask",
        }
    }

    /// The word in files.
    pub(in crate::commands) fn word(self) -> &'static str {
        self.title().trim_start_matches("plan-")
    }
}

/// The first steps of each section, and how many there are in all.
#[derive(Debug)]
pub(in crate::commands) struct Excerpt {
    most: usize,
    sections: BTreeMap<Section, Part>,
}

/// What is shown of a section.
#[derive(Debug, Default)]
pub(in crate::commands) struct Part {
    /// The first steps of each kind that say something.
    steps: BTreeMap<Kind, Vec<Step>>,
    /// How many steps there are.
    pub(in crate::commands) count: usize,
    /// How many of them are not shown since they write nothing but the other side's id.
    pub(in crate::commands) only_ids: usize,
}

impl Part {
    /// So many steps, half of them about companies and half about people where there are as many.
    pub(in crate::commands) fn first(&self, most: usize) -> Vec<&Step> {
        let of_kind = |kind| self.steps.get(&kind).map_or(&[] as &[Step], Vec::as_slice);
        let (companies, contacts) = (of_kind(Kind::Company), of_kind(Kind::Contact));
        let shown = companies.len().min((most / 2).max(most.saturating_sub(contacts.len())));
        companies[..shown].iter().chain(contacts).take(most).collect()
    }

    /// How many steps are not shown because there are too many, when so many are.
    pub(in crate::commands) fn more_than(&self, shown: usize) -> usize {
        self.count.saturating_sub(self.only_ids + shown)
    }
}

impl Excerpt {
    /// An excerpt with so many steps of a section and kind at most.
    pub(in crate::commands) fn new(most: usize) -> Self {
        Self { most, sections: BTreeMap::new() }
    }

    /// Adds the next step.
    pub(in crate::commands) fn add(&mut self, step: &Step) {
        let part = self.sections.entry(Section::of(step)).or_default();
        part.count += 1;
        let steps = part.steps.entry(step.kind()).or_default();
        if writes_only_ids(step) {
            part.only_ids += 1;
        } else if steps.len() < self.most {
            steps.push(step.clone());
        }
    }

    /// A section that has steps.
    pub(in crate::commands) fn of(&self, section: Section) -> Option<&Part> {
        self.sections.get(&section)
    }

    /// The steps that are shown where so many of a section are.
    pub(in crate::commands) fn first(&self, most: usize) -> Vec<&Step> {
        self.sections.values().flat_map(|part| part.first(most)).collect()
    }
}

fn writes_only_ids(step: &Step) -> bool {
    matches!(step, Step::Update(revision) if revision.changes.iter().all(|change| change.reason == ChangeReason::KeepsId))
}

/// The message with the word for a record of this catalog.
pub(in crate::commands) fn place(catalog: Catalog, kind: Kind) -> &'static str {
    match (catalog, kind) {
        (Catalog::Bitrix24, Kind::Contact) => "place-contact",
        (Catalog::Bitrix24, Kind::Company) => "place-company",
        (Catalog::Counterparty, _) => "place-counterparty",
        (Catalog::ContactPerson, _) => "place-contact-person",
        (Catalog::Individual, _) => "place-individual",
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::plan::LinkReason;
    use obmen_domain::record::RecordId;

    use super::*;

    #[test]
    fn companies_leave_room_for_people_and_people_for_companies() {
        for (companies, contacts, shown) in
            [(9, 9, (2, 2)), (9, 1, (3, 1)), (1, 9, (1, 3)), (9, 0, (4, 0)), (0, 2, (0, 2))]
        {
            let mut excerpt = Excerpt::new(4);
            let kinds = [(Kind::Company, companies), (Kind::Contact, contacts)];
            for kind in kinds.into_iter().flat_map(|(kind, count)| vec![kind; count]) {
                excerpt.add(&link(kind));
            }
            let part = excerpt.of(Section::Link).unwrap();
            let of_kind = |kind| part.first(4).into_iter().filter(|step| step.kind() == kind).count();
            assert_eq!((of_kind(Kind::Company), of_kind(Kind::Contact)), shown, "{companies} and {contacts}");
            assert_eq!(part.more_than(part.first(4).len()), companies + contacts - shown.0 - shown.1);
        }
    }

    fn link(kind: Kind) -> Step {
        let (bitrix24, onec) = (RecordId::bitrix24(kind, "1"), RecordId::onec(kind, "a"));
        Step::Link { bitrix24, onec, reason: LinkReason::Inn }
    }
}
