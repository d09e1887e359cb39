//! A step as one line for people. The printer of the domain is for the digest; its words are for programs.

use obmen_domain::party::Field;
use obmen_domain::plan::{Creation, Revision, Step};
use obmen_domain::record::RecordId;
use obmen_domain::review::Review;

use super::known::Known;
use super::section::place;
use super::values::{label, text};
use crate::commands::{evidence, review};
use crate::words::Words;

/// A step in one line.
pub(in crate::commands) fn line(step: &Step, known: &Known, words: &Words) -> String {
    match step {
        Step::Link { bitrix24, onec, reason } => {
            let reason = evidence::link_reason(*reason, words);
            format!("{} = {}: {reason}", record(bitrix24, known), record(onec, known))
        }
        Step::Create(creation) => of_creation(creation, known, words),
        Step::Update(revision) => of_revision(revision, known, words),
        Step::Unlink { bitrix24, onec, kept } => {
            let ends = format!("{} ≠ {}", record(bitrix24, known), record(onec, known));
            if kept.is_empty() {
                return ends;
            }
            let kept: Vec<String> = kept.iter().map(|field| label(*field, bitrix24.kind, words)).collect();
            format!("{ends}; {}", words.say_with("plan-kept", &[("fields", kept.join(", ").into())]))
        }
        Step::Mark(record) => named(&record.id, &record.party.display_name()),
        Step::Ask(review) => of_review(review, known, words),
    }
}

fn of_creation(creation: &Creation, known: &Known, words: &Words) -> String {
    let Creation { source, catalog, party, revives, .. } = creation;
    let place = words.say(place(*catalog, source.kind));
    let mut line = format!("{} → {place}", named(source, &party.display_name()));
    for (field, value) in creation.shown().filter(|(field, _)| *field != Field::Name) {
        line += &format!("; {}: {}", label(field, source.kind, words), text(&value, known, words));
    }
    if let Some(record) = revives {
        let args = [("record", record.id.mutual().into())];
        line += &format!("; {}", words.say_with("plan-revives", &args));
    }
    line
}

fn of_revision(revision: &Revision, known: &Known, words: &Words) -> String {
    let Revision { record, changes } = revision;
    let changes: Vec<String> = changes
        .iter()
        .map(|change| {
            let [before, after] = [&change.before, &change.after].map(|value| text(value, known, words));
            let reason = evidence::change_reason(change.reason, words);
            format!("{}: «{before}» → «{after}» ({reason})", label(change.field, record.id.kind, words))
        })
        .collect();
    format!("{}: {}", named(&record.id, &record.party.display_name()), changes.join("; "))
}

fn of_review(review: &Review, known: &Known, words: &Words) -> String {
    let records: Vec<String> = review.records.iter().map(|id| record(id, known)).collect();
    let fields: Vec<String> = review.fields.iter().map(|field| label(*field, review.party, words)).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
    let kind = words.say(&format!("review-{}", review.kind.word()));
    let reason = review::reason(&review.reason, &review.fields, words);
    format!("{kind}{fields}: {reason}: {}", records.join(", "))
}

fn record(id: &RecordId, known: &Known) -> String {
    named(id, &known.name(id))
}

/// A record by its id and name.
fn named(id: &RecordId, name: &str) -> String {
    if name.trim().is_empty() { id.mutual() } else { format!("{} «{name}»", id.mutual()) }
}
