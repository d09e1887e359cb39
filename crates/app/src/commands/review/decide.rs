//! `obmen review link|separate|choose`: a person's decision, kept for ever and carried out by the next sync.

use obmen_domain::record::{Kind, RecordId};
use obmen_domain::ruling::Ruling;
use obmen_engine::decide::{self, Objection, Occasion};
use obmen_engine::explain;
use obmen_engine::ports::Clock as _;
use serde_json::json;

use crate::cli::TwoRecords;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring::{self, Known};

/// Two records are one party.
pub(super) async fn link(given: &TwoRecords, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_store(context).await?;
    let (a, b) = both(&known, given).await?;
    decide::link(known.store.as_ref(), &a, &b, &occasion(context)).await?;
    told("decided-link", "same", &a, &b, context);
    Ok(Ending::Done)
}

/// Two records are two parties.
pub(super) async fn separate(given: &TwoRecords, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_store(context).await?;
    let (a, b) = both(&known, given).await?;
    match decide::separate(known.store.as_ref(), &a, &b, &occasion(context)).await? {
        Ruling::Ended => told("decided-ended", "ended", &a, &b, context),
        Ruling::Apart | Ruling::Same | Ruling::TakenBack => told("decided-apart", "apart", &a, &b, context),
    }
    Ok(Ending::Done)
}

/// One side's value of a field stands.
pub(super) async fn choose(id: &str, field: &str, value: &str, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_store(context).await?;
    let rules = known.config().rules(false);
    let mut known_fields = Kind::ALL.into_iter().flat_map(|kind| rules.merged(kind));
    let field = known_fields.find(|known| known.word() == field.trim()).ok_or_else(|| Failure::Said {
        id: "decision-no-field",
        details: vec![("field", field.to_owned())],
    })?;
    let side =
        decide::choose(known.store.as_ref(), &rules, id.trim(), field, value, &occasion(context)).await?;
    if context.global.json {
        context.print_json(&json!({ "decided": "choose", "field": field.word(), "side": side.word() }));
    } else {
        let args = [("field", field.word().into()), ("side", side.word().into())];
        context.print(&context.say_with("decided-choose", &args));
    }
    Ok(Ending::Done)
}

async fn both(known: &Known, given: &TwoRecords) -> Result<(RecordId, RecordId), Failure> {
    Ok((record(known, &given.a).await?, record(known, &given.b).await?))
}

/// The record that a text names.
pub(in crate::commands) async fn record(known: &Known, text: &str) -> Result<RecordId, Failure> {
    let found = explain::find(known.store.as_ref(), text).await?;
    found.ok_or_else(|| Failure::Said { id: "decision-unknown", details: vec![("record", text.to_owned())] })
}

pub(in crate::commands) fn occasion(context: &Context) -> Occasion {
    Occasion { at: context.clock.now(), run: context.run_name() }
}

fn told(id: &str, word: &str, a: &RecordId, b: &RecordId, context: &Context) {
    if context.global.json {
        context.print_json(&json!({ "decided": word, "a": a.mutual(), "b": b.mutual() }));
    } else {
        context.print(&context.say_with(id, &[("a", a.mutual().into()), ("b", b.mutual().into())]));
    }
}

impl From<Objection> for Failure {
    fn from(objection: Objection) -> Self {
        let (id, details) = match objection {
            Objection::Unknown(id) => ("decision-unknown", vec![("record", id.mutual())]),
            Objection::NotComparable(a, b) => {
                ("decision-not-comparable", vec![("a", a.mutual()), ("b", b.mutual())])
            }
            Objection::LinkedElsewhere { record, with } => {
                ("decision-linked", vec![("record", record.mutual()), ("with", with.mutual())])
            }
            Objection::NothingWaits(id) => ("retry-nothing-waits", vec![("record", id.mutual())]),
            Objection::DoesNotTakePart(id) => ("decision-out", vec![("record", id.mutual())]),
            Objection::NoReview(id) => ("decision-no-review", vec![("id", id)]),
            Objection::NothingToChoose(field) => {
                ("decision-nothing-to-choose", vec![("field", field.word().to_owned())])
            }
            Objection::EndsEmployment(side) => {
                ("decision-ends-employment", vec![("side", side.word().to_owned())])
            }
            Objection::NeitherValue { bitrix24, onec } => {
                ("decision-neither", vec![("bitrix24", bitrix24), ("onec", onec)])
            }
            Objection::Store(error) => return error.into(),
        };
        Self::Said { id, details }
    }
}
