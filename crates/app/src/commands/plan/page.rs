//! `plan.html`: the plan as one page for people who do not run obmen, in the language asked for.
//!
//! Its looks are `console/templates/plan.html`, which escapes whatever it is given; its words come from the locales. Not
//! responsible for which steps are shown. Invariant: the page holds a bounded number of rows and asks for no other file.

mod item;

use std::io::{self, Write};

use askama::Template;
use jiff::Timestamp;
use obmen_domain::plan::PlanCounts;
use obmen_domain::record::{Catalog, RecordId};

use self::item::{Item, RecordView, View};
use super::left_out::LeftOut;
use super::outlook::{Remark, headline};
use super::{ROWS, count_rows};
use crate::commands::evidence;
use crate::commands::steps::{Excerpt, Known, Section};
use crate::words::Words;

/// Finds the address of a record's card.
pub(super) type Cards<'a> = &'a (dyn Fn(&RecordId, Option<Catalog>) -> Option<String> + Sync);

/// What the page tells.
pub(super) struct Told<'a> {
    pub(super) pair: &'a str,
    pub(super) at: Timestamp,
    pub(super) digest: String,
    pub(super) counts: PlanCounts,
    pub(super) remarks: &'a [Remark],
    pub(super) excerpt: &'a Excerpt,
    pub(super) left_out: &'a LeftOut,
    pub(super) known: &'a Known,
    pub(super) cards: Cards<'a>,
}

#[derive(Template)]
#[template(path = "plan.html")]
struct Page<'a> {
    lang: &'static str,
    title: String,
    headline: String,
    labels: Labels,
    counts: Vec<Count>,
    remarks: &'a [Remark],
    marks: Vec<Mark>,
    sections: Vec<SectionView>,
}

/// Sentences that stand at fixed places.
struct Labels {
    preview: String,
    moment: String,
    counts: String,
    count: String,
    outlook: String,
    marks: String,
    cards: String,
    all_in_files: String,
    personal: String,
    digest: String,
    not_seen: String,
}

struct Count {
    anchor: &'static str,
    title: String,
    count: String,
    is_zero: bool,
}

struct Mark {
    class: &'static str,
    label: String,
}

/// A section: tables, or rows of one record each.
struct SectionView {
    anchor: &'static str,
    title: String,
    count: String,
    about: String,
    items: Vec<Item>,
    plain: Vec<PlainRow>,
    more: Option<String>,
    only_ids: Option<String>,
}

/// A record and what is said of it.
struct PlainRow {
    record: RecordView,
    text: String,
}

/// Writes the page.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(out: &mut impl Write, told: &Told<'_>, words: &Words) -> io::Result<()> {
    let page = Page {
        lang: words.lang().code(),
        title: words.say_with("page-title", &[("pair", told.pair.into())]),
        headline: headline(&told.counts, words),
        labels: labels(told, words),
        counts: counts(&told.counts, words),
        remarks: told.remarks,
        marks: marks(words),
        sections: sections(told, words),
    };
    page.write_into(out).map_err(io::Error::other)
}

fn labels(told: &Told<'_>, words: &Words) -> Labels {
    let date = words.say_with(
        "page-date",
        &[
            ("day", told.at.strftime("%d").to_string().into()),
            ("month", told.at.strftime("%m").to_string().into()),
            ("year", told.at.strftime("%Y").to_string().into()),
        ],
    );
    let moment = [("date", date.into()), ("time", told.at.strftime("%H:%M").to_string().into())];
    Labels {
        preview: words.say("page-preview"),
        moment: words.say_with("page-moment", &moment),
        counts: words.say("page-counts"),
        count: words.say("page-count"),
        outlook: words.say("page-outlook"),
        marks: words.say("page-marks"),
        cards: words.say("page-cards"),
        all_in_files: words.say("page-all-in-files"),
        personal: words.say("page-personal"),
        digest: words.say_with("page-digest", &[("digest", told.digest.as_str().into())]),
        not_seen: words.say("page-not-seen"),
    }
}

fn counts(counts: &PlanCounts, words: &Words) -> Vec<Count> {
    let rows = count_rows(counts).into_iter().map(|(id, count)| Count {
        anchor: id.trim_start_matches("plan-"),
        title: words.say(id),
        count: words.number(count),
        is_zero: count == 0,
    });
    rows.collect()
}

fn marks(words: &Words) -> Vec<Mark> {
    let marks = [
        ("shared", "page-mark-shared"),
        ("differs", "page-mark-differs"),
        ("new", "page-mark-new"),
        ("gone", "page-mark-gone"),
    ];
    marks.map(|(class, id)| Mark { class, label: words.say(id) }).into()
}

fn sections(told: &Told<'_>, words: &Words) -> Vec<SectionView> {
    let view = View { known: told.known, cards: told.cards, words };
    let mut sections = Vec::new();
    for section in Section::ALL {
        let Some(part) = told.excerpt.of(section) else { continue };
        let items: Vec<Item> = part.first(ROWS).into_iter().filter_map(|step| view.item(step)).collect();
        sections.push(SectionView {
            more: counted("plan-more", part.more_than(items.len()), words),
            only_ids: counted("plan-only-ids", part.only_ids, words),
            items,
            ..section_view(section.title(), about(section), part.count, words)
        });
    }
    let withheld: Vec<PlainRow> = told
        .left_out
        .withheld
        .iter()
        .map(|(id, reason)| PlainRow { record: view.record(id), text: evidence::withheld(reason, words) })
        .collect();
    let waiting: Vec<PlainRow> = told
        .left_out
        .waiting
        .iter()
        .map(|id| PlainRow { record: view.record(id), text: String::new() })
        .collect();
    for (title, about, count, plain) in [
        ("plan-waiting", "page-about-waiting", told.counts.waiting, waiting),
        ("plan-withheld", "page-about-withheld", told.counts.withheld, withheld),
    ] {
        if plain.is_empty() {
            continue;
        }
        sections.push(SectionView {
            more: counted("plan-more", count - plain.len(), words),
            plain,
            ..section_view(title, about, count, words)
        });
    }
    sections
}

fn section_view(title: &'static str, about: &str, count: usize, words: &Words) -> SectionView {
    SectionView {
        anchor: title.trim_start_matches("plan-"),
        title: words.say(title),
        count: words.number(count),
        about: words.say(about),
        items: Vec::new(),
        plain: Vec::new(),
        more: None,
        only_ids: None,
    }
}

/// A sentence about so many rows, where there are any.
fn counted(id: &str, count: usize, words: &Words) -> Option<String> {
    (count > 0).then(|| words.say_with(id, &[("count", count.into())]))
}

/// The message with what a section is about.
fn about(section: Section) -> &'static str {
    match section {
        Section::Ask => "page-about-ask",
        Section::Link => "page-about-link",
        Section::CreateBitrix24 => "page-about-create-bitrix24",
        Section::CreateOnec => "page-about-create-onec",
        Section::UpdateBitrix24 | Section::MarkBitrix24 => "page-about-update-bitrix24",
        Section::UpdateOnec | Section::MarkOnec => "page-about-update-onec",
        Section::Unlink => "page-about-unlink",
    }
}

#[cfg(test)]
mod tests;
