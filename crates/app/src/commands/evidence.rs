//! Evidence in words: what two records share and what follows from it.

use obmen_domain::create_rule::Withheld;
use obmen_domain::forms::person_name::NameAgreement;
use obmen_domain::key::Key;
use obmen_domain::matching::{CommonKey, Evidence, Verdict};
use obmen_domain::plan::{ChangeReason, LinkReason};
use obmen_domain::ruling::Ruling;
use serde_json::{Value, json};

use super::review;
use crate::words::Words;

/// One sentence.
pub(super) fn sentence(evidence: &Evidence, words: &Words) -> String {
    let mut parts: Vec<String> = evidence.common.iter().map(|common| shared(common, words)).collect();
    parts.push(words.say(match evidence.names {
        NameAgreement::Same => "evidence-names-same",
        NameAgreement::Compatible => "evidence-names-compatible",
        NameAgreement::Different => "evidence-names-different",
        NameAgreement::Unknown => "evidence-names-unknown",
    }));
    format!("{} → {}", parts.join("; "), verdict(&evidence.verdict, words))
}

/// What follows, in words.
fn verdict(verdict: &Verdict, words: &Words) -> String {
    match verdict {
        Verdict::Same(reason) => {
            words.say_with("evidence-same", &[("reason", link_reason(*reason, words).into())])
        }
        Verdict::Doubtful(reason) => {
            words.say_with("evidence-doubtful", &[("reason", review::reason(reason, &[], words).into())])
        }
        Verdict::Different => words.say("evidence-different"),
        Verdict::Nothing => words.say("evidence-nothing"),
    }
}

/// Why a link was made, in words.
pub(super) fn link_reason(reason: LinkReason, words: &Words) -> String {
    words.say(match reason {
        LinkReason::MutualId => "linked-by-mutual-id",
        LinkReason::Inn => "linked-by-inn",
        LinkReason::Email => "linked-by-email",
        LinkReason::Phone => "linked-by-phone",
        LinkReason::Decision => "linked-by-decision",
        LinkReason::Copy => "linked-by-copy",
    })
}

/// Why a field changes, in words.
pub(super) fn change_reason(reason: ChangeReason, words: &Words) -> String {
    words.say(match reason {
        ChangeReason::ChangedThere => "change-changed-there",
        ChangeReason::FillsEmpty => "change-fills-empty",
        ChangeReason::Unites => "change-unites",
        ChangeReason::FullerName => "change-fuller-name",
        ChangeReason::SoundNumber => "change-sound-number",
        ChangeReason::OwnedThere => "change-owned-there",
        ChangeReason::RulePrefers => "change-rule-prefers",
        ChangeReason::Leads => "change-leads",
        ChangeReason::KeepsId => "change-keeps-id",
        ChangeReason::TakenBack => "change-taken-back",
    })
}

/// What a person decided, in words.
pub(super) fn ruling(ruling: Ruling, words: &Words) -> String {
    words.say(match ruling {
        Ruling::Same => "ruling-same",
        Ruling::Apart => "ruling-apart",
        Ruling::Ended => "ruling-ended",
        Ruling::TakenBack => "ruling-taken-back",
    })
}

/// Why a record is not created on the other side, in words.
pub(super) fn withheld(reason: &Withheld, words: &Words) -> String {
    match reason {
        Withheld::OneWay => words.say("withheld-one-way"),
        Withheld::PartialRights => words.say("withheld-partial-rights"),
        Withheld::Nothing => words.say("withheld-nothing"),
        Withheld::Unmet(condition) => {
            words.say_with("withheld-unmet", &[("condition", condition.as_str().into())])
        }
        Withheld::WithItsCompany => words.say("withheld-with-its-company"),
    }
}

/// Evidence for programs.
pub(super) fn document(evidence: &Evidence) -> Value {
    let common: Vec<Value> = evidence
        .common
        .iter()
        .map(|common| json!({ "key": kind_of(&common.key), "value": value_of(&common.key), "weak": common.is_weak }))
        .collect();
    let names = match evidence.names {
        NameAgreement::Same => "same",
        NameAgreement::Compatible => "compatible",
        NameAgreement::Different => "different",
        NameAgreement::Unknown => "unknown",
    };
    let (verdict, reason) = match &evidence.verdict {
        Verdict::Same(reason) => ("same", Some(reason.to_string())),
        Verdict::Doubtful(reason) => ("doubtful", Some(reason.to_string())),
        Verdict::Different => ("different", None),
        Verdict::Nothing => ("nothing", None),
    };
    json!({ "common": common, "names": names, "verdict": verdict, "reason": reason })
}

fn shared(common: &CommonKey, words: &Words) -> String {
    let id = match (&common.key, common.is_weak) {
        (Key::Inn(_), _) => "evidence-inn",
        (Key::Email(_), false) => "evidence-email",
        (Key::Email(_), true) => "evidence-email-weak",
        (Key::Phone(_), false) => "evidence-phone",
        (Key::Phone(_), true) => "evidence-phone-weak",
        (Key::Name(_), _) => "evidence-name",
        (Key::Id(_), _) => "evidence-id",
    };
    words.say_with(id, &[("value", value_of(&common.key).into())])
}

fn kind_of(key: &Key) -> &'static str {
    match key {
        Key::Inn(_) => "inn",
        Key::Email(_) => "email",
        Key::Phone(_) => "phone",
        Key::Name(_) => "name",
        Key::Id(_) => "id",
    }
}

fn value_of(key: &Key) -> String {
    match key {
        Key::Inn(inn) => inn.to_string(),
        Key::Email(email) => email.to_string(),
        Key::Phone(phone) => phone.to_string(),
        Key::Name(name) => name.clone(),
        Key::Id(record) => record.to_string(),
    }
}
