//! `obmen review`: the cases that wait for a person, and what is decided about them. It asks neither side: a decision is
//! kept in the store, and the next sync carries it out.

mod decide;
mod show;

use obmen_domain::party::Field;
use obmen_domain::record::{Kind, RecordId, Side};
use obmen_domain::review::{AskReason, Review};
use serde::Serialize;

pub(super) use self::decide::{occasion, record};
use super::letters;
use crate::cli::ReviewCommand;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring;
use crate::words::{Arg, Words};

#[derive(Serialize)]
struct Case {
    id: String,
    kind: &'static str,
    party: &'static str,
    bitrix24: Vec<String>,
    onec: Vec<String>,
    fields: Vec<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// Does what was typed. Listing is done when the list is shown: the exit code says nothing about its length.
pub(crate) async fn run(command: ReviewCommand, context: &Context) -> Result<Ending, Failure> {
    match command {
        ReviewCommand::List => list(context).await,
        ReviewCommand::Show { id } => show::run(&id, context).await,
        ReviewCommand::Link(records) => decide::link(&records, context).await,
        ReviewCommand::Separate(records) => decide::separate(&records, context).await,
        ReviewCommand::Choose { id, field, value } => decide::choose(&id, &field, &value, context).await,
    }
}

async fn list(context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_to_read(context).await?;
    let reviews = known.store.reviews().await?;
    if context.global.json {
        let with_remedy = |review: &Review| Case {
            remedy: remedy(&review.reason, &review.fields, &context.words),
            ..case(review)
        };
        let mut document = context.begin_list(&[], "reviews");
        reviews.iter().for_each(|review| document.row(&with_remedy(review)));
        document.end();
    } else if reviews.is_empty() {
        context.print(&context.say("review-none"));
    } else {
        let header =
            ["review-id", "review-kind", "review-records", "review-reason"].map(|id| context.say(id));
        let rows: Vec<Vec<String>> = reviews.iter().map(|review| row(review, context)).collect();
        context.print(&context.table(&header, &rows));
        letters::show(&letters::causes(known.store.as_ref(), context).await?, context);
    }
    Ok(Ending::Done)
}

fn case(review: &Review) -> Case {
    let of_side =
        |side: Side| review.records.iter().filter(move |id| id.side == side).map(RecordId::mutual).collect();
    Case {
        id: review.id(),
        kind: review.kind.word(),
        party: party_word(review.party),
        bitrix24: of_side(Side::Bitrix24),
        onec: of_side(Side::Onec),
        fields: review.fields.iter().map(ToString::to_string).collect(),
        reason: review.reason.to_string(),
        remedy: None,
    }
}

/// The word for a kind of party in documents.
fn party_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "person",
        Kind::Company => "organization",
    }
}

fn row(review: &Review, context: &Context) -> Vec<String> {
    let case = case(review);
    let kind = context.say(&format!("review-{}", case.kind));
    let fields =
        if case.fields.is_empty() { String::new() } else { format!(" ({})", case.fields.join(", ")) };
    let records: Vec<String> = case.bitrix24.into_iter().chain(case.onec).collect();
    vec![
        case.id,
        format!("{kind}{fields}"),
        records.join("\n"),
        reason(&review.reason, &review.fields, &context.words),
    ]
}

/// Why a person is asked, as a sentence.
pub(super) fn reason(reason: &AskReason, fields: &[Field], words: &Words) -> String {
    let (id, args) = message(reason, fields);
    words.say_with(id, &args)
}

/// What can be done about it, where there is more to say than to decide.
pub(super) fn remedy(reason: &AskReason, fields: &[Field], words: &Words) -> Option<String> {
    let (id, args) = message(reason, fields);
    words.remedy(id, &args)
}

fn message(reason: &AskReason, fields: &[Field]) -> (&'static str, Vec<(&'static str, Arg)>) {
    let mut args = Vec::new();
    let id = match reason {
        AskReason::OnlyNameCommon => "reason-only-name-common",
        AskReason::NamesDoubtful => "reason-names-doubtful",
        AskReason::NameMissing => "reason-name-missing",
        AskReason::NameIllegible => "reason-name-illegible",
        AskReason::OnlyMatchMarked => "reason-only-match-marked",
        AskReason::SeveralHolders => "reason-several-holders",
        AskReason::HeadAndBranch => "reason-head-and-branch",
        AskReason::TaxNumbersContradict => "reason-tax-numbers-contradict",
        AskReason::TaxNumberDamaged => "reason-tax-number-damaged",
        AskReason::DecidedApart => "reason-decided-apart",
        AskReason::FullerRecordTakesPart => "reason-fuller-record-takes-part",
        AskReason::MutualIdContradicts => "reason-mutual-id-contradicts",
        AskReason::BothChanged => "reason-both-changed",
        AskReason::DoesNotFit(misfit) => {
            args.push(("side", misfit.side.word().into()));
            args.push(("cause", misfit.cause.word().into()));
            "reason-does-not-fit"
        }
        AskReason::SideRefused(words) => {
            args.push(("words", words.as_str().into()));
            if fields == [Field::Email] { "reason-email-refused" } else { "reason-side-refused" }
        }
        AskReason::SideRequires(words) => {
            args.push(("words", words.as_str().into()));
            "reason-side-requires"
        }
        AskReason::GivenUp(words) => {
            args.push(("words", words.as_str().into()));
            "reason-given-up"
        }
        AskReason::Unanswered => "reason-unanswered",
        AskReason::DoesNotStay => {
            let names: Vec<&str> = fields.iter().map(|field| field.word()).collect();
            args.push(("fields", if names.is_empty() { "none".into() } else { names.join(", ").into() }));
            "reason-does-not-stay"
        }
        AskReason::RunsAway(times) => {
            args.push(("times", u64::from(*times).into()));
            "reason-runs-away"
        }
        AskReason::CompanyUndecided => "reason-company-undecided",
        AskReason::NothingReadable => "reason-nothing-readable",
        AskReason::Deleted => "reason-deleted",
        AskReason::Marked => "reason-marked",
    };
    (id, args)
}

#[cfg(test)]
mod tests {
    use obmen_domain::review::ReviewKind;

    use super::*;

    #[test]
    fn a_case_is_shown_in_the_words_that_programs_rely_on() {
        let review = Review {
            kind: ReviewKind::Conflict,
            party: Kind::Contact,
            records: vec![RecordId::bitrix24(Kind::Contact, "12"), RecordId::onec(Kind::Contact, "AB-1")],
            fields: vec![Field::Phone],
            reason: AskReason::BothChanged,
        };
        let mut shown = serde_json::to_value(case(&review)).unwrap();
        assert_eq!(shown["id"].take(), review.id());
        insta::assert_snapshot!(shown, @r#"{"bitrix24":["contact:12"],"fields":["phone"],"id":null,"kind":"conflict","onec":["ab-1"],"party":"person","reason":"both sides hold different values"}"#);
    }
}
