//! Fields with one value: texts and names.

use super::{Decision, Terms};
use crate::forms::address::same_address;
use crate::forms::company_name::same_company_words;
use crate::forms::person_name::{NameAgreement, PersonName, compare_person_names, fuller};
use crate::forms::tax::{Inn, Kpp, Ogrn};
use crate::party::{Field, Value};
use crate::plan::ChangeReason;
use crate::record::Side;
use crate::rules::FieldRule;

/// Decides one value. `prefers` is who wins where both changed it.
pub(super) fn decide(
    field: Field,
    left: &Value,
    right: &Value,
    base: Option<&Value>,
    rule: FieldRule,
    prefers: Option<Side>,
    terms: Terms<'_>,
) -> Decision {
    let length = terms.right.lengths.get(&field).copied();
    let same = |a: &Value, b: &Value| same(field, a, b, length);
    if same(left, right) {
        return Decision::equal(left.clone());
    }
    let Some((winner, reason)) = winner(field, left, right, base, rule, prefers, &same) else {
        let agreed = base.cloned().unwrap_or_else(|| super::empty(left));
        return Decision { left: None, right: None, agreed, conflict: true };
    };
    if let Some(leader) = rule.direction.leader().filter(|leader| *leader != winner) {
        // What the follower holds and the leader does not was never agreed on.
        return Decision::equal(if leader == Side::Bitrix24 { left.clone() } else { right.clone() });
    }
    match winner {
        Side::Bitrix24 => {
            let after = super::fit(field, left.clone(), terms.right);
            Decision { left: None, right: Some((after, reason)), agreed: left.clone(), conflict: false }
        }
        Side::Onec => {
            let after = super::fit(field, right.clone(), terms.left);
            Decision { left: Some((after.clone(), reason)), right: None, agreed: after, conflict: false }
        }
    }
}

/// A tax number without what was typed around and in it, so that cutting takes no digit; other texts as they are.
pub(super) fn plain(field: Field, text: String) -> String {
    let number = match field {
        Field::Inn => Inn::parse(&text).map(|number| number.to_string()),
        Field::Kpp => Kpp::parse(&text).map(|number| number.to_string()),
        Field::Ogrn => Ogrn::parse(&text).map(|number| number.to_string()),
        _ => None,
    };
    number.unwrap_or(text)
}

/// Cuts a text to a length in characters.
pub(super) fn cut(text: &str, length: Option<usize>) -> String {
    match length {
        Some(length) if text.chars().count() > length => text.chars().take(length).collect(),
        _ => text.to_owned(),
    }
}

/// Whose value stands, and why; `None` is a question.
pub(super) fn winner(
    field: Field,
    left: &Value,
    right: &Value,
    base: Option<&Value>,
    rule: FieldRule,
    prefers: Option<Side>,
    same: &dyn Fn(&Value, &Value) -> bool,
) -> Option<(Side, ChangeReason)> {
    match rule.direction.leader() {
        Some(Side::Onec) if !right.is_empty() => return Some((Side::Onec, ChangeReason::Leads)),
        Some(Side::Bitrix24) if !left.is_empty() => return Some((Side::Bitrix24, ChangeReason::Leads)),
        _ => {}
    }
    if left.is_empty() && !clears(field, base) {
        return Some((Side::Onec, ChangeReason::FillsEmpty));
    }
    if right.is_empty() && !clears(field, base) {
        return Some((Side::Bitrix24, ChangeReason::FillsEmpty));
    }
    if base.is_none()
        && let Some(side) = sound_number(field, left, right)
    {
        return Some((side, ChangeReason::SoundNumber));
    }
    if let Some(owner) = rule.owner {
        let other_alone = base.is_some_and(|base| match owner {
            Side::Bitrix24 => same(left, base),
            Side::Onec => same(right, base),
        });
        let yields = owner == Side::Bitrix24 && other_alone;
        return Some(if yields {
            (Side::Onec, ChangeReason::ChangedThere)
        } else {
            (owner, ChangeReason::OwnedThere)
        });
    }
    if let Some(base) = base {
        match (same(left, base), same(right, base)) {
            (true, false) => return Some((Side::Onec, ChangeReason::ChangedThere)),
            (false, true) => return Some((Side::Bitrix24, ChangeReason::ChangedThere)),
            _ => {}
        }
    } else if let Some(side) = better_name(field, left, right) {
        return Some((side, ChangeReason::FullerName));
    }
    prefers.map(|side| (side, ChangeReason::RulePrefers))
}

/// Only a position and configured fields may be emptied by one side; what identifies a party is filled again.
fn clears(field: Field, base: Option<&Value>) -> bool {
    matches!(field, Field::Position | Field::Configured(_)) && base.is_some_and(|base| !base.is_empty())
}

/// On the first link a valid number stands against one with a slip in it, whoever owns the field.
fn sound_number(field: Field, left: &Value, right: &Value) -> Option<Side> {
    let (Value::Text(left), Value::Text(right)) = (left, right) else { return None };
    let is_sound = |text: &str| match field {
        Field::Inn => Inn::parse(text).is_some(),
        Field::Kpp => Kpp::parse(text).is_some(),
        Field::Ogrn => Ogrn::parse(text).is_some(),
        _ => false,
    };
    match (is_sound(left), is_sound(right)) {
        (true, false) => Some(Side::Bitrix24),
        (false, true) => Some(Side::Onec),
        _ => None,
    }
}

/// On the first link the fuller spelling of one name stands.
fn better_name(field: Field, left: &Value, right: &Value) -> Option<Side> {
    match (field, left, right) {
        (Field::Name, Value::Name(a), Value::Name(b)) if one_name(a, b) => {
            Some(if fuller(a, b) == a { Side::Bitrix24 } else { Side::Onec })
        }
        (Field::Name, Value::Text(_), Value::Text(_)) => Some(Side::Onec),
        _ => None,
    }
}

/// Two spellings of one name, the surname included: a woman's two surnames are both right, once.
fn one_name(a: &PersonName, b: &PersonName) -> bool {
    let surname = |name: &PersonName| PersonName::from_parts(&name.last, "", "");
    matches!(compare_person_names(a, b), NameAgreement::Same | NameAgreement::Compatible)
        && compare_person_names(&surname(a), &surname(b)) != NameAgreement::Different
}

/// Whether two values mean the same, for this field.
fn same(field: Field, left: &Value, right: &Value, length: Option<usize>) -> bool {
    match (left, right) {
        (Value::Name(a), Value::Name(b)) => a.reads_as(b),
        (Value::Text(a), Value::Text(b)) => same_text(field, a.trim(), b.trim(), length),
        _ => left == right,
    }
}

fn same_text(field: Field, a: &str, b: &str, length: Option<usize>) -> bool {
    if a == b || cut(a, length).trim() == b {
        return true;
    }
    match field {
        Field::Inn => Inn::parse(a).is_some() && Inn::parse(a) == Inn::parse(b),
        Field::Kpp => Kpp::parse(a).is_some() && Kpp::parse(a) == Kpp::parse(b),
        Field::Ogrn => Ogrn::parse(a).is_some() && Ogrn::parse(a) == Ogrn::parse(b),
        Field::Address => !a.is_empty() && !b.is_empty() && same_address(a, b),
        Field::Name | Field::LegalName => !a.is_empty() && !b.is_empty() && same_company_words(a, b),
        _ => false,
    }
}
