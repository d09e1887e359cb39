//! `obmen review show`: the records of a case side by side, what they share, and what can be decided.

use std::collections::BTreeSet;

use obmen_domain::party::Field;
use obmen_domain::record::{Record, Side};
use obmen_domain::review::{Review, ReviewKind};
use obmen_engine::decide::keeps_companies;
use obmen_engine::explain::{Case, lay_out};
use serde_json::{Value, json};

use crate::commands::evidence;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring;

/// Shows one case.
pub(super) async fn run(id: &str, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_to_read(context).await?;
    let review = known
        .store
        .review(id.trim())
        .await?
        .ok_or_else(|| Failure::Said { id: "decision-no-review", details: vec![("id", id.to_owned())] })?;
    let case = lay_out(known.store.as_ref(), &review).await?;
    if context.global.json {
        context.print_json(&document(&review, &case));
        return Ok(Ending::Done);
    }
    let kind = context.say(&format!("review-{}", review.kind.word()));
    context.print(&format!(
        "{}: {kind}. {}\n",
        review.id(),
        super::reason(&review.reason, &review.fields, &context.words)
    ));
    if let Some(remedy) = super::remedy(&review.reason, &review.fields, &context.words) {
        context.print(&format!("{}\n", context.say_with("remedy", &[("text", remedy.into())])));
    }
    let mut header = vec![context.say("review-field")];
    header.extend(case.records.iter().map(|record| record.id.mutual()));
    context.print(&context.table(&header, &rows(&review, &case.records, context)));
    for (a, b, found) in &case.pairs {
        let (a, b) = (case.records[*a].id.mutual(), case.records[*b].id.mutual());
        context.print(&format!("{a} / {b}: {}", evidence::sentence(found, &context.words)));
    }
    context.print(&format!("\n{}", context.say("review-can")));
    let keeps_companies = keeps_companies(known.store.as_ref(), &case.records).await?;
    for line in choices(&review, &case.records, keeps_companies) {
        context.print(&format!("  {line}"));
    }
    Ok(Ending::Done)
}

/// A row a field that any of the records fills.
fn rows(review: &Review, records: &[Record], context: &Context) -> Vec<Vec<String>> {
    let mut rows = vec![
        std::iter::once(context.say("review-side"))
            .chain(records.iter().map(|record| {
                format!(
                    "{} ({})",
                    context.say(&format!("review-of-{}", record.id.side.word())),
                    record.catalog.word()
                )
            }))
            .collect(),
    ];
    let fields: BTreeSet<Field> = records.iter().flat_map(|record| record.party.fields()).collect();
    for field in fields {
        let values: Vec<String> = records.iter().map(|record| value(record, field)).collect();
        if values.iter().all(String::is_empty) {
            continue;
        }
        let mark = if review.fields.contains(&field) { " *" } else { "" };
        rows.push(std::iter::once(format!("{field}{mark}")).chain(values).collect());
    }
    rows
}

fn value(record: &Record, field: Field) -> String {
    record.party.value(field).map_or_else(String::new, |value| value.to_string().replace(", ", "\n"))
}

/// The commands that answer a case.
fn choices(review: &Review, records: &[Record], keeps_companies: Option<Side>) -> Vec<String> {
    if review.kind == ReviewKind::Conflict {
        let can_be_chosen = |field: Field, side| field != Field::Company || keeps_companies == Some(side);
        let pairs =
            review.fields.iter().flat_map(|field| [Side::Bitrix24, Side::Onec].map(|side| (*field, side)));
        return pairs
            .filter(|(field, side)| can_be_chosen(*field, *side))
            .map(|(field, side)| format!("obmen review choose {} {field} {}", review.id(), side.word()))
            .collect();
    }
    let mut lines = Vec::new();
    if review.is_dead_letter() {
        lines.extend(review.records.iter().map(|id| format!("obmen retry {}", id.mutual())));
    }
    let ids = &review.records;
    for (position, a) in ids.iter().enumerate() {
        for b in &ids[position + 1..] {
            let both = [a, b].iter().all(|id| records.iter().any(|record| record.id == **id));
            if both {
                lines.push(format!("obmen review link {} {}", a.mutual(), b.mutual()));
            }
            lines.push(format!("obmen review separate {} {}", a.mutual(), b.mutual()));
        }
    }
    lines
}

fn document(review: &Review, case: &Case) -> Value {
    let fields = |record: &Record| -> Value {
        let filled = record.party.fields().filter_map(|field| {
            let value = record.party.value(field).filter(|value| !value.is_empty())?;
            Some((field.word().to_owned(), Value::String(value.to_string())))
        });
        Value::Object(filled.collect())
    };
    let records: Vec<Value> = case
        .records
        .iter()
        .map(|record| {
            json!({ "record": record.id.mutual(), "side": record.id.side.word(), "catalog": record.catalog.word(),
                "fields": fields(record) })
        })
        .collect();
    let evidence: Vec<Value> = case
        .pairs
        .iter()
        .map(|(a, b, found)| {
            let mut document = evidence::document(found);
            document["a"] = json!(case.records[*a].id.mutual());
            document["b"] = json!(case.records[*b].id.mutual());
            document
        })
        .collect();
    json!({
        "id": review.id(),
        "kind": review.kind.word(),
        "party": super::party_word(review.party),
        "reason": review.reason.to_string(),
        "questioned": review.fields.iter().map(|field| field.word()).collect::<Vec<_>>(),
        "records": records,
        "evidence": evidence,
    })
}
