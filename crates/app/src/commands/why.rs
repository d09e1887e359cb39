//! `obmen why`: everything obmen knows about one record, and why. It asks neither side.

use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Exclusion, Standing};
use obmen_engine::explain::{Explanation, Neighbour, explain};
use obmen_engine::store::{Entry, Event};
use serde_json::{Value, json};

use super::{evidence, review};
use crate::cli::WhyArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring;

/// Explains a record.
pub(crate) async fn run(args: WhyArgs, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_to_read(context).await?;
    let id = review::record(&known, &args.record).await?;
    let found = explain(known.store.as_ref(), &id, &known.config().rules(false)).await?;
    if found.record.is_none() && found.link.is_none() && found.journal.is_empty() {
        return Err(Failure::Said { id: "decision-unknown", details: vec![("record", args.record)] });
    }
    if context.global.json {
        context.print_json(&document(&found));
        return Ok(Ending::Done);
    }
    for line in lines(&found, context) {
        context.print(&line);
    }
    Ok(Ending::Done)
}

fn lines(found: &Explanation, context: &Context) -> Vec<String> {
    let mut lines = vec![headline(found, context), link_line(found, context)];
    if let Some(reason) = &found.withheld {
        let reason = evidence::withheld(reason, &context.words);
        lines.push(context.say_with("why-withheld", &[("reason", reason.into())]));
    }
    if found.is_dirty {
        lines.push(context.say("why-dirty"));
    }
    let reviews = found.reviews.iter().map(|open| {
        let args = [
            ("id", open.id().into()),
            ("reason", review::reason(&open.reason, &open.fields, &context.words).into()),
        ];
        context.say_with("why-review", &args)
    });
    lines.extend(reviews);
    if !found.neighbours.is_empty() {
        lines.push(format!("\n{}", context.say("why-neighbours")));
        lines.extend(found.neighbours.iter().map(|neighbour| neighbour_line(neighbour, context)));
    }
    lines.extend(found.rulings.iter().map(|ruled| {
        let other = if ruled.first == found.id { &ruled.second } else { &ruled.first };
        format!("  {}: {}", other.mutual(), evidence::ruling(ruled.ruling, &context.words))
    }));
    if !found.journal.is_empty() {
        lines.push(format!("\n{}", context.say("why-journal")));
        lines.extend(found.journal.iter().flat_map(|entry| entry_lines(entry, context)));
    }
    lines
}

fn headline(found: &Explanation, context: &Context) -> String {
    let id = found.id.mutual();
    let Some(record) = &found.record else {
        return context.say_with("why-gone", &[("record", id.into())]);
    };
    let standing = context.say(match record.standing {
        Standing::TakesPart => "standing-takes-part",
        Standing::Marked => "standing-marked",
        Standing::Out(Exclusion::Folder) => "standing-folder",
        Standing::Out(Exclusion::Predefined) => "standing-predefined",
        Standing::Out(Exclusion::OwnCompany) => "standing-own-company",
        Standing::Out(Exclusion::NotOfCounterparty) => "standing-not-of-counterparty",
        Standing::Out(Exclusion::Inactive) => "standing-inactive",
        Standing::Out(Exclusion::Empty) => "standing-empty",
        Standing::Out(Exclusion::CatalogNotChosen) => "standing-catalog-not-chosen",
        Standing::Out(Exclusion::PartOfCompany) => "standing-part-of-company",
    });
    let args =
        [("record", id.into()), ("name", record.party.display_name().into()), ("standing", standing.into())];
    context.say_with("why-record", &args)
}

fn link_line(found: &Explanation, context: &Context) -> String {
    let Some(link) = &found.link else { return context.say("why-no-link") };
    let with = if link.bitrix24 == found.id { &link.onec } else { &link.bitrix24 };
    let reason = evidence::link_reason(link.reason, &context.words);
    context.say_with("why-link", &[("with", with.mutual().into()), ("reason", reason.into())])
}

fn neighbour_line(neighbour: &Neighbour, context: &Context) -> String {
    let record = &neighbour.record;
    let mut line = format!(
        "  {} «{}»: {}",
        record.id.mutual(),
        record.party.display_name(),
        evidence::sentence(&neighbour.evidence, &context.words)
    );
    if let Some(partner) = &neighbour.partner {
        line += &format!("; {}", context.say_with("why-partner", &[("with", partner.mutual().into())]));
    }
    if let Some(ruling) = neighbour.ruling {
        line += &format!("; {}", evidence::ruling(ruling, &context.words));
    }
    line
}

/// An entry of the journal, with the values it is about.
pub(super) fn entry_lines(entry: &Entry, context: &Context) -> Vec<String> {
    let at = entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut lines = vec![format!("  {at} [{}] {}", entry.run, event(&entry.event, context))];
    if let Event::Updated { changes } | Event::Unanswered { changes } = &entry.event {
        lines.extend(changes.iter().map(|change| {
            let FieldChange { field, before, after, reason } = change;
            format!(
                "      {field}: «{before}» → «{after}» ({})",
                evidence::change_reason(*reason, &context.words)
            )
        }));
    }
    lines
}

fn event(event: &Event, context: &Context) -> String {
    match event {
        Event::Linked { with, reason } => {
            let reason = evidence::link_reason(*reason, &context.words);
            context.say_with("event-linked", &[("with", with.mutual().into()), ("reason", reason.into())])
        }
        Event::Unlinked { with, kept } => {
            let kept: Vec<&str> = kept.iter().map(|field| field.word()).collect();
            let args = [("with", with.mutual().into()), ("kept", kept.join(", ").into())];
            context.say_with(if kept.is_empty() { "event-unlinked" } else { "event-unlinked-kept" }, &args)
        }
        Event::Ruled { with, ruling } => {
            let ruling = evidence::ruling(*ruling, &context.words);
            context.say_with("event-ruled", &[("with", with.mutual().into()), ("ruling", ruling.into())])
        }
        Event::Chosen { field, side } => {
            let args = [("field", field.word().into()), ("side", side.word().into())];
            context.say_with("event-chosen", &args)
        }
        Event::Retried {} => context.say("event-retried"),
        Event::Created { source, .. } => {
            context.say_with("event-created", &[("source", source.mutual().into())])
        }
        Event::Marked { source } => context.say_with("event-marked", &[("source", source.mutual().into())]),
        Event::Updated { .. } => context.say("event-updated"),
        Event::Overwrote { .. } => context.say("event-overwrote"),
        Event::Refused { words } => context.say_with("event-refused", &[("words", words.as_str().into())]),
        Event::Unanswered { .. } => context.say("event-unanswered"),
    }
}

fn document(found: &Explanation) -> Value {
    let partner = |link: &obmen_engine::store::Link| {
        if link.bitrix24 == found.id { link.onec.mutual() } else { link.bitrix24.mutual() }
    };
    let link = found.link.as_ref().map(|link| {
        json!({ "with": partner(link), "reason": link.reason.to_string(), "agreed": link.base.is_some() })
    });
    let neighbours: Vec<Value> = found
        .neighbours
        .iter()
        .map(|neighbour| {
            let mut document = evidence::document(&neighbour.evidence);
            document["record"] = json!(neighbour.record.id.mutual());
            document["partner"] = json!(neighbour.partner.as_ref().map(|id| id.mutual()));
            document["ruling"] = json!(neighbour.ruling);
            document
        })
        .collect();
    let journal: Vec<Value> = found
        .journal
        .iter()
        .map(|entry| json!({ "at": entry.at.to_string(), "run": entry.run, "event": entry.event }))
        .collect();
    json!({
        "record": found.id.mutual(),
        "side": found.id.side.word(),
        "name": found.record.as_ref().map(|record| record.party.display_name()),
        "standing": found.record.as_ref().map(|record| &record.standing),
        "link": link,
        "withheld": found.withheld,
        "waits_for_look": found.is_dirty,
        "reviews": found.reviews.iter().map(|review| review.id()).collect::<Vec<_>>(),
        "neighbours": neighbours,
        "rulings": found
            .rulings
            .iter()
            .map(|ruled| json!([ruled.first.mutual(), ruled.second.mutual(), ruled.ruling]))
            .collect::<Vec<_>>(),
        "journal": journal,
    })
}
