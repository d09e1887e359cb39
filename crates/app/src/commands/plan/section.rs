//! Sections of a shown plan: steps of one sort.

use std::collections::BTreeMap;

use obmen_domain::plan::Step;
use obmen_domain::record::Side;

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
    pub(super) const ALL: [Self; 7] = [
        Self::Ask,
        Self::Link,
        Self::CreateBitrix24,
        Self::CreateOnec,
        Self::UpdateBitrix24,
        Self::UpdateOnec,
        Self::Unlink,
    ];

    /// The section of a step.
    pub(super) fn of(step: &Step) -> Self {
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
    pub(super) fn title(self) -> &'static str {
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
    pub(super) fn word(self) -> &'static str {
        self.title().trim_start_matches("plan-")
    }
}

/// The first steps of each section as they are printed, and how many there are in all.
#[derive(Debug)]
pub(in crate::commands) struct Excerpt {
    most: usize,
    sections: BTreeMap<Section, (Vec<String>, usize)>,
}

impl Excerpt {
    /// An excerpt with so many steps of a section at most.
    pub(in crate::commands) fn new(most: usize) -> Self {
        Self { most, sections: BTreeMap::new() }
    }

    /// Adds the next step.
    pub(in crate::commands) fn add(&mut self, step: &Step) {
        let (steps, count) = self.sections.entry(Section::of(step)).or_default();
        if steps.len() < self.most {
            steps.push(step.to_string());
        }
        *count += 1;
    }

    /// The first steps of a section, and how many it has.
    pub(in crate::commands) fn of(&self, section: Section) -> (&[String], usize) {
        self.sections.get(&section).map_or((&[], 0), |(steps, count)| (steps, *count))
    }
}
