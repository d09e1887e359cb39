//! One step on the page: its records beside each other, or what it changes, field by field, with marks.

use obmen_domain::party::{Field, Party};
use obmen_domain::plan::{Creation, Revision, Step};
use obmen_domain::record::{Catalog, Kind, RecordId, Side};
use obmen_domain::review::Review;

use super::Cards;
use crate::commands::steps::{Known, Shown, label, place, shown};
use crate::commands::{evidence, review};
use crate::words::Words;

/// What rows are made with.
pub(super) struct View<'a> {
    pub(super) known: &'a Known,
    pub(super) cards: Cards<'a>,
    pub(super) words: &'a Words,
}

/// A step: whom it is about, and why it is planned.
pub(super) struct Item {
    pub(super) title: String,
    pub(super) reason: Option<String>,
    /// What stands before `record`.
    pub(super) record_label: Option<String>,
    /// The one record it is about, where it has no column.
    pub(super) record: Option<RecordView>,
    pub(super) notes: Vec<String>,
    pub(super) heads: Vec<Head>,
    pub(super) lines: Vec<Line>,
}

/// A record as people find it.
pub(super) struct RecordView {
    pub(super) place: String,
    pub(super) id: String,
    pub(super) card: Option<String>,
    pub(super) name: String,
    pub(super) is_gone: bool,
}

/// The head of a column.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) record: Option<RecordView>,
}

/// A field in all columns.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) is_asked: bool,
    pub(super) cells: Vec<Cell>,
}

/// A field in one column.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) values: Vec<Marked>,
    pub(super) note: Option<String>,
}

/// A value, and the class of its mark.
#[derive(Debug, PartialEq)]
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) class: &'static str,
}

impl View<'_> {
    /// A step as it is shown; `None` for what no preview has.
    pub(super) fn item(&self, step: &Step) -> Option<Item> {
        Some(match step {
            Step::Link { bitrix24, onec, reason } => Item {
                reason: Some(capital(&evidence::link_reason(*reason, self.words))),
                ..self.beside(&[bitrix24, onec], &[])
            },
            Step::Unlink { bitrix24, onec, kept } => self.beside(&[bitrix24, onec], kept),
            Step::Ask(review) => self.question(review),
            Step::Create(creation) => self.creation(creation),
            Step::Update(revision) => self.revision(revision),
            Step::Mark(_) => return None,
        })
    }

    /// A record by its id; its name and catalog where it was seen.
    pub(super) fn record(&self, id: &RecordId) -> RecordView {
        let seen = self.known.record(id);
        let catalog = seen.map(|record| record.catalog);
        let place = match (catalog, id.side) {
            (Some(catalog), _) => self.words.say(place(catalog, id.kind)),
            (None, Side::Bitrix24) => self.words.say(place(Catalog::Bitrix24, id.kind)),
            (None, Side::Onec) => String::new(),
        };
        RecordView {
            place,
            id: id.id.clone(),
            card: (self.cards)(id, catalog),
            name: self.known.name(id),
            is_gone: seen.is_none(),
        }
    }

    fn question(&self, review: &Review) -> Item {
        let kind = capital(&self.words.say(&format!("review-{}", review.kind.word())));
        let stop = if kind.ends_with('?') { "" } else { "." };
        let reason = capital(&review::reason(&review.reason, &review.fields, self.words));
        let command = format!("obmen review show {}", review.id());
        let records: Vec<&RecordId> = review.records.iter().collect();
        let mut notes: Vec<String> =
            review::remedy(&review.reason, &review.fields, self.words).into_iter().collect();
        notes.push(self.words.say_with("page-decide", &[("command", command.into())]));
        Item {
            reason: Some(format!("{kind}{stop} {reason}")),
            notes,
            ..self.beside(&records, &review.fields)
        }
    }

    /// Records in columns: what several have is marked as shared, what one has and another one has otherwise as differing.
    fn beside(&self, ids: &[&RecordId], asked: &[Field]) -> Item {
        let heads = ids.iter().map(|id| Head {
            title: self.words.say(&format!("review-of-{}", id.side.word())),
            record: Some(self.record(id)),
        });
        let kind = ids.first().map_or(Kind::Contact, |id| id.kind);
        let configured = asked.iter().filter(|field| matches!(field, Field::Configured(_)));
        let lines = Field::merged(kind).iter().chain(configured).filter_map(|field| {
            let values: Vec<Vec<Shown>> = ids.iter().map(|id| self.values(id, *field)).collect();
            let is_filled = values.iter().any(|values| !values.is_empty());
            is_filled.then(|| Line {
                label: label(*field, kind, self.words),
                is_asked: asked.contains(field),
                cells: compared(&values),
            })
        });
        Item { lines: lines.collect(), heads: heads.collect(), ..Item::titled(self.title_of(ids)) }
    }

    fn creation(&self, creation: &Creation) -> Item {
        let Creation { source, catalog, party, revives, .. } = creation;
        let words = self.words;
        let lines = creation.shown().filter_map(|(field, value)| {
            let values = shown(&value, self.known, words);
            let cell =
                Cell { values: values.into_iter().map(|value| marked(value, "")).collect(), note: None };
            (!cell.values.is_empty()).then(|| Line {
                label: label(field, source.kind, words),
                is_asked: false,
                cells: vec![cell],
            })
        });
        let head = format!("{}: {}", words.say("page-written"), words.say(place(*catalog, source.kind)));
        let revived = revives
            .iter()
            .map(|record| words.say_with("plan-revives", &[("record", record.id.mutual().into())]));
        Item {
            record_label: Some(words.say("page-source")),
            record: Some(self.record(source)),
            notes: revived.collect(),
            heads: vec![Head { title: head, record: None }],
            lines: lines.collect(),
            ..Item::titled(party.display_name())
        }
    }

    fn revision(&self, revision: &Revision) -> Item {
        let Revision { record, changes } = revision;
        let words = self.words;
        let lines = changes.iter().map(|change| {
            let [before, after] =
                [&change.before, &change.after].map(|value| shown(value, self.known, words));
            let mut cells = changed(&before, &after);
            if let Some(cell) = cells.last_mut() {
                cell.note = Some(evidence::change_reason(change.reason, words));
            }
            Line { label: label(change.field, record.id.kind, words), is_asked: false, cells }
        });
        let heads = ["page-before", "page-after"].map(|id| Head { title: words.say(id), record: None });
        Item {
            record: Some(RecordView {
                place: words.say(place(record.catalog, record.id.kind)),
                id: record.id.id.clone(),
                card: (self.cards)(&record.id, Some(record.catalog)),
                name: record.party.display_name(),
                is_gone: false,
            }),
            lines: lines.collect(),
            heads: heads.into(),
            ..Item::titled(record.party.display_name())
        }
    }

    fn values(&self, id: &RecordId, field: Field) -> Vec<Shown> {
        self.known.record(id).map(|record| self.filled(&record.party, field)).unwrap_or_default()
    }

    fn filled(&self, party: &Party, field: Field) -> Vec<Shown> {
        party.value(field).map(|value| shown(&value, self.known, self.words)).unwrap_or_default()
    }

    /// The first name that is known, or an id.
    fn title_of(&self, ids: &[&RecordId]) -> String {
        let mut names = ids.iter().map(|id| self.known.name(id));
        let named = names.find(|name| !name.trim().is_empty());
        named.or_else(|| ids.first().map(|id| id.mutual())).unwrap_or_default()
    }
}

impl Item {
    fn titled(title: String) -> Self {
        Self {
            title,
            reason: None,
            record_label: None,
            record: None,
            notes: Vec::new(),
            heads: Vec::new(),
            lines: Vec::new(),
        }
    }
}

/// The values of a field in several records.
fn compared(columns: &[Vec<Shown>]) -> Vec<Cell> {
    let filled = columns.iter().filter(|column| !column.is_empty()).count();
    let holders = |key: &str| columns.iter().filter(|column| column.iter().any(|one| one.key == key)).count();
    let class = |value: &Shown| match (holders(&value.key), filled) {
        (_, 0 | 1) => "",
        (1, _) => "differs",
        _ => "shared",
    };
    let cells = columns.iter().map(|column| Cell {
        values: column.iter().map(|value| marked(value.clone(), class(value))).collect(),
        note: None,
    });
    cells.collect()
}

/// The values of a field before and after a change.
fn changed(before: &[Shown], after: &[Shown]) -> Vec<Cell> {
    let mark = |values: &[Shown], others: &[Shown], class: &'static str| Cell {
        values: values
            .iter()
            .map(|value| {
                let stays = others.iter().any(|other| other.text == value.text);
                marked(value.clone(), if stays { "" } else { class })
            })
            .collect(),
        note: None,
    };
    vec![mark(before, after, "gone"), mark(after, before, "new")]
}

fn marked(value: Shown, class: &'static str) -> Marked {
    Marked { text: value.text, class }
}

/// A sentence that begins as sentences do.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
